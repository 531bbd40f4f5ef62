/** Several ways to one peer, tried one beside the other: the first that answers is taken, the rest are let go. */
import type { Clock, SignalStream } from '#lib/io/ports.ts';

export interface Way {
	/** Head start of the ways before it; it ends sooner where all of them have failed. */
	readonly afterMs: number;
	/** Rejects where this way leads nowhere, and once `signal` aborts. */
	readonly open: (signal: AbortSignal) => Promise<SignalStream>;
}

interface Race {
	readonly ways: readonly Way[];
	readonly clock: Clock;
	readonly startMs: number;
	readonly settle: (end: () => void, winner?: AbortController) => void;
	readonly resolve: (stream: SignalStream) => void;
	readonly reject: (error: unknown) => void;
	readonly running: Set<AbortController>;
	begun: number;
	failed: number;
	over: boolean;
	cancelAlarm: () => void;
}

/** Rejects with what the last way said where none leads there, or with the reason of `signal`. */
export function firstOf(
	ways: readonly Way[],
	clock: Clock,
	signal: AbortSignal
): Promise<SignalStream> {
	return new Promise((resolve, reject) => {
		const running = new Set<AbortController>();
		const race: Race = {
			ways,
			clock,
			startMs: clock.nowMs(),
			running,
			resolve,
			reject,
			begun: 0,
			failed: 0,
			over: false,
			cancelAlarm: () => undefined,
			settle(end, winner) {
				if (race.over) return;
				race.over = true;
				race.cancelAlarm();
				signal.removeEventListener('abort', giveUp);
				for (const one of running) if (one !== winner) one.abort();
				end();
			}
		};
		const giveUp = (): void => {
			race.settle(() => {
				reject(reasonOf(signal));
			});
		};
		signal.addEventListener('abort', giveUp, { once: true });
		if (signal.aborted) giveUp();
		else begin(race);
	});
}

const reasonOf = ({ reason }: AbortSignal): Error =>
	reason instanceof Error ? reason : new Error('The call was given up.');

function begin(race: Race): void {
	race.cancelAlarm();
	const way = race.over ? undefined : race.ways[race.begun];
	if (way === undefined) return;
	race.begun++;
	const controller = new AbortController();
	race.running.add(controller);
	way.open(controller.signal).then(
		(stream) => {
			if (race.over) stream.close();
			else
				race.settle(() => {
					race.resolve(stream);
				}, controller);
		},
		(error: unknown) => {
			onFailed(race, error);
		}
	);
	const next = race.ways[race.begun];
	if (next === undefined) return;
	race.cancelAlarm = race.clock.wake(race.startMs + next.afterMs, () => {
		begin(race);
	});
}

function onFailed(race: Race, error: unknown): void {
	race.failed++;
	if (race.failed === race.ways.length)
		race.settle(() => {
			race.reject(error);
		});
	else if (race.failed === race.begun) begin(race);
}
