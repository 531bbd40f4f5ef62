/** Time as the machine tells it, but never backwards: a clock set back by hand or NTP must not repeat timers. */
import type { Clock } from '#lib/io/ports.ts';

/** The longest delay `setTimeout` takes (2^31 - 1 ms); beyond it rings at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** Works in the page, in a Worker and in Node. An alarm further than 24 days away rings after 24 days. */
export function createSystemClock(): Clock {
	const nowMs = (): number => performance.timeOrigin + performance.now();
	return {
		nowMs,
		wake(atMs, ring) {
			const delayMs = Math.min(Math.max(0, Math.ceil(atMs - nowMs())), TIMEOUT_MAX_MS);
			const timer = setTimeout(ring, delayMs);
			return () => {
				clearTimeout(timer);
			};
		}
	};
}
