/**
 * Voices on their way to two ears: each as loud as it is wanted, from its place between left and right, and all of them
 * together as loud as that is wanted. Pure, block by block.
 */

/** How one voice is to be heard. */
export interface Place {
	/** 1: as it is. */
	readonly gain: number;
	/** -1: from the left, 0: from the middle, 1: from the right. What is stereo itself has its own places, and keeps them. */
	readonly pan: number;
}

export const MIDDLE: Place = { gain: 1, pan: 0 };

/** A voice may be made twice as loud, no more: what is loud already would only be turned down again by the limiter. */
export const GAIN_MAX = 2;
/** From one gain to another in steps of this size, a block of 128 samples each: from full to nothing in 20 ms, without a click. */
const STEP_PER_BLOCK = 0.14;

/** A gain that follows what is wanted; `of` gives what it is at the beginning and at the end of the next block. */
export interface Glide {
	to(wanted: number): void;
	next(): { readonly from: number; readonly to: number };
}

export function createGlide(first: number): Glide {
	let now = first;
	let wanted = first;
	return {
		to(gain) {
			wanted = gain;
		},
		next() {
			const from = now;
			now += Math.max(-STEP_PER_BLOCK, Math.min(STEP_PER_BLOCK, wanted - now));
			return { from, to: now };
		}
	};
}

const loudnessIn = (gain: number): number => Math.max(0, Math.min(GAIN_MAX, gain));

/**
 * What of a voice goes to each ear. Power is the same from every place (sine and cosine); in the middle each ear has what a
 * voice without a place has, so that nothing gets louder or softer by placing it there.
 */
export function earsOf({ gain, pan }: Place): { readonly left: number; readonly right: number } {
	const turn = ((Math.max(-1, Math.min(1, pan)) + 1) * Math.PI) / 4;
	const loud = loudnessIn(gain) * Math.SQRT2;
	return { left: loud * Math.cos(turn), right: loud * Math.sin(turn) };
}

export interface Ears {
	readonly left: Float32Array;
	readonly right: Float32Array;
}

/** Where one voice stands; moves without a click. */
export interface VoicePlace {
	moveTo(place: Place): void;
	/** Adds a block of it onto both ears. `side`: how left differs from `mid`; null for a voice that is mono. */
	add(mid: Float32Array, side: Float32Array | null, ears: Ears): void;
}

export function createVoicePlace(first: Place): VoicePlace {
	const begin = earsOf(first);
	const left = createGlide(begin.left);
	const right = createGlide(begin.right);
	const whole = createGlide(loudnessIn(first.gain));
	return {
		moveTo(place) {
			const next = earsOf(place);
			left.to(next.left);
			right.to(next.right);
			whole.to(loudnessIn(place.gain));
		},
		add(mid, side, ears) {
			// All three move on, whichever is heard: a voice may become stereo at any time.
			const gains = { left: left.next(), right: right.next(), whole: whole.next() };
			if (side === null) {
				addBlock(ears.left, mid, gains.left);
				addBlock(ears.right, mid, gains.right);
				return;
			}
			addBlock(ears.left, mid, gains.whole);
			addBlock(ears.left, side, gains.whole);
			addBlock(ears.right, mid, gains.whole);
			addBlock(ears.right, side, { from: -gains.whole.from, to: -gains.whole.to });
		}
	};
}

interface Ramp {
	readonly from: number;
	readonly to: number;
}

function addBlock(onto: Float32Array, block: Float32Array, { from, to }: Ramp): void {
	const step = (to - from) / block.length;
	for (let i = 0; i < block.length; i++) {
		onto[i] = (onto[i] ?? 0) + (block[i] ?? 0) * (from + step * (i + 1));
	}
}

/** Turns a block up or down in place. */
export function turnBlock(block: Float32Array, { from, to }: Ramp): void {
	if (from === 1 && to === 1) return;
	const step = (to - from) / block.length;
	for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) * (from + step * (i + 1));
}
