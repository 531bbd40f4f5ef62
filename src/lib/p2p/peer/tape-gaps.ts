/** What of the streams that are recorded is on the tape, and what is missing. */
import { forgetOldest } from '../wire/bounded.ts';
import { FILL_RANGES_MAX, type FillRange } from '../wire/filling.ts';
import type { PeerId, StreamId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import type { Proof } from '../wire/proof.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';

/** What is newer than this may still be repaired, and what is older is held by nobody: neighbours hold 30 s. */
const FILL_AFTER_TICKS = 50;
const FILL_SPAN_TICKS = 1_350;
/** One neighbour after the other may hold it; the fourth that does not is the last. */
const FILL_ASKS_MAX = 4;
/** Tells these questions to the verifier from those of the sound path, which count from 1. */
export const FIRST_TICKET = -1;

interface Known {
	/** Numbers that are on the tape, silences included. At most FILL_SPAN_TICKS, the latest. */
	readonly have: Set<number>;
	readonly first: number;
	/** Lamport time of its speaker's answer: what was said under another one is not missing. */
	readonly since: number;
	newest: number;
	/** How often a number was asked for. At most FILL_SPAN_TICKS. */
	readonly asks: Map<number, number>;
}

interface Checking {
	readonly stream: StreamId;
	readonly seq: number;
	readonly proof: Proof;
	readonly frames: ReadonlyMap<number, Frame>;
}

export interface Filling {
	/** Of streams on a seat. */
	readonly streams: Map<StreamId, Known>;
	/** Whom we asked, and until when its answer is taken. At most one for each link. */
	readonly owing: Map<PeerId, number>;
	readonly checking: Map<number, Checking>;
	ticket: number;
	turn: number;
	nextMs: number;
	/** Frames filled in since we entered. */
	filled: number;
}

export const newFilling = (): Filling => ({
	streams: new Map(),
	owing: new Map(),
	checking: new Map(),
	ticket: FIRST_TICKET,
	turn: 0,
	nextMs: 0,
	filled: 0
});

/** A frame that was given out to be recorded, under an answer of that Lamport time. */
export function noteTaped(filling: Filling, frame: Frame, since: number): void {
	const { stream, seq } = frame;
	const before = filling.streams.get(stream);
	const known = before?.since === since ? before : newKnown(seq, since);
	filling.streams.set(stream, known);
	const covered = frame.kind === 'silence' ? Math.min(frame.ticks, FILL_SPAN_TICKS) : 1;
	for (let back = covered - 1; back >= 0; back--) known.have.add(seqAdd(seq, -back));
	forgetOldest(known.have, FILL_SPAN_TICKS);
	if (seqDistance(seq, known.newest) > 0) known.newest = seq;
}

const newKnown = (seq: number, since: number): Known => ({
	have: new Set(),
	first: seq,
	since,
	newest: seq,
	asks: new Map()
});

/** Counts them as asked for. */
export function missing({ have, first, newest, asks }: Known): FillRange[] {
	const ranges: { from: number; ticks: number }[] = [];
	const span = Math.min(FILL_SPAN_TICKS, seqDistance(newest, first));
	for (let back = span; back >= FILL_AFTER_TICKS; back--) {
		const seq = seqAdd(newest, -back);
		const times = asks.get(seq) ?? 0;
		if (have.has(seq) || times >= FILL_ASKS_MAX) continue;
		const last = ranges.at(-1);
		if (last !== undefined && seqAdd(last.from, last.ticks) === seq) last.ticks++;
		else if (ranges.length === FILL_RANGES_MAX) break;
		else ranges.push({ from: seq, ticks: 1 });
		asks.set(seq, times + 1);
	}
	forgetOldest(asks, FILL_SPAN_TICKS);
	return ranges;
}
