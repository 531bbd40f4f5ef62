/**
 * Captions travel as reactions do, along the tree and between speakers, each by itself and signed, and are forgotten
 * when shown. Kept at all times:
 * 1. what is shown or goes on is checked, of somebody on stage, for the seat it names, in a room that wants captions;
 * 2. nobody captions faster than CAPTION_AUTHOR_RATE;
 * 3. words belong to sound: those of a stream that has gone on for longer than CAPTION_LATE_MS, or has been silent for
 *    so long, are dropped;
 * 4. of one phrase only what is newer than before counts, and nothing after its final words.
 */
import { putNewest } from '../wire/bounded.ts';
import type { Caption } from '../wire/caption.ts';
import {
	CAPTION_AUTHOR_RATE,
	CAPTION_LATE_MS,
	CAPTION_OWN_RATE,
	CAPTION_OWN_RESERVE,
	CAPTION_PHRASES_MAX,
	CAPTION_STREAMS_MAX,
	CAPTION_TEXT_BYTES_MAX,
	CAPTIONS_PER_MESSAGE_MAX
} from '../wire/caption-limits.ts';
import type { ControlMessage } from '../wire/control.ts';
import { encodeUnsigned, openEnvelope, type Verified } from '../wire/envelope.ts';
import { isKind, type RoomEvent } from '../wire/event.ts';
import type { PeerId, StreamId } from '../wire/ids.ts';
import { LANGUAGE_BYTES_MAX, VERIFYING_MAX } from '../wire/limits.ts';
import { available, fullBucket, take, type Bucket } from '../wire/rate.ts';
import { seqDistance, TICK_MS } from '../wire/seq.ts';
import type { PeerOutput, Wish } from './io.ts';
import { readable, sealTexts } from './sealed-texts.ts';
import { onwardsFrom, sideOf, sidesOf } from './sides.ts';
import { mySeat, send, type PeerState } from './state.ts';
import { hearingOf } from './streams.ts';
import { nameOf } from './view-of-law.ts';

export interface CaptionCounts {
	/** Shown here, partial ones as well. */
	shown: number;
	/** Messages sent, and their bytes. */
	sent: number;
	bytesUp: number;
	/** Turned away: too long after their sound, too many of one author, of nobody who sits there. */
	late: number;
	hasty: number;
	unseated: number;
	/** Of our own: not told, because there were too many. */
	withheld: number;
}

interface Phrase {
	/** By the author's clock: what is told later takes the place of what was told before. */
	saidMs: number;
	/** Its final words, for who comes later; null while they are to come. */
	final: Verified<RoomEvent<'caption'>> | null;
}

interface Captioned {
	readonly bucket: Bucket;
	/** By the number they start at; at most CAPTION_PHRASES_MAX, the latest. */
	readonly phrases: Map<number, Phrase>;
}

export interface Captions {
	/** At most CAPTION_STREAMS_MAX, least recently captioned first. */
	readonly streams: Map<StreamId, Captioned>;
	/** Who below us has been told what was said before it came. */
	readonly caughtUp: Set<PeerId>;
	readonly own: Bucket;
	lastOwnMs: number;
	readonly counts: CaptionCounts;
}

type CaptionEvent = Verified<RoomEvent<'caption'>>;

export function newCaptions(): Captions {
	return {
		streams: new Map(),
		caughtUp: new Set(),
		own: fullBucket(CAPTION_OWN_RATE),
		lastOwnMs: 0,
		counts: { shown: 0, sent: 0, bytesUp: 0, late: 0, hasty: 0, unseated: 0, withheld: 0 }
	};
}

