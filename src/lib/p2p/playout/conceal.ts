/** What is heard in place of missing frames: made up, faded when it lasts, joined to the real sound on both sides. */
import type { FrameDecoder } from './decoder.ts';
import { createExpansion, type Expansion } from './expand.ts';
import { crossFade, JOIN_SAMPLES } from './stretch.ts';
import { FRAME_SAMPLES } from './units.ts';

/** Made-up sound is gone after this (240 ms): a longer guess is a robot's voice. */
export const CONCEAL_MAX_FRAMES = 12;
/** How long noise and voice hold their loudness, and what then remains of it from frame to frame. */
const NOISE = { holdsFrames: 3, fades: 0.6 };
const VOICE = { holdsFrames: 5, fades: 0.8 };

export interface Concealment {
	/** The next made-up frame; `past` is what was appended last. */
	frame(past: Float32Array): Float32Array;
	/** A few milliseconds that end in silence; null where it is silent already. */
	ending(past: Float32Array): Float32Array | null;
	/** Joins `samples` to what was made up or to silence, in place; false where real sound came before them. */
	join(samples: Float32Array): boolean;
	/** Real sound is heard, joined by somebody else. */
	heard(): void;
	/** Frames in a row. */
	readonly made: number;
	/** There is nothing left to hold on to. */
	readonly over: boolean;
}

export function createConcealment(decoder: FrameDecoder): Concealment {
	let expansion: Expansion | null = null;
	let made = 0;
	/** Loudness of the sample last appended. */
	let gain = 0;

	const lastOf = (past: Float32Array): Float32Array => {
		const own = (expansion ?? createExpansion(past)).next(FRAME_SAMPLES);
		const ending = blend(decoder.conceal(), own, made).subarray(0, JOIN_SAMPLES);
		glide(ending, gain, 0);
		return ending;
	};
	const heard = (): void => {
		expansion = null;
		made = 0;
		gain = 1;
	};
	return {
		frame(past) {
			expansion ??= createExpansion(past);
			const samples = blend(decoder.conceal(), expansion.next(FRAME_SAMPLES), made);
			made++;
			const to = Math.min(gain, loudnessOf(made, expansion.voiced));
			glide(samples, gain, to);
			gain = to;
			return samples;
		},
		ending(past) {
			const ending = gain === 0 ? null : lastOf(past);
			expansion = null;
			made = gain = 0;
			return ending;
		},
		join(samples) {
			if (made === 0 && gain === 1) return false;
			glide(samples.subarray(0, JOIN_SAMPLES), gain, 1);
			if (expansion !== null && made > 1) crossFade(faded(expansion, gain), samples);
			heard();
			return true;
		},
		heard,
		get made() {
			return made;
		},
		get over() {
			return made >= CONCEAL_MAX_FRAMES;
		}
	};
}

/**
 * The decoder's guess fits best to what was heard, and to what it decodes after a single loss. It soon falls
 * silent; so our own takes over in the course of the second frame. (The decoder is asked for all of them: it has
 * to know how much was lost.)
 */
function blend(guess: Float32Array | null, own: Float32Array, made: number): Float32Array {
	if (guess === null || made > 1) return own;
	if (made === 0) return guess;
	crossFade(guess, own);
	return own;
}

function loudnessOf(made: number, voiced: number): number {
	if (made >= CONCEAL_MAX_FRAMES) return 0;
	const holds = NOISE.holdsFrames + voiced * (VOICE.holdsFrames - NOISE.holdsFrames);
	const fades = NOISE.fades + voiced * (VOICE.fades - NOISE.fades);
	return Math.min(1, fades ** (made - holds));
}

function faded(expansion: Expansion, gain: number): Float32Array {
	const samples = expansion.next(JOIN_SAMPLES);
	glide(samples, gain, gain);
	return samples;
}

function glide(samples: Float32Array, from: number, to: number): void {
	const step = (to - from) / samples.length;
	for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] ?? 0) * (from + step * (i + 1));
}
