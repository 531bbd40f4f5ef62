/** What a changed log means for the stage: who is meshed with whom, whose sound is played, whose microphone is open. */
import type { Seat } from '../room/fold.ts';
import type { PeerOutput } from './io.ts';
import { fromTree, isHost, isJoined, mySeat, type PeerState } from './state.ts';
import { draft, takeSeat } from './draft.ts';

/** A speaker the host has had no link to for this long has gone; the seat is freed for others. */
export const SEAT_ABANDONED_MS = 45_000;

/** Follows up on whatever the log's new state changed. */
export function afterEvents(peer: PeerState, nowMs: number): PeerOutput[] {
	const { state } = peer.log;
	const before = peer.seats;
	peer.seats = state.seats;
	peer.seen.keep(state.seats.map((seat) => seat.stream));
	noteRefusals(peer);
	return [
		...takeHostSeat(peer),
		...changedSounds(before, state.seats),
		...applyMicrophone(peer),
		...followStage(peer, before, nowMs),
		{ type: 'view' }
	];
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
	for (const [id, reason] of peer.log.state.refusals) {
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
	const order = [...peer.seats].sort((a, b) => a.lamport - b.lamport || (a.sit < b.sit ? -1 : 1));
	const peers = order.map((seat) => seat.peer);
	if (
		before.length === peers.length &&
		before.every((seat, i) => seat.peer === peer.seats[i]?.peer)
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
	for (const seat of peer.seats) {
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