/** Our own words, to be signed. Where there are too many, partial ones give way to final ones. */
export function tellCaption(
	peer: PeerState,
	wish: Extract<Wish, { type: 'caption' }>,
	nowMs: number
): PeerOutput[] {
	const { captions, options, room } = peer;
	const seat = mySeat(peer);
	if (seat === undefined || !room.captions) return [];
	const least = wish.final ? 1 : 1 + CAPTION_OWN_RESERVE;
	if (available(captions.own, CAPTION_OWN_RATE, nowMs) < least) {
		captions.counts.withheld++;
		return [];
	}
	captions.own.tokens--;
	// Later than the one before, whatever the clock does: the newer is known by it.
	captions.lastOwnMs = Math.max(Math.floor(nowMs), captions.lastOwnMs + 1);
	const { start, ticks, final, language, text } = wish;
	const { stream } = seat;
	const unsigned = encodeUnsigned({
		room: options.room,
		authorKey: options.publicKey,
		sequence: 0,
		lamport: captions.lastOwnMs,
		body: sealTexts(peer, { kind: 'caption', stream, start, ticks, final, language, text })
	});
	return [{ type: 'sign', unsigned, gossip: false }];
}

export function onCaptions(
	peer: PeerState,
	from: PeerId,
	message: Extract<ControlMessage, { type: 'captions' }>,
	nowMs: number
): PeerOutput[] {
	// On its way somebody has moved: what it tells comes to us by another way as well.
	if (sideOf(peer, from) === null) return [];
	return message.signed.flatMap((envelope) => check(peer, envelope, from, nowMs));
}

/** To the verifier, unless it is known without it that it is not wanted. */
function check(peer: PeerState, envelope: Uint8Array, from: PeerId, nowMs: number): PeerOutput[] {
	const opened = openEnvelope(envelope);
	if (!opened.ok || opened.event.room !== peer.options.room || !isKind(opened.event, 'caption')) {
		peer.drops.malformed++;
		return [];
	}
	const { event } = opened;
	if (event.author === peer.options.me || !isWanted(peer, event, nowMs)) return [];
	if (peer.verifying >= VERIFYING_MAX) {
		peer.drops.overload++;
		return [];
	}
	peer.verifying++;
	return [{ type: 'verify', envelope: event.bytes, from }];
}

/** Whether it is new, in time, and of somebody who may. Counts what is not. */
function isWanted(peer: PeerState, event: RoomEvent<'caption'>, nowMs: number): boolean {
	const { author, body, lamport } = event;
	const { counts } = peer.captions;
	if (peer.out.has(author)) {
		peer.drops.outcast++;
		return false;
	}
	const seat = peer.room.seats.find((one) => one.peer === author && one.stream === body.stream);
	if (seat === undefined || !peer.room.captions) {
		counts.unseated++;
		return false;
	}
	if (!isNewer(peer, body, lamport)) return false;
	if (author !== peer.options.me && isLate(peer, body, nowMs)) {
		counts.late++;
		return false;
	}
	return true;
}

function isNewer({ captions }: PeerState, { stream, start }: Caption, saidMs: number): boolean {
	const phrases = captions.streams.get(stream)?.phrases;
	if (phrases === undefined) return true;
	const known = phrases.get(start);
	if (known !== undefined) return known.final === null && saidMs > known.saidMs;
	// Older than what we remember: it may have been shown already.
	const [oldest] = phrases.keys();
	const isFull = phrases.size >= CAPTION_PHRASES_MAX;
	return !isFull || oldest === undefined || seqDistance(start, oldest) > 0;
}

/** By the sound itself, so that nobody's clock has to be right. Where we have heard none yet we cannot tell. */
function isLate(peer: PeerState, { stream, start, ticks }: Caption, nowMs: number): boolean {
	const hearing = hearingOf(peer, stream);
	if (hearing?.newest == null) return false;
	const behindMs = (seqDistance(hearing.newest, start) - ticks) * TICK_MS;
	return Math.abs(behindMs) > CAPTION_LATE_MS || nowMs - hearing.atMs > CAPTION_LATE_MS;
}

