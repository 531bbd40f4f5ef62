/**
 * Where we are among the others, learned from round trips: Vivaldi (Dabek, Cox, Kaashoek, Morris, SIGCOMM 2004), in a
 * plane with heights, in milliseconds one way. So the way to somebody never linked can be told beforehand.
 */
import type { PeerId } from '../wire/ids.ts';
import { SPOT_MAX_MS, type Spot } from '../wire/contact.ts';

/** How fast we move, and how fast our error follows (the paper's c_c and c_e). */
const MOVE_GAIN = 0.25;
const ERROR_GAIN = 0.25;
/** The last mile is never shorter than nothing; a little keeps two in one place from having no direction. */
const HEIGHT_MIN_MS = 0.1;
const NEAR_ZERO_MS = 1e-3;

export const NOWHERE_YET: Spot = { x: 0, y: 0, height: HEIGHT_MIN_MS, error: 1 };

/** Estimated one-way time between two spots. */
export const wayMs = (a: Spot, b: Spot): number =>
	Math.hypot(a.x - b.x, a.y - b.y) + a.height + b.height;

/** Where we are after one more look at `other`, to whom it took `oneWayMs`. */
export function moved(me: PeerId, own: Spot, other: Spot, oneWayMs: number): Spot {
	if (!(oneWayMs > 0)) return own;
	const estimatedMs = wayMs(own, other);
	const weight = own.error / Math.max(NEAR_ZERO_MS, own.error + other.error);
	const off = Math.abs(estimatedMs - oneWayMs) / oneWayMs;
	const error = off * ERROR_GAIN * weight + own.error * (1 - ERROR_GAIN * weight);
	const pushMs = MOVE_GAIN * weight * (oneWayMs - estimatedMs);
	const [dx, dy] = directionFrom(me, own, other);
	// The direction away from the other, heights included, has length one.
	const length = Math.max(NEAR_ZERO_MS, estimatedMs);
	const apartMs = Math.hypot(own.x - other.x, own.y - other.y);
	const flat = apartMs > NEAR_ZERO_MS ? apartMs / length : 1;
	const high = (own.height + other.height) / length;
	return {
		x: within(own.x + pushMs * dx * flat),
		y: within(own.y + pushMs * dy * flat),
		height: Math.max(HEIGHT_MIN_MS, within(own.height + pushMs * high)),
		error: Math.min(1, error)
	};
}

/** Two in the same place part in a direction that is each one's own. */
function directionFrom(me: PeerId, own: Spot, other: Spot): readonly [number, number] {
	const [dx, dy] = [own.x - other.x, own.y - other.y];
	const length = Math.hypot(dx, dy);
	if (length > NEAR_ZERO_MS) return [dx / length, dy / length];
	let hash = 0;
	for (const letter of me) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
	const angle = (2 * Math.PI * hash) / 2 ** 32;
	return [Math.cos(angle), Math.sin(angle)];
}

const within = (ms: number): number => Math.max(-SPOT_MAX_MS, Math.min(SPOT_MAX_MS, ms));
