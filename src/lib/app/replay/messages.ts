/** Between the page and the Worker that plays and exports recordings. A job is one wish, carried out until it ends or is stopped. */
import type { RecordingId, RoomId } from '#lib/p2p/wire/ids.ts';
import type { EpochKey } from '../engine/recording-keys.ts';
import type { ExportWish } from './export.ts';

export interface WhatIsRead {
	readonly id: RecordingId;
	/** A clip's file; null: it lies on the disk. */
	readonly clip: Blob | null;
}

/** What is needed to read a recording and to sign what is made of it. */
export interface ReplaySource extends WhatIsRead {
	readonly room: RoomId;
	/** Of a locked room. */
	readonly keys: readonly EpochKey[];
	readonly keySeed: Uint8Array;
}

export type ReplayAsk =
	/** Reads what is known of it before any job: the first job would. */
	| { readonly type: 'open'; readonly what: WhatIsRead }
	| {
			readonly type: 'start';
			readonly job: number;
			readonly source: ReplaySource;
			readonly wish: ExportWish;
			readonly nowMs: number;
	  }
	/** What came was taken: the next may come. */
	| { readonly type: 'more'; readonly job: number }
	| { readonly type: 'stop'; readonly job: number };

export type ReplayNews =
	| { readonly type: 'bytes'; readonly job: number; readonly bytes: Uint8Array<ArrayBuffer> }
	/** From 0 to 1. */
	| { readonly type: 'share'; readonly job: number; readonly share: number }
	| { readonly type: 'done'; readonly job: number }
	| { readonly type: 'failed'; readonly job: number; readonly reason: string };
