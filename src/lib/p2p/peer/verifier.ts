/**
 * What a peer does to the frames of others before they are heard: each waits until a proof of its speaker covers
 * it. Kept at all times:
 * 1. nothing is given out that no checked proof covers;
 * 2. a frame that differs from what its speaker signed is never given out, and whoever brought it is named;
 * 3. what is never proven is let go after UNPROVEN_MAX_MS, and counted against whoever brought it.
 */
import { forgetOldest } from '../wire/bounded.ts';
import { CHECKS_WAITING_MAX, STREAMS_MAX, UNPROVEN_FRAMES_MAX } from '../wire/limits.ts';
import type { PeerId, StreamId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import { coveredBy, frameHash, proofMessage, type Proof } from '../wire/proof.ts';
import { seqDistance } from '../wire/seq.ts';

/** A proof may have to be repaired over a long way; what is older is too late to be heard. */
export const UNPROVEN_MAX_MS = 500;
/** A proof is on its way 60 ms later, and comes once more 80 ms after that: what waits for longer is late, */
export const UNPROVEN_LATE_MS = 150;
/** and odd, after so long that whoever passes it on has had the time to see that it is late. They look ten times a second. */
export const UNPROVEN_ODD_MS = UNPROVEN_LATE_MS + 100;

export interface Arrived {
	readonly frame: Frame;
	readonly from: PeerId;
	/** It came over its author's own link, and was heard at once. It is checked all the same, for the sake of those below. */
	readonly heard: boolean;
	/** It was passed on at once. */
	readonly passedOn: boolean;
	readonly atMs: number;
}

export interface Check {
	readonly ticket: number;
	readonly message: Uint8Array;
	readonly signature: Uint8Array;
}

export interface Verdict {
	/** What their speaker said, in the order of their numbers. */
	readonly proven: readonly Arrived[];
	/** Not what their speaker said. */
	readonly forged: readonly Arrived[];
}

/**
 * What waits for its proof, but not what only waits for our own check of that: a device without a free processor takes
 * long for it.
 */
export interface Overdue {
	/** For longer than UNPROVEN_LATE_MS. */
	readonly late: readonly Arrived[];
	/** For longer than UNPROVEN_ODD_MS. */
	readonly odd: readonly Arrived[];
	/** Waits no longer, whatever for. */
	readonly gone: readonly Arrived[];
}

export interface Verifier {
	/** A frame that is here for the first time, or one with a proof in place of one that has none. */
	take(arrived: Arrived): Taken;
	checked(ticket: number, good: boolean): Verdict;
	/** Lets go of what waited for too long. Gives these, and what has become late and odd since the last time. */
	expire(nowMs: number): Overdue;
	/** So many proofs waited to be checked lately that some never were: what has none may have had one. */
	isBehind(nowMs: number): boolean;
	/** Forgets streams that are on no seat any more. */
	keep(streams: readonly StreamId[]): void;
	/** A frame that brings a proof waits under this number. */
	hasProof(stream: StreamId, seq: number): boolean;
	/** How many frames wait for their proof. */
	waiting(): number;
}

/** What a frame led to. */
export interface Taken {
	readonly verdict: Verdict;
	readonly check: Check | null;
	/** Those that wait no longer, for too many do. */
	readonly evicted: readonly Arrived[];
}

interface Line {
	/** Frames without a proof so far, by number. At most UNPROVEN_FRAMES_MAX. */
	readonly waiting: Map<number, Arrived>;
	/** Hashes that were vouched for before their frame came. At most UNPROVEN_FRAMES_MAX. */
	readonly vouched: Map<number, Uint8Array>;
	/** The newest number a proof covered. */
	newest: number | null;
	/** Frames that came before these were told as late, and as odd. */
	lateUntilMs: number;
	oddUntilMs: number;
}

interface Checking {
	readonly arrived: Arrived;
	readonly proof: Proof;
}

const NOTHING: Verdict = { proven: [], forged: [] };
const NOBODY: readonly Arrived[] = [];

const newLine = (): Line => ({
	waiting: new Map(),
	vouched: new Map(),
	newest: null,
	lateUntilMs: 0,
	oddUntilMs: 0
});

export const createVerifier = (hashOf = frameHash): Verifier => new ProofVerifier(hashOf);

/** A class, for it is asked with each frame: functions that each peer has of its own lie all over memory. */
class ProofVerifier implements Verifier {
	readonly #hashOf: typeof frameHash;
	readonly #lines = new Map<StreamId, Line>();
	readonly #checking = new Map<number, Checking>();
	#tickets = 0;
	#leftUncheckedMs = -Infinity;

	constructor(hashOf: typeof frameHash) {
		this.#hashOf = hashOf;
	}

	take(arrived: Arrived): Taken {
		const line = this.#lineOf(arrived.frame.stream);
		const verdict = receive(line, arrived, this.#hashOf);
		return { verdict, check: this.#ask(arrived), evicted: evict(line) };
	}

	checked(ticket: number, good: boolean): Verdict {
		const job = this.#checking.get(ticket);
		if (job === undefined) return NOTHING;
		this.#checking.delete(ticket);
		const line = this.#lineOf(job.arrived.frame.stream);
		return good ? vouch(line, job, this.#hashOf) : reject(line, job.arrived);
	}

	expire(nowMs: number): Overdue {
		const all = [...this.#lines.values()].map((line) => expire(line, nowMs));
		const late = all.flatMap((one) => one.late);
		const odd = all.flatMap((one) => one.odd);
		const gone = all.flatMap((one) => one.gone);
		if (this.#checking.size === 0 || late.length + odd.length === 0) return { late, odd, gone };
		const checked = this.#numbersBeingChecked();
		const isUnchecked = ({ frame }: Arrived): boolean =>
			!checked.has(`${frame.stream} ${frame.seq}`);
		return { late: late.filter(isUnchecked), odd: odd.filter(isUnchecked), gone };
	}

	isBehind(nowMs: number): boolean {
		return nowMs - this.#leftUncheckedMs <= UNPROVEN_MAX_MS;
	}

	keep(streams: readonly StreamId[]): void {
		const lines = this.#lines;
		for (const stream of lines.keys()) if (!streams.includes(stream)) lines.delete(stream);
	}

	hasProof(stream: StreamId, seq: number): boolean {
		const waiting = this.#lines.get(stream)?.waiting.get(seq);
		return waiting !== undefined && waiting.frame.proof !== null;
	}

	waiting(): number {
		return [...this.#lines.values()].reduce((sum, line) => sum + line.waiting.size, 0);
	}

	#numbersBeingChecked(): ReadonlySet<string> {
		const numbers = new Set<string>();
		for (const { arrived, proof } of this.#checking.values()) {
			const { stream, seq: carrier } = arrived.frame;
			for (const { seq } of coveredBy(carrier, proof)) numbers.add(`${stream} ${seq}`);
		}
		return numbers;
	}

	#lineOf(stream: StreamId): Line {
		const known = this.#lines.get(stream);
		if (known !== undefined) return known;
		const line = newLine();
		this.#lines.set(stream, line);
		forgetOldest(this.#lines, STREAMS_MAX);
		return line;
	}

	#ask(arrived: Arrived): Check | null {
		const { stream, seq, proof } = arrived.frame;
		// Speakers prove a frame in two proofs: what is left unchecked in a flood is proven by the next.
		if (proof === null) return null;
		if (this.#checking.size >= CHECKS_WAITING_MAX) {
			this.#leftUncheckedMs = arrived.atMs;
			return null;
		}
		const ticket = ++this.#tickets;
		this.#checking.set(ticket, { arrived, proof });
		return { ticket, message: proofMessage(stream, seq, proof), signature: proof.signature };
	}
}

function receive(line: Line, arrived: Arrived, hashOf: typeof frameHash): Verdict {
	const { seq, content } = arrived.frame;
	const hash = line.vouched.get(seq);
	if (hash !== undefined) {
		if (!isSame(hashOf(content), hash)) return { proven: [], forged: [arrived] };
		line.vouched.delete(seq);
		return { proven: [arrived], forged: [] };
	}
	// One that takes the place of another came last all the same.
	line.waiting.delete(seq);
	line.waiting.set(seq, arrived);
	return NOTHING;
}

function evict({ waiting }: Line): readonly Arrived[] {
	if (waiting.size <= UNPROVEN_FRAMES_MAX) return NOBODY;
	const first = [...waiting.values()].slice(0, waiting.size - UNPROVEN_FRAMES_MAX);
	forgetOldest(waiting, UNPROVEN_FRAMES_MAX);
	return first;
}

function vouch(line: Line, { arrived, proof }: Checking, hashOf: typeof frameHash): Verdict {
	const proven: Arrived[] = [];
	const forged: Arrived[] = [];
	const { seq: carrier } = arrived.frame;
	for (const { seq, hash } of coveredBy(carrier, proof)) {
		const frame = line.waiting.get(seq);
		if (frame === undefined) {
			// Played already, or still to come: only what is newer than the last proof can be the latter.
			if (isNews(line, seq)) line.vouched.set(seq, hash);
			continue;
		}
		line.waiting.delete(seq);
		if (isSame(hashOf(frame.frame.content), hash)) proven.push(frame);
		else {
			forged.push(frame);
			line.vouched.set(seq, hash);
		}
	}
	if (isNews(line, carrier)) line.newest = carrier;
	forgetOldest(line.vouched, UNPROVEN_FRAMES_MAX);
	return { proven: proven.reverse(), forged };
}

const isNews = (line: Line, seq: number): boolean =>
	line.newest === null || seqDistance(seq, line.newest) > 0;

/** A signature that does not hold: neither the frame nor its proof is what the speaker sent. */
function reject(line: Line, arrived: Arrived): Verdict {
	const { seq } = arrived.frame;
	if (line.waiting.get(seq) === arrived) line.waiting.delete(seq);
	return { proven: [], forged: [arrived] };
}

function expire(line: Line, nowMs: number): Overdue {
	const late: Arrived[] = [];
	const odd: Arrived[] = [];
	const gone: Arrived[] = [];
	const [lateBeforeMs, oddBeforeMs] = [nowMs - UNPROVEN_LATE_MS, nowMs - UNPROVEN_ODD_MS];
	for (const arrived of line.waiting.values()) {
		const { frame, atMs } = arrived;
		if (atMs >= line.lateUntilMs && atMs < lateBeforeMs) late.push(arrived);
		if (atMs >= line.oddUntilMs && atMs < oddBeforeMs) odd.push(arrived);
		if (nowMs - atMs <= UNPROVEN_MAX_MS) continue;
		line.waiting.delete(frame.seq);
		gone.push(arrived);
	}
	line.lateUntilMs = lateBeforeMs;
	line.oddUntilMs = oddBeforeMs;
	return { late, odd, gone };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
