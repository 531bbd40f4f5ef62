/**
 * From a set of signed events to what is true in the room. A pure function of the set: order and
 * duplication of `events` do not matter, and neither does anything that is not in the room's own events.
 */
import { isKind, type RoomEvent } from '../wire/event.ts';
import { streamOf, type PeerId, type RoomId } from '../wire/ids.ts';
import { authorise, type Authorised } from './authority.ts';
import { byLamport, bySequence } from './order.ts';
import { replay, type Stage } from './stage.ts';
import { withDigest, type Hand, type Invitation, type RoomState, type Seat } from './state.ts';

export type { Hand, Invitation, Opened, RoomState, Seat, SitRefusal } from './state.ts';

const UNOPENED: RoomState = withDigest({
	opened: null,
	seats: [],
	invitations: [],
	hands: [],
	refusals: new Map(),
	equivocators: []
});

/** The events must be verified; those of other rooms and those that nobody had a right to are passed over. */
export function fold(room: RoomId, events: Iterable<RoomEvent>): RoomState {
	const authorised = authorise(room, events);
	if (authorised === null) return UNOPENED;
	const stage = replay(authorised);
	const cheats = authorised.equivocations.map(({ author }) => author);
	return withDigest({
		opened: authorised.opened,
		seats: seatsOf(authorised, stage),
		invitations: invitationsOf(stage),
		hands: handsOf(authorised, stage),
		refusals: stage.refusals,
		equivocators: [...new Set(cheats)].sort()
	});
}

function seatsOf(room: Authorised, stage: Stage): Seat[] {
	const { host } = room.opened;
	const microphones = newest(room.events.filter((event) => isKind(event, 'mic')));
	const seats = [...stage.seats.values()].sort(byLamport).map((sit): Seat => {
		const mic = microphones.get(sit.author)?.body;
		return {
			peer: sit.author,
			name: sit.body.name,
			role: sit.author === host ? 'host' : 'speaker',
			sit: sit.id,
			stream: streamOf(sit.id),
			micOpen: mic?.sit === sit.id && mic.open,
			lamport: sit.lamport
		};
	});
	return seats.sort((a, b) => Number(b.role === 'host') - Number(a.role === 'host'));
}

function invitationsOf(stage: Stage): Invitation[] {
	const open = new Map<PeerId, Invitation>();
	for (const { id, lamport, body } of stage.invites) {
		if (stage.seats.has(body.to) || open.has(body.to)) continue;
		if (lamport > (stage.spent.get(body.to) ?? 0)) open.set(body.to, { id, to: body.to, lamport });
	}
	return [...open.values()];
}

/** An invitation answers a hand, and so does a seat; both may be of the past by now. */
function handsOf(room: Authorised, stage: Stage): Hand[] {
	const answered = new Map(stage.spent);
	for (const { lamport, body } of stage.invites) {
		answered.set(body.to, Math.max(answered.get(body.to) ?? 0, lamport));
	}
	const raised = newest(
		room.events.filter((event) => isKind(event, 'ask') || isKind(event, 'unask'))
	);
	return [...raised.values()].sort(byLamport).flatMap((event): Hand[] => {
		const { author, body, lamport, id } = event;
		if (body.kind === 'unask' || author === room.opened.host || stage.seats.has(author)) return [];
		if (lamport <= (answered.get(author) ?? 0)) return [];
		return [{ peer: author, name: body.name, event: id, lamport }];
	});
}

/** Each author's last word. */
function newest<E extends RoomEvent>(events: readonly E[]): Map<PeerId, E> {
	return new Map([...events].sort(bySequence).map((event) => [event.author, event]));
}
