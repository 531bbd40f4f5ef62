/** The scenario that the simulator and reality are compared in, and what is counted in both. */
import { FIRST_LISTENER, type WireOptions } from '../sim/wires.ts';
import { quantile } from './report.ts';

export const LISTENERS = 11;
export const FANOUT = 2;
/** The lines are the same in both: each has its own delay and loss, by the numbers of its ends. */
export const WIRES: WireOptions = { delayMs: [15, 25], loss: 0.03 };
export const FRAME_MS = 20;
/** What comes later than this after it was said is late. */
export const IN_TIME_MS = 300;
export const WARM_UP_MS = 5_000;
export const STEADY_MS = 15_000;
export const AFTER_DEATH_MS = 8_000;
/** How often a listener is asked who its parent is. */
export const LOOK_MS = 5;

export const numberOf = (place: number): number => (place === 0 ? 0 : FIRST_LISTENER + place - 1);

/** A listener's counts over some time. */
export interface Heard {
	/** Frames said in that time that it could play, by how late each was, in milliseconds. */
	readonly delaysMs: readonly number[];
}

/** Over all links and all who live, in a time in which nobody dies. */
export interface TrafficCounts {
	readonly frameBytes: number;
	readonly otherBytes: number;
	readonly framePackets: number;
	readonly pulls: number;
}

/** What became of one run. */
export interface Outcome {
	/** Share of what was said that each listener had in time, over all of them. */
	readonly inTime: number;
	/** The same, whenever it came. */
	readonly arrived: number;
	readonly delayP50Ms: number;
	readonly delayP95Ms: number;
	/** Bytes of all that is not frames, for each byte of frames. */
	readonly controlShare: number;
	/** Packets of frames sent for each frame said and listener: 1 is the least there can be. */
	readonly copies: number;
	/** For each second and listener. */
	readonly pulls: number;
	readonly depth: number;
	/** Of each listener whose parent was killed: until it had another. */
	readonly reattachMs: readonly number[];
	/** Share of what was said in the time after the death that the orphans had in time. */
	readonly orphansInTime: number;
}

export interface RunFacts {
	readonly steady: readonly Heard[];
	readonly orphans: readonly Heard[];
	readonly reattachMs: readonly number[];
	readonly traffic: TrafficCounts;
	readonly depth: number;
	/** Frames that were said in the steady time, and in the time after the death. */
	readonly said: number;
	readonly saidAfter: number;
}

export function outcomeOf(facts: RunFacts): Outcome {
	const { steady, orphans, reattachMs, traffic, depth, said, saidAfter } = facts;
	const delays = steady.flatMap(({ delaysMs }) => delaysMs);
	return {
		inTime: inTimeOf(steady, said),
		arrived: delays.length / (said * steady.length),
		delayP50Ms: quantile(delays, 0.5),
		delayP95Ms: quantile(delays, 0.95),
		controlShare: traffic.otherBytes / traffic.frameBytes,
		copies: traffic.framePackets / (said * steady.length),
		pulls: traffic.pulls / (STEADY_MS / 1000) / steady.length,
		depth,
		reattachMs,
		orphansInTime: inTimeOf(orphans, saidAfter)
	};
}

function inTimeOf(heard: readonly Heard[], said: number): number {
	const inTime = heard.map(({ delaysMs }) => delaysMs.filter((ms) => ms <= IN_TIME_MS).length);
	return inTime.reduce((sum, count) => sum + count, 0) / (said * heard.length);
}
