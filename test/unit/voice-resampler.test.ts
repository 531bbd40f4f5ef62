import { describe, expect, it } from 'vitest';
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import { goertzelDb, levelDb } from '../lib/sound.ts';

const BLOCK = 128;

/** One second of a sine at -20 dBFS, resampled in blocks as an AudioWorklet would. */
function resampled(hz: number, from: number, to: number): Float32Array {
	const peak = Math.SQRT2 / 10;
	const resample = createResampler(from, to);
	const parts: Float32Array[] = [];
	for (let at = 0; at + BLOCK <= from; at += BLOCK) {
		const block = Float32Array.from(
			{ length: BLOCK },
			(_, i) => peak * Math.sin((2 * Math.PI * hz * (at + i)) / from)
		);
		parts.push(resample(block));
	}
	const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		out.set(part, at);
		at += part.length;
	}
	return out;
}

describe('a resampler', () => {
	it.each([
		[44_100, 48_000],
		[16_000, 48_000],
		[96_000, 48_000],
		[192_000, 48_000]
	])('keeps pitch, level and length from %i to %i Hz', (from, to) => {
		const out = resampled(1000, from, to);
		expect(out.length).toBeGreaterThan(to - 400);
		expect(out.length).toBeLessThanOrEqual(to);
		const middle = out.subarray(to / 4, (3 * to) / 4);
		expect(goertzelDb(middle, 1000)).toBeCloseTo(-20, 1);
		expect(levelDb(middle)).toBeCloseTo(-20, 1);
	});

	it('takes out what the lower rate cannot carry', () => {
		const out = resampled(30_000, 96_000, 48_000);
		expect(levelDb(out.subarray(12_000, 36_000))).toBeLessThan(-70);
	});
});
