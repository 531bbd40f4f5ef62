/** Time as the machine tells it, but never backwards: a clock set back by hand or NTP must not repeat timers. */
import type { Clock } from '#lib/io/ports.ts';

/** The longest delay `setTimeout` takes (2^31 - 1 ms); beyond it rings at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/**
 * Works in the page, in a Worker and in Node. An alarm never rings before its time: Node counts a delay from when its
 * event loop last looked at the clock, so on a busy machine timers ring early by as long as a turn of the loop took.
 * The core would take such an alarm for another one, and wait for its own for ever.
 */
export function createSystemClock(): Clock {
	const nowMs = (): number => performance.timeOrigin + performance.now();
	return {
		nowMs,
		wake(atMs, ring) {
			let timer: ReturnType<typeof setTimeout>;
			const wait = (): void => {
				const delayMs = Math.max(0, Math.ceil(atMs - nowMs()));
				timer = setTimeout(look, Math.min(delayMs, TIMEOUT_MAX_MS));
			};
			const look = (): void => {
				if (nowMs() < atMs) wait();
				else ring();
			};
			wait();
			return () => {
				clearTimeout(timer);
			};
		}
	};
}
