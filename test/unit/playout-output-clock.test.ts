import { describe, expect, it } from 'vitest';
import { createOutputClock, type OutputClock } from '#lib/p2p/playout/output-clock.ts';
import { createPlayoutStream } from '#lib/p2p/playout/stream.ts';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from '#lib/p2p/playout/units.ts';

const BLOCK = 128;
const START_MS = 1_700_000_000_000;

/** Renders bursts of 10 ms from `fromMs` to `toMs`, samples counted from `sample`; gives the next sample. */
function render(clock: OutputClock, sample: number, fromMs: number, toMs: number): number {
	let next = sample;
	for (let ms = fromMs; ms < toMs; ms += 10) {
		for (; next < sample + (ms - fromMs + 10) * SAMPLES_PER_MS; next += BLOCK) {
			clock.rendered(next, START_MS + ms);
		}
	}
	return next;
}

describe('the clock of the output', () => {
	it('is the output itself while it renders in its usual bursts', () => {
		const clock = createOutputClock();
		const next = render(clock, 0, 0, 1000);
		for (const ms of [990, 995, 999]) expect(clock.at(START_MS + ms)).toBe(next - BLOCK);
	});

	it('goes on while the output is held up', () => {
		const clock = createOutputClock();
		const next = render(clock, 0, 0, 1000);
		const behindMs = (clock.at(START_MS + 1290) - next) / SAMPLES_PER_MS;
		expect(behindMs).toBeGreaterThan(270);
		expect(behindMs).toBeLessThan(300);
	});

	it('forgets within a second what the output has lost for good', () => {
		const clock = createOutputClock();
		const next = render(clock, 0, 0, 1000);
		const later = render(clock, next, 1300, 2400);
		expect(clock.at(START_MS + 2395)).toBe(later - BLOCK);
	});

	it('stands still while the sound is off, and believes the output when it comes back', () => {
		const clock = createOutputClock();
		const next = render(clock, 0, 0, 1000);
		expect(clock.at(START_MS + 60_000)).toBe(next - BLOCK);
		const later = render(clock, next, 60_000, 60_050);
		expect(clock.at(START_MS + 60_045)).toBe(later - BLOCK);
	});
});

/** Frames come in time; the output stops for 150 ms in every 3 s and then catches up. Gives the longest target. */
function longestTarget(
	timeOf: (clock: OutputClock, nowMs: number, sample: number) => number
): number {
	const clock = createOutputClock();
	const stream = createPlayoutStream({
		ready: true,
		decode: () => new Float32Array(FRAME_SAMPLES),
		conceal: () => null
	});
	let next = 0;
	let longest = 0;
	for (let ms = 0; ms < 20_000; ms += 10) {
		if (ms % 20 === 0) stream.frame(ms / 20, Uint8Array.of(1), timeOf(clock, ms, next));
		if (ms % 3000 >= 2000 && ms % 3000 < 2150) continue;
		for (; next < (ms + 10) * SAMPLES_PER_MS; next += BLOCK) {
			clock.rendered(next, ms);
			stream.pull(new Float32Array(BLOCK), next);
		}
		longest = Math.max(longest, stream.report().targetMs);
	}
	return longest;
}

describe('an output that is held up now and then', () => {
	it('does not make the listener wait longer, not even for a moment', () => {
		expect(longestTarget((clock, ms) => clock.at(ms))).toBeLessThan(60);
	});

	it('would, were packets timed by what is rendered', () => {
		expect(longestTarget((_clock, _ms, sample) => sample)).toBeGreaterThan(130);
	});
});
