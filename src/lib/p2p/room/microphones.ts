/** Whose microphone is open: the last word of whoever holds the seat, where nobody has muted it since. */
import { isKind, type RoomEvent } from '../wire/event.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import type { Authorised } from './authority.ts';
import { bySequence } from './order.ts';
import { spansOf } from './spans.ts';

export interface Microphones {
	isOpen(sit: RoomEvent<'sit'>): boolean;
	/** Closed, and not by its holder's last word: any voice from this seat is against the law. */
	isSilenced(sit: RoomEvent<'sit'>): boolean;
	readonly floorHeld: boolean;
}

/**
 * A seat's microphone is open if the last `mic` of its holder names this seat, says so, and is of later Lamport
 * time than every muting of it. While the floor is held nobody opens one but the host and co-hosts: what was open
 * before stays open, and what was said then is not made good when the floor is free again.
 */
export function microphonesOf(room: Authorised): Microphones {
	const words = newest(room.events.filter((event) => isKind(event, 'mic')));
	const floor = spansOf(
		room.acts.flatMap(({ lamport, body }) =>
			body.kind === 'floor' ? [{ lamport, on: body.held }] : []
		)
	);
	const isPrivileged = (peer: PeerId, lamport: number): boolean =>
		peer === room.opened.host || room.certificates.isCohost(peer, lamport);
	const mutings = mutingsOf(room);
	const mutedAt = (sit: RoomEvent<'sit'>, lamport: number): number => {
		const one = mutings.bySeat.get(sit.id) ?? 0;
		if (sit.author === room.opened.host) return one;
		return Math.max(one, isPrivileged(sit.author, lamport) ? mutings.allByHost : mutings.all);
	};
	const wordOn = (sit: RoomEvent<'sit'>): RoomEvent<'mic'> | null => {
		const word = words.get(sit.author);
		return word?.body.sit === sit.id ? word : null;
	};
	const isOpen = (sit: RoomEvent<'sit'>): boolean => {
		const word = wordOn(sit);
		if (word === null || !word.body.open) return false;
		const { lamport } = word;
		if (floor.at(lamport) && !isPrivileged(sit.author, lamport)) return false;
		return lamport > mutedAt(sit, lamport);
	};
	return {
		isOpen,
		isSilenced(sit) {
			if (isOpen(sit)) return false;
			const lamport = Math.max(sit.lamport, wordOn(sit)?.lamport ?? 0);
			return mutedAt(sit, lamport) >= lamport || (floor.now && !isPrivileged(sit.author, lamport));
		},
		floorHeld: floor.now
	};
}

/** Lamport times of the last mutings: of one seat, of all by the host, of all by anybody. */
function mutingsOf(room: Authorised): {
	readonly bySeat: ReadonlyMap<EventId, number>;
	readonly allByHost: number;
	readonly all: number;
} {
	const bySeat = new Map<EventId, number>();
	let [allByHost, all] = [0, 0];
	// In Lamport order, so that the last one stands.
	for (const { author, lamport, body } of room.acts) {
		if (body.kind === 'mute') bySeat.set(body.sit, lamport);
		if (body.kind !== 'mute-all') continue;
		all = lamport;
		if (author === room.opened.host) allByHost = lamport;
	}
	return { bySeat, allByHost, all };
}

/** Each author's last word. */
export function newest<E extends RoomEvent>(events: readonly E[]): Map<PeerId, E> {
	return new Map([...events].sort(bySequence).map((event) => [event.author, event]));
}
