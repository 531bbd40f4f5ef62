/** What lies between two members: delay, loss, slow pairs, and walls that come and go. */
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Dice } from './dice.ts';

export interface WireOptions {
	/** One-way delay of a datagram, drawn anew for each. */
	readonly delayMs: readonly [number, number];
	/** Share of datagrams lost on each hop; control messages are never lost, as on a reliable channel. */
	readonly loss: number;
	/** A share of all pairs is that much slower, always the same ones. */
	readonly slow?: { readonly share: number; readonly addMs: number };
}

export interface Wires {
	delayMs(from: PeerId, to: PeerId): number;
	loses(): boolean;
	/** False while a wall stands between them. */
	reaches(from: PeerId, to: PeerId): boolean;
	/** From now on each side hears only itself. */
	split(side: ReadonlySet<PeerId>): void;
	heal(): void;
}

export function createWires(options: WireOptions, dice: Dice): Wires {
	const slowPairs = new Map<string, number>();
	let side: ReadonlySet<PeerId> | null = null;
	const slownessOf = (pair: string): number => {
		const { slow } = options;
		const known = slowPairs.get(pair) ?? (slow && dice.chance(slow.share) ? slow.addMs : 0);
		slowPairs.set(pair, known);
		return known;
	};
	return {
		delayMs: (from, to) => dice.between(...options.delayMs) + slownessOf(pairOf(from, to)),
		loses: () => dice.chance(options.loss),
		reaches: (from, to) => side === null || side.has(from) === side.has(to),
		split(members) {
			side = members;
		},
		heal() {
			side = null;
		}
	};
}

export const pairOf = (a: PeerId, b: PeerId): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
