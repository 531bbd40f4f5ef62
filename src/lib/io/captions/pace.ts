/**
 * How much of this device captions may take. Words are worth less the later they come, and nothing where they make the
 * sound stutter. So, in this order:
 * 1. partial words are made only while nothing waits, and take a third of one core at most;
 * 2. where sound waits for 5 s, that is said;
 * 3. where it waits for 12 s, it is let go, and said too;
 * 4. where that happens twice within two minutes, the device is too weak, and captions stop.
 */

/** Partial words come no oftener than this... */
const PARTIAL_EVERY_MS = 700;
/** ...and so that they take no more than this share of one core. */
const PARTIAL_SHARE = 0.35;
/** More than 128 ms that wait are too many for partial words. */
const PARTIAL_WAITING_MAX_MS = 128;
export const LAG_TOLD_MS = 5_000;
/** Below CAPTION_LATE_MS, after which nobody takes the words any more. */
export const LAG_MAX_MS = 12_000;
const WEAK_WITHIN_MS = 120_000;

export type Lag = 'fine' | 'lagging' | 'let-go' | 'weak';

export interface Pace {
	/** Whether partial words may be made now. */
	mayDraft(nowMs: number, waitingMs: number): boolean;
	/** Partial words were made, and took that long. */
	drafted(nowMs: number, tookMs: number): void;
	/** A phrase has begun: the first partial words of it wait their time. */
	begun(nowMs: number): void;
	/** What so much waiting sound means. */
	lag(nowMs: number, waitingMs: number): Lag;
}

export function createPace(): Pace {
	let lastMs = -Infinity;
	let tookMs = 0;
	let letGoMs = -Infinity;
	return {
		mayDraft(nowMs, waitingMs) {
			const pauseMs = Math.max(PARTIAL_EVERY_MS, tookMs / PARTIAL_SHARE);
			return waitingMs <= PARTIAL_WAITING_MAX_MS && nowMs - lastMs >= pauseMs;
		},
		drafted(nowMs, ms) {
			lastMs = nowMs;
			tookMs = ms;
		},
		begun(nowMs) {
			lastMs = nowMs;
		},
		lag(nowMs, waitingMs) {
			if (waitingMs < LAG_TOLD_MS) return 'fine';
			if (waitingMs < LAG_MAX_MS) return 'lagging';
			const isAgain = nowMs - letGoMs < WEAK_WITHIN_MS;
			letGoMs = nowMs;
			return isAgain ? 'weak' : 'let-go';
		}
	};
}
