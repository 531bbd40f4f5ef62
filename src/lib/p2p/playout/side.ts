/**
 * How left and right differ, beside the mean of both. All that playout decides, it decides by the mean; the side follows, and
 * is silent where sound is made up: for a moment a stereo voice then comes from the middle.
 */
import { JOIN_SAMPLES } from './stretch.ts';

/** A difference this small at a seam is no click: -80 dBFS. */
const STEP_MAX = 1e-4;

/** `length` samples in which the side that was heard last goes away, played backwards, so that it begins where it was. */
export function sideEnding(past: Float32Array | null, length: number): Float32Array | null {
	if (past === null) return null;
	const ending = new Float32Array(length);
	for (let i = 0; i < Math.min(length, JOIN_SAMPLES); i++) {
		ending[i] = (past[past.length - 1 - i] ?? 0) * (1 - (i + 1) / (JOIN_SAMPLES + 1));
	}
	return ending;
}

/** The side of a frame behind what was heard: faded in where that was mono or made up, out where the frame is mono. */
export function joinedSide(
	side: Float32Array | null,
	past: Float32Array | null,
	length: number
): Float32Array | null {
	if (side === null) return sideEnding(past, length);
	const last = past?.at(-1) ?? 0;
	const silent = past === null || (last === 0 && (past.at(-2) ?? 0) === 0);
	if (!silent || Math.abs(side[0] ?? 0) < STEP_MAX) return side;
	const joined = side.slice();
	for (let i = 0; i < Math.min(length, JOIN_SAMPLES); i++) {
		joined[i] = (joined[i] ?? 0) * ((i + 1) / (JOIN_SAMPLES + 1));
	}
	return joined;
}
