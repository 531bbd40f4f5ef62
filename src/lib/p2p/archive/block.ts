/**
 * A block of sound: what was heard of everybody in about a second, as its speakers signed it. Frames are parted from
 * their proofs, of which as few are kept as cover them all; what a proof says of frames in the same block is not
 * written twice.
 */
import { reader, writer, type ByteReader, type ByteWriter } from '../wire/bytes.ts';
import { concat, fromHex, STREAM_ID_BYTES, toHex, type StreamId } from '../wire/ids.ts';
import { OPUS_BYTES_MAX, SEALED_FRAME_EXTRA_BYTES } from '../wire/limits.ts';
import { readContent, type Frame } from '../wire/packet.ts';
import {
	coveredBy,
	FRAME_HASH_BYTES,
	frameHash,
	PROOF_REACH_TICKS,
	PROOF_SIGNATURE_BYTES,
	type Proof
} from '../wire/proof.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';
import { BLOCK_STREAMS_MAX } from './limits.ts';

export const TICK_MS = 20;
/** A frame's number is told by how many were left out since the one before. */
export const SKIP_MAX = 254;
const FRAME_HEAD_BYTES = STREAM_ID_BYTES + 4 + 1 + 2;
const BODY_LENGTH_MASK = 0x07ff;
const BODY_BYTES_MAX = OPUS_BYTES_MAX + SEALED_FRAME_EXTRA_BYTES;
/** More than ten minutes of one stream are no block. */
const RUN_FRAMES_MAX = 32_768;

/** The proof that travelled with the frame of that number. */
export interface ProofOf extends Proof {
	readonly seq: number;
}

