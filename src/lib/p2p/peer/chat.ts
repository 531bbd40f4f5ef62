/**
 * Chat travels as captions do, along the tree and between speakers, each message by itself and signed; but it is
 * remembered for as long as there is room, so that who comes later can read back. Kept at all times:
 * 1. what is shown or goes on is checked, of nobody who is out of the room, while the room wants chat;
 * 2. nobody writes faster than CHAT_AUTHOR_RATE;
 * 3. each message is shown once, and what was taken back by somebody who may is gone, also where that came first.
 */
import { forgetOldest, putNewest } from '../wire/bounded.ts';
import type { ChatPiece } from '../wire/chat.ts';
import {
	CHAT_AGAIN_MS,
	CHAT_AUTHOR_RATE,
	CHAT_CATCH_UP_MS,
	CHAT_KEPT_MAX,
	CHAT_OWN_RATE,
	CHAT_PER_MESSAGE_MAX,
	CHAT_TEXT_BYTES_MAX,
	CHAT_TOLD_MAX,
	CHATTERS_REMEMBERED_MAX
} from '../wire/chat-limits.ts';
import { hasPower } from '../wire/act.ts';
import type { ControlMessage } from '../wire/control.ts';
import { encodeUnsigned, openEnvelope, type Verified } from '../wire/envelope.ts';
import { isKind, type EventBody, type RoomEvent } from '../wire/event.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import { NAME_BYTES_MAX, VERIFYING_MAX } from '../wire/limits.ts';
import { fullBucket, take, type Bucket } from '../wire/rate.ts';
import { cleanText } from '../wire/text.ts';
import type { PeerOutput } from './io.ts';
import { readable, sealTexts } from './sealed-texts.ts';
import { onwardsFrom, sideOf, sidesOf } from './sides.ts';
import { send, type PeerState } from './state.ts';

type Said = Verified<RoomEvent<'say'>>;
type Unsaid = Verified<RoomEvent<'unsay'>>;

export interface ChatCounts {
	/** Messages shown, and those of them that were taken back or went with their author. */
	shown: number;
	gone: number;
	/** Pieces sent, and their bytes. */
	sent: number;
	bytesUp: number;
	/** Turned away: too many of one author, taken back by nobody who may, while there is no chat. */
	hasty: number;
	unentitled: number;
	unwanted: number;
}

interface Kept<E> {
	readonly event: E;
	/** By our own clock, as far as those between could tell. */
	readonly seenAtMs: number;
}

export interface Chat {
	/** What is there to be read; at most CHAT_KEPT_MAX, the oldest first. */
	readonly said: Map<EventId, Kept<Said>>;
	/** By what they take back; at most CHAT_KEPT_MAX. */
	readonly unsaid: Map<EventId, Kept<Unsaid>>;
	/** What was told to the verifier and has not come back; at most VERIFYING_MAX. */
	readonly checking: Map<EventId, number>;
	/** Ids of what is gone: it may still come by another way. At most CHAT_KEPT_MAX. */
	readonly gone: Set<EventId>;
	/** At most CHATTERS_REMEMBERED_MAX. */
	readonly authors: Map<PeerId, Bucket>;
	/** Neighbours along the tree that have been told what was written before, and since when. */
	readonly caughtUp: Map<PeerId, number>;
	readonly own: Bucket;
	lastOwnMs: number;
	readonly counts: ChatCounts;
}

export function newChat(): Chat {
	return {
		said: new Map(),
		unsaid: new Map(),
		checking: new Map(),
		gone: new Set(),
		authors: new Map(),
		caughtUp: new Map(),
		own: fullBucket(CHAT_OWN_RATE),
		lastOwnMs: 0,
		counts: { shown: 0, gone: 0, sent: 0, bytesUp: 0, hasty: 0, unentitled: 0, unwanted: 0 }
	};
}

/** Our own words, to be signed; refused where there is no chat, or they come too fast. */
export function say(peer: PeerState, text: string, nowMs: number): PeerOutput[] {
	if (!peer.room.chat) return refuse(peer, 'no-chat');
	const clean = cleanText(text, CHAT_TEXT_BYTES_MAX);
	if (clean === '') return refuse(peer, 'empty');
	if (!take(peer.chat.own, CHAT_OWN_RATE, 1, nowMs)) return refuse(peer, 'too-fast');
	return [sign(peer, { kind: 'say', name: peer.options.name, text: clean }, nowMs)];
}

/** Takes back what we wrote, or, where we may remove people, what anybody wrote. */
export function unsay(peer: PeerState, said: EventId, nowMs: number): PeerOutput[] {
	const kept = peer.chat.said.get(said);
	if (kept === undefined) return [];
	if (!mayUnsay(peer, peer.options.me, kept.event)) return refuse(peer, 'no-power');
	return [sign(peer, { kind: 'unsay', said }, nowMs)];
}

