import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameCutter } from '#lib/p2p/voice/frame-cutter.ts';

describe('the frame cutter', () => {
	it('gives every sample once and in order, in frames of one length, however it comes', () => {
		fc.assert(
			fc.property(fc.array(fc.nat({ max: 50 }), { maxLength: 40 }), (lengths) => {
				const frames: Float32Array[] = [];
				const cut = createFrameCutter(16, (frame) => frames.push(frame));
				let count = 0;
				for (const length of lengths) cut(Float32Array.from({ length }, () => count++));
				expect(frames.every((frame) => frame.length === 16)).toBe(true);
				const whole = Math.floor(count / 16) * 16;
				expect(frames.flatMap((frame) => [...frame])).toEqual(
					Array.from({ length: whole }, (_, i) => i)
				);
			})
		);
	});
});
