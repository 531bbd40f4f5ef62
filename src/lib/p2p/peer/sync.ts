/**
 * The room log between neighbours, beside gossip: what is new is passed to every link at once, and
 * summaries compared every two seconds find whatever either side has missed.
 */
import { forgetOldest } from '../wire/bounded.ts';
import { openEnvelope, type EnvelopeReading, type Verified } from '../wire/envelope.ts';
import { PASSED_BY, type RoomEvent } from '../wire/event.ts';
import {
	EVENTS_PER_MESSAGE_MAX,
	LOG_IDS_MAX,
	UNWANTED_IDS_MAX,
	VERIFYING_MAX
} from '../wire/limits.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import type { LogSummary } from '../wire/control.ts';
import { isFinal } from '../room/log.ts';
import { answersTo } from './allowance.ts';
import type { PeerOutput } from './io.ts';
import { neighbours, send, type PeerState } from './state.ts';

export const SUMMARY_INTERVAL_MS = 2_000;
/** Where both have said the same, they say it again this often. */
export const SUMMARY_AGAIN_MS = 30_000;
/** Lists of ids are long: one neighbour gets at most one in this time. */
const LIST_INTERVAL_MS = 500;

/** An envelope from outside: known ones and broken ones end here, the others go to be verified. */
export function onEnvelope(peer: PeerState, envelope: Uint8Array, from: PeerId): PeerOutput[] {
	return onOpened(peer, openEnvelope(envelope), from);
}

export function onOpened(peer: PeerState, opened: EnvelopeReading, from: PeerId): PeerOutput[] {
	if (!opened.ok || opened.event.room !== peer.options.room) {
		peer.drops.malformed++;
		return [];
	}
	const { event } = opened;
	// What passes by has messages of its own, with rates of their own; but for names, which come with the log.
	if (event.body.kind !== 'here' && PASSED_BY.has(event.body.kind)) {
		peer.drops.unwanted++;
		return [];
	}
	if (isKnown(peer, event) || peer.unwanted.has(event.id)) return [];
	if (peer.verifying >= VERIFYING_MAX) {
		peer.drops.overload++;
		return [];
	}
	peer.verifying++;
	return [{ type: 'verify', envelope: event.bytes, from }];
}

function isKnown(peer: PeerState, event: RoomEvent): boolean {
	if (event.body.kind === 'here') return peer.names.get(event.author)?.id === event.id;
	return peer.log.get(event.id) !== undefined;
}

/** Takes a checked event into the log and passes it on; true where it was new. */
export function takeEvent(
	peer: PeerState,
	event: Verified<RoomEvent>,
	from: PeerId | null,
	nowMs: number
): PeerOutput[] | null {
	const outcome = peer.log.add(event);
	if (outcome === 'known') return null;
	if (outcome !== 'added') {
		peer.drops.unwanted++;
		// What merely came too early is welcome later.
		if (isFinal(outcome.rejected)) remember(peer.unwanted, event.id);
		return null;
	}
	noteStep(peer);
	return neighbours(peer, nowMs)
		.filter((to) => to !== from)
		.map((to) => send(peer, to, { type: 'events', envelopes: [event.bytes] }));
}

function noteStep(peer: PeerState): void {
	if (peer.inStep) return;
	const mine = peer.log.summary();
	peer.inStep = [...peer.summaries.values()].some((theirs) => isSame(mine, theirs));
}

const isSame = (a: LogSummary, b: LogSummary): boolean =>
	a.count > 0 && a.count === b.count && a.xor === b.xor;

function remember(ids: Set<EventId>, id: EventId): void {
	ids.add(id);
	forgetOldest(ids, UNWANTED_IDS_MAX);
}

export function onSummary(
	peer: PeerState,
	from: PeerId,
	theirs: LogSummary,
	nowMs: number
): PeerOutput[] {
	peer.summaries.set(from, theirs);
	noteStep(peer);
	const mine = peer.log.summary();
	if (mine.count === theirs.count && mine.xor === theirs.xor) return [];
	// A newcomer has nothing: spare it the round trip.
	if (theirs.count === 0) return sendEvents(peer, from, peer.log.all(), nowMs);
	return requestLog(peer, from, nowMs);
}

/** "This is what I have": the neighbour sends what is missing. */
export function requestLog(peer: PeerState, from: PeerId, nowMs: number): PeerOutput[] {
	const last = peer.syncedAtMs.get(from);
	if (last !== undefined && nowMs - last < LIST_INTERVAL_MS) return [];
	peer.syncedAtMs.set(from, nowMs);
	const ids = [...peer.log.ids(), ...peer.unwanted].slice(0, LOG_IDS_MAX);
	return [send(peer, from, { type: 'log-ids', ids })];
}

export function onIds(
	peer: PeerState,
	from: PeerId,
	theirs: readonly EventId[],
	nowMs: number
): PeerOutput[] {
	const have = new Set(theirs);
	const missingThere = peer.log.all().filter((event) => !have.has(event.id));
	const out = sendEvents(peer, from, missingThere, nowMs);
	const missingHere = peer.log.missingFrom(theirs).some((id) => !peer.unwanted.has(id));
	return missingHere ? [...out, ...requestLog(peer, from, nowMs)] : out;
}

/** The first of them that `to` may still ask for; the rest follows when it asks again. */
function sendEvents(
	peer: PeerState,
	to: PeerId,
	events: readonly Verified<RoomEvent>[],
	nowMs: number
): PeerOutput[] {
	const few = events.slice(0, answersTo(peer, to, events.length, nowMs));
	if (few.length < events.length) peer.drops.flood++;
	const out: PeerOutput[] = [];
	for (let at = 0; at < few.length; at += EVENTS_PER_MESSAGE_MAX) {
		const envelopes = few.slice(at, at + EVENTS_PER_MESSAGE_MAX).map((event) => event.bytes);
		out.push(send(peer, to, { type: 'events', envelopes }));
	}
	return out;
}

export function tellSummaries(peer: PeerState, nowMs: number): PeerOutput[] {
	if (nowMs < peer.nextSummaryMs) return [];
	peer.nextSummaryMs = nowMs + SUMMARY_INTERVAL_MS;
	const summary = peer.log.summary();
	return neighbours(peer, nowMs).flatMap((to) => {
		if (isKnownAt(peer, to, summary, nowMs)) return [];
		peer.summariesTold.set(to, { summary, atMs: nowMs });
		return [send(peer, to, { type: 'log-summary', summary })];
	});
}

/** Both have said the same, and that not long ago: the channel loses nothing. */
function isKnownAt(peer: PeerState, to: PeerId, summary: LogSummary, nowMs: number): boolean {
	const [theirs, told] = [peer.summaries.get(to), peer.summariesTold.get(to)];
	if (theirs === undefined || told === undefined || !isSame(theirs, summary)) return false;
	return isSame(told.summary, summary) && nowMs - told.atMs < SUMMARY_AGAIN_MS;
}

/** Of what came over links every envelope was counted when it was given to the verifier; nothing else was. */
export function noteChecked(peer: PeerState, from: PeerId | null): void {
	if (from !== null) peer.verifying = Math.max(0, peer.verifying - 1);
}
