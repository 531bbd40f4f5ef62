import { describe, expect, it } from 'vitest';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from '#lib/p2p/playout/units.ts';
import { PLAYOUT_DELAY_MAX_MS } from '#lib/p2p/wire/limits.ts';
import { frames, playoutRig, type Arrival, type Rig } from '../lib/playout-rig.ts';

const tick = FRAME_SAMPLES;

function upTo(count: number): number[] {
	return Array.from({ length: count }, (_, i) => i);
}

function powerOf(sound: Float32Array): number {
	return sound.reduce((sum, x) => sum + x * x, 0) / sound.length;
}

function biggestStep(sound: Float32Array): number {
	return sound.reduce((big, x, i) => Math.max(big, Math.abs(x - (sound[i - 1] ?? x))), 0);
}

describe('a playout stream', () => {
	it('plays frames in order and without a seam', () => {
		const rig = playoutRig();
		const sound = rig.run(frames(0, 99), 98 * tick);
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
		expect(rig.decoded.length).toBeGreaterThan(95);
		expect(biggestStep(sound)).toBeLessThan(0.02);
		expect(rig.stream.report()).toMatchObject({ concealed: 0, late: 0, duplicate: 0 });
	});

	it('settles within 35 ms of buffer on a quiet line', () => {
		const rig = playoutRig();
		rig.run(frames(0, 299), 299 * tick);
		expect(rig.stream.report().targetMs).toBe(35);
		expect(rig.delay / SAMPLES_PER_MS).toBeLessThan(23);
	});

	it('puts reordered frames back into order', () => {
		const rig = playoutRig();
		const swapped = frames(0, 50, (t) => (t % 10 === 3 ? 15 * SAMPLES_PER_MS : 0));
		rig.run([...swapped], 49 * tick);
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
		expect(rig.stream.report()).toMatchObject({ late: 0, concealed: 0 });
	});

	it('conceals exactly the frames that are lost', () => {
		const rig = playoutRig();
		const arrivals = frames(0, 99).filter(({ tick }) => tick !== 30 && tick !== 60 && tick !== 61);
		rig.run(arrivals, 98 * tick);
		expect(rig.decoded).not.toContain(60);
		expect(rig.stream.report()).toMatchObject({ concealed: 3, late: 0 });
	});

	it('plays a copy once and counts it', () => {
		const rig = playoutRig();
		rig.run([...frames(0, 49), ...frames(0, 49, () => 30 * SAMPLES_PER_MS)], 51 * tick);
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
		expect(rig.stream.report()).toMatchObject({ duplicate: 50, late: 0 });
	});

	it('counts a frame that comes after its turn as late, and does not play it', () => {
		const rig = playoutRig();
		const arrivals = frames(0, 99, (t) => (t === 50 ? 90 * SAMPLES_PER_MS : 0));
		rig.run(arrivals, 98 * tick);
		expect(rig.decoded).not.toContain(50);
		expect(rig.stream.report()).toMatchObject({ late: 1, concealed: 1 });
	});
});

