/** Time that stands still until it is moved by hand. */
import type { Clock } from '#lib/io/ports.ts';

export interface FakeClock extends Clock {
	/** Moves on by `ms`, ringing in order whatever is due on the way. */
	advance(ms: number): void;
	/** Alarms that are set. */
	alarms(): number;
}

export function createFakeClock(startMs = 1_000_000): FakeClock {
	let nowMs = startMs;
	const alarms = new Set<{ readonly atMs: number; readonly ring: () => void }>();
	const next = (untilMs: number) =>
		[...alarms].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
	return {
		nowMs: () => nowMs,
		wake(atMs, ring) {
			const alarm = { atMs, ring };
			alarms.add(alarm);
			return () => void alarms.delete(alarm);
		},
		advance(ms) {
			const untilMs = nowMs + ms;
			for (let alarm = next(untilMs); alarm; alarm = next(untilMs)) {
				alarms.delete(alarm);
				nowMs = Math.max(nowMs, alarm.atMs);
				alarm.ring();
			}
			nowMs = untilMs;
		},
		alarms: () => alarms.size
	};
}
