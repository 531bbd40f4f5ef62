/** Wishes of those who moderate: the act that makes each come true, or why it would not. */
import { hasPower, scopeOf, type Power, type Settings, type Speakers } from '../wire/act.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import {
	COHOST_EVENTS,
	COHOSTS_MAX,
	END_WORDS_BYTES_MAX,
	LINK_BYTES_MAX,
	PIN_TEXT_BYTES_MAX,
	PINS_MAX,
	SEATS_MAX,
	TITLE_BYTES_MAX
} from '../wire/limits.ts';
import type { RecordingState } from '../wire/recording.ts';
import type { Refusal } from '../wire/refusal.ts';
import { cleanLink, cleanText } from '../wire/text.ts';
import { powerOver, type ActEvent, type AnyActKind } from './acts.ts';
import type { Cohost, RoomState, Seat } from './state.ts';

/** What the host wants to do, and co-hosts as far as their certificate goes. */
export type ActAsk =
	| { readonly type: 'invite'; readonly peer: PeerId }
	/** Takes the microphone back. */
	| { readonly type: 'unseat'; readonly peer: PeerId }
	| { readonly type: 'mute-one'; readonly peer: PeerId }
	| { readonly type: 'mute-all' }
	| { readonly type: 'floor'; readonly held: boolean }
	| { readonly type: 'speakers'; readonly who: Speakers }
	/** Declines a hand. */
	| { readonly type: 'lower'; readonly peer: PeerId }
	| { readonly type: 'clear' }
	| { readonly type: 'remove'; readonly peer: PeerId; readonly block: boolean }
	| { readonly type: 'readmit'; readonly peer: PeerId }
	| { readonly type: 'pin'; readonly text: string; readonly link: string }
	| { readonly type: 'unpin'; readonly pin: EventId }
	| { readonly type: 'settings'; readonly settings: Settings }
	/**
	 * `events`: how many of its own the certificate covers; COHOST_EVENTS where it is not said. `lastsMs`: after so long
	 * the host's app takes it back; never by itself where it is not said.
	 */
	| {
			readonly type: 'name-cohost';
			readonly peer: PeerId;
			readonly powers: readonly Power[];
			readonly events?: number;
			readonly lastsMs?: number;
	  }
	/** `undo`: what it has done counts no more either. */
	| { readonly type: 'unname-cohost'; readonly peer: PeerId; readonly undo: boolean }
	/** Closes the door of a locked room, or opens it. */
	| { readonly type: 'door'; readonly closed: boolean }
	/** Asks for captions of what is said, or wants none any more. */
	| { readonly type: 'captions'; readonly on: boolean }
	/** Lets people write beside the sound, or no more. */
	| { readonly type: 'chat'; readonly on: boolean }
	/** Whether the host's app records, and whether that is kept. */
	| { readonly type: 'recording'; readonly state: RecordingState; readonly kept: boolean }
	| { readonly type: 'end'; readonly words: string };

/** What certificates are made of, and taken back by. */
export interface Numbers {
	/** The highest sequence number known of somebody; 0 of who has said nothing. */
	readonly sequenceOf: (peer: PeerId) => number;
	/** The same of acts alone: an act is seen by all, where any other number may be made up to hide things behind. */
	readonly lastActOf: (peer: PeerId) => number;
	/** By our own clock, epoch ms. */
	readonly nowMs: number;
}

/** Who wants it, in what room. */
export interface Actor {
	readonly state: RoomState;
	readonly me: PeerId;
	readonly numbers: Numbers;
}

type ActBody = ActEvent['body'];
export type ActPermission =
	{ readonly ok: true; readonly draft: ActBody } | { readonly ok: false; readonly reason: Refusal };

/** Null where `me` has the power that an act of this kind takes. */
export function lacksPower(actor: Actor, kind: AnyActKind): Refusal | null {
	const { state, me } = actor;
	if (me === state.opened?.host) return null;
	const need = powerOver(kind);
	if (need === 'host') return 'not-host';
	const cohost = state.cohosts.find(({ peer }) => peer === me);
	if (cohost === undefined || !hasPower(cohost.scope, need)) return 'no-power';
	return isSpent(cohost, actor.numbers) ? 'expired' : null;
}

/** Its time is over, or the numbers it covers are used up: nothing more is signed on it. */
export function isSpent(cohost: Cohost, numbers: Numbers): boolean {
	return isOverdue(cohost, numbers.nowMs) || numbers.sequenceOf(cohost.peer) >= cohost.through;
}

/** The host has set it a time, which is over. */
export const isOverdue = ({ untilMs }: Cohost, nowMs: number): boolean =>
	untilMs !== 0 && nowMs >= untilMs;

export function mayAct(actor: Actor, wish: ActAsk): ActPermission {
	const reason = lacksPower(actor, kindOf(wish));
	return reason === null ? actFor(actor, wish) : no(reason);
}

const kindOf = (wish: ActAsk): AnyActKind => (wish.type === 'mute-one' ? 'mute' : wish.type);