describe('silence, loss and stalls', () => {
	it('takes marked silence for silence', () => {
		const rig = playoutRig();
		const marker: Arrival = { tick: 20, at: 20 * tick, silentTicks: 1 };
		const sound = rig.run([...frames(0, 19), marker, ...frames(60, 80)], 79 * tick);
		expect(rig.stream.report()).toMatchObject({ concealed: 0, late: 0 });
		expect(powerOf(sound.subarray(30 * tick, 58 * tick))).toBe(0);
		expect(biggestStep(sound)).toBeLessThan(0.03);
	});

	it('sets the delay anew after a silence', () => {
		const rig = playoutRig();
		rig.run([...frames(0, 19), { tick: 20, at: 20 * tick, silentTicks: 1 }], 40 * tick);
		rig.run(frames(40, 60), 60 * tick);
		const { targetMs } = rig.stream.report();
		expect(rig.delay / SAMPLES_PER_MS).toBeLessThan(targetMs - 20 + 8);
	});

	it('takes an unmarked end for loss and fades it out within 240 ms', () => {
		const rig = playoutRig();
		const sound = rig.run(frames(0, 19), 60 * tick);
		expect(rig.stream.report().concealed).toBe(12);
		expect(powerOf(sound.subarray(26 * tick, 27 * tick))).toBeGreaterThan(1e-4);
		expect(powerOf(sound.subarray(35 * tick))).toBe(0);
		expect(biggestStep(sound)).toBeLessThan(0.03);
	});

	it.each([700, 1_000, 1_900])(
		'plays all that is said after a microphone stood still for %i ms',
		(stoodMs) => {
			const rig = playoutRig();
			const standing = stoodMs * SAMPLES_PER_MS;
			const later = frames(250, 400, () => standing);
			rig.run([...frames(0, 249), ...later], 400 * tick + standing);
			expect(rig.stream.report()).toMatchObject({ late: 0 });
			expect(rig.decoded.filter((one) => one >= 250).length).toBeGreaterThan(140);
		}
	);

	it.each([80, 150, 300])(
		'makes up nothing more once all flows again on a way that is longer by %i ms',
		(longerMs) => {
			const rig = playoutRig();
			const later = (t: number): number => (t >= 150 ? longerMs * SAMPLES_PER_MS : 0);
			rig.run(frames(0, 400, later), 150 * tick + (longerMs + 60) * SAMPLES_PER_MS);
			const { concealed } = rig.stream.report();
			rig.run(
				frames(0, 400, later).filter(({ at }) => at > rig.now),
				380 * tick
			);
			expect(rig.stream.report().concealed - concealed).toBeLessThanOrEqual(2);
		}
	);

	it('expects nothing after a pause', () => {
		const rig = playoutRig();
		rig.run(frames(0, 19), 19.5 * tick);
		rig.stream.pause();
		rig.run([], 60 * tick);
		rig.run(frames(100, 110), 110 * tick);
		expect(rig.stream.report()).toMatchObject({ concealed: 0, late: 0 });
		expect(rig.decoded.slice(0, 21)).toEqual([...upTo(20), 100]);
	});

	it('plays 120 ms at most after a pause, however much waits on a bad line', () => {
		const rig = playoutRig();
		const spread = (t: number): number => (t % 8 === 0 ? 20 * tick : 0);
		rig.run(frames(0, 299, spread), 280 * tick);
		const before = rig.decoded.length;
		expect(rig.stream.report().bufferMs).toBeGreaterThan(220);
		const { concealed } = rig.stream.report();
		rig.stream.silence(1_300, 1, 280 * tick);
		rig.stream.pause();
		rig.run([], 320 * tick);
		expect(rig.stream.report().concealed).toBe(concealed);
		expect(rig.decoded.length - before).toBeLessThanOrEqual(6);
		expect(rig.decoded.length - before).toBeGreaterThan(3);
	});

	it('does not play what comes after a pause and was said before it', () => {
		const rig = playoutRig();
		rig.run(frames(0, 19), 19 * tick);
		rig.stream.silence(1_040, 1, 19 * tick);
		rig.stream.pause();
		const before = rig.stream.report().late;
		rig.run(
			frames(20, 39, () => 20 * tick),
			60 * tick
		);
		expect(rig.decoded.some((seq) => seq >= 20)).toBe(false);
		expect(rig.stream.report().late - before).toBe(20);
	});

	it('hears the first frames after a pause at their time', () => {
		const rig = playoutRig();
		rig.run(frames(0, 19), 19 * tick);
		rig.stream.pause();
		rig.run(frames(1000, 1020), 1020 * tick);
		expect(rig.delay / SAMPLES_PER_MS).toBeLessThan(30);
		expect(rig.decoded).toContain(1000);
	});

	it('keeps its place when frames come late all together, and catches up afterwards', () => {
		const rig = playoutRig();
		const stall = (t: number): number => (t >= 50 && t < 55 ? (55 - t) * tick : 0);
		const sound = rig.run(frames(0, 400, stall), 400 * tick);
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
		expect(rig.stream.report()).toMatchObject({ late: 0 });
		expect(rig.delay / SAMPLES_PER_MS).toBeLessThan(60);
		expect(biggestStep(sound)).toBeLessThan(0.05);
	});

	it('runs on through the wrap of sequence numbers', () => {
		const rig = playoutRig({ firstSeq: 2 ** 32 - 30 });
		rig.run(frames(0, 99), 98 * tick);
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
		expect(rig.stream.report()).toMatchObject({ concealed: 0, late: 0, duplicate: 0 });
	});
});

