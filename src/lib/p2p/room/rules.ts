/** Who may do what: for our own wishes, so that the screen can say why not, and for what others send. */
import type { EventBody, RoomEvent } from '../wire/event.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import { SEATS_MAX } from '../wire/limits.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { RoomState } from './fold.ts';
import type { RoomLog } from './log.ts';

/** What somebody wants to happen in the room. */
export type Ask =
	| { readonly type: 'ask'; readonly name: string }
	| { readonly type: 'unask' }
	| { readonly type: 'invite'; readonly peer: PeerId }
	| { readonly type: 'accept'; readonly invitation: EventId; readonly name: string }
	| { readonly type: 'decline'; readonly invitation: EventId }
	| { readonly type: 'step-down' }
	| { readonly type: 'mute' }
	| { readonly type: 'unmute' }
	| { readonly type: 'unseat'; readonly peer: PeerId }
	/** The host goes on stage. */
	| { readonly type: 'take-seat'; readonly name: string };

export type Permission =
	| { readonly ok: true; readonly draft: EventBody }
	| { readonly ok: false; readonly reason: Refusal };

/** The event that makes the wish come true, or why it would not. */
export function may(state: RoomState, me: PeerId, wish: Ask): Permission {
	if (state.opened === null) return no('not-joined');
	switch (wish.type) {
		case 'ask':
			return seatOf(state, me) === undefined
				? yes({ kind: 'ask', name: wish.name })
				: no('already-on-stage');
		case 'unask':
			return yes({ kind: 'unask' });
		case 'invite':
			return mayInvite(state, me, wish.peer);
		case 'accept':
			return mayAccept(state, me, wish);
		case 'decline':
			return isInvited(state, me, wish.invitation)
				? yes({ kind: 'decline', invite: wish.invitation })
				: no('not-invited');
		case 'step-down':
			return fromSeat(state, me, (sit) => ({ kind: 'stand', sit }));
		case 'mute':
		case 'unmute':
			return fromSeat(state, me, (sit) => ({ kind: 'mic', sit, open: wish.type === 'unmute' }));
		case 'unseat':
			if (me !== state.opened.host) return no('not-host');
			return fromSeat(state, wish.peer, (sit) => ({ kind: 'unseat', sit }));
		case 'take-seat':
			if (me !== state.opened.host) return no('not-host');
			if (seatOf(state, me) !== undefined) return no('already-on-stage');
			return yes({ kind: 'sit', invite: null, name: wish.name });
	}
}

function mayInvite(state: RoomState, me: PeerId, peer: PeerId): Permission {
	if (me !== state.opened?.host) return no('not-host');
	// The host needs no invitation, and one to itself would never be answered.
	if (peer === me || seatOf(state, peer) !== undefined) return no('already-on-stage');
	return isStageFull(state) ? no('stage-full') : yes({ kind: 'invite', to: peer });
}

function mayAccept(
	state: RoomState,
	me: PeerId,
	wish: Extract<Ask, { readonly type: 'accept' }>
): Permission {
	if (seatOf(state, me) !== undefined) return no('already-on-stage');
	if (!isInvited(state, me, wish.invitation)) return no('not-invited');
	if (isStageFull(state)) return no('stage-full');
	return yes({ kind: 'sit', invite: wish.invitation, name: wish.name });
}

function fromSeat(state: RoomState, peer: PeerId, draft: (sit: EventId) => EventBody): Permission {
	const seat = seatOf(state, peer);
	return seat === undefined ? no('not-on-stage') : yes(draft(seat.sit));
}

function isInvited(state: RoomState, me: PeerId, invitation: EventId): boolean {
	return state.invitations.some(({ id, to }) => id === invitation && to === me);
}

/** One seat is always kept for the host. */
function isStageFull(state: RoomState): boolean {
	return state.seats.filter((seat) => seat.role !== 'host').length >= SEATS_MAX - 1;
}

const seatOf = (state: RoomState, peer: PeerId) => state.seats.find((seat) => seat.peer === peer);

const yes = (draft: EventBody): Permission => ({ ok: true, draft });
const no = (reason: Refusal): Permission => ({ ok: false, reason });

/** The same three words as of a gossip validator: pass it on, drop it, hold it against whoever sent it. */
export type Judgement = 'accept' | 'ignore' | 'reject';

/**
 * What to do with another's event, its signature already checked, before it is added. Rejected is only what
 * no honest peer passes on, whatever it knows: others may know more, or less, than we.
 */
export function judge(log: RoomLog, event: RoomEvent): Judgement {
	const outcome = log.weigh(event);
	if (outcome === 'added') return 'accept';
	// Repeating old events would be a cheap flood; who lacks one gets it from a neighbour.
	if (outcome === 'known') return 'ignore';
	switch (outcome.rejected) {
		case 'wrong-room':
		case 'bad-open':
		case 'before-open':
		case 'not-host':
			return 'reject';
		// Presence is counted up the tree, from link to link, and never gossiped.
		case 'not-of-the-log':
		case 'early':
		case 'superseded':
		case 'log-full':
			return 'ignore';
	}
}
