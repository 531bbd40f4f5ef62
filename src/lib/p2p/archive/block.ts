/**
 * A block of sound: what was heard of everybody in about a second, as its speakers signed it. Frames are parted from
 * their proofs, of which as few are kept as cover them all, and nothing is written that follows from something else.
 */
import { reader, writer, type ByteReader, type ByteWriter } from '../wire/bytes.ts';
import { fromHex, STREAM_ID_BYTES, toHex, type StreamId } from '../wire/ids.ts';
import { OPUS_BYTES_MAX, SEALED_FRAME_EXTRA_BYTES } from '../wire/limits.ts';
import { PROOF_FLAG, readContent, SEALED_FLAG, type Frame } from '../wire/packet.ts';
import { seqAdd, seqDistance, TICK_MS } from '../wire/seq.ts';
import { BLOCK_STREAMS_MAX } from './limits.ts';
import type { ChainedProof } from './proof-chain.ts';
import { readProofs, writeProofs } from './run-proofs.ts';

/** A frame's number is told by how many were left out since the one before. */
export const SKIP_MAX = 254;
const FRAME_HEAD_BYTES = STREAM_ID_BYTES + 4 + 1 + 2;
const BODY_BYTES_MAX = OPUS_BYTES_MAX + SEALED_FRAME_EXTRA_BYTES;
/** Which of a run's rows there are beside its frames. */
const WITH_SEALED = 1;
const WITH_GAPS = 2;
/** In place of a body's length, which follows: hardly any is that long. */
const LONG_BODY = 0xff;
/** More than ten minutes of one stream are no block. */
const RUN_FRAMES_MAX = 32_768;

/** Frames of one stream whose times follow from their numbers, 20 ms each. */
export interface Run {
	readonly stream: StreamId;
	/** When its first frame began, by the recording's clock: ms since it was begun, u32. */
	readonly atMs: number;
	/** Contents as they are hashed for proofs, in the order of their numbers, at most SKIP_MAX apart; at least one. */
	readonly frames: readonly Frame[];
	/** Cover every frame. */
	readonly proofs: readonly ChainedProof[];
}

export interface Block {
	/** When it was closed, by the recording's clock: nothing in it was heard later. u32. */
	readonly writtenMs: number;
	readonly runs: readonly Run[];
}

/** When a frame of that run began, by the recording's clock. */
export const timeIn = (run: Run, seq: number): number =>
	run.atMs + seqDistance(seq, run.frames[0]?.seq ?? seq) * TICK_MS;

export function encodeBlock(block: Block): Uint8Array<ArrayBuffer> {
	const out = writer().u32(block.writtenMs).u8(block.runs.length);
	for (const run of block.runs) writeRun(out, run);
	return out.finish();
}

function writeRun(out: ByteWriter, run: Run): void {
	const { stream, atMs, frames } = run;
	out.bytes(fromHex(stream)).u32(frames[0]?.seq ?? 0);
	out.u32(atMs).u16(frames.length);
	const gaps = gapsIn(frames);
	const isSealed = frames.some(({ content }) => isMarked(content, SEALED_FLAG));
	out.u8((isSealed ? WITH_SEALED : 0) | (gaps.length > 0 ? WITH_GAPS : 0));
	writeMarks(out, frames, PROOF_FLAG);
	if (isSealed) writeMarks(out, frames, SEALED_FLAG);
	if (gaps.length > 0) out.u16(gaps.length);
	for (const { index, skipped } of gaps) out.u16(index).u8(skipped);
	for (const { content } of frames) {
		out.u8(content[STREAM_ID_BYTES + 4] ?? 0);
		const body = content.subarray(FRAME_HEAD_BYTES);
		if (body.length < LONG_BODY) out.u8(body.length);
		else out.u8(LONG_BODY).u16(body.length);
		out.bytes(body);
	}
	writeProofs(out, run);
}

interface Gap {
	/** Of the frame behind it. */
	readonly index: number;
	/** Numbers that are not here. */
	readonly skipped: number;
}

function gapsIn(frames: readonly Frame[]): Gap[] {
	return frames.flatMap(({ seq }, index) => {
		const before = frames[index - 1]?.seq;
		const skipped = before === undefined ? 0 : seqDistance(seq, before) - 1;
		return skipped === 0 ? [] : [{ index, skipped }];
	});
}

