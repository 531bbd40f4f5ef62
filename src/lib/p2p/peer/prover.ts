/**
 * What a speaker does to its own frames: every fourth, and every sign of silence, waits for a signature over the
 * hashes of those since the last proof and, once more, of those before. The others leave at once.
 */
import { forgetOldest } from '../wire/bounded.ts';
import { PROOFS_WAITING_MAX } from '../wire/limits.ts';
import type { StreamId } from '../wire/ids.ts';
import { markProven, withProof } from '../wire/packet.ts';
import {
	draftProof,
	FIRST_LINK,
	linkOf,
	PROOF_REACH_TICKS,
	proofMessage,
	type UnsignedProof
} from '../wire/proof.ts';
import { seqDistance } from '../wire/seq.ts';

/** A frame waits at most three ticks, 60 ms, for its proof: inside any jitter buffer. */
export const FRAMES_PER_PROOF = 4;
/** A microphone that skips ticks must not make its listeners wait for longer. */
const PROOF_AFTER_MS = 60;

export interface OwnFrame {
	readonly stream: StreamId;
	readonly seq: number;
	/** As encoded, without a proof. */
	readonly bytes: Uint8Array;
	/** Nothing may follow it for a while: it is proven at once. */
	readonly last: boolean;
	readonly atMs: number;
}

export type Offered =
	/** Send it as it is. */
	| { readonly type: 'ready'; readonly bytes: Uint8Array }
	/** It waits for the signature over `message`. */
	| { readonly type: 'prove'; readonly ticket: number; readonly message: Uint8Array };

export interface Prover {
	/** Takes our frames in the order of their numbers. */
	offer(frame: OwnFrame): Offered;
	/** The frame that waited for this signature, with its proof, ready to be sent; null where none waits (any more). */
	proved(ticket: number, signature: Uint8Array): Uint8Array | null;
	/** Frames that were let go because too many waited. */
	readonly overdue: number;
}

interface Told {
	readonly seq: number;
	readonly content: Uint8Array;
	readonly atMs: number;
	/** In how many proofs it was. */
	proofs: number;
}

interface Waiting {
	readonly marked: Uint8Array;
	readonly draft: UnsignedProof;
}

export function createProver(): Prover {
	const waiting = new Map<number, Waiting>();
	let stream: StreamId | null = null;
	let told: readonly Told[] = [];
	/** Of the last proof that was drafted. */
	let link = FIRST_LINK;
	let tickets = 0;
	let overdue = 0;

	const remember = (frame: OwnFrame, content: Uint8Array): Told => {
		// A new seat is a new stream: proofs never reach from one into the other.
		if (frame.stream !== stream) [told, link] = [[], FIRST_LINK];
		stream = frame.stream;
		const entry = { seq: frame.seq, content, atMs: frame.atMs, proofs: 0 };
		const near = told.filter(({ seq }) => seqDistance(frame.seq, seq) < PROOF_REACH_TICKS);
		told = [...near, entry];
		return entry;
	};
	return {
		offer(frame) {
			const unproven = told.filter(({ proofs }) => proofs === 0);
			const waitedMs = frame.atMs - (unproven[0]?.atMs ?? frame.atMs);
			const enough = unproven.length + 1 >= FRAMES_PER_PROOF || waitedMs >= PROOF_AFTER_MS;
			if (!frame.last && !enough) {
				remember(frame, frame.bytes);
				return { type: 'ready', bytes: frame.bytes };
			}
			const marked = markProven(frame.bytes);
			remember(frame, marked);
			const draft = draftProof(told, link);
			link = linkOf(frame.stream, frame.seq, draft);
			for (const entry of told) entry.proofs++;
			told = told.filter(({ proofs }) => proofs < 2);
			const ticket = ++tickets;
			waiting.set(ticket, { marked, draft });
			overdue += trim(waiting);
			return { type: 'prove', ticket, message: proofMessage(frame.stream, frame.seq, draft) };
		},
		proved(ticket, signature) {
			const frame = waiting.get(ticket);
			waiting.delete(ticket);
			return frame === undefined ? null : withProof(frame.marked, { ...frame.draft, signature });
		},
		get overdue() {
			return overdue;
		}
	};
}

/** Gives how many it let go. */
function trim(waiting: Map<number, Waiting>): number {
	const before = waiting.size;
	forgetOldest(waiting, PROOFS_WAITING_MAX);
	return before - waiting.size;
}
