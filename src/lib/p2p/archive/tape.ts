/**
 * What is recorded, on its way to the disk: takes frames as they were proven, gives blocks to be appended. Kept at all
 * times:
 * 1. nothing is given out that no proof covers, and nothing twice;
 * 2. what is given out is as its speaker signed it, and in blocks that can be read by themselves;
 * 3. of a silence its beginning and its end are kept, not every sign of it.
 */
import { forgetOldest } from '../wire/bounded.ts';
import type { StreamId } from '../wire/ids.ts';
import { readContent, type Frame } from '../wire/packet.ts';
import { seqDistance, TICK_MS } from '../wire/seq.ts';
import { encodeBlock, SKIP_MAX, type Block, type Run } from './block.ts';
import { createStreamClock, type StreamClock } from './clock.ts';
import { KINDS } from './kinds.ts';
import {
	BLOCK_BYTES_MAX,
	BLOCK_STREAMS_MAX,
	PROOFS_REMEMBERED_MAX,
	UNCOVERED_MAX_MS,
	WAITING_MAX,
	WRITTEN_REMEMBERED_MAX
} from './limits.ts';
import { chooseProofs, covers, type ProofOf } from './proof-chain.ts';
import { encodeRecord } from './record.ts';
import { createIndexer, encodeIndexEntry } from './seek-index.ts';

/** A silence counts its ticks in 16 bits: it is written before it comes to that. */
const SILENCE_TICKS_MAX = 60_000;
/** What proves a frame, at worst: a proof of its own that speaks of fifteen others which are not here. */
const FRAME_EXTRA_BYTES = 172;

export interface HeardFrame {
	readonly frame: Frame;
	/** When it came, epoch ms. */
	readonly atMs: number;
	/** It was asked for later: its arrival tells nothing of when it was said. */
	readonly filled?: boolean;
}

/** To be appended, in this order: sound first, then the index that points into it. Both may be empty. */
export interface Written {
	readonly sound: readonly Uint8Array[];
	readonly index: readonly Uint8Array[];
}

export interface Tape {
	hear(heard: HeardFrame): void;
	/** What is covered by a proof by now. */
	flush(nowMs: number): Written;
	/** The same, and the silences that go on, and what the index has not told. Nothing is heard after it. */
	finish(nowMs: number): Written;
	/** What of this stream is not written yet is forgotten. */
	drop(stream: StreamId): void;
	/** Frames that no proof came for. */
	readonly uncovered: number;
}

interface Waiting {
	readonly frame: Frame;
	/** When it began, by the recording's clock. */
	readonly atMs: number;
	readonly heardMs: number;
}

interface Track {
	readonly clock: StreamClock;
	/** By number. At most WAITING_MAX. */
	readonly waiting: Map<number, Waiting>;
	/** By number. At most PROOFS_REMEMBERED_MAX. */
	readonly proofs: Map<number, ProofOf>;
	/** Numbers. At most WRITTEN_REMEMBERED_MAX. */
	readonly written: Set<number>;
	/** The newest sign of a silence that goes on; what is in `waiting` comes before it. */
	silence: Waiting | null;
	newest: number | null;
	talking: boolean;
}

/** `startedAtMs`: epoch ms, 0 of the recording's clock. `soundBytes`: what is there already, of all files of sound. */
export function createTape(from: {
	readonly startedAtMs: number;
	readonly soundBytes: number;
}): Tape {
	const tracks = new Map<StreamId, Track>();
	const indexer = createIndexer();
	let { soundBytes } = from;
	let uncovered = 0;
	let lastMs = 0;

	const trackOf = (stream: StreamId): Track => {
		const known = tracks.get(stream);
		if (known !== undefined) return known;
		const track = newTrack();
		tracks.set(stream, track);
		forgetOldest(tracks, BLOCK_STREAMS_MAX);
		return track;
	};
	/** A clock that is set back may not take the recording's with it. */
	const clockMs = (nowMs: number): number => {
		lastMs = Math.max(lastMs, Math.round(nowMs - from.startedAtMs));
		return lastMs;
	};
	const write = (nowMs: number, isLast: boolean): Written => {
		const writtenMs = clockMs(nowMs);
		const runs: Run[] = [];
		for (const [stream, track] of tracks) {
			const { silence } = track;
			if (silence !== null && (isLast || isLong(silence.frame))) put(track, silence);
			if (silence !== null && isLong(silence.frame)) track.silence = null;
			uncovered += expire(track, writtenMs);
			runs.push(...runsOf(stream, takeCovered(track)));
		}
		const [sound, index]: [Uint8Array[], Uint8Array[]] = [[], []];
		for (const block of blocksOf(runs, writtenMs)) {
			const record = encodeRecord(KINDS.block, encodeBlock(block));
			const entry = indexer.add(block, soundBytes);
			sound.push(record);
			soundBytes += record.length;
			if (entry !== null) index.push(encodeIndexEntry(entry));
		}
		const rest = isLast ? indexer.rest() : null;
		if (rest !== null) index.push(encodeIndexEntry(rest));
		return { sound, index };
	};
	return {
		hear({ frame, atMs, filled }) {
			const track = trackOf(frame.stream);
			if (frame.proof !== null) remember(track, frame);
			if (track.written.has(frame.seq) || track.waiting.has(frame.seq)) return;
			hear(track, { frame, atMs: atMs - from.startedAtMs, ...(filled === true && { filled }) });
		},
		flush: (nowMs) => write(nowMs, false),
		finish: (nowMs) => write(nowMs, true),
		drop(stream) {
			tracks.delete(stream);
			indexer.drop(stream);
		},
		get uncovered() {
			return uncovered;
		}
	};
}

