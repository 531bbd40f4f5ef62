/**
 * What the app of a host or co-host does by itself: it keeps the queue of hands in the order in which they came,
 * and, where not only the invited may speak, answers hands with invitations.
 */
import { lacksPower, isStageFull, type Actor } from '../room/powers.ts';
import type { Hand } from '../room/state.ts';
import { headOf, type PeerId } from '../wire/ids.ts';
import { QUEUE_HANDS_MAX, SEATS_MAX, SPOKEN_MAX } from '../wire/limits.ts';
import type { Clerk } from './clerk-state.ts';
import { draft } from './draft.ts';
import type { PeerOutput } from './io.ts';
import { isHost, isJoined, knowsOwnEvents, numbersOf, type PeerState } from './state.ts';

/** The order of hands is signed at most this often: it goes to everybody. */
const QUEUE_EVERY_MS = 2_000;
/** A co-host does what the host's app would have done by now, the next co-host as much later. */
const STAND_IN_MS = 4_000;
/** Who was invited and does not come keeps no place on stage from others for longer than this. */
const INVITE_PATIENCE_MS = 30_000;

/** To be called whenever the room has changed. As many as there are hands, which the log bounds. */
export function noteHands({ room, clerk }: PeerState, nowMs: number): void {
	const up = new Set(room.hands.map(({ event }) => event));
	for (const event of clerk.seen.keys()) if (!up.has(event)) clerk.seen.delete(event);
	for (const event of up) if (!clerk.seen.has(event)) clerk.seen.set(event, nowMs);
}

/** Signs the order of hands where some have no place in it yet. A hand alone needs none. */
export function keepQueue(peer: PeerState, nowMs: number): PeerOutput[] {
	const { clerk, room } = peer;
	if (nowMs < clerk.nextQueueMs || room.hands.length < 2) return [];
	const settled = room.hands.filter(({ placed }) => placed);
	const waiting = room.hands.filter(({ placed }) => !placed);
	if (waiting.length === 0 || settled.length >= QUEUE_HANDS_MAX) return [];
	if (!isOurTurn(peer, oldest(clerk, waiting), nowMs)) return [];
	clerk.nextQueueMs = nowMs + QUEUE_EVERY_MS;
	const order = [...clerk.seen.keys()];
	const came = [...waiting].sort((a, b) => order.indexOf(a.event) - order.indexOf(b.event));
	const hands = [...settled, ...came].map(({ event }) => headOf(event));
	return [draft(peer, { kind: 'queue', hands: hands.slice(0, QUEUE_HANDS_MAX) })];
}

/** Invites the first hand that may come up by itself, while there is a place. */
export function openTheStage(peer: PeerState, nowMs: number): PeerOutput[] {
	const { clerk, room } = peer;
	if (room.speakers === 'invited' || room.hands.length === 0 || isStageFull(room)) return [];
	for (const [who, atMs] of clerk.answered) {
		if (nowMs - atMs >= INVITE_PATIENCE_MS) clerk.answered.delete(who);
	}
	if (placesLeft(peer) <= 0) return [];
	const hand = room.hands.find(({ peer: who }) => comesUp(peer, who));
	if (hand === undefined || !isOurTurn(peer, oldest(clerk, [hand]), nowMs)) return [];
	clerk.answered.set(hand.peer, nowMs);
	return [draft(peer, { kind: 'invite', to: hand.peer })];
}

/** The host's own follows count: those of a co-host are nobody's measure. */
function comesUp(peer: PeerState, who: PeerId): boolean {
	const { clerk, room } = peer;
	if (clerk.answered.has(who)) return false;
	return room.speakers === 'everyone' || (isHost(peer) && clerk.follows.has(who));
}

/** Seats nobody has, nor was lately invited to by us. */
function placesLeft({ room, clerk }: PeerState): number {
	const seated = room.seats.filter(({ role }) => role !== 'host').length;
	const coming = [...clerk.answered.keys()].filter(
		(who) => !room.seats.some((seat) => seat.peer === who)
	);
	return SEATS_MAX - 1 - seated - coming.length;
}

const oldest = (clerk: Clerk, hands: readonly Hand[]): number =>
	Math.min(...hands.map(({ event }) => clerk.seen.get(event) ?? Number.POSITIVE_INFINITY));

/** The host's at once; a co-host's where neither the host nor a co-host named before has done it by now. */
function isOurTurn(peer: PeerState, sinceMs: number, nowMs: number): boolean {
	const { room, options } = peer;
	const actor: Actor = { state: room, me: options.me, numbers: numbersOf(peer) };
	if (!isJoined(peer) || !knowsOwnEvents(peer)) return false;
	if (lacksPower(actor, 'queue') !== null) return false;
	if (isHost(peer)) return true;
	const place = room.cohosts.findIndex((cohost) => cohost.peer === options.me);
	return nowMs - sinceMs >= STAND_IN_MS * (1 + place);
}

/** One tick of voice, for who wants to see those first who have been heard least. */
export function noteSpoken({ spoken }: PeerState, who: PeerId): void {
	const ticks = (spoken.get(who) ?? 0) + 1;
	if (ticks === 1 || spoken.size >= SPOKEN_MAX) spoken.delete(who);
	spoken.set(who, ticks);
	if (spoken.size <= SPOKEN_MAX) return;
	for (const first of spoken.keys()) {
		spoken.delete(first);
		return;
	}
}