function refuse(peer: PeerState, reason: NonNullable<PeerState['refusal']>): PeerOutput[] {
	peer.refusal = reason;
	return [{ type: 'view' }];
}

function sign(peer: PeerState, body: EventBody, nowMs: number): PeerOutput {
	const { chat, options } = peer;
	// Later than the one before, whatever the clock does: the same words twice are two messages.
	chat.lastOwnMs = Math.max(Math.floor(nowMs), chat.lastOwnMs + 1);
	const unsigned = encodeUnsigned({
		room: options.room,
		authorKey: options.publicKey,
		sequence: 0,
		lamport: chat.lastOwnMs,
		body: sealTexts(peer, body)
	});
	return { type: 'sign', unsigned, gossip: false };
}

/** Its author, the host, and co-hosts who may remove people. */
function mayUnsay({ room }: PeerState, who: PeerId, said: RoomEvent<'say'> | undefined): boolean {
	if (who === said?.author || who === room.opened?.host) return true;
	if (said?.author === room.opened?.host) return false;
	return room.cohosts.some(({ peer, scope }) => peer === who && hasPower(scope, 'people'));
}

export function onChat(
	peer: PeerState,
	from: PeerId,
	message: Extract<ControlMessage, { type: 'chat' }>,
	nowMs: number
): PeerOutput[] {
	// On its way somebody has moved: what it tells comes to us by another way as well.
	if (sideOf(peer, from) === null) return [];
	return message.pieces.flatMap((piece) => check(peer, piece, from, nowMs));
}

/** To the verifier, unless it is known without it that it is not wanted. */
function check(
	peer: PeerState,
	{ agoMs, signed }: ChatPiece,
	from: PeerId,
	nowMs: number
): PeerOutput[] {
	const opened = openEnvelope(signed);
	if (!opened.ok || opened.event.room !== peer.options.room || !isChat(opened.event)) {
		peer.drops.malformed++;
		return [];
	}
	const { event } = opened;
	if (!isNews(peer, event)) return [];
	if (peer.verifying >= VERIFYING_MAX) {
		peer.drops.overload++;
		return [];
	}
	peer.verifying++;
	putNewest(peer.chat.checking, event.id, nowMs - agoMs, VERIFYING_MAX);
	return [{ type: 'verify', envelope: event.bytes, from }];
}

type ChatEvent = RoomEvent<'say'> | RoomEvent<'unsay'>;

export const isChat = (event: RoomEvent): event is ChatEvent =>
	isKind(event, 'say') || isKind(event, 'unsay');

const isNews = (peer: PeerState, event: ChatEvent): boolean =>
	!isKnown(peer, event) && isWanted(peer, event) && !isTakenBack(peer, event);

function isKnown({ chat }: PeerState, event: ChatEvent): boolean {
	if (isKind(event, 'say')) return chat.said.has(event.id) || chat.gone.has(event.id);
	return chat.unsaid.has(event.body.said);
}

/** Counts what is not. */
function isWanted(peer: PeerState, event: ChatEvent): boolean {
	if (peer.out.has(event.author)) {
		peer.drops.outcast++;
		return false;
	}
	if (isKind(event, 'say') && !peer.room.chat) {
		peer.chat.counts.unwanted++;
		return false;
	}
	if (isKind(event, 'unsay')) {
		const said = peer.chat.said.get(event.body.said)?.event;
		if (!mayUnsay(peer, event.author, said)) {
			peer.chat.counts.unentitled++;
			return false;
		}
	}
	return true;
}

/** A piece whose signature holds; `from` is null for our own, and for what gossip brought, which is none of its business. */
export function takeChat(
	peer: PeerState,
	event: Verified<ChatEvent>,
	from: PeerId | null,
	nowMs: number
): PeerOutput[] {
	const { chat } = peer;
	const seenAtMs = Math.min(nowMs, chat.checking.get(event.id) ?? nowMs);
	chat.checking.delete(event.id);
	const isMine = event.author === peer.options.me;
	if (from === null && !isMine) return [];
	// Another copy may have come in the meantime, its author gone, or its end come first.
	if (!isNews(peer, event)) return [];
	const isOfBefore = from !== null && nowMs > seenAtMs && isCatchingUp(peer, from, nowMs);
	if (!isMine && !isOfBefore && !isUnhurried(peer, event.author, nowMs)) return [];
	const onwards = onwardsFrom(peer, from);
	const piece = { agoMs: Math.round(nowMs - seenAtMs), signed: event.bytes };
	return [...keep(peer, event, seenAtMs), ...onwards.flatMap((to) => tell(peer, to, [piece]))];
}

/** Who has just come beside us tells us what was written before, all at once. */
function isCatchingUp({ chat }: PeerState, from: PeerId, nowMs: number): boolean {
	return nowMs - (chat.caughtUp.get(from) ?? nowMs) < CHAT_CATCH_UP_MS;
}

