/** What may stand in a room's log at all: by whom, and on what. Asked by the log and by the fold alike. */
import { isKind, type RoomEvent } from '../wire/event.ts';
import { roomIdOf, type PeerId, type RoomId } from '../wire/ids.ts';

/** Who has a say, as far as the events before tell. */
export interface Standing {
	/** Null until the room's opening event is known. */
	readonly host: PeerId | null;
	/** Everybody the host ever invited. */
	readonly invited: ReadonlySet<PeerId>;
}

export type Inadmissible =
	/** Never valid, whatever else becomes known. */
	| 'wrong-room'
	/** Presence is shown and not remembered. */
	| 'not-of-the-log'
	/** An opening by somebody else than the room's id says, or not as its first event. */
	| 'bad-open'
	/** Lamport time 1 is the opening's; everything else comes after. */
	| 'before-open'
	/** A power of the host in another's hand, or a seat without invitation. */
	| 'not-host'
	/** Stands on something not known yet: the opening, or an invitation of its author. */
	| 'early';

/** Null where the event may stand in the log of `room`. */
export function inadmissible(
	room: RoomId,
	standing: Standing,
	event: RoomEvent
): Inadmissible | null {
	if (event.room !== room) return 'wrong-room';
	if (event.body.kind === 'here') return 'not-of-the-log';
	if (event.body.kind === 'open') return isOpening(room, event) ? null : 'bad-open';
	if (event.lamport <= 1) return 'before-open';
	if (standing.host === null) return 'early';
	return event.author === standing.host ? null : refusedToMember(standing, event);
}

/** Who hashes to the room's id is its host: no second key does. */
function isOpening(room: RoomId, event: RoomEvent): boolean {
	if (!isKind(event, 'open') || event.sequence !== 1 || event.lamport !== 1) return false;
	return roomIdOf(event.authorKey, event.body.nonce) === room;
}

/** Strangers raise hands and nothing else: whatever else a crowd of made-up people signs costs us no room. */
function refusedToMember(standing: Standing, event: RoomEvent): Inadmissible | null {
	const { kind } = event.body;
	switch (kind) {
		case 'ask':
		case 'unask':
			return null;
		case 'invite':
		case 'unseat':
			return 'not-host';
		case 'sit':
			if (isKind(event, 'sit') && event.body.invite === null) return 'not-host';
			return standing.invited.has(event.author) ? null : 'early';
		case 'decline':
		case 'stand':
		case 'mic':
			return standing.invited.has(event.author) ? null : 'early';
		case 'open':
			return 'bad-open';
		case 'here':
			return 'not-of-the-log';
	}
}

/**
 * Events that others may have built on, and that are kept. The rest (hands, microphones) say how things are
 * just now: the author's newest replaces the ones before.
 */
export function isLasting(event: RoomEvent): boolean {
	const { kind } = event.body;
	return kind !== 'ask' && kind !== 'unask' && kind !== 'mic';
}
