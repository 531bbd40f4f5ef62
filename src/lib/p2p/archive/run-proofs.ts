/**
 * The proofs of a run as bytes. What follows from the frames beside them, or from the proof before, is not written: of most
 * proofs a single byte is left.
 */
import type { ByteReader, ByteWriter } from '../wire/bytes.ts';
import { concat, type StreamId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import {
	coveredBy,
	FIRST_LINK,
	FRAME_HASH_BYTES,
	frameHash,
	LINK_BYTES,
	linkOf,
	PROOF_REACH_TICKS,
	PROOF_SIGNATURE_BYTES
} from '../wire/proof.ts';
import { sameBytes } from '../wire/bytes.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';
import type { ChainedProof } from './proof-chain.ts';

/** What is there of a proof, by the bits of its first byte. */
const SIGNED = 0x80;
const WITH_LINK = 0x40;
const WITH_MASK = 0x20;
const WITH_HASHES = 0x10;
/** How many numbers behind the proof before it; 0: its number follows. */
const STEP_MASK = 0x0f;
/** As a speaker who leaves out nothing proves: the last eight. */
const USUAL_MASK = 0xff;

interface Frames {
	readonly stream: StreamId;
	readonly frames: readonly Frame[];
}

type Contents = ReadonlyMap<number, Uint8Array>;

const contentsOf = (frames: readonly Frame[]): Contents =>
	new Map(frames.map(({ seq, content }) => [seq, content]));

/** What the proof behind these is told from. */
interface Before {
	readonly seq: number;
	readonly mask: number;
	/** What it will be named by; null for the first. */
	readonly link: Uint8Array | null;
}

/** A first proof is told from the first frame. */
const beforeAll = (frames: readonly Frame[]): Before => ({
	seq: seqAdd(frames[0]?.seq ?? 0, -1),
	mask: USUAL_MASK,
	link: null
});

const after = (stream: StreamId, proof: ChainedProof): Before => ({
	seq: proof.seq,
	mask: proof.mask,
	link: linkOf(stream, proof.seq, proof)
});

export function writeProofs(
	out: ByteWriter,
	{ stream, frames, proofs }: Frames & { readonly proofs: readonly ChainedProof[] }
): void {
	const here = contentsOf(frames);
	let before = beforeAll(frames);
	out.u16(proofs.length);
	for (const proof of proofs) {
		writeProof(out, proof, { before, here });
		before = after(stream, proof);
	}
}

function writeProof(
	out: ByteWriter,
	proof: ChainedProof,
	{ before, here }: { readonly before: Before; readonly here: Contents }
): void {
	const { seq, mask, link, signature } = proof;
	const step = seqDistance(seq, before.seq);
	const isNear = step > 0 && step <= STEP_MASK;
	const isNamed = before.link !== null && sameBytes(before.link, link);
	const { given, hashes } = hashesToGive(proof, here);
	const head =
		(signature === null ? 0 : SIGNED) |
		(isNamed ? 0 : WITH_LINK) |
		(mask === before.mask ? 0 : WITH_MASK) |
		(given === 0 ? 0 : WITH_HASHES);
	out.u8(head | (isNear ? step : 0));
	if (!isNear) out.u32(seq);
	if (!isNamed) out.bytes(link);
	if (mask !== before.mask) out.u16(mask);
	if (given !== 0) out.u16(given).bytes(hashes);
	if (signature !== null) out.bytes(signature);
}

/** Of frames that are not here, or are here otherwise. */
function hashesToGive(
	proof: ChainedProof,
	here: Contents
): { readonly given: number; readonly hashes: Uint8Array } {
	let given = 0;
	const hashes: Uint8Array[] = [];
	for (const { seq, hash } of coveredBy(proof.seq, proof)) {
		const content = here.get(seq);
		if (content !== undefined && sameBytes(frameHash(content), hash)) continue;
		given |= 1 << seqDistance(proof.seq, seq);
		hashes.push(hash);
	}
	return { given, hashes: concat(...hashes) };
}

/**
 * Null for anything that is not exactly the proofs of these frames. Who asks to be given them 'without' gets none, and
 * is spared half of the work: what they say of frames beside them has to be computed anew.
 */
export function readProofs(
	input: ByteReader,
	{ stream, frames }: Frames,
	wanted: 'with' | 'without'
): ChainedProof[] | null {
	const here = wanted === 'with' ? contentsOf(frames) : null;
	const proofs: ChainedProof[] = [];
	let before = beforeAll(frames);
	let isOpen = false;
	for (let left = input.u16(); left > 0; left--) {
		const told = readTold(input, before);
		if (told === null) return null;
		isOpen = !told.signature;
		if (here === null) {
			before = { seq: told.seq, mask: told.mask, link: FIRST_LINK };
			continue;
		}
		const hashes = hashesOf(told, here);
		if (hashes === null) return null;
		const { seq, mask, link, signature } = told;
		const proof = { seq, mask, link, hashes, signature };
		before = after(stream, proof);
		proofs.push(proof);
	}
	// What has no signature has to be named by one that has.
	return isOpen || !input.ok ? null : proofs;
}

interface Told extends Omit<ChainedProof, 'hashes'> {
	readonly given: number;
	/** Of those in `given`, one behind the other. */
	readonly givenHashes: Uint8Array;
}

function readTold(input: ByteReader, before: Before): Told | null {
	const head = input.u8();
	const step = head & STEP_MASK;
	const seq = step === 0 ? input.u32() : seqAdd(before.seq, step);
	const link = (head & WITH_LINK) === 0 ? before.link : input.bytes(LINK_BYTES);
	const mask = (head & WITH_MASK) === 0 ? before.mask : input.u16();
	const given = (head & WITH_HASHES) === 0 ? 0 : input.u16();
	// What is given must be covered, and what carries a proof is always covered by it.
	if (link === null || (mask & 1) === 0 || (given & ~mask) !== 0) return null;
	const givenHashes = input.bytes(bitsIn(given) * FRAME_HASH_BYTES);
	const signature = (head & SIGNED) === 0 ? null : input.bytes(PROOF_SIGNATURE_BYTES);
	return input.ok ? { seq, mask, link, signature, given, givenHashes } : null;
}

function bitsIn(mask: number): number {
	let bits = 0;
	for (let left = mask; left !== 0; left &= left - 1) bits++;
	return bits;
}

/** Null where one is neither given nor follows from a frame. */
function hashesOf({ seq, mask, given, givenHashes }: Told, here: Contents): Uint8Array | null {
	const hashes: Uint8Array[] = [];
	let taken = 0;
	for (let back = 0; back < PROOF_REACH_TICKS; back++) {
		if ((mask & (1 << back)) === 0) continue;
		const content = here.get(seqAdd(seq, -back));
		if ((given & (1 << back)) !== 0) {
			hashes.push(givenHashes.subarray(taken, taken + FRAME_HASH_BYTES));
			taken += FRAME_HASH_BYTES;
		} else if (content !== undefined) hashes.push(frameHash(content));
		else return null;
	}
	return concat(...hashes);
}
