/**
 * Proofs as a recording keeps them: in rows in which each names the one before by its hash, so that one signature at the
 * end of a row vouches for all of it, and 64 bytes for some three quarters of a second instead of 64 for each eight frames.
 */
import type { StreamId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import {
	coveredBy,
	linkOf,
	PROOF_REACH_TICKS,
	type Proof,
	type UnsignedProof
} from '../wire/proof.ts';
import { sameBytes } from '../wire/bytes.ts';
import { seqDistance } from '../wire/seq.ts';

/** The proof that travelled with the frame of that number. */
export interface ProofOf extends Proof {
	readonly seq: number;
}

export interface ChainedProof extends UnsignedProof {
	readonly seq: number;
	/** Null: the proof that follows names this one. Of the last one never null. */
	readonly signature: Uint8Array | null;
}

/** Whether it speaks of that number. */
export function covers({ seq, mask }: Pick<ChainedProof, 'seq' | 'mask'>, number: number): boolean {
	const back = seqDistance(seq, number);
	return back >= 0 && back < PROOF_REACH_TICKS && (mask & (1 << back)) !== 0;
}

/** Whether `next` names `before`. */
export const follows = (stream: StreamId, before: ChainedProof, next: ChainedProof): boolean =>
	sameBytes(next.link, linkOf(stream, before.seq, before));

/**
 * Rows of `proofs`, as short as can be, that cover every one of `frames` that any of them covers; only the last of each
 * keeps its signature. In the order of their numbers.
 */
export function chooseProofs(
	stream: StreamId,
	frames: readonly Pick<Frame, 'seq'>[],
	proofs: readonly ProofOf[]
): ChainedProof[] {
	const first = frames[0]?.seq ?? 0;
	const ticks = seqDistance(frames.at(-1)?.seq ?? first, first) + PROOF_REACH_TICKS;
	const place = ({ seq }: ProofOf): number => seqDistance(seq, first);
	const near = proofs
		.filter((proof) => place(proof) >= 0 && place(proof) < ticks)
		.sort((a, b) => place(a) - place(b));
	const left = new Set(frames.map(({ seq }) => seq));
	const chosen: ChainedProof[] = [];
	for (const row of rowsOf(stream, near).reverse()) {
		const part = partOf(row, left);
		for (const proof of part) for (const { seq } of coveredBy(proof.seq, proof)) left.delete(seq);
		chosen.unshift(...part);
	}
	return chosen;
}

function rowsOf(stream: StreamId, proofs: readonly ProofOf[]): ProofOf[][] {
	const rows: ProofOf[][] = [];
	for (const proof of proofs) {
		const row = rows.at(-1);
		const before = row?.at(-1);
		if (row !== undefined && before !== undefined && follows(stream, before, proof))
			row.push(proof);
		else rows.push([proof]);
	}
	return rows;
}

/** As much of a row as covers all in `left` that it can cover. */
function partOf(row: readonly ProofOf[], left: ReadonlySet<number>): ChainedProof[] {
	const latest = new Map<number, number>();
	const earliest = new Map<number, number>();
	for (const [i, proof] of row.entries()) {
		for (const { seq } of coveredBy(proof.seq, proof)) {
			if (!left.has(seq)) continue;
			latest.set(seq, i);
			if (!earliest.has(seq)) earliest.set(seq, i);
		}
	}
	if (latest.size === 0) return [];
	const from = Math.min(...latest.values());
	const to = Math.max(from, ...earliest.values());
	const part = row.slice(from, to + 1);
	// Each frame is in proofs that follow each other; where somebody's are made otherwise, more are taken.
	const isWhole = [...latest.keys()].every((seq) => part.some((proof) => covers(proof, seq)));
	return chained(isWhole ? part : row.slice(from, Math.max(...latest.values()) + 1));
}

const chained = (row: readonly ProofOf[]): ChainedProof[] =>
	row.map((proof, i) => (i < row.length - 1 ? { ...proof, signature: null } : proof));

export interface SignedRow {
	/** The last of the row, with what was signed of it. */
	readonly signed: ChainedProof & { readonly signature: Uint8Array };
	/** What the signature vouches for where it is good: the row, `signed` included. */
	readonly proofs: readonly ChainedProof[];
}

/** The rows of `proofs`; whatever is not named by the one behind it belongs to none. */
export function signedRows(stream: StreamId, proofs: readonly ChainedProof[]): SignedRow[] {
	const rows: SignedRow[] = [];
	let row: ChainedProof[] = [];
	for (const proof of proofs) {
		const before = row.at(-1);
		if (before !== undefined && !follows(stream, before, proof)) row = [];
		row.push(proof);
		const { signature } = proof;
		if (signature === null) continue;
		rows.push({ signed: { ...proof, signature }, proofs: row });
		row = [];
	}
	return rows;
}
