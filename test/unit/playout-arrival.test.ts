import { describe, expect, it } from 'vitest';
import { createArrivals, type Arrivals } from '#lib/p2p/playout/arrival.ts';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from '#lib/p2p/playout/units.ts';
import { PLAYOUT_DELAY_MAX_MS } from '#lib/p2p/wire/limits.ts';
import { Dice } from '../sim/dice.ts';

const SECOND_TICKS = 50;
const CALM_MS = 15;

/** Frames in the order of their arrival, `lateMs(tick)` after their time. Gives the delay in ms after the last. */
function hear(
	arrivals: Arrivals,
	from: number,
	to: number,
	lateMs: (tick: number) => number
): number {
	const frames = Array.from({ length: to - from }, (_, i) => from + i)
		.map((tick) => ({ tick, at: tick * FRAME_SAMPLES + lateMs(tick) * SAMPLES_PER_MS }))
		.sort((a, b) => a.at - b.at || a.tick - b.tick);
	for (const { tick, at } of frames) arrivals.frame(tick, at);
	return arrivals.delay / SAMPLES_PER_MS;
}

describe('how long a frame should wait', () => {
	it('is the least on a calm line', () => {
		expect(hear(createArrivals(), 0, 500, () => 0)).toBe(CALM_MS);
	});

	it.each([30, 60, 120])('covers a jitter of %i ms, and little more', (ms) => {
		const dice = new Dice(ms);
		const delay = hear(createArrivals(), 0, 1000, () => dice.between(0, ms));
		expect(delay).toBeGreaterThan(0.95 * ms);
		expect(delay).toBeLessThan(ms + 6);
	});

	it('forgets a bad patch ten seconds after its end', () => {
		const arrivals = createArrivals();
		const dice = new Dice(5);
		const rough = (): number => dice.between(0, 300);
		expect(hear(arrivals, 0, 10 * SECOND_TICKS, rough)).toBeGreaterThan(250);
		expect(hear(arrivals, 520, 5 * SECOND_TICKS + 520, () => 0)).toBeGreaterThan(250);
		expect(hear(arrivals, 770, 11 * SECOND_TICKS + 520, () => 0)).toBe(CALM_MS);
	});

	it('is not raised by a single stumble, once enough was heard to know it for one', () => {
		const arrivals = createArrivals();
		const stumble = (tick: number): number => (tick >= 400 && tick < 410 ? 20 * (410 - tick) : 0);
		expect(hear(arrivals, 0, 600, stumble)).toBe(CALM_MS);
	});

	it('is raised by stumbles every three seconds', () => {
		const stumble = (tick: number): number => (tick % 150 < 10 ? 20 * (10 - (tick % 150)) : 0);
		expect(hear(createArrivals(), 0, 1500, stumble)).toBeGreaterThan(200);
	});

	it('learns nothing from what comes while the output stands still', () => {
		const arrivals = createArrivals();
		hear(arrivals, 0, 100, () => 0);
		const stoodAt = 100 * FRAME_SAMPLES;
		for (let tick = 100; tick < 200; tick++) arrivals.frame(tick, stoodAt);
		// It goes on where it stood, and the line is as calm as before.
		for (let tick = 200; tick < 260; tick++) {
			arrivals.frame(tick, stoodAt + (tick - 199) * FRAME_SAMPLES);
		}
		expect(arrivals.delay / SAMPLES_PER_MS).toBe(CALM_MS);
	});

	it('is as before three seconds after the way has become longer', () => {
		const arrivals = createArrivals();
		hear(arrivals, 0, 500, () => 0);
		expect(hear(arrivals, 500, 580, () => 80)).toBeGreaterThan(80);
		expect(hear(arrivals, 580, 660, () => 80)).toBeLessThan(CALM_MS + 10);
	});

	it('does not cover a frame in two hundred that comes much too late: repairs of repairs', () => {
		const late = (tick: number): number => (tick % 200 === 7 ? 300 : tick % 20 === 3 ? 60 : 0);
		const delay = hear(createArrivals(), 0, 1000, late);
		expect(delay).toBeGreaterThanOrEqual(60);
		expect(delay).toBeLessThan(70);
	});

	it('covers a frame in fifty, however late', () => {
		expect(hear(createArrivals(), 0, 1000, (tick) => (tick % 50 === 7 ? 85 : 0))).toBeGreaterThan(
			85
		);
	});

	it('never is more than the longest of all', () => {
		const dice = new Dice(9);
		const delay = hear(createArrivals(), 0, 1000, () => dice.between(0, 1500));
		expect(delay).toBe(PLAYOUT_DELAY_MAX_MS);
	});
});
