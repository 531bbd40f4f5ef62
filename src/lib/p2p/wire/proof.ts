/**
 * A speaker's proof that frames are its own: the hashes of its last few frames, signed. It follows the frame it
 * travels with. Relays check it after passing the frame on; nobody plays what no proof covers. Each names the one
 * before by its hash, so that whoever keeps a row of them needs the last signature alone.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { fromHex, STREAM_ID_BYTES, type StreamId } from './ids.ts';
import { seqAdd } from './seq.ts';

/** A stranger who wants another frame with the same 48 bits has under a second for work that takes hours. */
export const FRAME_HASH_BYTES = 6;
export const PROOF_SIGNATURE_BYTES = 64;
/** Ticks one proof can reach back, itself included: the width of its mask. */
export const PROOF_REACH_TICKS = 16;
/** It stands for what is kept for good: nobody can work through so many for one row of proofs. */
export const LINK_BYTES = 8;
/** Of the first proof of a stream, which follows none. */
export const FIRST_LINK: Uint8Array = new Uint8Array(LINK_BYTES);
const MASK_BYTES = 2;
const HASHES_AT = MASK_BYTES + LINK_BYTES;
/** Tells these signatures from those of events: nobody can have one taken for the other. */
const TAG = fromString('grapevine sound 3');

export interface Proof {
	/** Bit i: the frame of tick `seq - i` is covered; bit 0 is the frame that carries the proof. u16. */
	readonly mask: number;
	/** `linkOf` the proof before, LINK_BYTES; FIRST_LINK where there was none. */
	readonly link: Uint8Array;
	/** FRAME_HASH_BYTES for each bit set, lowest bit first. */
	readonly hashes: Uint8Array;
	/** Ed25519 by the stream's speaker over `proofMessage`. */
	readonly signature: Uint8Array;
}

/** What is signed of a proof. */
export type UnsignedProof = Omit<Proof, 'signature'>;

/** A frame as its author hands it to be proven: `content` is what the hash covers. */
export interface Provable {
	readonly seq: number;
	readonly content: Uint8Array;
}

export function frameHash(content: Uint8Array): Uint8Array {
	return sha256(content).subarray(0, FRAME_HASH_BYTES);
}

/** What the proof that follows says of this one: the first bytes of SHA-256 over what is signed. */
export const linkOf = (stream: StreamId, seq: number, proof: UnsignedProof): Uint8Array =>
	sha256(proofMessage(stream, seq, proof)).subarray(0, LINK_BYTES);

/**
 * Mask and hashes for `frames`, in the order of their numbers; the last one will carry the proof. Frames that lie
 * more than PROOF_REACH_TICKS before it are left out. `link`: of the proof before.
 */
export function draftProof(frames: readonly Provable[], link = FIRST_LINK): UnsignedProof {
	const last = frames.at(-1)?.seq ?? 0;
	const near = frames
		.map((frame) => ({ back: (last - frame.seq) >>> 0, content: frame.content }))
		.filter(({ back }) => back < PROOF_REACH_TICKS)
		.sort((a, b) => a.back - b.back);
	const hashes = new Uint8Array(near.length * FRAME_HASH_BYTES);
	near.forEach(({ content }, i) => {
		hashes.set(frameHash(content), i * FRAME_HASH_BYTES);
	});
	return { mask: near.reduce((mask, { back }) => mask | (1 << back), 0), link, hashes };
}

/** The bytes that are signed: tag, stream, number of the carrying frame, mask, link, hashes. */
export function proofMessage(
	stream: StreamId,
	seq: number,
	{ mask, link, hashes }: UnsignedProof
): Uint8Array {
	const maskAt = TAG.length + STREAM_ID_BYTES + 4;
	const message = new Uint8Array(maskAt + HASHES_AT + hashes.length);
	const view = new DataView(message.buffer);
	message.set(TAG);
	message.set(fromHex(stream), TAG.length);
	view.setUint32(TAG.length + STREAM_ID_BYTES, seq);
	view.setUint16(maskAt, mask);
	message.set(link, maskAt + MASK_BYTES);
	message.set(hashes, maskAt + HASHES_AT);
	return message;
}

/** Number and hash of every frame a proof covers, the carrying one first. */
export function coveredBy(
	seq: number,
	proof: UnsignedProof
): { readonly seq: number; readonly hash: Uint8Array }[] {
	const covered: { seq: number; hash: Uint8Array }[] = [];
	for (let back = 0; back < PROOF_REACH_TICKS; back++) {
		if ((proof.mask & (1 << back)) === 0) continue;
		const at = covered.length * FRAME_HASH_BYTES;
		const hash = proof.hashes.subarray(at, at + FRAME_HASH_BYTES);
		covered.push({ seq: seqAdd(seq, -back), hash });
	}
	return covered;
}

export function proofBytes({ mask, link, hashes, signature }: Proof): Uint8Array {
	const bytes = new Uint8Array(HASHES_AT + hashes.length + signature.length);
	bytes[0] = mask >> 8;
	bytes[1] = mask & 0xff;
	bytes.set(link, MASK_BYTES);
	bytes.set(hashes, HASHES_AT);
	bytes.set(signature, HASHES_AT + hashes.length);
	return bytes;
}

export const proofLength = (proof: Proof): number =>
	HASHES_AT + proof.hashes.length + proof.signature.length;

/** The proof that begins at `at`; null where it is cut short, or does not cover the frame that carries it. */
export function readProof(bytes: Uint8Array, at: number): Proof | null {
	const mask = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
	if ((mask & 1) === 0) return null;
	const signatureAt = at + HASHES_AT + bitsIn(mask) * FRAME_HASH_BYTES;
	const end = signatureAt + PROOF_SIGNATURE_BYTES;
	if (end > bytes.length) return null;
	return {
		mask,
		link: bytes.subarray(at + MASK_BYTES, at + HASHES_AT),
		hashes: bytes.subarray(at + HASHES_AT, signatureAt),
		signature: bytes.subarray(signatureAt, end)
	};
}

function bitsIn(mask: number): number {
	let bits = 0;
	for (let left = mask; left !== 0; left &= left - 1) bits++;
	return bits;
}