describe('a floor under the delay', () => {
	/** The delay the listener has, beside which a whole frame is decoded ahead. */
	const delayMs = (rig: Rig): number => rig.delay / SAMPLES_PER_MS;

	it('is kept from the first frame on where it is known before', () => {
		const rig = playoutRig();
		rig.stream.floor(100);
		rig.run(frames(0, 49), 49 * tick);
		expect(delayMs(rig)).toBeGreaterThan(95);
		expect(delayMs(rig)).toBeLessThan(105);
		expect(rig.stream.report()).toMatchObject({ targetMs: 120, concealed: 0, late: 0 });
	});

	it('gives time for a frame that is sent again', () => {
		const rig = playoutRig();
		rig.stream.floor(100);
		const again = (t: number): number => (t % 20 === 7 ? 90 * SAMPLES_PER_MS : 0);
		rig.run(frames(0, 999, again), 990 * tick);
		expect(rig.stream.report()).toMatchObject({ concealed: 0, late: 0 });
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
	});

	it('is reached and left within seconds, without a seam, a loss or a frame made up', () => {
		const rig = playoutRig();
		rig.run(frames(0, 99), 99 * tick);
		expect(delayMs(rig)).toBeLessThan(25);
		rig.stream.floor(150);
		const raised = rig.run(frames(99, 249), 249 * tick);
		expect(delayMs(rig)).toBeGreaterThan(140);
		expect(delayMs(rig)).toBeLessThan(160);
		rig.stream.floor(0);
		const sunk = rig.run(frames(249, 399), 399 * tick);
		expect(delayMs(rig)).toBeLessThan(30);
		expect(Math.max(biggestStep(raised), biggestStep(sunk))).toBeLessThan(0.02);
		expect(rig.stream.report()).toMatchObject({ concealed: 0, late: 0 });
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
	});

	it('is no more than the longest delay of all, whatever is asked for', () => {
		const rig = playoutRig();
		rig.stream.floor(1e9);
		rig.run(frames(0, 60), 60 * tick);
		expect(rig.stream.report().targetMs).toBe(PLAYOUT_DELAY_MAX_MS + 20);
	});
});

describe('a speaker that begins to count anew', () => {
	it.each([
		['far ahead', 1_000_000],
		['far behind', -1_000_000]
	])('is heard again within 200 ms when its numbers are %s', (_, jump) => {
		const rig = playoutRig({ firstSeq: 2_000_000 });
		const restarted = frames(60, 120).map(({ tick, at }) => ({ tick: tick + jump, at }));
		rig.run([...frames(0, 49), ...restarted], 70 * tick);
		expect(rig.decoded.at(-1)).toBeGreaterThan(60 + jump);
		rig.run(
			restarted.filter(({ at }) => at > 70 * tick),
			119 * tick
		);
		expect(rig.decoded.slice(-20)).toEqual(upTo(20).map((i) => (rig.decoded.at(-20) ?? 0) + i));
	});

	it('is not taken for an old queue that is flushed at once', () => {
		const rig = playoutRig();
		const flushed = frames(-900, -400).map((frame) => ({ ...frame, at: 50 * tick }));
		rig.run([...frames(0, 120), ...flushed], 119 * tick);
		expect(rig.decoded).toEqual(upTo(rig.decoded.length));
		expect(rig.stream.report()).toMatchObject({ concealed: 0 });
	});
});
