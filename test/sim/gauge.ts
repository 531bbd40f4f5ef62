/** What listeners hear, in figures: shares in time, delays, lateness and interruptions, for those who were there throughout. */
import type { Member, World } from './world.ts';

/** Delays beyond this count as this. */
const DELAY_MAX_MS = 10_000;
/** What comes this much later than usual was repaired, or came by another way. */
const LATE_MS = 10;
/** A speaker proves every fourth frame, and what waits for its proof is heard with it: four usual delays. */
const PHASES = 4;
/** The usual delay of a way that has become longer is believed after a second or two. */
const USUAL_RISE_MS = 0.5;

export interface Gauge {
	/** Only what is said from now on counts. */
	readonly sinceMs: number;
	/** What is said from now on does not count any more. */
	stop(): void;
	/** Of all frames that were said, for all listeners still alive, how many were heard within so many ms. */
	shareWithin(deadlineMs: number): number;
	/** The same for whoever heard least. */
	leastWithin(deadlineMs: number): number;
	/** Of all that was heard. */
	delayMs(quantile: number): number;
	/** Of what came later than usual: by how much. */
	latenessMs(quantile: number): number;
}

export interface GaugeOptions {
	/** Frames that do not count for this listener when they are said. */
	readonly excuses?: (listener: Member) => boolean;
}

/** One histogram of whole milliseconds. */
interface Histogram {
	add(ms: number): void;
	/** How many were at most `ms`. */
	upTo(ms: number): number;
	quantile(share: number): number;
	readonly total: number;
}

export function createHistogram(maxMs = DELAY_MAX_MS): Histogram {
	const counts = new Uint32Array(maxMs + 1);
	let total = 0;
	return {
		add(ms) {
			const at = Math.max(0, Math.min(maxMs, Math.ceil(ms)));
			counts[at] = counts[at]! + 1;
			total++;
		},
		upTo(ms) {
			let sum = 0;
			for (let at = 0; at <= Math.min(ms, maxMs); at++) sum += counts[at]!;
			return sum;
		},
		quantile(share) {
			let left = share * total;
			for (let at = 0; at <= maxMs; at++) if ((left -= counts[at]!) <= 0) return at;
			return maxMs;
		},
		get total() {
			return total;
		}
	};
}

interface Ledger {
	readonly delays: Histogram;
	readonly usualMs: Float64Array;
	/** Frames said while it was excused. */
	readonly excused: Set<number>;
}

export function createGauge(
	world: World,
	speaker: Member,
	listeners: readonly Member[],
	{ excuses }: GaugeOptions = {}
): Gauge {
	const ledgers = new Map<Member, Ledger>(listeners.map((one) => [one, newLedger()]));
	const lateness = createHistogram();
	const sinceMs = world.nowMs;
	const firstSeq = speaker.seq + 1;
	let lastSeq = Infinity;
	world.ears.push((listener, author, seq, delayMs) => {
		const ledger = ledgers.get(listener);
		if (ledger === undefined || author !== speaker || seq < firstSeq || seq > lastSeq) return;
		noteLateness(ledger, lateness, seq, delayMs);
		if (ledger.excused.size === 0 || !ledger.excused.has(seq)) ledger.delays.add(delayMs);
	});
	let said = 0;
	world.onSaid.push((author, seq) => {
		if (author !== speaker || seq > lastSeq) return;
		said++;
		if (excuses === undefined) return;
		for (const [one, ledger] of ledgers) if (excuses(one)) ledger.excused.add(seq);
	});
	const alive = (): Ledger[] =>
		[...ledgers].filter(([member]) => member.alive).map(([, ledger]) => ledger);
	const owed = (ledger: Ledger): number => said - ledger.excused.size;
	const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
	return {
		sinceMs,
		stop() {
			lastSeq = speaker.seq;
		},
		shareWithin: (ms) => sum(alive().map((one) => one.delays.upTo(ms))) / sum(alive().map(owed)),
		leastWithin: (ms) => Math.min(...alive().map((one) => one.delays.upTo(ms) / owed(one))),
		delayMs(quantile) {
			const all = alive();
			const total = sum(all.map((one) => one.delays.total));
			let ms = 0;
			while (ms < DELAY_MAX_MS && sum(all.map((one) => one.delays.upTo(ms))) < quantile * total) {
				ms += ms < 500 ? 1 : 50;
			}
			return ms;
		},
		latenessMs: (quantile) => lateness.quantile(quantile)
	};
}