function isUnhurried({ chat }: PeerState, author: PeerId, nowMs: number): boolean {
	const bucket = chat.authors.get(author) ?? fullBucket(CHAT_AUTHOR_RATE);
	putNewest(chat.authors, author, bucket, CHATTERS_REMEMBERED_MAX);
	if (take(bucket, CHAT_AUTHOR_RATE, 1, nowMs)) return true;
	chat.counts.hasty++;
	return false;
}

/** Its taking back came by a quicker way; whether that was for its author to say is known only now. */
function isTakenBack(peer: PeerState, event: ChatEvent): boolean {
	if (!isKind(event, 'say')) return false;
	const unsaid = peer.chat.unsaid.get(event.id)?.event;
	if (unsaid === undefined || !mayUnsay(peer, unsaid.author, event)) return false;
	noteGone(peer, event.id);
	return true;
}

function noteGone({ chat }: PeerState, id: EventId): void {
	chat.gone.add(id);
	forgetOldest(chat.gone, CHAT_KEPT_MAX);
}

function keep(peer: PeerState, event: Verified<ChatEvent>, seenAtMs: number): PeerOutput[] {
	const { chat } = peer;
	if (isKind(event, 'unsay')) {
		putNewest(chat.unsaid, event.body.said, { event, seenAtMs }, CHAT_KEPT_MAX);
		return forget(peer, event.body.said);
	}
	putNewest(chat.said, event.id, { event, seenAtMs }, CHAT_KEPT_MAX);
	chat.counts.shown++;
	return [{ type: 'chat', news: newsOf(peer, event, seenAtMs) }];
}

function forget(peer: PeerState, id: EventId): PeerOutput[] {
	const { chat } = peer;
	const kept = chat.said.get(id);
	if (kept === undefined) return [];
	noteGone(peer, id);
	chat.said.delete(id);
	chat.counts.gone++;
	return [{ type: 'chat', news: { ...newsOf(peer, kept.event, kept.seenAtMs), text: null } }];
}

const newsOf = (peer: PeerState, { id, author, body }: Said, seenAtMs: number) => ({
	id,
	by: { peer: author, name: readable(peer, body.name, NAME_BYTES_MAX) },
	text: readable(peer, body.text, CHAT_TEXT_BYTES_MAX),
	seenAtMs
});

/** To be called with every tick: who has come beside us is told, and what those wrote who are out is gone. */
export function keepChat(peer: PeerState, nowMs: number): PeerOutput[] {
	return [...forgetOutcasts(peer), ...catchUpChat(peer, nowMs)];
}

function forgetOutcasts(peer: PeerState): PeerOutput[] {
	if (peer.out.size === 0 || peer.chat.said.size === 0) return [];
	const theirs = [...peer.chat.said.values()].filter(({ event }) => peer.out.has(event.author));
	return theirs.flatMap(({ event }) => forget(peer, event.id));
}

/** Below, all that may be read back; above, what may have been missed while we had nobody there. */
function catchUpChat(peer: PeerState, nowMs: number): PeerOutput[] {
	const { chat } = peer;
	if (chat.said.size + chat.unsaid.size === 0) return [];
	const { above, below } = sidesOf(peer);
	for (const known of chat.caughtUp.keys()) {
		if (!above.includes(known) && !below.includes(known)) chat.caughtUp.delete(known);
	}
	const newcomers = [...above, ...below].filter((to) => !chat.caughtUp.has(to));
	return newcomers.flatMap((to) => {
		chat.caughtUp.set(to, nowMs);
		const sinceMs = below.includes(to) ? -Infinity : nowMs - CHAT_AGAIN_MS;
		const pieces = [...chat.said.values(), ...chat.unsaid.values()]
			.filter(({ event, seenAtMs }) => seenAtMs >= sinceMs && !peer.out.has(event.author))
			.sort((a, b) => a.seenAtMs - b.seenAtMs)
			.slice(-CHAT_TOLD_MAX)
			.map(({ event, seenAtMs }) => ({
				agoMs: Math.max(0, Math.round(nowMs - seenAtMs)),
				signed: event.bytes
			}));
		return tell(peer, to, pieces);
	});
}

function tell(peer: PeerState, to: PeerId, pieces: readonly ChatPiece[]): PeerOutput[] {
	const { counts } = peer.chat;
	const out: PeerOutput[] = [];
	for (let at = 0; at < pieces.length; at += CHAT_PER_MESSAGE_MAX) {
		const some = pieces.slice(at, at + CHAT_PER_MESSAGE_MAX);
		const message = send(peer, to, { type: 'chat', pieces: some });
		counts.sent += some.length;
		if (message.type === 'control') counts.bytesUp += message.bytes.length;
		out.push(message);
	}
	return out;
}
