/**
 * Sound made up where frames are missing, out of the last 50 ms that were heard: what was voiced goes on with its
 * pitch, what was noise goes on as noise (NetEQ's expand mixes the two likewise). libopus conceals as well, but
 * 10 to 30 dB weaker from the second frame on.
 */
import { pitchOf } from './stretch.ts';
import { SAMPLES_PER_MS } from './units.ts';

/** Pitch is looked for in this much of the newest sound: at least one period of the lowest voice. */
const WINDOW_SAMPLES = 15 * SAMPLES_PER_MS;
/** A loop of a single short period is a buzzer: several periods, this long together, sound like a voice. */
const LOOP_MIN_SAMPLES = 10 * SAMPLES_PER_MS;
/** The end of the loop glides into its beginning over this share of it. */
const LOOP_GLIDE_SHARE = 0.25;
/** Likeness of neighbouring periods below which nothing is voiced, and above which everything is. */
const NOISE_LIKENESS = 0.4;
const VOICE_LIKENESS = 0.85;
/** Noise is pieced together from grains of the past, each fading into the next. */
const GRAIN_SAMPLES = 10 * SAMPLES_PER_MS;
const GRAIN_STEP = GRAIN_SAMPLES / 2;

export interface Expansion {
	/** The next samples, at the loudness of the past. */
	next(count: number): Float32Array;
	/** How much of it is voice, 0 to 1: a voice can be held for longer than noise before it sounds wrong. */
	readonly voiced: number;
}

/** `past` is the last `HISTORY_SAMPLES` appended. */
export function createExpansion(past: Float32Array): Expansion {
	const kept = past.slice();
	const pitch = pitchOf(kept, WINDOW_SAMPLES);
	const share = (pitch.likeness - NOISE_LIKENESS) / (VOICE_LIKENESS - NOISE_LIKENESS);
	const voiced = Math.max(0, Math.min(1, share));
	const loop = loopOf(kept, pitch.lag);
	const noise = createNoise(kept);
	const noisy = Math.sqrt(1 - voiced * voiced);
	let at = 0;
	return {
		voiced,
		next(count) {
			const hiss = noisy > 0 ? noise(count) : null;
			const out = new Float32Array(count);
			for (let i = 0; i < count; i++) {
				const tone = loop[(at + i) % loop.length] ?? 0;
				out[i] = voiced * tone + noisy * (hiss?.[i] ?? 0);
			}
			at += count;
			return out;
		}
	};
}

/** The newest periods, so that they can follow each other without a seam. */
function loopOf(past: Float32Array, lag: number): Float32Array {
	const periods = Math.max(1, Math.ceil(LOOP_MIN_SAMPLES / lag));
	const length = periods * lag;
	const loop = past.slice(past.length - length);
	const glide = Math.floor(lag * LOOP_GLIDE_SHARE);
	for (let i = 0; i < glide; i++) {
		const k = length - glide + i;
		const weight = (i + 1) / (glide + 1);
		const start = past[past.length - length - glide + i] ?? 0;
		loop[k] = (loop[k] ?? 0) * (1 - weight) + start * weight;
	}
	return loop;
}

/** Grains from places in the past that never repeat in a pattern; overlapped so that their power stays even. */
function createNoise(past: Float32Array): (count: number) => Float32Array {
	const starts = past.length - GRAIN_SAMPLES;
	let seed = 1;
	let rising = starts;
	let fading = starts;
	let at = GRAIN_STEP;
	const nextGrain = (): void => {
		// A linear congruential generator (Numerical Recipes); any order that does not sound like one will do.
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		fading = rising + GRAIN_STEP;
		rising = seed % starts;
		at = 0;
	};
	return (count) =>
		Float32Array.from({ length: count }, () => {
			if (at >= GRAIN_STEP) nextGrain();
			const turn = ((at + 0.5) / GRAIN_STEP) * (Math.PI / 2);
			const sample =
				Math.sin(turn) * (past[rising + at] ?? 0) + Math.cos(turn) * (past[fading + at] ?? 0);
			at++;
			return sample;
		});
}
