/**
 * When what a speaker said was said, by the recording's clock. Numbers of frames count 20 ms each by the speaker's own
 * clock and arrive with jitter; times follow the numbers, and are set right by the arrivals where nobody hears it.
 */
import { seqDistance, TICK_MS } from '../wire/seq.ts';

/** Half a minute and more away from what was expected: the speaker counts anew, or slept. */
const ASTRAY_MS = 30_000;
/** Moved within a spurt only by so much and more: a stall that is over, a clock that was set. */
const OFF_MS = 120;
/** The least late of so much time is what a line takes without jitter. */
const WATCHED_MS = 2_000;

export interface StreamClock {
	/**
	 * When the frame of that number began, ms, for one that arrived whole at `arrivedMs` by the same clock. `begins`: it
	 * is the first after a silence.
	 */
	arrived(seq: number, arrivedMs: number, begins: boolean): number;
	/** The same for one that is filled in later, whose arrival tells nothing. Null before anything arrived. */
	filled(seq: number): number | null;
}

export function createStreamClock(): StreamClock {
	let anchor: { readonly seq: number; readonly atMs: number } | null = null;
	/** The least late since `sinceMs`, and in the time watched before that. */
	let least = Infinity;
	let leastBefore = Infinity;
	let sinceMs = 0;

	const expected = (seq: number): number =>
		anchor === null ? 0 : anchor.atMs + seqDistance(seq, anchor.seq) * TICK_MS;
	const restart = (seq: number, beganMs: number, nowMs: number): number => {
		anchor = { seq, atMs: Math.max(0, beganMs) };
		least = leastBefore = Infinity;
		sinceMs = nowMs;
		return anchor.atMs;
	};
	const shift = (seq: number, byMs: number): void => {
		anchor = { seq, atMs: Math.max(0, Math.round(expected(seq) + byMs)) };
		least -= byMs;
		leastBefore -= byMs;
	};
	return {
		arrived(seq, arrivedMs, begins) {
			const beganMs = Math.round(arrivedMs) - TICK_MS;
			const late = beganMs - expected(seq);
			if (anchor === null || Math.abs(late) > ASTRAY_MS) return restart(seq, beganMs, arrivedMs);
			least = Math.min(least, late);
			const usual = Math.min(least, leastBefore);
			if ((begins && usual !== 0) || Math.abs(usual) > OFF_MS) shift(seq, usual);
			if (arrivedMs - sinceMs > WATCHED_MS) {
				leastBefore = least;
				least = Infinity;
				sinceMs = arrivedMs;
			}
			return expected(seq);
		},
		filled: (seq) => (anchor === null ? null : Math.max(0, expected(seq)))
	};
}