const lengthField = (content: Uint8Array): number =>
	((content[STREAM_ID_BYTES + 5] ?? 0) << 8) | (content[STREAM_ID_BYTES + 6] ?? 0);
const isMarked = (content: Uint8Array, flag: number): boolean =>
	(lengthField(content) & flag) !== 0;

/** A bit for each frame, the first one's is the highest of its byte. */
function writeMarks(out: ByteWriter, frames: readonly Frame[], flag: number): void {
	const bits = new Uint8Array(Math.ceil(frames.length / 8));
	for (const [i, { content }] of frames.entries()) {
		if (isMarked(content, flag)) bits[i >> 3] = (bits[i >> 3] ?? 0) | (0x80 >> (i & 7));
	}
	out.bytes(bits);
}

/**
 * Null for anything that is not exactly one block. Never throws. Whoever only listens leaves the proofs out: what they say
 * of frames beside them has to be computed anew, which is half of the work.
 */
export function decodeBlock(
	content: Uint8Array,
	proofs: 'with' | 'without' = 'with'
): Block | null {
	const input = reader(content);
	const writtenMs = input.u32();
	const count = input.u8();
	if (count > BLOCK_STREAMS_MAX) return null;
	const runs: Run[] = [];
	for (let i = 0; i < count; i++) {
		const run = readRun(input, proofs);
		if (run === null) return null;
		runs.push(run);
	}
	return input.done() ? { writtenMs, runs } : null;
}

function readRun(input: ByteReader, wanted: 'with' | 'without'): Run | null {
	const id = input.bytes(STREAM_ID_BYTES);
	const stream = toHex(id) as StreamId;
	const first = input.u32();
	const atMs = input.u32();
	const count = input.u16();
	const flags = input.u8();
	if (count === 0 || count > RUN_FRAMES_MAX) return null;
	const proven = input.bytes(Math.ceil(count / 8));
	const sealed = (flags & WITH_SEALED) === 0 ? null : input.bytes(Math.ceil(count / 8));
	const gaps = (flags & WITH_GAPS) === 0 ? new Map<number, number>() : readGaps(input, count);
	if (gaps === null || !input.ok) return null;
	const frames: Frame[] = [];
	let seq = seqAdd(first, -1);
	for (let i = 0; i < count; i++) {
		seq = seqAdd(seq, 1 + (gaps.get(i) ?? 0));
		const marks =
			(bitAt(proven, i) ? PROOF_FLAG : 0) | (sealed && bitAt(sealed, i) ? SEALED_FLAG : 0);
		const frame = readFrame(input, id, seq, marks);
		if (frame === null) return null;
		frames.push(frame);
	}
	const proofs = readProofs(input, { stream, frames }, wanted);
	return proofs === null ? null : { stream, atMs, frames, proofs };
}

const bitAt = (bits: Uint8Array, i: number): boolean =>
	((bits[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0;

/** Numbers left out before a frame, by its place. */
function readGaps(input: ByteReader, count: number): Map<number, number> | null {
	const gaps = new Map<number, number>();
	for (let left = input.u16(); left > 0; left--) {
		const index = input.u16();
		const skipped = input.u8();
		if (!input.ok || index === 0 || index >= count || skipped > SKIP_MAX) return null;
		gaps.set(index, skipped);
	}
	return gaps;
}

function readFrame(input: ByteReader, id: Uint8Array, seq: number, marks: number): Frame | null {
	const level = input.u8();
	const short = input.u8();
	const body = short === LONG_BODY ? input.u16() : short;
	if (!input.ok || body > BODY_BYTES_MAX) return null;
	const content = new Uint8Array(FRAME_HEAD_BYTES + body);
	const view = new DataView(content.buffer);
	content.set(id);
	view.setUint32(STREAM_ID_BYTES, seq);
	view.setUint8(STREAM_ID_BYTES + 4, level);
	view.setUint16(STREAM_ID_BYTES + 5, body | marks);
	const rest = input.bytes(body);
	content.set(rest, FRAME_HEAD_BYTES);
	return rest.length === body ? readContent(content) : null;
}
