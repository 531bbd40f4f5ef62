/** Measures of sound for tests: how loud, which tone, how late, how true. Samples from -1 to 1, levels in dBFS. */

export const RATE = 48_000;

/** Mean power in dBFS; a square wave at full scale has 0, a sine -3. -Infinity for digital silence. */
export function levelDb(samples: Float32Array): number {
	let power = 0;
	for (const x of samples) power += x * x;
	return 10 * Math.log10(power / Math.max(1, samples.length));
}

/** Level of one frequency in dBFS (Goertzel's algorithm with a Hann window); a pure tone has its own level. */
export function goertzelDb(samples: Float32Array, hz: number, rate = RATE): number {
	const turn = 2 * Math.cos((2 * Math.PI * hz) / rate);
	const n = samples.length;
	let s1 = 0;
	let s2 = 0;
	for (let i = 0; i < n; i++) {
		const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n);
		const s = (samples[i] ?? 0) * hann + turn * s1 - s2;
		s2 = s1;
		s1 = s;
	}
	const power = s1 * s1 + s2 * s2 - turn * s1 * s2;
	// A sine of peak a gives |X| = a n / 4 under a Hann window; its mean power is a^2 / 2.
	return 10 * Math.log10((8 * power) / (n * n) + 1e-20);
}

export interface Delay {
	/** By how many samples `heard` lags behind `source`. */
	readonly samples: number;
	/** Normalised correlation at that lag, -1 to 1. */
	readonly correlation: number;
}

/** The lag, up to `maxLag` samples, at which `heard` resembles `source` most. Quadratic: keep it to seconds. */
export function crossCorrelationDelay(
	source: Float32Array,
	heard: Float32Array,
	maxLag: number
): Delay {
	const at = (lag: number, step: number): number => correlation(source, heard.subarray(lag), step);
	const lags = Math.max(0, Math.min(maxLag, heard.length - source.length));
	let best: Delay = { samples: 0, correlation: -1 };
	for (let lag = 0; lag <= lags; lag += 4) {
		const value = at(lag, 7);
		if (value > best.correlation) best = { samples: lag, correlation: value };
	}
	const [low, high] = [Math.max(0, best.samples - 6), Math.min(lags, best.samples + 6)];
	best = { samples: low, correlation: -1 };
	for (let lag = low; lag <= high; lag++) {
		const value = at(lag, 1);
		if (value > best.correlation) best = { samples: lag, correlation: value };
	}
	return best;
}

/**
 * Delay and likeness of each quarter of a second of `source` in which something is said, `heard` having begun
 * at the same time. Short pieces, because playout may shorten or lengthen the sound between them.
 */
export function quarterDelays(source: Float32Array, heard: Float32Array, maxLag: number): Delay[] {
	const length = RATE / 4;
	const count = Math.floor((Math.min(source.length, heard.length) - maxLag) / length);
	const starts = Array.from({ length: Math.max(0, count) }, (_, i) => i * length);
	return starts
		.filter((at) => levelDb(source.subarray(at, at + length)) > -40)
		.map((at) => {
			const said = source.subarray(at, at + length);
			return crossCorrelationDelay(said, heard.subarray(at, at + length + maxLag), maxLag);
		});
}

export function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Normalised correlation over the length of `a`. */
export function correlation(a: Float32Array, b: Float32Array, step = 1): number {
	let ab = 0;
	let aa = 1e-12;
	let bb = 1e-12;
	for (let i = 0; i < a.length; i += step) {
		const [x, y] = [a[i] ?? 0, b[i] ?? 0];
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return ab / Math.sqrt(aa * bb);
}

const WINDOW = 1024;
/** Centres of 20 bands from 100 Hz to 7 kHz, evenly spaced in pitch: where voices live. */
const BANDS_HZ = Array.from({ length: 20 }, (_, i) => 100 * 70 ** (i / 19));
/** What is quieter than this counts as silence in either: nobody hears how wrong it is. */
const FLOOR_DB = -70;

/** Mean distance in dB between the spectra of two aligned sounds over windows of 21 ms; 0 where they are equal. */
export function logSpectralDistance(source: Float32Array, heard: Float32Array): number {
	const distances: number[] = [];
	const end = Math.min(source.length, heard.length) - WINDOW;
	for (let at = 0; at <= end; at += WINDOW) {
		const a = source.subarray(at, at + WINDOW);
		if (levelDb(a) < FLOOR_DB) continue;
		distances.push(windowDistance(a, heard.subarray(at, at + WINDOW)));
	}
	return distances.reduce((sum, d) => sum + d, 0) / Math.max(1, distances.length);
}

function windowDistance(a: Float32Array, b: Float32Array): number {
	const squares = BANDS_HZ.map((hz) => {
		const [x, y] = [goertzelDb(a, hz), goertzelDb(b, hz)];
		return (Math.max(x, FLOOR_DB) - Math.max(y, FLOOR_DB)) ** 2;
	});
	return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** A steady sine of the given mean power. */
export function sine(hz: number, seconds: number, dbfs = -20): Float32Array<ArrayBuffer> {
	const peak = Math.SQRT2 * 10 ** (dbfs / 20);
	return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => {
		return peak * Math.sin((2 * Math.PI * hz * i) / RATE);
	});
}

/**
 * Something like a voice: a buzz whose pitch wanders around 130 Hz, shaped by vowels that change four times a
 * second, with short breaks. Never periodic, so that delays can be told.
 */
export function voiceLike(seconds: number): Float32Array<ArrayBuffer> {
	const out = new Float32Array(Math.round(seconds * RATE));
	let phase = 0;
	for (let i = 0; i < out.length; i++) {
		const t = i / RATE;
		phase += (130 + 30 * Math.sin(2.1 * t) + 15 * Math.sin(5.3 * t + 1)) / RATE;
		const vowel = 500 + 300 * Math.sin(Math.floor(4 * t) * 2.4);
		let x = 0;
		for (let k = 1; k <= 24; k++) {
			const distance = (k * 130 - vowel) / 250;
			x += Math.sin(2 * Math.PI * k * phase) * (Math.exp(-distance * distance) + 0.15 / k);
		}
		const syllable = Math.max(0, Math.sin(2 * Math.PI * (1.7 * t + 0.1 * Math.sin(t)))) ** 0.5;
		out[i] = 0.1 * x * syllable;
	}
	return out;
}

/** The level of a tone in each tenth of a second. */
export function tenths(heard: Float32Array, hz: number): number[] {
	const length = RATE / 10;
	return Array.from({ length: Math.floor(heard.length / length) }, (_, i) =>
		goertzelDb(heard.subarray(i * length, (i + 1) * length), hz)
	);
}
