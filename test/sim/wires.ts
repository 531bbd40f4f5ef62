/**
 * What lies between two members: delay, loss in bursts, slow pairs, and walls that stand always or come and go. What
 * happens on one line is drawn for that line alone, so that it does not depend on what happens elsewhere.
 */
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { Dice } from './dice.ts';
import { distanceMs, placeIn, type Land, type Place } from './places.ts';

export interface WireOptions {
	/** One-way delay of a datagram, drawn anew for each. Not asked for where there is a `land`. */
	readonly delayMs: readonly [number, number];
	/** Delays by where people are, the same for each datagram of a line up to its jitter. */
	readonly land?: Land;
	/**
	 * Share of datagrams lost on each hop, or a range from which each line has its own; control messages are never
	 * lost, as on a reliable channel.
	 */
	readonly loss: number | readonly [number, number];
	/** Datagrams lost in a row, on average (Gilbert's model: all is lost in a bad state, nothing in a good one). */
	readonly burst?: number;
	/** A share of all pairs is that much slower, always the same ones. */
	readonly slow?: { readonly share: number; readonly addMs: number };
	/** Share of pairs of listeners that cannot connect, whatever they try. */
	readonly walledPairs?: number;
}

/** One direction of one link. */
export interface Line {
	/** Of the next datagram. */
	delayMs(): number;
	/** Whether the next datagram is lost. */
	loses(): boolean;
	/** The least delay it can have. */
	readonly leastMs: number;
}

/** Somebody as far as the wires know. */
export interface End {
	readonly number: number;
	readonly id: PeerId;
	readonly place: Place;
}

export interface Wires {
	placeOf(number: number): Place;
	line(from: End, to: End): Line;
	/** False while a wall stands between them. */
	reaches(from: PeerId, to: PeerId): boolean;
	/** False where no link between the two will ever open. */
	connects(a: End, b: End): boolean;
	/** From now on each side hears only itself. */
	split(side: ReadonlySet<PeerId>): void;
	heal(): void;
}

/** Of each datagram, on top of the way it has to go: what routers and radios add, seldom much. */
const JITTER_MEAN_MS = 1;
const JITTER_MAX_MS = 15;
/** Numbers below this are people on stage, or to be: whoever speaks in a big room has seen to its router. */
export const FIRST_LISTENER = 100;

export function createWires(options: WireOptions, seed: number): Wires {
	let side: ReadonlySet<PeerId> | null = null;
	// Two of those behind such a router meet as often as asked for.
	const walledShare = Math.sqrt(options.walledPairs ?? 0);
	return {
		placeOf(number) {
			const dice = new Dice(mix(seed, number, 1));
			return placeIn(options.land ?? 'continent', dice, number < FIRST_LISTENER ? 0 : walledShare);
		},
		line: (from, to) => createLine(options, seed, from, to),
		reaches: (from, to) => side === null || side.has(from) === side.has(to),
		connects: (a, b) => !(a.place.walled && b.place.walled),
		split(members) {
			side = members;
		},
		heal() {
			side = null;
		}
	};
}

function createLine(options: WireOptions, seed: number, from: End, to: End): Line {
	const dice = new Dice(mix(seed, from.number, to.number + 2));
	const [low, high] = [Math.min(from.number, to.number), Math.max(from.number, to.number)];
	const pair = new Dice(mix(seed, low, high) ^ 0x5bd1e995);
	const addMs = options.slow && pair.chance(options.slow.share) ? options.slow.addMs : 0;
	const loss = createLoss(options, dice);
	if (options.land !== undefined) {
		return new LandLine(dice, loss, distanceMs(from.place, to.place) + addMs);
	}
	const [least, most] = options.delayMs;
	return {
		delayMs: () => dice.between(least, most) + addMs,
		loses: () => loses(loss, dice),
		leastMs: least + addMs
	};
}

/** Those of big crowds. A class, for what closures would keep in many places is what most time goes into looking for. */
class LandLine implements Line {
	readonly leastMs: number;
	readonly #dice: Dice;
	readonly #loss: Loss;

	constructor(dice: Dice, loss: Loss, leastMs: number) {
		this.#dice = dice;
		this.#loss = loss;
		this.leastMs = leastMs;
	}

	delayMs(): number {
		return this.leastMs + jitterMs(this.#dice);
	}

	loses(): boolean {
		return loses(this.#loss, this.#dice);
	}
}

const jitterMs = (dice: Dice): number =>
	Math.min(JITTER_MAX_MS, -JITTER_MEAN_MS * Math.log(1 - dice.next()));

/** Gilbert, 1960: two states, the bad one left after `burst` datagrams on average. */
interface Loss {
	readonly share: number;
	readonly burst: number;
	bad: boolean;
}

function createLoss({ loss, burst = 1 }: WireOptions, dice: Dice): Loss {
	const share = typeof loss === 'number' ? loss : dice.between(...loss);
	return { share, burst, bad: share > 0 && burst > 1 && dice.chance(share) };
}

function loses(loss: Loss, dice: Dice): boolean {
	const { share, burst, bad } = loss;
	if (share <= 0) return false;
	if (burst <= 1) return dice.chance(share);
	const leavesBad = 1 / burst;
	const entersBad = (leavesBad * share) / (1 - share);
	loss.bad = bad ? !dice.chance(leavesBad) : dice.chance(entersBad);
	return loss.bad;
}

/** One seed from three numbers (the mixing of mulberry32). */
export function mix(a: number, b: number, c: number): number {
	let mixed = (Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(b + 1, 0xc2b2ae35)) >>> 0;
	mixed = (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) + Math.imul(c + 1, 0x297a2d39)) >>> 0;
	return (mixed ^ (mixed >>> 13)) >>> 0;
}

export const pairOf = (a: PeerId, b: PeerId): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
