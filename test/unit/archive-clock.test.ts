/** When a voice was said, by the recording's clock: set right soon after its microphone stood still. */
import { expect, it } from 'vitest';
import { createStreamClock } from '#lib/p2p/archive/clock.ts';

const TICK_MS = 20;
const WAY_MS = 60;
/** No further off than a listener minds, for a voice among others. */
const OFF_MAX_MS = 150;

it.each([500, 1_000, 5_000])(
	'is right again two seconds after a microphone stood still for %i ms',
	(stoodMs) => {
		const clock = createStreamClock();
		const wrong: number[] = [];
		for (let seq = 0; seq < 3_000; seq++) {
			const saidMs = 10_000 + seq * TICK_MS + (seq < 1_000 ? 0 : stoodMs);
			const jitterMs = (seq * 7) % 15;
			const atMs = clock.arrived(seq, saidMs + TICK_MS + WAY_MS + jitterMs, seq % 100 === 60);
			if (Math.abs(atMs - (saidMs + WAY_MS)) > OFF_MAX_MS) wrong.push(seq);
		}
		expect(wrong.every((seq) => seq >= 1_000 && seq < 1_110)).toBe(true);
	}
);

it('holds while a line is late for a second and a half', () => {
	const clock = createStreamClock();
	const times: number[] = [];
	for (let seq = 0; seq < 1_000; seq++) {
		const lateMs = seq >= 500 && seq < 575 ? 300 : 0;
		times.push(clock.arrived(seq, 10_000 + seq * TICK_MS + WAY_MS + lateMs, seq === 0));
	}
	expect(times).toEqual(times.map((_, seq) => times[0]! + seq * TICK_MS));
});
