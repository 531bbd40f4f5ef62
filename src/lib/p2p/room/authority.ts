/**
 * The first pass over a room's events: whose room it is, what may stand in it, and who cheated. The second
 * pass, `stage.ts`, sees only what is left.
 */
import { isKind, type RoomEvent } from '../wire/event.ts';
import type { EventId, PeerId, RoomId } from '../wire/ids.ts';
import { inadmissible, isLasting } from './admission.ts';
import { byId, byLamport, byRank } from './order.ts';
import type { Opened } from './state.ts';

/** Two or more lasting events of one author under one sequence number. */
export interface Equivocation {
	readonly author: PeerId;
	readonly events: readonly RoomEvent[];
	/** Lamport time of the latest of them. */
	readonly lamport: number;
}

export interface Authorised {
	readonly opened: Opened;
	/** In the order of rank, Lamport time and id. */
	readonly events: readonly RoomEvent[];
	readonly equivocations: readonly Equivocation[];
	/** Void: events of an equivocation. What they give is not given; what they take away stays taken. */
	readonly voided: ReadonlySet<EventId>;
}

/** Null while the opening event is not among `events`. */
export function authorise(room: RoomId, events: Iterable<RoomEvent>): Authorised | null {
	const distinct = [...new Map([...events].map((event) => [event.id, event])).values()];
	const opening = openingOf(room, distinct);
	if (opening === null) return null;
	const host = opening.author;
	const invited = new Set<PeerId>();
	const admitted = distinct.sort(byRank(host)).filter((event) => {
		if (inadmissible(room, { host, invited }, event) !== null) return false;
		if (isKind(event, 'invite')) invited.add(event.body.to);
		return true;
	});
	const equivocations = equivocationsIn(admitted);
	const { title, hostName, createdAtMs } = opening.body;
	return {
		opened: { host, title, hostName, createdAtMs },
		events: admitted,
		equivocations,
		voided: new Set(equivocations.flatMap(({ events: pair }) => pair.map((event) => event.id)))
	};
}

/** Of two openings the lower id counts: a host who cheats here has cheated only about a title. */
function openingOf(room: RoomId, events: readonly RoomEvent[]): RoomEvent<'open'> | null {
	const nobody = { host: null, invited: new Set<PeerId>() };
	const openings = events
		.filter((event) => isKind(event, 'open'))
		.filter((event) => inadmissible(room, nobody, event) === null);
	return openings.sort(byId)[0] ?? null;
}

/** Hands and microphones are left out: nobody can build on them, and they come and go. */
function equivocationsIn(events: readonly RoomEvent[]): Equivocation[] {
	const numbered = Map.groupBy(
		events.filter(isLasting),
		(event) => `${event.author} ${event.sequence}`
	);
	return [...numbered.values()].flatMap((group) => {
		const [first, second] = group;
		if (first === undefined || second === undefined) return [];
		const lamport = Math.max(...group.map((event) => event.lamport));
		return [{ author: first.author, events: group.sort(byLamport), lamport }];
	});
}
