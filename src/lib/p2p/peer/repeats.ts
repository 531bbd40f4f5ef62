/**
 * A parent that says again what it said before. Nobody hears it twice, for frames are known by their numbers, but it
 * costs our line, and somebody's old words could be waiting for a moment in which they are new again. An honest one
 * sends each frame once, and once more where we asked for one that was only late: links do not double what they carry.
 */
import { SEEN_WINDOW_TICKS } from '../wire/limits.ts';
import { seqDistance } from '../wire/seq.ts';

/** What our parent brought of one voice lately. */
export interface Repeats {
	/** The newest number; null before the parent's first frame. */
	newest: number | null;
	/** Bit i: it brought `newest - i`. */
	bits: number;
}

/** 640 ms: what is older was given up, and is not asked for any more. */
const SPAN_TICKS = 32;

export const newRepeats = (): Repeats => ({ newest: null, bits: 0 });

/** Our parent brought this: true where it did so before, or it is too old to have been asked for. */
export function isRepeat(repeats: Repeats, seq: number): boolean {
	const ahead = repeats.newest === null ? Infinity : seqDistance(seq, repeats.newest);
	// So far behind it is no repeat: its speaker has begun to count anew.
	if (ahead > 0 || ahead <= -SEEN_WINDOW_TICKS) {
		repeats.bits = ahead > 0 && ahead < SPAN_TICKS ? (repeats.bits << ahead) | 1 : 1;
		repeats.newest = seq;
		return false;
	}
	if (-ahead >= SPAN_TICKS) return true;
	const bit = 1 << -ahead;
	if ((repeats.bits & bit) !== 0) return true;
	repeats.bits |= bit;
	return false;
}