function actFor(actor: Actor, wish: ActAsk): ActPermission {
	const { state } = actor;
	switch (wish.type) {
		case 'invite':
			return invite(actor, wish.peer);
		case 'unseat':
			return onSeat(actor, wish.peer, (sit) => ({ kind: 'unseat', sit }));
		case 'mute-one':
			return onSeat(actor, wish.peer, (sit) => ({ kind: 'mute', sit }));
		case 'mute-all':
		case 'clear':
			return yes({ kind: wish.type });
		case 'floor':
			return yes({ kind: 'floor', held: wish.held });
		case 'speakers':
			return yes({ kind: 'speakers', who: wish.who });
		case 'lower':
			return state.hands.some(({ peer }) => peer === wish.peer)
				? yes({ kind: 'lower', who: wish.peer })
				: no('no-hand');
		case 'remove':
			return remove(actor, wish);
		case 'readmit':
			return readmit(actor, wish.peer);
		case 'pin':
			return pin(state, wish);
		case 'unpin':
			return state.pins.some(({ id }) => id === wish.pin)
				? yes({ kind: 'unpin', pin: wish.pin })
				: no('no-pin');
		case 'settings':
			return cleanText(wish.settings.title, TITLE_BYTES_MAX) === ''
				? no('empty')
				: yes({ kind: 'settings', ...wish.settings });
		case 'name-cohost':
			return nameCohost(actor, wish);
		case 'unname-cohost':
			return unnameCohost(actor, wish);
		case 'door':
			return state.lock === null ? no('not-locked') : yes({ kind: 'door', closed: wish.closed });
		case 'captions':
			return yes({ kind: 'captions', on: wish.on });
		case 'chat':
			return yes({ kind: 'chat', on: wish.on });
		case 'recording':
			return yes({ kind: 'recording', state: wish.state, kept: wish.kept });
		case 'end':
			return yes({ kind: 'end', words: cleanText(wish.words, END_WORDS_BYTES_MAX) });
	}
}

function invite({ state }: Actor, peer: PeerId): ActPermission {
	if (isOut(state, peer)) return no('removed');
	// The host needs no invitation, and one to itself would never be answered. A co-host may invite itself.
	if (peer === state.opened?.host || seatOf(state, peer) !== undefined)
		return no('already-on-stage');
	if (isStageFull(state)) return no('stage-full');
	return yes({ kind: 'invite', to: peer });
}

function onSeat(actor: Actor, peer: PeerId, draft: (sit: EventId) => ActBody): ActPermission {
	const seat = seatOf(actor.state, peer);
	if (seat === undefined) return no('not-on-stage');
	return isAbove(actor, peer) ? no('outranked') : yes(draft(seat.sit));
}

function remove(actor: Actor, wish: Extract<ActAsk, { readonly type: 'remove' }>): ActPermission {
	const { state, me } = actor;
	const { peer: who, block } = wish;
	if (who === me || isAbove(actor, who)) return no('outranked');
	const before = state.removed.find((removed) => removed.peer === who);
	// Removing once more is only worth a word where it becomes a block.
	if (before !== undefined && (before.blocked || !block)) return no('removed');
	return yes({ kind: 'remove', who, block });
}

function readmit({ state, me }: Actor, who: PeerId): ActPermission {
	const removed = state.removed.find(({ peer }) => peer === who);
	if (removed === undefined) return no('not-removed');
	const host = state.opened?.host;
	return removed.by === host && me !== host ? no('outranked') : yes({ kind: 'readmit', who });
}

function pin(
	state: RoomState,
	wish: { readonly text: string; readonly link: string }
): ActPermission {
	const text = cleanText(wish.text, PIN_TEXT_BYTES_MAX);
	const link = cleanLink(wish.link, LINK_BYTES_MAX);
	if ((text === '' && link === '') || (link === '' && wish.link.trim() !== '')) return no('empty');
	return state.pins.length >= PINS_MAX ? no('pins-full') : yes({ kind: 'pin', text, link });
}

function nameCohost(
	{ state, me, numbers }: Actor,
	wish: Extract<ActAsk, { readonly type: 'name-cohost' }>
): ActPermission {
	const { peer: to, powers, events = COHOST_EVENTS, lastsMs } = wish;
	if (to === me) return no('outranked');
	if (isOut(state, to)) return no('removed');
	const others = state.cohosts.filter(({ peer }) => peer !== to);
	if (others.length >= COHOSTS_MAX) return no('cohosts-full');
	const through = Math.min(SEQUENCE_MAX, numbers.sequenceOf(to) + events);
	const untilMs = lastsMs === undefined ? 0 : Math.round(numbers.nowMs + lastsMs);
	return yes({ kind: 'name-cohost', to, scope: scopeOf(powers), through, untilMs });
}

/** Also for who was un-named before: whatever it has dated back since can still be undone. */
function unnameCohost(
	{ state, numbers }: Actor,
	wish: Extract<ActAsk, { readonly type: 'unname-cohost' }>
): ActPermission {
	const { peer: who, undo } = wish;
	if (undo) return yes({ kind: 'unname-cohost', who, seen: 0 });
	const cohost = state.cohosts.find(({ peer }) => peer === who);
	if (cohost === undefined) return no('no-cohost');
	// What lies beyond the certificate never counted, and would only leave numbers free below it.
	const seen = Math.min(numbers.lastActOf(who), cohost.through);
	return yes({ kind: 'unname-cohost', who, seen });
}

/** Sequence numbers are u32. */
const SEQUENCE_MAX = 2 ** 32 - 1;

/** Nobody but the host acts on the host or a co-host; each may on itself. */
export function isAbove({ state, me }: Actor, peer: PeerId): boolean {
	const host = state.opened?.host;
	if (me === host || peer === me) return false;
	return peer === host || state.cohosts.some((cohost) => cohost.peer === peer);
}

export const isOut = (state: RoomState, peer: PeerId): boolean =>
	state.removed.some((removed) => removed.peer === peer);

/** One seat is always kept for the host. */
export function isStageFull(state: RoomState): boolean {
	return state.seats.filter((seat) => seat.role !== 'host').length >= SEATS_MAX - 1;
}

export const seatOf = (state: RoomState, peer: PeerId): Seat | undefined =>
	state.seats.find((seat) => seat.peer === peer);

const yes = (draft: ActBody): ActPermission => ({ ok: true, draft });
const no = (reason: Refusal): ActPermission => ({ ok: false, reason });
