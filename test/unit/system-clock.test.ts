import { describe, expect, it } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';

/** Keeps the thread busy, as a starved machine or a long turn of the event loop does. */
function workFor(ms: number): void {
	const endMs = performance.now() + ms;
	while (performance.now() < endMs);
}

describe('an alarm of the system clock', () => {
	it('never rings before its time, however long this turn of the event loop has taken', async () => {
		const clock = createSystemClock();
		for (const busyMs of [0, 40, 120]) {
			workFor(busyMs);
			const atMs = clock.nowMs() + 30;
			const rangMs = await new Promise<number>((resolve) => {
				clock.wake(atMs, () => {
					resolve(clock.nowMs());
				});
			});
			expect(rangMs).toBeGreaterThanOrEqual(atMs);
		}
	});

	it('does not ring once it was taken back, not even after it looked too early', async () => {
		const clock = createSystemClock();
		workFor(60);
		let rang = false;
		const takeBack = clock.wake(clock.nowMs() + 30, () => {
			rang = true;
		});
		await new Promise<void>((resolve) => {
			// Rings after the first look of the other alarm, and before its time.
			setTimeout(() => {
				takeBack();
				clock.wake(clock.nowMs() + 60, resolve);
			}, 5);
		});
		expect(rang).toBe(false);
	});
});
