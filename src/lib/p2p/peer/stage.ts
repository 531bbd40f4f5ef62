/** What a changed log means for the stage: who is meshed with whom, whose sound is played, whose microphone is open. */
import type { Seat } from '../room/state.ts';
import type { PeerOutput } from './io.ts';
import { fromTree, isHost, isJoined, mySeat, type PeerState } from './state.ts';
import { draft, takeSeat } from './draft.ts';

/** A speaker the host has had no link to for this long has gone; the seat is freed for others. */
export const SEAT_ABANDONED_MS = 45_000;

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
	peer.seen.keep(seats.map((seat) => seat.stream));
	noteRefusals(peer);
	return [
		...takeHostSeat(peer),
		...changedSounds(before, seats),
		...applyMicrophone(peer),
		...followStage(peer, before, nowMs),
		{ type: 'view' }
	];
}

/** At once in a young room; in one with a long log, which comes event by event, at most once in a while. */
export function foldWhenDue(peer: PeerState, nowMs: number): PeerOutput[] {
	if (!peer.foldDue) return [];
	const long = peer.log.summary().count > FOLD_AT_ONCE_EVENTS;
	return long && nowMs - peer.foldedAtMs < FOLD_PAUSE_MS ? [] : afterEvents(peer, nowMs);
}

/** The host is on stage from the start, and again on return, muted. Stepping down later is respected. */
function takeHostSeat(peer: PeerState): PeerOutput[] {
	if (peer.hostSeated || !isHost(peer) || !knowsRoom(peer)) return [];
	peer.hostSeated = true;
	return mySeat(peer) === undefined ? [takeSeat(peer)] : [];
}

/** We made the room just now, or heard from those who are in it. */
const knowsRoom = (peer: PeerState): boolean => peer.options.opening !== null || isJoined(peer);

function changedSounds(before: readonly Seat[], after: readonly Seat[]): PeerOutput[] {
	const gone = before.filter((seat) => !after.some((other) => other.stream === seat.stream));
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

/** Our own wish to sit may have lost against others on the way: every peer refuses it, and so do we. */
function noteRefusals(peer: PeerState): void {
	for (const [id, reason] of peer.room.refusals) {
		if (peer.notedRefusals.has(id) || peer.log.get(id)?.author !== peer.options.me) continue;
		peer.notedRefusals.add(id);
		// What was refused before we came in is no news.
		if (peer.wasJoined) peer.refusal = reason;
	}
}

/** On return our last seat may still say "open", but our microphone is not: say so. */
export function muteOnReturn(peer: PeerState): PeerOutput[] {
	const seat = mySeat(peer);
	if (seat?.micOpen !== true || !peer.holdMicrophone) return [];
	return [draft(peer, { kind: 'mic', sit: seat.sit, open: false })];
}

/** The microphone is open where the seat's last event says so and we did not just mute. */
export function applyMicrophone(peer: PeerState): PeerOutput[] {
	const open = mySeat(peer)?.micOpen === true && !peer.holdMicrophone;
	if (open === peer.microphoneOpen) return [];
	peer.microphoneOpen = open;
	return [{ type: 'microphone', open }, { type: 'view' }];
}

function followStage(peer: PeerState, before: readonly Seat[], nowMs: number): PeerOutput[] {
	const order = [...peer.room.seats].sort(
		(a, b) => a.lamport - b.lamport || (a.sit < b.sit ? -1 : 1)
	);
	const peers = order.map((seat) => seat.peer);
	if (
		before.length === peers.length &&
		before.every((seat, i) => seat.peer === peer.room.seats[i]?.peer)
	) {
		return [];
	}
	return fromTree(peer, peer.tree.handle({ type: 'stage', peers }, nowMs));
}

/** The host frees the seats of speakers who vanished without a word. */
export function freeAbandonedSeats(peer: PeerState, nowMs: number): PeerOutput[] {
	if (!isHost(peer) || mySeat(peer) === undefined) return [];
	const out: PeerOutput[] = [];
	const mesh = new Set(peer.tree.mesh);
	for (const seat of peer.room.seats) {
		if (seat.peer === peer.options.me || mesh.has(seat.peer)) {
			peer.missingSinceMs.delete(seat.peer);
			continue;
		}
		const since = peer.missingSinceMs.get(seat.peer) ?? nowMs;
		peer.missingSinceMs.set(seat.peer, since);
		if (nowMs - since < SEAT_ABANDONED_MS) continue;
		peer.missingSinceMs.delete(seat.peer);
		out.push(draft(peer, { kind: 'unseat', sit: seat.sit }));
	}
	return out;
}