/** A caption whose signature holds; `from` is null for our own, and for what gossip brought, which is none of its business. */
export function takeCaption(
	peer: PeerState,
	event: CaptionEvent,
	from: PeerId | null,
	nowMs: number
): PeerOutput[] {
	const { author, body, lamport: saidMs, bytes } = event;
	if ((from === null) !== (author === peer.options.me)) return [];
	// Another copy may have come in the meantime, or its author gone.
	if (!isWanted(peer, event, nowMs)) return [];
	const captioned = captionedOf(peer, body.stream);
	if (!take(captioned.bucket, CAPTION_AUTHOR_RATE, 1, nowMs)) {
		peer.captions.counts.hasty++;
		return [];
	}
	const phrase = { saidMs, final: body.final ? event : null };
	putNewest(captioned.phrases, body.start, phrase, CAPTION_PHRASES_MAX);
	const onwards = new Set([...onwardsFrom(peer, from), ...inPlaceOf(peer, body.stream)]);
	if (from !== null) onwards.delete(from);
	return [shown(peer, event, nowMs), ...[...onwards].map((to) => tell(peer, to, [bytes]))];
}

function captionedOf({ captions }: PeerState, stream: StreamId): Captioned {
	const captioned = captions.streams.get(stream) ?? {
		bucket: fullBucket(CAPTION_AUTHOR_RATE),
		phrases: new Map<number, Phrase>()
	};
	putNewest(captions.streams, stream, captioned, CAPTION_STREAMS_MAX);
	return captioned;
}

/** Other speakers who hear this voice by us, because no link leads them to it. */
function inPlaceOf({ sound }: PeerState, stream: StreamId): PeerId[] {
	return [...sound.leases].flatMap(([to, { streams }]) =>
		streams?.has(stream) === true ? [to] : []
	);
}

function tell(peer: PeerState, to: PeerId, signed: readonly Uint8Array[]): PeerOutput {
	const { counts } = peer.captions;
	const message = send(peer, to, { type: 'captions', signed });
	counts.sent++;
	if (message.type === 'control') counts.bytesUp += message.bytes.length;
	return message;
}

function shown(peer: PeerState, event: CaptionEvent, nowMs: number): PeerOutput {
	const { author, body, bytes } = event;
	const { stream, start, ticks, final } = body;
	peer.captions.counts.shown++;
	return {
		type: 'caption',
		news: {
			by: { peer: author, name: nameOf(peer, author) },
			stream,
			start,
			ticks,
			final,
			language: readable(peer, body.language, LANGUAGE_BYTES_MAX),
			text: readable(peer, body.text, CAPTION_TEXT_BYTES_MAX),
			saidAtMs: saidAtMs(peer, body, nowMs)
		},
		envelope: bytes
	};
}

/** When its first frame was said, by our clock: as far back as it lies in the sound we hear. */
function saidAtMs(peer: PeerState, { stream, start, ticks }: Caption, nowMs: number): number {
	const hearing = hearingOf(peer, stream);
	if (hearing?.newest == null) return nowMs - ticks * TICK_MS;
	return Math.min(nowMs, hearing.atMs - seqDistance(hearing.newest, start) * TICK_MS);
}

/** To be called with every tick: who has come below us is told what was just said. */
export function catchUp(peer: PeerState, nowMs: number): PeerOutput[] {
	const { captions, room } = peer;
	if (!room.captions && captions.caughtUp.size === 0) return [];
	const { below } = sidesOf(peer);
	for (const gone of captions.caughtUp) if (!below.includes(gone)) captions.caughtUp.delete(gone);
	const newcomers = room.captions ? below.filter((to) => !captions.caughtUp.has(to)) : [];
	if (newcomers.length === 0) return [];
	for (const to of newcomers) captions.caughtUp.add(to);
	const signed = finals(peer, nowMs).map(({ bytes }) => bytes);
	return signed.length === 0 ? [] : newcomers.map((to) => tell(peer, to, signed));
}

/** Final words that are not late yet, in the order of their saying. */
function finals(peer: PeerState, nowMs: number): CaptionEvent[] {
	const known = [...peer.captions.streams.values()].flatMap(({ phrases }) =>
		[...phrases.values()].flatMap(({ final }) => (final === null ? [] : [final]))
	);
	return known
		.filter(({ author, body }) => !peer.out.has(author) && !isLate(peer, body, nowMs))
		.sort((a, b) => a.lamport - b.lamport)
		.slice(-CAPTIONS_PER_MESSAGE_MAX);
}
