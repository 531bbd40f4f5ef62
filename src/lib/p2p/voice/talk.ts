/**
 * What becomes of each captured tick: a frame to send, a sign that we are silent, or nothing. Counts every
 * tick, sent or not, so that listeners can tell silence from loss.
 */
import { seqAdd } from '../wire/seq.ts';

/** The end of a spurt is told on this many ticks in a row: lost, it would sound like a loss of voice. */
const ENDING_MARKERS = 3;
/** Afterwards we say "still here" this often (200 ms). */
const MARKER_EVERY_TICKS = 10;
/** `ticks` travels as 16 bits. */
const TICKS_MAX = 65_535;

export type TalkStep =
	/** Encode and send what was captured in this tick. */
	| { readonly type: 'voice'; readonly seq: number }
	/** Say that the `ticks` ticks that end with `seq` are silent. */
	| {
			readonly type: 'silence';
			readonly seq: number;
			readonly ticks: number;
			readonly muted: boolean;
	  }
	| { readonly type: 'nothing'; readonly seq: number };

export interface Captured {
	readonly active: boolean;
	readonly muted: boolean;
}

/**
 * Feed it every captured tick of 20 ms. `firstSeq` (u32) numbers the first; derive it from the wall clock, so
 * that numbers grow over reloads. Before anything was said we count as silent.
 */
export function createTalk(firstSeq: number): (captured: Captured) => TalkStep {
	let seq = seqAdd(firstSeq, -1);
	let silent = 0;
	/** Ticks since the current kind of silence (open or muted) began. */
	let since = 0;
	let wasMuted = false;
	return ({ active, muted }) => {
		seq = seqAdd(seq, 1);
		if (active && !muted) {
			silent = since = 0;
			wasMuted = false;
			return { type: 'voice', seq };
		}
		silent = Math.min(silent + 1, TICKS_MAX);
		since = muted === wasMuted ? since + 1 : 1;
		wasMuted = muted;
		const told = muted ? since <= ENDING_MARKERS : isToldAt(since);
		return told ? { type: 'silence', seq, ticks: silent, muted } : { type: 'nothing', seq };
	};
}

function isToldAt(since: number): boolean {
	return since <= ENDING_MARKERS || (since - ENDING_MARKERS) % MARKER_EVERY_TICKS === 0;
}
