/**
 * Making sound longer or shorter without changing its pitch: leave out or repeat a pitch period, joined by
 * overlap-add (WSOLA; NetEQ's accelerate and preemptive expand work the same way).
 */
import { HISTORY_SAMPLES } from './sample-line.ts';
import { SAMPLES_PER_MS } from './units.ts';

/** The join: long enough not to click, short enough to fit into a frame beside the longest jump. */
export const JOIN_SAMPLES = 5 * SAMPLES_PER_MS;
/** Pitch periods of voices: 400 Hz to 67 Hz. */
export const LAG_MIN_SAMPLES = 2.5 * SAMPLES_PER_MS;
export const LAG_MAX_SAMPLES = 15 * SAMPLES_PER_MS;
/** How far before the join likeness is looked at, besides the join itself. */
const BEFORE_SAMPLES = 10 * SAMPLES_PER_MS;
/** Coarse search looks at every fourth sample of every fourth lag, then around the best at all. */
const COARSE = 4;
/** Mean square of -50 dBFS: so quiet that any join goes unheard. */
const QUIET_POWER = 1e-5;

export interface Stretched {
	readonly samples: Float32Array;
	/** How much longer the sound became, in samples; negative where it became shorter. */
	readonly by: number;
}

export interface StretchWish {
	/** 'squeeze' leaves out a period, 'stretch' repeats one. */
	readonly way: 'squeeze' | 'stretch';
	/** The longest jump wanted, in samples. */
	readonly lagMax: number;
	/** Likeness (normalised correlation, 0 to 1) below which the frame is left as it is, unless it is quiet. */
	readonly likenessMin: number;
}

/**
 * `frame` made longer or shorter by one jump, given the `HISTORY_SAMPLES` heard before it; null where no
 * jump within the wish would go unheard.
 */
export function stretch(
	past: Float32Array,
	frame: Float32Array,
	wish: StretchWish
): Stretched | null {
	const sign = wish.way === 'squeeze' ? 1 : -1;
	const lagMax = Math.min(wish.lagMax, LAG_MAX_SAMPLES, frame.length - JOIN_SAMPLES);
	if (lagMax < LAG_MIN_SAMPLES) return null;
	const sound = new Float32Array(HISTORY_SAMPLES + frame.length);
	sound.set(past);
	sound.set(frame, HISTORY_SAMPLES);
	const best = bestLag(sound, sign, lagMax);
	const quiet = power(sound, HISTORY_SAMPLES - BEFORE_SAMPLES, sound.length) < QUIET_POWER;
	if (!quiet && best.likeness < wish.likenessMin) return null;
	return { samples: jump(sound, HISTORY_SAMPLES, sign * best.lag), by: -sign * best.lag };
}

/** Another channel of the same frame, made longer or shorter at the same place by as much. */
export function stretchAlike(past: Float32Array, frame: Float32Array, by: number): Float32Array {
	const sound = new Float32Array(HISTORY_SAMPLES + frame.length);
	sound.set(past);
	sound.set(frame, HISTORY_SAMPLES);
	return jump(sound, HISTORY_SAMPLES, -by);
}

/** `sound` from `at` on, gliding within the join to what stands `by` samples further. */
function jump(sound: Float32Array, at: number, by: number): Float32Array {
	const out = sound.slice(at + by);
	crossFade(sound.subarray(at, at + JOIN_SAMPLES), out);
	return out;
}

/** Lets `ending` fade out into the beginning of `sound`, in place, linearly. */
export function crossFade(ending: Float32Array, sound: Float32Array): void {
	const length = Math.min(ending.length, sound.length);
	for (let i = 0; i < length; i++) {
		const weight = (i + 1) / (length + 1);
		sound[i] = (sound[i] ?? 0) * weight + (ending[i] ?? 0) * (1 - weight);
	}
}

/**
 * Where in `ending` the beginning of `sound` fits best: `ending` should be heard up to there and then fade
 * into `sound` over `JOIN_SAMPLES`. Zero where `ending` is too short to choose.
 */
export function bestJoin(ending: Float32Array, sound: Float32Array): number {
	const room = Math.min(ending.length - JOIN_SAMPLES, LAG_MAX_SAMPLES);
	let best = { at: 0, likeness: -1 };
	for (let at = 0; at <= room; at += COARSE) {
		const window = { length: JOIN_SAMPLES, step: 2 };
		const alike = likeness(ending.subarray(at), sound, window);
		if (alike > best.likeness + 0.01) best = { at, likeness: alike };
	}
	return best.at;
}

export interface Lag {
	readonly lag: number;
	/** Of what is compared: 1 is the same, 0 has nothing in common. */
	readonly likeness: number;
}

/** The period of the newest `length` samples of `past`. */
export function pitchOf(past: Float32Array, length: number): Lag {
	const from = past.length - length;
	return searchLag(LAG_MAX_SAMPLES, (lag, step) =>
		likeness(past.subarray(from), past.subarray(from - lag), { length, step })
	);
}

function bestLag(sound: Float32Array, sign: number, lagMax: number): Lag {
	const from = HISTORY_SAMPLES - BEFORE_SAMPLES;
	const length = BEFORE_SAMPLES + JOIN_SAMPLES;
	return searchLag(lagMax, (lag, step) =>
		likeness(sound.subarray(from), sound.subarray(from + sign * lag), { length, step })
	);
}

/** Coarsely at first, then around the best at all. */
function searchLag(lagMax: number, likenessAt: (lag: number, step: number) => number): Lag {
	let best = { lag: LAG_MIN_SAMPLES, likeness: -1 };
	for (let lag = LAG_MIN_SAMPLES; lag <= lagMax; lag += COARSE) {
		const alike = likenessAt(lag, COARSE);
		if (alike > best.likeness) best = { lag, likeness: alike };
	}
	const low = Math.max(LAG_MIN_SAMPLES, best.lag - COARSE);
	const high = Math.min(lagMax, best.lag + COARSE);
	best = { lag: best.lag, likeness: -1 };
	for (let lag = low; lag <= high; lag++) {
		const alike = likenessAt(lag, 1);
		if (alike > best.likeness) best = { lag, likeness: alike };
	}
	return best;
}

/** Normalised correlation of the beginnings of `a` and `b`. */
function likeness(
	a: Float32Array,
	b: Float32Array,
	window: { readonly length: number; readonly step: number }
): number {
	let ab = 0;
	let aa = 1e-12;
	let bb = 1e-12;
	for (let i = 0; i < window.length; i += window.step) {
		const x = a[i] ?? 0;
		const y = b[i] ?? 0;
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return ab / Math.sqrt(aa * bb);
}

function power(sound: Float32Array, from: number, to: number): number {
	let sum = 0;
	for (let i = from; i < to; i++) sum += (sound[i] ?? 0) ** 2;
	return sum / (to - from);
}