/** Frames of one stream whose times follow from their numbers, 20 ms each. */
export interface Run {
	readonly stream: StreamId;
	/** When its first frame began, by the recording's clock: ms since it was begun, u32. */
	readonly atMs: number;
	/** Contents as they are hashed for proofs, in the order of their numbers, at least one. */
	readonly frames: readonly Frame[];
	/** Cover every frame. */
	readonly proofs: readonly ProofOf[];
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

function writeRun(out: ByteWriter, { stream, atMs, frames, proofs }: Run): void {
	const first = frames[0]?.seq ?? 0;
	out.bytes(fromHex(stream)).u32(first).u32(atMs).u16(frames.length);
	let before = seqAdd(first, -1);
	for (const { seq, content } of frames) {
		out.u8(seqDistance(seq, before) - 1).bytes(content.subarray(FRAME_HEAD_BYTES - 3));
		before = seq;
	}
	const here = new Map(frames.map(({ seq, content }) => [seq, content]));
	out.u16(proofs.length);
	for (const proof of proofs) writeProof(out, proof, here);
}

/** The hashes of frames in the same run follow from those. */
function writeProof(out: ByteWriter, proof: ProofOf, here: ReadonlyMap<number, Uint8Array>): void {
	let given = 0;
	const hashes: Uint8Array[] = [];
	for (const { seq, hash } of coveredBy(proof.seq, proof)) {
		const content = here.get(seq);
		if (content !== undefined && isSame(frameHash(content), hash)) continue;
		given |= 1 << seqDistance(proof.seq, seq);
		hashes.push(hash);
	}
	out.u32(proof.seq).u16(proof.mask).u16(given);
	for (const hash of hashes) out.bytes(hash);
	out.bytes(proof.signature);
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
	let seq = input.u32();
	const atMs = input.u32();
	const count = input.u16();
	if (!input.ok || count === 0 || count > RUN_FRAMES_MAX) return null;
	const frames: Frame[] = [];
	while (frames.length < count) {
		const skip = input.u8();
		const isFirst = frames.length === 0;
		if (skip > SKIP_MAX || (isFirst && skip !== 0)) return null;
		if (!isFirst) seq = seqAdd(seq, skip + 1);
		const frame = readFrame(input, id, seq);
		if (frame === null) return null;
		frames.push(frame);
	}
	if (wanted === 'without') {
		skipProofs(input);
		return { stream, atMs, frames, proofs: [] };
	}
	const here = new Map(frames.map((frame) => [frame.seq, frame.content]));
	const proofs: ProofOf[] = [];
	for (let left = input.u16(); left > 0; left--) {
		const proof = readProofOf(input, here);
		if (proof === null) return null;
		proofs.push(proof);
	}
	return { stream, atMs, frames, proofs };
}

function readFrame(input: ByteReader, id: Uint8Array, seq: number): Frame | null {
	const level = input.u8();
	const length = input.u16();
	const body = length & BODY_LENGTH_MASK;
	if (!input.ok || body > BODY_BYTES_MAX) return null;
	const content = new Uint8Array(FRAME_HEAD_BYTES + body);
	const view = new DataView(content.buffer);
	content.set(id);
	view.setUint32(STREAM_ID_BYTES, seq);
	view.setUint8(STREAM_ID_BYTES + 4, level);
	view.setUint16(STREAM_ID_BYTES + 5, length);
	const rest = input.bytes(body);
	content.set(rest, FRAME_HEAD_BYTES);
	return rest.length === body ? readContent(content) : null;
}

function skipProofs(input: ByteReader): void {
	for (let left = input.u16(); left > 0 && input.ok; left--) {
		input.bytes(4 + 2);
		let given = 0;
		for (let bits = input.u16(); bits !== 0; bits &= bits - 1) given++;
		input.bytes(given * FRAME_HASH_BYTES + PROOF_SIGNATURE_BYTES);
	}
}

function readProofOf(input: ByteReader, here: ReadonlyMap<number, Uint8Array>): ProofOf | null {
	const seq = input.u32();
	const mask = input.u16();
	const given = input.u16();
	// What is given must be covered, and what carries a proof is always covered by it.
	if ((mask & 1) === 0 || (given & ~mask) !== 0) return null;
	const hashes: Uint8Array[] = [];
	for (let back = 0; back < PROOF_REACH_TICKS; back++) {
		if ((mask & (1 << back)) === 0) continue;
		const content = here.get(seqAdd(seq, -back));
		const isGiven = (given & (1 << back)) !== 0;
		if (isGiven) hashes.push(input.bytes(FRAME_HASH_BYTES));
		else if (content !== undefined) hashes.push(frameHash(content));
		else return null;
	}
	const signature = input.bytes(PROOF_SIGNATURE_BYTES);
	return input.ok ? { seq, mask, hashes: concat(...hashes), signature } : null;
}

/**
 * As few of `proofs` as cover every one of `frames` that any of them covers: from the newest frame down, each time the
 * one that covers most of what is left.
 */
export function chooseProofs(
	frames: readonly Pick<Frame, 'seq'>[],
	proofs: readonly ProofOf[]
): ProofOf[] {
	const left = new Set(frames.map(({ seq }) => seq));
	const chosen: ProofOf[] = [];
	for (const { seq } of [...frames].reverse()) {
		if (!left.has(seq)) continue;
		let best: ProofOf | null = null;
		let most = 0;
		for (const proof of proofs) {
			if (!covers(proof, seq)) continue;
			const gain = seqsOf(proof).filter((covered) => left.has(covered)).length;
			if (gain > most) [best, most] = [proof, gain];
		}
		if (best === null) continue;
		chosen.push(best);
		for (const covered of seqsOf(best)) left.delete(covered);
	}
	return chosen.reverse();
}

/** Whether it speaks of that number. */
export function covers({ seq, mask }: ProofOf, number: number): boolean {
	const back = seqDistance(seq, number);
	return back >= 0 && back < PROOF_REACH_TICKS && (mask & (1 << back)) !== 0;
}

const seqsOf = ({ seq, mask }: ProofOf): number[] =>
	Array.from({ length: PROOF_REACH_TICKS }, (_, back) => back)
		.filter((back) => (mask & (1 << back)) !== 0)
		.map((back) => seqAdd(seq, -back));

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
