/**
 * Digests and pulls, the two datagrams that repair: what a backup parent has, and what a listener wants of any
 * parent. Small, for they travel ten times a second: a stream goes by the first two bytes of its id, a number
 * by its lower 16 bits, which say enough among 11 streams and within ten minutes.
 */
import { SEATS_MAX } from './limits.ts';

/** High nibble: version 3. Low nibble: kind. */
const DIGEST = 0x33;
const PULL = 0x34;
const ENTRY_BYTES = 6;
const PULL_HEAD_BYTES = 3;
/** Ticks one entry speaks of: 320 ms. */
export const REPAIR_SPAN_TICKS = 16;

export interface RepairEntry {
	/** The first two bytes of the stream's id. u16. */
	readonly tag: number;
	/** The lower 16 bits of a frame's number. */
	readonly seq: number;
	/** Bit i: the frame of tick `seq - i` is here (digest), or wanted (pull). u16. */
	readonly bits: number;
}

/** "Of each stream that talks I have these": `seq` is the newest. */
export type Digest = readonly RepairEntry[];

export interface Pull {
	/** Push me everything new for so long, and what you have that is newer than each `seq`. 0..65535; 0: only the bits. */
	readonly leaseMs: number;
	readonly entries: readonly RepairEntry[];
}

/** The tag of a stream id in hex. */
export const tagOf = (stream: string): number => Number.parseInt(stream.slice(0, 4), 16);

export function encodeDigest(digest: Digest): Uint8Array<ArrayBuffer> {
	return encode(DIGEST, 1, digest);
}

export function encodePull(pull: Pull): Uint8Array<ArrayBuffer> {
	const bytes = encode(PULL, PULL_HEAD_BYTES, pull.entries);
	new DataView(bytes.buffer).setUint16(1, Math.max(0, Math.min(0xffff, Math.round(pull.leaseMs))));
	return bytes;
}

function encode(
	kind: number,
	headBytes: number,
	entries: readonly RepairEntry[]
): Uint8Array<ArrayBuffer> {
	const few = entries.slice(0, SEATS_MAX);
	const bytes = new Uint8Array(headBytes + few.length * ENTRY_BYTES);
	const view = new DataView(bytes.buffer);
	bytes[0] = kind;
	few.forEach((entry, i) => {
		const at = headBytes + i * ENTRY_BYTES;
		view.setUint16(at, entry.tag);
		view.setUint16(at + 2, entry.seq & 0xffff);
		view.setUint16(at + 4, entry.bits);
	});
	return bytes;
}

/** Null for anything that is not exactly one well-formed digest. */
export function decodeDigest(bytes: Uint8Array): Digest | null {
	return bytes[0] === DIGEST ? decodeEntries(bytes, 1) : null;
}

/** Null for anything that is not exactly one well-formed pull. */
export function decodePull(bytes: Uint8Array): Pull | null {
	if (bytes[0] !== PULL || bytes.length < PULL_HEAD_BYTES) return null;
	const entries = decodeEntries(bytes, PULL_HEAD_BYTES);
	if (entries === null) return null;
	return { leaseMs: u16At(bytes, 1), entries };
}

function decodeEntries(bytes: Uint8Array, from: number): RepairEntry[] | null {
	const count = (bytes.length - from) / ENTRY_BYTES;
	if (!Number.isInteger(count) || count > SEATS_MAX) return null;
	const entries: RepairEntry[] = [];
	for (let at = from; at < bytes.length; at += ENTRY_BYTES) {
		entries.push({ tag: u16At(bytes, at), seq: u16At(bytes, at + 2), bits: u16At(bytes, at + 4) });
	}
	return entries;
}

const u16At = (bytes: Uint8Array, at: number): number =>
	((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
