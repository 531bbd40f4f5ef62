/**
 * When something arrived, in samples of the output. Where the output itself is held up (a starved machine), its
 * count of samples stands still, and packets seem to come early; that would pass for jitter for a long time.
 */
import { createSlidingMinimum } from './sliding.ts';
import { SAMPLES_PER_MS } from './units.ts';

/** How far the output is ahead of the wall clock is taken from this window: what it loses for good is forgotten then. */
const SLOT_MS = 100;
const SLOTS_KEPT = 10;
/** Outputs render in bursts, of 10 ms mostly: to be this far behind is usual. */
const USUAL_MS = 20;
/** After this without rendering the sound is off, and the count of samples goes on where it stood. */
const OFF_MS = 500;

export interface OutputClock {
	/** The output asks for what is heard from `sample` on. */
	rendered(sample: number, nowMs: number): void;
	/** Where the output should be by now, in samples; never less than where it is. */
	at(nowMs: number): number;
}

export function createOutputClock(): OutputClock {
	const behind = createSlidingMinimum(SLOT_MS, SLOTS_KEPT);
	let sample = 0;
	let least = 0;
	let lastMs = -Infinity;
	return {
		rendered(at, nowMs) {
			if (nowMs - lastMs > OFF_MS || nowMs < lastMs) behind.reset();
			sample = at;
			lastMs = nowMs;
			least = behind.add(nowMs * SAMPLES_PER_MS - at, nowMs);
		},
		at(nowMs) {
			if (nowMs - lastMs > OFF_MS) return sample;
			return Math.max(sample, (nowMs - USUAL_MS) * SAMPLES_PER_MS - least);
		}
	};
}