const newLedger = (): Ledger => ({
	delays: createHistogram(2_000),
	usualMs: new Float64Array(PHASES).fill(Infinity),
	excused: new Set()
});

function noteLateness(ledger: Ledger, lateness: Histogram, seq: number, delayMs: number): void {
	const phase = seq % PHASES;
	const usual = Math.min(ledger.usualMs[phase]! + USUAL_RISE_MS, delayMs);
	ledger.usualMs[phase] = usual;
	if (delayMs - usual > LATE_MS) lateness.add(delayMs - usual);
}

export interface Interruptions {
	/**
	 * For each listener still alive: how long after the beginning it heard again for good, which is for STEADY_MS on
	 * end; 0 where it never stopped hearing before that, Infinity where it does not hear yet.
	 */
	resumedAfterMs(): number[];
	/** Of those who heard again for good: how many had another pause later. */
	pausedLater(): number;
}

/** A pause longer than this is one that people notice as "gone". */
const PAUSE_MS = 250;
/** Whoever has heard for so long on end hears again; a pause after that is another story, and counted as such. */
const STEADY_MS = 1_000;
/** A pause this long is no pause any more. */
const GONE_MS = 3_000;

interface Mark {
	/** When anything was heard last. */
	lastMs: number;
	/** When the pause that belongs to the beginning ended. */
	resumedMs: number;
	pausedLater: boolean;
}

/** Who stops hearing `speaker` from now on, and when that is over. */
export function createInterruptions(
	world: World,
	speaker: Member,
	listeners: readonly Member[]
): Interruptions {
	const startMs = world.nowMs;
	const marks = new Map<Member, Mark>(
		listeners.map((one) => [one, { lastMs: startMs, resumedMs: startMs, pausedLater: false }])
	);
	world.ears.push((listener, author) => {
		const mark = marks.get(listener);
		if (mark === undefined || author !== speaker) return;
		if (world.nowMs - mark.lastMs > PAUSE_MS) {
			if (mark.lastMs - mark.resumedMs >= STEADY_MS) mark.pausedLater = true;
			else mark.resumedMs = world.nowMs;
		}
		mark.lastMs = world.nowMs;
	});
	const alive = (): Mark[] => [...marks].flatMap(([one, mark]) => (one.alive ? [mark] : []));
	const isPausing = ({ lastMs }: Mark): boolean => world.nowMs - lastMs > PAUSE_MS;
	// Whoever heard for good may just be in another pause, but not in a long one.
	const isGone = (mark: Mark): boolean =>
		isPausing(mark) &&
		(mark.lastMs - mark.resumedMs < STEADY_MS || world.nowMs - mark.lastMs > GONE_MS);
	return {
		resumedAfterMs: () =>
			alive().map((mark) => (isGone(mark) ? Infinity : mark.resumedMs - startMs)),
		pausedLater: () => alive().filter((mark) => mark.pausedLater || isPausing(mark)).length
	};
}

/** From now until it is asked: copies for each frame that came for the first time, as the cores count them. */
export function countDuplicates(world: World, listeners: readonly Member[]): () => number {
	const before = new Map(listeners.map((one) => [one, arrivalsAt(world, one)]));
	return () => {
		let [received, duplicate] = [0, 0];
		for (const one of listeners) {
			if (!one.alive) continue;
			const then = before.get(one)!;
			const now = arrivalsAt(world, one);
			received += now.received - then.received;
			duplicate += now.duplicate - then.duplicate;
		}
		return duplicate / received;
	};
}

function arrivalsAt(world: World, member: Member): { received: number; duplicate: number } {
	const { speakers } = member.peer.diagnostics(world.nowMs);
	return {
		received: speakers.reduce((sum, one) => sum + one.received, 0),
		duplicate: speakers.reduce((sum, one) => sum + one.duplicate, 0)
	};
}
