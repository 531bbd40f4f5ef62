/** What a changed log means for the stage: who is meshed with whom, whose sound is played, whose microphone is open. */
import type { Seat } from '../room/state.ts';
import { isAbove, lacksPower } from '../room/powers.ts';
import { putNewest } from '../wire/bounded.ts';
import type { PeerId, StreamId } from '../wire/ids.ts';
import { SPOKEN_MAX } from '../wire/limits.ts';
import type { PeerOutput } from './io.ts';
import {
	fromTree,
	isHost,
	isJoined,
	knowsOwnEvents,
	mySeat,
	neighbours,
	numbersOf,
	type PeerState
} from './state.ts';
import { draft, takeSeat } from './draft.ts';
import { noteHands } from './clerk.ts';
import { tellPlaces } from './ears.ts';
import { followLock } from './epochs.ts';
import { forgetAskers } from './keys.ts';
import { followEnd, shutOut } from './outcasts.ts';
import { hearingOf } from './streams.ts';

/** A speaker the host has had no link to and no sign of for this long has gone; the seat is freed for others. */
export const SEAT_ABANDONED_MS = 45_000;

/** An open microphone says something five times a second, be it that nothing is said. */
const HEARD_LATELY_MS = 1_000;

/** To whom nobody has brought any sound by then is alone with seats whose holders have gone without a word. */
export const HOST_SITS_ALONE_MS = 8_000;

/** Signing takes milliseconds; a word of ours that is not the last after this has lost to one we did not know. */
const MUTE_REPEAT_MS = 5_000;

/** Folding this many events takes half a millisecond, and grows with their number (4,000: 10 ms). */
const FOLD_AT_ONCE_EVENTS = 256;
const FOLD_PAUSE_MS = 50;

/** Follows up on whatever the log's new state changed. */
export function afterEvents(peer: PeerState, nowMs: number): PeerOutput[] {
	const before = peer.room.seats;
	peer.room = peer.log.state;
	peer.foldDue = false;
	peer.foldedAtMs = nowMs;
	const { seats } = peer.room;
	const streams = seats.map((seat) => seat.stream);
	peer.seen.keep(streams);
	peer.trust.heard.keep(streams);
	peer.trust.verifier.keep(streams);
	noteRefusals(peer);
	noteMuting(peer, before);
	noteHands(peer, nowMs);
	const shut = shutOut(peer, nowMs);
	forgetAskers(peer);
	return [
		...changedSounds(peer, before, seats),
		...tellPlaces(peer),
		...applyMicrophone(peer),
		...muteWhereHeld(peer, nowMs),
		...followStage(peer, nowMs),
		...shut,
		...followEnd(peer, nowMs),
		...followLock(peer, nowMs),
		{ type: 'view' }
	];
}

/**
 * At once in a young room, and where a right is taken away; in a room with a long log, which comes event by event,
 * else at most once in a while.
 */
export function foldWhenDue(peer: PeerState, nowMs: number, urgent = false): PeerOutput[] {
	if (!peer.foldDue) return [];
	const long = peer.log.summary().count > FOLD_AT_ONCE_EVENTS && !urgent;
	return long && nowMs - peer.foldedAtMs < FOLD_PAUSE_MS ? [] : afterEvents(peer, nowMs);
}

/**
 * The host is on stage from the start, and again on return, muted: at once where it hears what goes on, else after a
 * while, so that the room can begin anew. Stepping down later is respected.
 */
export function takeHostSeat(peer: PeerState, nowMs: number): PeerOutput[] {
	if (peer.hostSeated || !isHost(peer) || peer.left || !knowsOwnEvents(peer)) return [];
	if (peer.room.ended !== null) return [];
	peer.host.sitsDownSinceMs ??= nowMs;
	if (!isJoined(peer) && nowMs - peer.host.sitsDownSinceMs < HOST_SITS_ALONE_MS) return [];
	peer.hostSeated = true;
	return mySeat(peer) === undefined ? [takeSeat(peer)] : [];
}

function changedSounds(
	peer: PeerState,
	before: readonly Seat[],
	after: readonly Seat[]
): PeerOutput[] {
	const gone = before.filter((seat) => !after.some((other) => other.stream === seat.stream));
	for (const seat of gone) {
		forgetStream(peer, seat.stream);
		rememberName(peer, seat);
	}
	const muted = after.filter(
		(seat) => !seat.micOpen && before.some((other) => other.stream === seat.stream && other.micOpen)
	);
	return [
		...gone.map((seat): PeerOutput => ({
			type: 'play',
			input: { type: 'drop', stream: seat.stream }
		})),
		...muted.map((seat): PeerOutput => ({
			type: 'play',
			input: { type: 'pause', stream: seat.stream }
		}))
	];
}

/** Who has no seat is not passed on any more either: neither what waits to be sent, nor what was kept for repair. */
function forgetStream(peer: PeerState, stream: StreamId): void {
	peer.streams.delete(stream);
	const { bundle } = peer.sound;
	bundle.waiting = bundle.waiting.filter((item) => item.stream !== stream);
}

/** What is told of who has just been removed tells a name. */
function rememberName({ namesOnStage }: PeerState, seat: Seat): void {
	putNewest(namesOnStage, seat.peer, seat.name, SPOKEN_MAX);
}

