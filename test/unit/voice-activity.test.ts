import { describe, expect, it } from 'vitest';
import { createVoiceActivity } from '#lib/p2p/voice/voice-activity.ts';
import { Dice } from '../sim/dice.ts';

const FRAME = 960;
const MINUTE_FRAMES = 50 * 60;

/** A sine whose mean power is `dbfs`. */
function tone(dbfs: number, hz = 440): Float32Array {
	const peak = Math.SQRT2 * 10 ** (dbfs / 20);
	return Float32Array.from({ length: FRAME }, (_, i) => {
		return peak * Math.sin((2 * Math.PI * hz * i) / 48_000);
	});
}

function noise(dbfs: number, dice: Dice): Float32Array {
	const peak = Math.sqrt(3) * 10 ** (dbfs / 20);
	return Float32Array.from({ length: FRAME }, () => dice.between(-peak, peak));
}

/** What the detector says of the last of `count` such frames. */
function last(frame: () => Float32Array, count: number, detect = createVoiceActivity()): boolean {
	let active = false;
	for (let i = 0; i < count; i++) active = detect(frame()).active;
	return active;
}

describe('voice activity', () => {
	it('is never seen in digital silence', () => {
		expect(last(() => new Float32Array(FRAME), 100)).toBe(false);
	});

	it.each([-10, -30, -44])('holds on to a steady tone at %i dBFS for ever', (dbfs) => {
		const frame = tone(dbfs);
		expect(last(() => frame, 10 * MINUTE_FRAMES)).toBe(true);
	});

	it('learns that a steady noise of -55 dBFS is the room', () => {
		const dice = new Dice(3);
		expect(last(() => noise(-55, dice), 20 * 50)).toBe(false);
	});

	it('hears a soft voice above the noise of the room', () => {
		const dice = new Dice(4);
		const detect = createVoiceActivity();
		last(() => noise(-60, dice), 20 * 50, detect);
		expect(last(() => tone(-50), 1, detect)).toBe(true);
	});

	it('still hears the room as the room after digital silence', () => {
		const dice = new Dice(5);
		const detect = createVoiceActivity();
		last(() => new Float32Array(FRAME), 100, detect);
		expect(last(() => noise(-55, dice), 20 * 50, detect)).toBe(false);
	});

	it('goes on for 300 ms after the last loud frame', () => {
		const detect = createVoiceActivity();
		last(() => tone(-20), 10, detect);
		expect(last(() => new Float32Array(FRAME), 14, detect)).toBe(true);
		expect(last(() => new Float32Array(FRAME), 1, detect)).toBe(false);
	});

	it('gives the level as RFC 6464 does', () => {
		const detect = createVoiceActivity();
		expect(detect(new Float32Array(FRAME)).level).toBe(127);
		expect(detect(tone(-30)).level).toBe(30);
		expect(detect(new Float32Array(FRAME).fill(1)).level).toBe(0);
	});
});
