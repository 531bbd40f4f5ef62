/**
 * Where people are, in milliseconds: the way between two is as long as light in fibre and routers take, so that the
 * triangle rule holds up to what each line adds. Drawn for each number alone: the same in every story of one seed.
 */
import type { Dice } from './dice.ts';

export interface Place {
	readonly x: number;
	readonly y: number;
	/** Behind a router that lets nobody in: two of these cannot connect. */
	readonly walled: boolean;
}

/** How far apart people are. */
export type Land =
	/** A continent: 10 to 50 ms one way, 33 on average. */
	| 'continent'
	/** Six crowds of the world: 10 to 175 ms one way, 70 on average. */
	| 'world';

/** First mile and last mile, wherever two people are. */
export const NEAREST_MS = 10;
/** A ring: most people of a continent live away from its middle. Makes a mean of 33 ms out of 10 to 50. */
const RING_OUTER_MS = 20;
const RING_INNER_SHARE = 0.8;

/** Crowds of the world: how many of all people, and where, in milliseconds of one way. */
const CROWDS = [
	{ share: 0.28, x: 0, y: 0 },
	{ share: 0.22, x: -36, y: 3 },
	{ share: 0.14, x: -64, y: 8 },
	{ share: 0.1, x: -48, y: 51 },
	{ share: 0.12, x: 48, y: 28 },
	{ share: 0.14, x: 83, y: 3 }
] as const;
const CROWD_SPREAD_MS = 11;

export function placeIn(land: Land, dice: Dice, walledShare: number): Place {
	const spot = land === 'continent' ? onContinent(dice) : inWorld(dice);
	return { ...spot, walled: dice.chance(walledShare) };
}

function onContinent(dice: Dice): { x: number; y: number } {
	const inner = RING_INNER_SHARE ** 2;
	const radius = RING_OUTER_MS * Math.sqrt(inner + (1 - inner) * dice.next());
	const angle = 2 * Math.PI * dice.next();
	return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
}

function inWorld(dice: Dice): { x: number; y: number } {
	let left = dice.next();
	const crowd = CROWDS.find(({ share }) => (left -= share) < 0) ?? CROWDS[0];
	const radius = CROWD_SPREAD_MS * Math.sqrt(dice.next());
	const angle = 2 * Math.PI * dice.next();
	return { x: crowd.x + radius * Math.cos(angle), y: crowd.y + radius * Math.sin(angle) };
}

/** One way, without what changes from datagram to datagram. */
export const distanceMs = (a: Place, b: Place): number =>
	NEAREST_MS + Math.hypot(a.x - b.x, a.y - b.y);