/** Somebody has closed our microphone. Should that come to count no more, it stays closed: we open it ourselves. */
function noteMuting(peer: PeerState, before: readonly Seat[]): void {
	const seat = mySeat(peer);
	if (seat === undefined || seat.micOpen) return;
	if (!before.some((other) => other.sit === seat.sit && other.micOpen)) return;
	// Our own word may already be on its way to open it again.
	if (saysOpen(peer, seat)) peer.holdMicrophone = true;
}

/** Our last word that is known says that the microphone is open. */
function saysOpen(peer: PeerState, seat: Seat): boolean {
	return peer.log.all().some(({ author, body }) => {
		if (author !== peer.options.me || body.kind !== 'mic') return false;
		return body.open && body.sit === seat.sit;
	});
}

/** Our own wish to sit may have lost against others on the way: every peer refuses it, and so do we. */
function noteRefusals(peer: PeerState): void {
	for (const [id, reason] of peer.room.refusals) {
		if (peer.notedRefusals.has(id) || peer.log.get(id)?.author !== peer.options.me) continue;
		peer.notedRefusals.add(id);
		// What was refused before we came in is no news, and who tapped twice is on stage all the same.
		if (peer.wasJoined && reason !== 'already-on-stage') peer.refusal = reason;
	}
}

/** On return our last word may still be "open", but our microphone is not: say so, once it is heard. */
function muteWhereHeld(peer: PeerState, nowMs: number): PeerOutput[] {
	const seat = mySeat(peer);
	if (seat?.micOpen !== true || !peer.holdMicrophone) return [];
	if (nowMs - peer.mutedAtMs < MUTE_REPEAT_MS) return [];
	peer.mutedAtMs = nowMs;
	return [draft(peer, { kind: 'mic', sit: seat.sit, open: false })];
}

/** The microphone is open where the seat's last event says so and we did not just mute. */
export function applyMicrophone(peer: PeerState): PeerOutput[] {
	const open = mySeat(peer)?.micOpen === true && !peer.holdMicrophone;
	if (open === peer.microphoneOpen) return [];
	peer.microphoneOpen = open;
	return [{ type: 'microphone', open }, { type: 'view' }];
}

function followStage(peer: PeerState, nowMs: number): PeerOutput[] {
	const peers = rootsOf(peer);
	if (peers.join() === peer.roots.join()) return [];
	peer.roots = peers;
	return fromTree(peer, peer.tree.handle({ type: 'stage', peers }, nowMs));
}

/** The speakers in the order of taking seats. On an empty stage the host holds the room together. */
function rootsOf(peer: PeerState): PeerId[] {
	const { opened, seats } = peer.room;
	if (seats.length === 0) return opened === null ? [] : [opened.host];
	const order = [...seats].sort((a, b) => a.lamport - b.lamport || (a.sit < b.sit ? -1 : 1));
	return order.map((seat) => seat.peer);
}

/** The host, and whom it has given that power, free the seats of speakers who vanished without a word. */
export function freeAbandonedSeats(peer: PeerState, nowMs: number): PeerOutput[] {
	const { missingSinceMs } = peer;
	const missing = missingSeats(peer, nowMs);
	for (const stream of missingSinceMs.keys()) {
		if (!missing.some((seat) => seat.stream === stream)) missingSinceMs.delete(stream);
	}
	return missing.flatMap((seat) => {
		const since = missingSinceMs.get(seat.stream) ?? nowMs;
		missingSinceMs.set(seat.stream, nowMs - since < SEAT_ABANDONED_MS ? since : nowMs);
		if (nowMs - since < SEAT_ABANDONED_MS) return [];
		return [draft(peer, { kind: 'unseat', sit: seat.sit })];
	});
}

/** It is there, with or without a link: it knocked, or answered a knock of ours. Signalling proves who says so. */
export function noteSignOf(peer: PeerState, who: PeerId): void {
	for (const seat of peer.room.seats) {
		if (seat.peer === who) peer.missingSinceMs.delete(seat.stream);
	}
}

/** Two networks may let no link through between them, and both one to somebody else on stage: by them we hear it. */
const isHeard = (peer: PeerState, { stream }: Seat, nowMs: number): boolean =>
	nowMs - (hearingOf(peer, stream)?.atMs ?? -Infinity) < HEARD_LATELY_MS;

/** Nobody is missing where we have no link at all: then it is we who are cut off. */
function missingSeats(peer: PeerState, nowMs: number): Seat[] {
	const { me } = peer.options;
	if (mySeat(peer) === undefined || neighbours(peer, nowMs).length === 0) return [];
	const actor = { state: peer.room, me, numbers: numbersOf(peer) };
	if (lacksPower(actor, 'unseat') !== null) return [];
	const mesh = new Set(peer.tree.mesh);
	// Where the host is there it is the host's to do.
	if (peer.room.opened !== null && mesh.has(peer.room.opened.host)) return [];
	return peer.room.seats.filter(
		(seat) =>
			seat.peer !== me &&
			!mesh.has(seat.peer) &&
			!isHeard(peer, seat, nowMs) &&
			!isAbove(actor, seat.peer)
	);
}
