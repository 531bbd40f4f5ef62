import { describe, expect, it } from 'vitest';
import { CONCEAL_MAX_FRAMES, createConcealment } from '#lib/p2p/playout/conceal.ts';
import { createExpansion } from '#lib/p2p/playout/expand.ts';
import { HISTORY_SAMPLES } from '#lib/p2p/playout/sample-line.ts';
import { FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { goertzelDb, levelDb } from '../lib/sound.ts';
import { Dice } from '../sim/dice.ts';

/** A buzz with five harmonics, as long as wanted, from sample `from` on. */
function buzz(hz: number, count: number, from = 0): Float32Array {
	return Float32Array.from({ length: count }, (_, i) => {
		const turn = (2 * Math.PI * hz * (from + i)) / SAMPLE_RATE;
		return [1, 2, 3, 4, 5].reduce((sum, k) => sum + (0.1 / k) * Math.sin(k * turn), 0);
	});
}

function noise(count: number): Float32Array {
	const dice = new Dice(1);
	return Float32Array.from({ length: count }, () => dice.between(-0.1, 0.1));
}

function biggestStep(sound: Float32Array): number {
	return sound.reduce((big, x, i) => Math.max(big, Math.abs(x - (sound[i - 1] ?? x))), 0);
}

/** A decoder that has nothing to say about what is lost. */
const mute = { ready: true, decode: () => null, conceal: () => null };

describe('sound made of the past', () => {
	it.each([70, 110, 183, 240, 390])('goes on with a voice of %i Hz, in phase', (hz) => {
		const expansion = createExpansion(buzz(hz, HISTORY_SAMPLES));
		const made = expansion.next(FRAME_SAMPLES);
		const real = buzz(hz, FRAME_SAMPLES, HISTORY_SAMPLES);
		const error = made.map((x, i) => x - (real[i] ?? 0));
		expect(expansion.voiced).toBe(1);
		expect(levelDb(error)).toBeLessThan(levelDb(real) - 15);
		expect(biggestStep(expansion.next(5 * FRAME_SAMPLES))).toBeLessThan(2 * biggestStep(real));
	});

	it('goes on with noise as loud as it was, without a pitch', () => {
		const past = noise(HISTORY_SAMPLES);
		const expansion = createExpansion(past);
		const made = expansion.next(10 * FRAME_SAMPLES);
		expect(expansion.voiced).toBe(0);
		expect(Math.abs(levelDb(made) - levelDb(past))).toBeLessThan(1.5);
		for (const hz of [100, 200, 400]) expect(goertzelDb(made, hz)).toBeLessThan(levelDb(past) - 12);
	});

	it('makes silence of silence', () => {
		const made = createExpansion(new Float32Array(HISTORY_SAMPLES)).next(FRAME_SAMPLES);
		expect(made.every((x) => x === 0)).toBe(true);
	});
});

describe('concealment', () => {
	it('holds a voice for 100 ms and has let it go after 240', () => {
		const concealment = createConcealment(mute);
		concealment.heard();
		const past = buzz(120, HISTORY_SAMPLES);
		const levels = Array.from({ length: CONCEAL_MAX_FRAMES }, () =>
			levelDb(concealment.frame(past))
		);
		expect(levels[4]).toBeGreaterThan(levelDb(past) - 1);
		expect(levels[8]).toBeGreaterThan(levelDb(past) - 8);
		expect(concealment.over).toBe(true);
		expect(concealment.ending(past)).toBeNull();
	});

	it('lets go of noise sooner', () => {
		const concealment = createConcealment(mute);
		concealment.heard();
		const past = noise(HISTORY_SAMPLES);
		const levels = Array.from({ length: 8 }, () => levelDb(concealment.frame(past)));
		expect(levels[2]).toBeGreaterThan(levelDb(past) - 2);
		expect(levels[7]).toBeLessThan(levelDb(past) - 15);
	});

	it('joins what was made up to what is real', () => {
		const concealment = createConcealment(mute);
		concealment.heard();
		const past = buzz(200, HISTORY_SAMPLES);
		const made = [concealment.frame(past), concealment.frame(past)];
		const real = buzz(200, FRAME_SAMPLES, HISTORY_SAMPLES + 2 * FRAME_SAMPLES);
		expect(concealment.join(real)).toBe(true);
		const sound = Float32Array.from([...past, ...made.flatMap((x) => [...x]), ...real]);
		expect(biggestStep(sound)).toBeLessThan(2 * biggestStep(past));
		expect(concealment.made).toBe(0);
		expect(concealment.join(real)).toBe(false);
	});

	it('takes the decoder at its word for the first frame, and asks it for all', () => {
		let asked = 0;
		const guess = new Float32Array(FRAME_SAMPLES).fill(0.25);
		const concealment = createConcealment({
			...mute,
			conceal: () => (asked++, guess.slice())
		});
		concealment.heard();
		const past = buzz(120, HISTORY_SAMPLES);
		expect(concealment.frame(past)).toEqual(guess);
		concealment.frame(past);
		expect(levelDb(concealment.frame(past))).toBeLessThan(levelDb(past) + 1);
		expect(asked).toBe(3);
	});

	it('comes up from silence without a click, and has nothing to end there', () => {
		const concealment = createConcealment(mute);
		expect(concealment.ending(new Float32Array(HISTORY_SAMPLES))).toBeNull();
		const real = new Float32Array(FRAME_SAMPLES).fill(0.5);
		expect(concealment.join(real)).toBe(true);
		expect(biggestStep(Float32Array.from([0, ...real]))).toBeLessThan(0.01);
	});
});
