/** Who may do what: for our own wishes, so that the screen can say why not, and for what others send. */
import type { EventBody, RoomEvent } from '../wire/event.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import type { Consent } from '../wire/recording.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { RoomState } from './fold.ts';
import type { RoomLog } from './log.ts';
import { isOut, isStageFull, mayAct, seatOf, type ActAsk, type Numbers } from './powers.ts';

/** What somebody wants to happen in the room. */
export type Ask = OwnAsk | ActAsk;

/** What is one's own to decide. */
type OwnAsk =
	| { readonly type: 'ask'; readonly name: string }
	| { readonly type: 'unask' }
	| { readonly type: 'accept'; readonly invitation: EventId; readonly name: string }
	| { readonly type: 'decline'; readonly invitation: EventId }
	| { readonly type: 'step-down' }
	| { readonly type: 'mute' }
	| { readonly type: 'unmute' }
	/** What may be recorded of me. */
	| { readonly type: 'consent'; readonly answer: Consent }
	/** The host goes on stage. */
	| { readonly type: 'take-seat'; readonly name: string };

export type Permission =
	| { readonly ok: true; readonly draft: EventBody }
	| { readonly ok: false; readonly reason: Refusal };

const NOBODY_SPOKE: Numbers = { sequenceOf: () => 0, lastActOf: () => 0, nowMs: 0 };

/** The event that makes the wish come true, or why it would not. */
export function may(
	state: RoomState,
	me: PeerId,
	wish: Ask,
	numbers: Numbers = NOBODY_SPOKE
): Permission {
	if (state.opened === null) return no('not-joined');
	if (state.ended !== null) return no('ended');
	if (isOwn(wish)) return mayForMyself(state, me, wish);
	return mayAct({ state, me, numbers }, wish);
}

function isOwn(wish: Ask): wish is OwnAsk {
	switch (wish.type) {
		case 'ask':
		case 'unask':
		case 'accept':
		case 'decline':
		case 'step-down':
		case 'mute':
		case 'unmute':
		case 'consent':
		case 'take-seat':
			return true;
		case 'invite':
		case 'unseat':
		case 'mute-one':
		case 'mute-all':
		case 'floor':
		case 'speakers':
		case 'lower':
		case 'clear':
		case 'remove':
		case 'readmit':
		case 'pin':
		case 'unpin':
		case 'settings':
		case 'name-cohost':
		case 'unname-cohost':
		case 'door':
		case 'captions':
		case 'chat':
		case 'recording':
		case 'end':
			return false;
	}
}

function mayForMyself(state: RoomState, me: PeerId, wish: OwnAsk): Permission {
	switch (wish.type) {
		case 'ask':
			if (isOut(state, me)) return no('removed');
			return seatOf(state, me) === undefined
				? yes({ kind: 'ask', name: wish.name })
				: no('already-on-stage');
		case 'unask':
			return yes({ kind: 'unask' });
		case 'accept':
			return mayAccept(state, me, wish);
		case 'decline':
			return isInvited(state, me, wish.invitation)
				? yes({ kind: 'decline', invite: wish.invitation })
				: no('not-invited');
		case 'step-down':
			return fromSeat(state, me, (sit) => ({ kind: 'stand', sit }));
		case 'mute':
			return fromSeat(state, me, (sit) => ({ kind: 'mic', sit, open: false }));
		case 'unmute':
			if (isHeld(state, me)) return no('floor-held');
			return fromSeat(state, me, (sit) => ({ kind: 'mic', sit, open: true }));
		case 'consent':
			return isOnTheWay(state, me)
				? yes({ kind: 'consent', answer: wish.answer })
				: no('not-invited');
		case 'take-seat':
			if (me !== state.opened?.host) return no('not-host');
			if (seatOf(state, me) !== undefined) return no('already-on-stage');
			return yes({ kind: 'sit', invite: null, name: wish.name });
	}
}

/** On stage while the floor is held, and neither host nor co-host: what is said now of the own microphone does not open it. */
function isHeld(state: RoomState, me: PeerId): boolean {
	if (!state.floorHeld || me === state.opened?.host) return false;
	return seatOf(state, me) !== undefined && !state.cohosts.some(({ peer }) => peer === me);
}

/** Muted, and kept so by the floor. */
export function isHeldDown(state: RoomState, me: PeerId): boolean {
	return isHeld(state, me) && seatOf(state, me)?.micOpen === false;
}

/** On stage, or asked up: a stranger's word would not get into the log. */
function isOnTheWay(state: RoomState, me: PeerId): boolean {
	const { opened, invitations } = state;
	const isInvited = invitations.some(({ to }) => to === me);
	return me === opened?.host || isInvited || seatOf(state, me) !== undefined;
}

function mayAccept(
	state: RoomState,
	me: PeerId,
	wish: Extract<OwnAsk, { readonly type: 'accept' }>
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

const yes = (draft: EventBody): Permission => ({ ok: true, draft });
const no = (reason: Refusal): Permission => ({ ok: false, reason });

/** The same three words as of a gossip validator: pass it on, drop it, hold it against whoever sent it. */
export type Judgement = 'accept' | 'ignore' | 'reject';

const nobodyIsOut = (): boolean => false;

/**
 * What to do with another's event, its signature already checked, before it is added. Rejected is only what
 * no honest peer passes on, whatever it knows: others may know more, or less, than we. So what somebody says who is
 * out goes no further by us, and is held against nobody: word of the removal may be behind it.
 */
export function judge(
	log: RoomLog,
	event: RoomEvent,
	isOutcast: (peer: PeerId) => boolean = nobodyIsOut
): Judgement {
	const outcome = log.weigh(event);
	if (outcome === 'added') return isOutcast(event.author) ? 'ignore' : 'accept';
	// Repeating old events would be a cheap flood; who lacks one gets it from a neighbour.
	if (outcome === 'known') return 'ignore';
	switch (outcome.rejected) {
		case 'wrong-room':
		case 'bad-open':
		case 'before-open':
		case 'not-host':
			return 'reject';
		// Presence is counted up the tree, and never gossiped; a certificate of the author may be on the way here.
		case 'not-of-the-log':
		case 'early':
		case 'superseded':
		case 'log-full':
			return 'ignore';
	}
}
