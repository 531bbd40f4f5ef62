/** What may stand in a room's log at all: by whom, and on what. Asked by the log and by the fold alike. */
import { isKind, PASSED_BY, type RoomEvent } from '../wire/event.ts';
import { roomIdOf, type PeerId, type RoomId } from '../wire/ids.ts';
import { isAct, powerOver } from './acts.ts';

/** Who has a say, as far as the events before tell. */
export interface Standing {
	/** Null until the room's opening event is known. */
	readonly host: PeerId | null;
	/** Everybody the host, or whom the host ever named, ever invited. */
	readonly invited: ReadonlySet<PeerId>;
	/** Everybody the host ever named a co-host, whatever became of that. */
	readonly named: ReadonlySet<PeerId>;
}

/** The same while it grows. It never shrinks: what a log has taken it need not give back. */
export interface GrowingStanding extends Standing {
	host: PeerId | null;
	readonly invited: Set<PeerId>;
	readonly named: Set<PeerId>;
}

export const noStanding = (): GrowingStanding => ({
	host: null,
	invited: new Set(),
	named: new Set()
});

/** What an event that was let in means for those that come after. */
export function noteStanding(standing: GrowingStanding, event: RoomEvent): void {
	if (isKind(event, 'open')) standing.host ??= event.author;
	if (isKind(event, 'name-cohost')) standing.named.add(event.body.to);
	if (isKind(event, 'invite')) standing.invited.add(event.body.to);
}

export type Inadmissible =
	/** Never valid, whatever else becomes known. */
	| 'wrong-room'
	/** Presence, reactions, captions and chat have ways of their own. */
	| 'not-of-the-log'
	/** An opening by somebody else than the room's id says, or not as its first event. */
	| 'bad-open'
	/** Lamport time 1 is the opening's; everything else comes after. */
	| 'before-open'
	/** What only the host may do in another's hand, or a seat without invitation. */
	| 'not-host'
	/** Stands on something not known yet: the opening, an invitation or a certificate of its author. */
	| 'early';

/** Null where the event may stand in the log of `room`. */
export function inadmissible(
	room: RoomId,
	standing: Standing,
	event: RoomEvent
): Inadmissible | null {
	if (event.room !== room) return 'wrong-room';
	if (PASSED_BY.has(event.body.kind)) return 'not-of-the-log';
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
	if (isAct(event)) {
		if (powerOver(event.body.kind) === 'host') return 'not-host';
		// Whether the certificate covers it is for the fold to say, which sees all that bears on it.
		return standing.named.has(event.author) ? null : 'early';
	}
	if (isKind(event, 'ask') || isKind(event, 'unask')) return null;
	if (isKind(event, 'sit') && event.body.invite === null) return 'not-host';
	return standing.invited.has(event.author) ? null : 'early';
}
