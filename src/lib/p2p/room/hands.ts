/** Who waits to speak, in what order. */
import { isKind, type RoomEvent } from '../wire/event.ts';
import { headOf, type IdHead, type PeerId } from '../wire/ids.ts';
import type { Authorised } from './authority.ts';
import { newest } from './microphones.ts';
import { byLamport } from './order.ts';
import type { Stage } from './stage.ts';
import type { Hand } from './state.ts';

const NO_QUEUE = { lamport: 0, hands: [] };

/**
 * An invitation answers a hand, and so do a seat, a word of the host or a co-host, and removal; all may be of the
 * past by now. Nobody jumps the queue: a Lamport time can be dated back, so whoever keeps the queue signs in what
 * order hands came, and behind those they stand in the order of their own times.
 */
export function handsOf(room: Authorised, stage: Stage): Hand[] {
	const answered = answersOf(room, stage);
	const isUp = ({ author, body, lamport }: RoomEvent): boolean => {
		if (body.kind !== 'ask' || author === room.opened.host || stage.seats.has(author)) return false;
		if (room.outcasts.at(author, Number.POSITIVE_INFINITY)) return false;
		return lamport > Math.max(answered.all, answered.by.get(author) ?? 0);
	};
	const raised = newest(
		room.events.filter((event) => isKind(event, 'ask') || isKind(event, 'unask'))
	);
	const places = placesIn(room);
	const placeOf = ({ id }: RoomEvent): number => places.get(headOf(id)) ?? places.size;
	return [...raised.values()]
		.filter(isUp)
		.sort((a, b) => placeOf(a) - placeOf(b) || byLamport(a, b))
		.flatMap(({ author: peer, body, lamport, id }): Hand[] => {
			if (body.kind !== 'ask') return [];
			return [{ peer, name: body.name, event: id, lamport, placed: places.has(headOf(id)) }];
		});
}

/** Up to which Lamport time hands are answered: of one person, and of everybody. */
function answersOf(
	room: Authorised,
	stage: Stage
): { readonly by: ReadonlyMap<PeerId, number>; readonly all: number } {
	const by = new Map(stage.spent);
	let all = 0;
	const answer = (peer: PeerId, lamport: number): void => {
		by.set(peer, Math.max(by.get(peer) ?? 0, lamport));
	};
	for (const { lamport, body } of room.acts) {
		if (body.kind === 'invite') answer(body.to, lamport);
		if (body.kind === 'lower') answer(body.who, lamport);
		if (body.kind === 'clear') all = lamport;
	}
	return { by, all };
}

/** By the latest list; the host's, where two are of one time. */
function placesIn(room: Authorised): ReadonlyMap<IdHead, number> {
	let latest: { readonly lamport: number; readonly hands: readonly IdHead[] } = NO_QUEUE;
	for (const { author, lamport, body } of room.acts) {
		if (body.kind !== 'queue') continue;
		if (latest.lamport === lamport && author !== room.opened.host) continue;
		latest = { lamport, hands: body.hands };
	}
	return new Map(latest.hands.map((hand, place) => [hand, place]));
}