const newTrack = (): Track => ({
	clock: createStreamClock(),
	waiting: new Map(),
	proofs: new Map(),
	written: new Set(),
	silence: null,
	newest: null,
	talking: false
});

/** Copies: as it came it is a part of a packet. */
function remember(track: Track, { seq, proof }: Frame): void {
	if (proof === null || track.proofs.has(seq)) return;
	const { mask } = proof;
	const [link, hashes] = [proof.link.slice(), proof.hashes.slice()];
	track.proofs.set(seq, { seq, mask, link, hashes, signature: proof.signature.slice() });
	forgetOldest(track.proofs, PROOFS_REMEMBERED_MAX);
}

/** `atMs` is by the recording's clock. */
function hear(track: Track, { frame, atMs, filled }: HeardFrame): void {
	const { seq, kind } = frame;
	const isNewer = track.newest === null || seqDistance(seq, track.newest) > 0;
	// One of many signs of a silence that newer frames speak of as well.
	if (!isNewer && kind === 'silence') return;
	const begins = isNewer && kind === 'voice' && !track.talking;
	const beganMs =
		filled === true || !isNewer
			? (track.clock.filled(seq) ?? Math.max(0, atMs - TICK_MS))
			: track.clock.arrived(seq, atMs, begins);
	const content = readContent(frame.content.slice());
	if (content === null) return;
	const waiting = { frame: content, atMs: beganMs, heardMs: atMs };
	if (!isNewer) return put(track, waiting);
	const wasTalking = track.talking;
	track.newest = seq;
	track.talking = kind === 'voice';
	if (kind === 'silence' && !wasTalking) {
		track.silence = waiting;
		return;
	}
	if (track.silence !== null) put(track, track.silence);
	track.silence = null;
	put(track, waiting);
}

function put(track: Track, waiting: Waiting): void {
	if (track.written.has(waiting.frame.seq)) return;
	track.waiting.set(waiting.frame.seq, waiting);
	forgetOldest(track.waiting, WAITING_MAX);
}

const isLong = (frame: Frame): boolean =>
	frame.kind === 'silence' && frame.ticks >= SILENCE_TICKS_MAX;

/** Lets go of what no proof came for. Gives how many. `nowMs` is by the recording's clock. */
function expire({ waiting }: Track, nowMs: number): number {
	let gone = 0;
	for (const [seq, { heardMs }] of waiting) {
		if (nowMs - heardMs <= UNCOVERED_MAX_MS) continue;
		waiting.delete(seq);
		gone++;
	}
	return gone;
}

interface Taken {
	/** In the order of their numbers. */
	readonly frames: readonly Waiting[];
	/** Newest first. */
	readonly proofs: readonly ProofOf[];
}

function takeCovered({ waiting, written, proofs, newest }: Track): Taken {
	// What was just heard is most likely covered by what was just proven.
	const near = [...proofs.values()].reverse();
	const frames: Waiting[] = [];
	for (const [seq, one] of waiting) {
		if (!near.some((proof) => covers(proof, seq))) continue;
		waiting.delete(seq);
		written.add(seq);
		frames.push(one);
	}
	forgetOldest(written, WRITTEN_REMEMBERED_MAX);
	const back = ({ frame }: Waiting): number => seqDistance(newest ?? 0, frame.seq);
	return { frames: frames.sort((a, b) => back(b) - back(a)), proofs: near };
}

/** Frames whose times follow from their numbers, and that lie near enough to each other. */
function runsOf(stream: StreamId, { frames, proofs }: Taken): Run[] {
	const runs: Waiting[][] = [];
	let bytes = 0;
	for (const one of frames) {
		const run = runs.at(-1);
		const before = run?.at(-1);
		const size = one.frame.content.length + FRAME_EXTRA_BYTES;
		if (run !== undefined && before !== undefined && follows(one, before)) {
			bytes += size;
			if (bytes <= BLOCK_BYTES_MAX) {
				run.push(one);
				continue;
			}
		}
		runs.push([one]);
		bytes = size;
	}
	return runs.map((run) => {
		const contents = run.map(({ frame }) => frame);
		const chosen = chooseProofs(stream, contents, proofs);
		return { stream, atMs: run[0]?.atMs ?? 0, frames: contents, proofs: chosen };
	});
}

function follows(one: Waiting, before: Waiting): boolean {
	const ticks = seqDistance(one.frame.seq, before.frame.seq);
	return ticks <= SKIP_MAX + 1 && one.atMs === before.atMs + ticks * TICK_MS;
}

function blocksOf(runs: readonly Run[], writtenMs: number): Block[] {
	const blocks: Run[][] = [];
	let bytes = 0;
	for (const run of runs) {
		const size = run.frames.reduce(
			(sum, { content }) => sum + content.length + FRAME_EXTRA_BYTES,
			0
		);
		const block = blocks.at(-1);
		const fits = bytes + size <= BLOCK_BYTES_MAX && (block?.length ?? 0) < BLOCK_STREAMS_MAX;
		if (block !== undefined && fits) {
			block.push(run);
			bytes += size;
		} else {
			blocks.push([run]);
			bytes = size;
		}
	}
	return blocks.map((some) => ({ writtenMs, runs: some }));
}
