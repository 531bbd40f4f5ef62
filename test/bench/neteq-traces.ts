/** What a network or a busy machine does to packets, as numbers: the same for both buffers, and in every run. */
import { Dice } from '../sim/dice.ts';

export interface Trace {
	readonly name: string;
	/** Milliseconds between two packets by our clock; 20 where speaker and listener count time alike. */
	readonly paceMs: number;
	/** How late each packet is, in milliseconds; null where it is lost. */
	readonly lateMs: readonly (number | null)[];
	/** Threads of the listener's page that calculate for nothing, while this is heard. */
	readonly busyThreads: number;
}

type Fate = (dice: Dice, index: number) => number | null;

const PACE_MS = 20;

/** Packets `count` long; the seed decides what befalls them. */
export function makeTraces(count: number, seed: number): Trace[] {
	const fated = (name: string, fate: Fate, more: Partial<Trace> = {}): Trace => {
		const dice = new Dice(seed);
		const lateMs = Array.from({ length: count }, (_, index) => fate(dice, index));
		return { name, paceMs: PACE_MS, busyThreads: 0, lateMs, ...more };
	};
	const inOrder = (trace: Trace): Trace => ({ ...trace, lateMs: queued(trace.lateMs) });
	return [
		fated('clean', () => 0),
		...[1, 3, 5, 10].map((percent) => fated(`loss ${percent} %`, lossOf(percent / 100))),
		fated('bursts, 5 % lost', burstsOf(0.05, 3)),
		fated('bursts, 10 % lost', burstsOf(0.1, 4)),
		...[20, 60, 120].map((ms) => inOrder(fated(`jitter ${ms} ms`, jitterOf(ms)))),
		fated('reordered within 60 ms', jitterOf(60)),
		inOrder(fated('stalls of 200 ms', stallsOf(200, 150))),
		inOrder(fated('wireless: jitter 40 ms, bursts, stalls', wireless())),
		fated('busy machine', () => 0, { busyThreads: 6 }),
		fated('clock 0.3 % slow', () => 0, { paceMs: 20.06 }),
		fated('clock 0.3 % fast', () => 0, { paceMs: 19.94 })
	];
}

function lossOf(rate: number): Fate {
	return (dice) => (dice.chance(rate) ? null : 0);
}

/** Gilbert-Elliott: a good state without loss, a bad one in which everything is lost, `length` packets on average. */
function burstsOf(rate: number, length: number): Fate {
	let bad = false;
	return (dice) => {
		bad = bad ? !dice.chance(1 / length) : dice.chance(rate / (1 - rate) / length);
		return bad ? null : 0;
	};
}

function jitterOf(ms: number): Fate {
	return (dice) => dice.between(0, ms);
}

/** Nothing passes for `ms`, every `every` packets or so, and then everything at once. */
function stallsOf(ms: number, every: number): Fate {
	return (dice) => (dice.chance(1 / every) ? ms : 0);
}

function wireless(): Fate {
	const [jitter, bursts, stalls] = [jitterOf(40), burstsOf(0.02, 3), stallsOf(120, 200)];
	return (dice, index) => {
		const [late, lost, stalled] = [jitter, bursts, stalls].map((fate) => fate(dice, index));
		return lost === null ? null : Math.max(late ?? 0, stalled ?? 0);
	};
}

/** A queue on the way: nobody overtakes. */
function queued(lateMs: readonly (number | null)[]): (number | null)[] {
	let free = -Infinity;
	return lateMs.map((late, index) => {
		if (late === null) return null;
		free = Math.max(free, index * PACE_MS + late);
		return free - index * PACE_MS;
	});
}
