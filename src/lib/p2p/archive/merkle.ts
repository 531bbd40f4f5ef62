/** A tree of hashes over the pieces of a recording (the shape of RFC 6962): one root vouches for every piece. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../wire/ids.ts';

export const HASH_BYTES = 32;
/** So that no node passes for a piece, nor a piece for a node. */
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** What the tree holds of a piece. */
export const pieceHash = (piece: Uint8Array): Uint8Array =>
	sha256.create().update(LEAF).update(piece).digest();

const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
	sha256(concat(NODE, left, right));

/** The root over hashes of pieces, in their order, at least one. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
	const [only] = hashes;
	if (only === undefined) return sha256(LEAF);
	if (hashes.length === 1) return only;
	const left = splitOf(hashes.length);
	return nodeHash(rootOf(hashes.slice(0, left)), rootOf(hashes.slice(left)));
}

/** The largest power of two below `count`, which is 2 or more. */
function splitOf(count: number): number {
	let split = 1;
	while (split * 2 < count) split *= 2;
	return split;
}

/** The hashes that lead from piece `index` to the root, the nearest first. */
export function pathOf(hashes: readonly Uint8Array[], index: number): Uint8Array[] {
	if (hashes.length <= 1) return [];
	const split = splitOf(hashes.length);
	const [near, far] = [hashes.slice(0, split), hashes.slice(split)];
	return index < split
		? [...pathOf(near, index), rootOf(far)]
		: [...pathOf(far, index - split), rootOf(near)];
}

/** The root that a piece's hash and its path lead to; null where the path does not fit `count` pieces. */
export function rootFrom(
	hash: Uint8Array,
	at: { readonly index: number; readonly count: number },
	path: readonly Uint8Array[]
): Uint8Array | null {
	const { index, count } = at;
	if (index < 0 || index >= count) return null;
	if (count === 1) return path.length === 0 ? hash : null;
	const other = path.at(-1);
	if (other === undefined) return null;
	const split = splitOf(count);
	const isLeft = index < split;
	const below = isLeft ? { index, count: split } : { index: index - split, count: count - split };
	const here = rootFrom(hash, below, path.slice(0, -1));
	if (here === null) return null;
	return isLeft ? nodeHash(here, other) : nodeHash(other, here);
}
