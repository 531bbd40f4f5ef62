/** 20 ms of sound in two numbers: how loud, and which tone, where it is one. */
import { loudnessOf } from './loudness.ts';

export interface FrameSound {
	/** Mean power; -Infinity for digital silence. */
	readonly dbfs: number;
	/** Where it is one tone and little else, between 200 and 3,600 Hz; null of any other sound. */
	readonly hz: number | null;
}

/** Tones of an acoustic loop lie where rooms and small loudspeakers are loudest. */
const HZ_MIN = 200;
const HZ_MAX = 3_600;
/** Frames of 48 kHz are looked at at 8 kHz: six samples become one, which is all the filter it needs. */
const TOGETHER = 6;
const RATE = 48_000 / TOGETHER;
/** A vowel is at most half one harmonic, a whistle nearly all of it. */
const PURE_SHARE = 0.85;
/** Softer than this nobody looks for a tone. */
const TONE_MIN_DBFS = -50;

/** `frame`: 960 samples at 48 kHz. */
export function soundOfFrame(frame: Float32Array): FrameSound {
	const dbfs = loudnessOf(frame);
	return { dbfs, hz: dbfs < TONE_MIN_DBFS ? null : toneIn(thinned(frame)) };
}

function thinned(frame: Float32Array): Float32Array {
	const few = new Float32Array(Math.floor(frame.length / TOGETHER));
	for (let i = 0; i < few.length; i++) {
		let sum = 0;
		for (let k = 0; k < TOGETHER; k++) sum += frame[i * TOGETHER + k] ?? 0;
		few[i] = sum / TOGETHER;
	}
	return few;
}

/** Of a sine, x[n] + x[n-2] = 2 cos(w) x[n-1]: the w that fits best, and whether the sound is all there. */
function toneIn(x: Float32Array): number | null {
	let fit = 0;
	let power = 0;
	for (let n = 2; n < x.length; n++) {
		const before = x[n - 1] ?? 0;
		fit += before * ((x[n] ?? 0) + (x[n - 2] ?? 0));
		power += before * before;
	}
	if (power === 0) return null;
	const turn = Math.acos(Math.max(-1, Math.min(1, fit / (2 * power))));
	const hz = (turn * RATE) / (2 * Math.PI);
	if (hz < HZ_MIN || hz > HZ_MAX) return null;
	return shareAt(x, turn) >= PURE_SHARE ? hz : null;
}

/** How much of the power lies at that turn per sample (Goertzel, under a Hann window; of a sine it is all). */
function shareAt(x: Float32Array, turn: number): number {
	const double = 2 * Math.cos(turn);
	let [s1, s2, weighed] = [0, 0, 0];
	for (let n = 0; n < x.length; n++) {
		const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / x.length);
		const value = (x[n] ?? 0) * hann;
		weighed += value * value;
		const s = value + double * s1 - s2;
		s2 = s1;
		s1 = s;
	}
	// A sine under this window: |X|^2 = weighed * N / 3 (the window's mean squared over the mean of its square is 2 / 3).
	const power = s1 * s1 + s2 * s2 - double * s1 * s2;
	return weighed === 0 ? 0 : (3 * power) / (weighed * x.length);
}
