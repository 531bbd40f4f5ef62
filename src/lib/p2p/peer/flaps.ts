/**
 * Parents that were left as silent and spoke again right after: then it was haste, ours or that of a machine that has too
 * much to do. Each makes us slower to leave the next one, as routes that flap are damped (RFC 2439, here by doubling), for a
 * backup brings the sound meanwhile; and what is slow is forgotten when nothing has flapped for a while.
 */
import type { PeerId } from '../wire/ids.ts';
import { FLAP_BACK_MS, FLAPS_COUNTED_MAX, FLAPS_REMEMBERED_MS } from './repair-timing.ts';

export interface Flaps {
	/** Whom we left last, until it is heard again or FLAP_BACK_MS are over. */
	readonly left: PeerId | null;
	readonly leftMs: number;
	/** How many came back in a row, and when the last one did. */
	readonly count: number;
	readonly lastMs: number;
}

export const NO_FLAPS: Flaps = { left: null, leftMs: -Infinity, count: 0, lastMs: -Infinity };

export const noteLeft = (flaps: Flaps, parent: PeerId, nowMs: number): Flaps => ({
	...flaps,
	left: parent,
	leftMs: nowMs
});

/** To be called with every packet of frames, whoever sent it. */
export function noteSpoke(flaps: Flaps, from: PeerId, nowMs: number): Flaps {
	if (flaps.left !== from) return flaps;
	if (nowMs - flaps.leftMs > FLAP_BACK_MS) return { ...flaps, left: null };
	return { ...flaps, left: null, count: countOf(flaps, nowMs) + 1, lastMs: nowMs };
}

/** By how much longer than usual a silent parent is waited for. */
export const damping = (flaps: Flaps, nowMs: number): number =>
	2 ** Math.min(FLAPS_COUNTED_MAX, countOf(flaps, nowMs));

const countOf = ({ count, lastMs }: Flaps, nowMs: number): number =>
	nowMs - lastMs > FLAPS_REMEMBERED_MS ? 0 : count;
