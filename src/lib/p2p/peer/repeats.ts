/**
 * A parent that says again what it said before. Nobody hears it twice, for frames are known by their numbers, but it
 * costs our line, and somebody's old words could be waiting for a moment in which they are new again. An honest one
 * sends each frame once, and once more where we asked for one that was only late: links do not double what they carry.
 * That we had a frame from elsewhere proves nothing: after an outage it brings its hearers what it got late itself.
 */
import { SEEN_WINDOW_TICKS } from '../wire/limits.ts';
import { seqDistance } from '../wire/seq.ts';

/** What our parent brought of one voice lately. */
export interface Repeats {
	/** The newest number; null before the parent's first frame. */
	newest: number | null;
	/** One bit for each of the last SEEN_WINDOW_TICKS numbers, at `seq` modulo that. */
	readonly brought: Uint8Array;
}

export const newRepeats = (): Repeats => ({
	newest: null,
	brought: new Uint8Array(SEEN_WINDOW_TICKS / 8)
});

/** Another parent has brought nothing yet. */
export function forgetRepeats(repeats: Repeats): void {
	if (repeats.newest === null) return;
	repeats.newest = null;
	repeats.brought.fill(0);
}

/** What it brought under this number was nobody's: what its speaker said may come after it. */
export function forgetRepeat({ brought }: Repeats, seq: number): void {
	clear(brought, seq);
}

/** Our parent brought this: true where it did so before. */
export function isRepeat(repeats: Repeats, seq: number): boolean {
	const { brought, newest } = repeats;
	const ahead = newest === null ? SEEN_WINDOW_TICKS : seqDistance(seq, newest);
	if (Math.abs(ahead) >= SEEN_WINDOW_TICKS) brought.fill(0);
	else for (let i = 1; i < ahead; i++) clear(brought, seq - i);
	if (ahead > 0 || ahead <= -SEEN_WINDOW_TICKS) {
		repeats.newest = seq;
		set(brought, seq);
		return false;
	}
	const isKnown = has(brought, seq);
	set(brought, seq);
	return isKnown;
}

/** It brought something under this number, that was not found to be nobody's. */
export const hasBrought = ({ brought, newest }: Repeats, seq: number): boolean =>
	newest !== null && Math.abs(seqDistance(newest, seq)) < SEEN_WINDOW_TICKS && has(brought, seq);

const placeOf = (seq: number): number => (seq + 2 ** 32) % SEEN_WINDOW_TICKS;
const has = (bits: Uint8Array, seq: number): boolean =>
	((bits[placeOf(seq) >> 3] ?? 0) & (1 << (placeOf(seq) & 7))) !== 0;

function set(bits: Uint8Array, seq: number): void {
	const place = placeOf(seq);
	bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
}

function clear(bits: Uint8Array, seq: number): void {
	const place = placeOf(seq);
	bits[place >> 3] = (bits[place >> 3] ?? 0) & ~(1 << (place & 7));
}
