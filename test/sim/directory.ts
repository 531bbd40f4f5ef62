/** Where members announce themselves: who asks is told of a few of them, as by a real directory. */
import { PROVIDERS_MAX } from '#lib/p2p/wire/limits.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Dice } from './dice.ts';

export interface Directory {
	announce(peer: PeerId): void;
	withdraw(peer: PeerId): void;
	/** At most PROVIDERS_MAX of those that `accept` lets through, as the dice fall. */
	sample(dice: Dice, accept: (peer: PeerId) => boolean): PeerId[];
}

/** Tries at a sample before the few that were found are enough. */
const DRAWS_MAX = 4 * PROVIDERS_MAX;

export function createDirectory(): Directory {
	const peers: PeerId[] = [];
	const places = new Map<PeerId, number>();
	return {
		announce(peer) {
			if (places.has(peer)) return;
			places.set(peer, peers.length);
			peers.push(peer);
		},
		withdraw(peer) {
			const place = places.get(peer);
			if (place === undefined) return;
			places.delete(peer);
			const last = peers.pop()!;
			if (last === peer) return;
			peers[place] = last;
			places.set(last, place);
		},
		sample(dice, accept) {
			if (peers.length <= PROVIDERS_MAX) return peers.filter(accept);
			const found = new Set<PeerId>();
			for (let draw = 0; draw < DRAWS_MAX && found.size < PROVIDERS_MAX; draw++) {
				const peer = peers[Math.floor(dice.next() * peers.length)]!;
				if (accept(peer)) found.add(peer);
			}
			return [...found];
		}
	};
}
