/** Reads recordings from the disk beside the page, and makes of them what is wished. */
import { createMixEncoder } from '#lib/io/audio/mix-encoder.ts';
import { beginFrameDecoders } from '#lib/io/audio/opus-frames.ts';
import { blobAsSource } from '#lib/io/disk/byte-sources.ts';
import { createOpfsDisk } from '#lib/io/disk/opfs-disk.ts';
import { folderSources, RECORDINGS } from '#lib/io/disk/recording-files.ts';
import {
	openClipFile,
	openParts,
	type PartSources,
	type RecordingReader
} from '#lib/io/disk/recording-reader.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import { createVault, EPOCH_KEY_BYTES } from '#lib/p2p/lock/vault.ts';
import { concat, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { exportRecording } from './export.ts';
import type { ReplayAsk, ReplayNews, WhatIsRead } from './messages.ts';

/** Bytes handed over at once: of what is saved, and at first of what is waited for by somebody's ear. */
const SAVED_BYTES = 256 * 1_024;
const PLAYED_BYTES = 1_024;
/** What is played ahead comes in ever larger pieces, up to this: each costs the page a turn, while the player still begins. */
const PLAYED_BYTES_MAX = 16 * 1_024;
/** Progress is told in steps of this size, or messages would outnumber the bytes. */
const SHARE_STEP = 0.005;

interface Opened {
	readonly sources: PartSources;
	readonly reader: RecordingReader;
}

type Start = Extract<ReplayAsk, { readonly type: 'start' }>;

const disk = createOpfsDisk(RECORDINGS);
/** Who waits to go on, by job; a rejection ends the job. */
const waiting = new Map<number, { readonly go: () => void; readonly stop: (why: Error) => void }>();
const stopped = new Set<number>();
let opened: Promise<Opened> | null = null;

const tell = (news: ReplayNews, transfer: Transferable[] = []): void =>
	postMessage(news, { transfer });

addEventListener('message', ({ data }: MessageEvent<ReplayAsk>) => {
	switch (data.type) {
		case 'open':
			// What fails is told to who starts a job.
			open(data.what).catch(() => undefined);
			break;
		case 'start':
			void run(data);
			break;
		case 'more':
			waiting.get(data.job)?.go();
			break;
		case 'stop':
			stopped.add(data.job);
			waiting.get(data.job)?.stop(new Error('It was stopped.'));
	}
});

// The first who presses "play" should not wait for the decoder to be compiled, nor for the encoder to be found.
// One that cannot be compiled fails again where it is needed, which is told.
beginFrameDecoders().catch(() => undefined);
void warmEncoder();

async function warmEncoder(): Promise<void> {
	// A browser without one has no player either.
	if (typeof AudioEncoder === 'undefined') return;
	const encoder = createMixEncoder();
	try {
		await encoder.encode(new Float32Array(FRAME_SAMPLES));
		await encoder.flush();
	} catch {
		// Whoever needs it is told.
	} finally {
		encoder.close();
	}
}

async function run(start: Start): Promise<void> {
	const { job } = start;
	try {
		await carryOut(start);
		tell({ type: 'done', job });
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		if (!stopped.has(job)) tell({ type: 'failed', job, reason });
	} finally {
		waiting.delete(job);
		stopped.delete(job);
	}
}

async function carryOut({ job, source, wish, nowMs }: Start): Promise<void> {
	const { reader, sources } = await open(source);
	const vault = createVault(source.room, new Uint8Array(EPOCH_KEY_BYTES));
	for (const { epoch, key } of source.keys) vault.learn(epoch, key);
	const isPlayed = wish.kind === 'play';
	const outgoing = createOutgoing(job, {
		first: isPlayed ? PLAYED_BYTES : SAVED_BYTES,
		most: isPlayed ? PLAYED_BYTES_MAX : SAVED_BYTES
	});
	let told = 0;
	await exportRecording(wish, {
		...{ reader, sources, vault, nowMs, write: outgoing.write },
		keys: () => createKeys(source.keySeed),
		onShare(share) {
			if (share - told < SHARE_STEP) return;
			told = share;
			tell({ type: 'share', job, share });
		}
	});
	await outgoing.finish();
}

/** It is over by the time it is listened to: once read, it stays as it is. */
function open({ id, clip }: WhatIsRead): Promise<Opened> {
	opened ??= clip === null ? openFromDisk(id) : openFromFile(clip);
	return opened;
}

async function openFromDisk(id: RecordingId): Promise<Opened> {
	const sources = await folderSources(disk, id);
	const reader = await openParts(sources);
	if (reader === null) throw new Error('There is no such recording.');
	return { sources, reader };
}

async function openFromFile(clip: Blob): Promise<Opened> {
	const file = await openClipFile(blobAsSource(clip));
	if (file === null) throw new Error('It is no clip.');
	return file;
}

interface Outgoing {
	readonly write: (bytes: Uint8Array) => Promise<void>;
	finish(): Promise<void>;
}

function createOutgoing(
	job: number,
	{ first, most }: { readonly first: number; readonly most: number }
): Outgoing {
	let together = first;
	let pieces: Uint8Array[] = [];
	let size = 0;
	const send = async (): Promise<void> => {
		// A copy of their own: they are given away.
		const bytes = Uint8Array.from(concat(...pieces));
		[pieces, size] = [[], 0];
		together = Math.min(2 * together, most);
		tell({ type: 'bytes', job, bytes }, [bytes.buffer]);
		await new Promise<void>((go, stop) => waiting.set(job, { go, stop }));
	};
	return {
		async write(bytes) {
			if (stopped.has(job)) throw new Error('It was stopped.');
			pieces.push(bytes);
			size += bytes.length;
			if (size >= together) await send();
		},
		async finish() {
			if (size > 0) await send();
		}
	};
}
