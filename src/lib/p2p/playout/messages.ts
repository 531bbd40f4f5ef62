/** What goes into playout and what it reports: the messages between the worker that receives and the worklet that plays. */
import type { StreamId } from '../wire/ids.ts';
import type { Place } from './mix.ts';

export type PlayoutInput =
	/** One Opus frame of 20 ms. `seq` counts 20 ms ticks (u32, wraps). */
	| {
			readonly type: 'frame';
			readonly stream: StreamId;
			readonly seq: number;
			readonly opus: Uint8Array;
	  }
	/** Nothing was said in the `ticks` ticks that end with `seq`: silence, not loss. */
	| {
			readonly type: 'silence';
			readonly stream: StreamId;
			readonly seq: number;
			readonly ticks: number;
	  }
	/** The speaker muted or left the stage: play what is buffered, expect nothing more until frames come again. */
	| { readonly type: 'pause'; readonly stream: StreamId }
	/**
	 * Let frames wait for at least `ms` after the fastest way here, however regularly they come: repairs and proofs
	 * need that time. 0 (as at the beginning) is no floor. Holds until it is set anew or the stream is dropped.
	 */
	| { readonly type: 'floor'; readonly stream: StreamId; readonly ms: number }
	/** How loud it is to be heard and from where, known already or not; holds beyond a drop, until it is told anew. */
	| { readonly type: 'place'; readonly stream: StreamId; readonly place: Place }
	/** Forget the stream and free its decoder. */
	| { readonly type: 'drop'; readonly stream: StreamId };

/** Counters since the stream began; times in milliseconds. */
export interface StreamReport {
	readonly played: number;
	readonly concealed: number;
	readonly late: number;
	readonly duplicate: number;
	/** Sound waiting in the buffer now, decoded or not. */
	readonly bufferMs: number;
	readonly targetMs: number;
	/** Length changed by drift correction and delay adaptation, in total: positive stretched, negative squeezed. */
	readonly stretchedMs: number;
}

/** Posted by the worklet about twice a second, and at once when a stream is first heard. */
export interface PlayoutReport {
	readonly type: 'report';
	readonly streams: Readonly<Record<StreamId, StreamReport>>;
	/** Streams that reached the output for the first time since the last report, with the epoch time of it. */
	readonly firstHeard: readonly { readonly stream: StreamId; readonly atMs: number }[];
	/** Packets no decoder could make sense of, and decoders that broke and were made anew. */
	readonly decoderFailures: number;
}
