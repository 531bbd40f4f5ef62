/** Two speakers whose networks admit no link between them hear each other through a third one on stage. */
import type { Seat } from '../room/state.ts';
import type { PeerId } from '../wire/ids.ts';
import { tagOf } from '../wire/repair.ts';
import type { PeerOutput } from './io.ts';
import {
	MESH_SILENT_MS,
	SUBSTITUTE_AFTER_MS,
	SUBSTITUTE_AGAIN_MS,
	SUBSTITUTE_LEASE_MS
} from './repair-timing.ts';
import { sendPull } from './sending.ts';
import { mySeat, type PeerState } from './state.ts';

/** Asks, again and again, somebody else for each voice that no link brings; in turns, until it comes. */
export function askSubstitutes(peer: PeerState, nowMs: number): PeerOutput[] {
	const { unheard } = peer.sound;
	const missing = unlinkedSeats(peer, nowMs);
	for (const stream of unheard.keys()) {
		if (!missing.some((seat) => seat.stream === stream)) unheard.delete(stream);
	}
	return missing.flatMap((seat) => {
		const known = unheard.get(seat.stream) ?? { sinceMs: nowMs, askedMs: -Infinity, turn: 0 };
		unheard.set(seat.stream, known);
		if (nowMs - known.sinceMs < SUBSTITUTE_AFTER_MS) return [];
		if (nowMs - known.askedMs < SUBSTITUTE_AGAIN_MS) return [];
		const heardMs = peer.streams.get(seat.stream)?.hearing.atMs ?? 0;
		if (heardMs < known.askedMs) known.turn++;
		known.askedMs = nowMs;
		return askOther(peer, seat, known.turn, nowMs);
	});
}

/** A new speaker keeps its parent until it is linked with all others, and hears everybody from there. */
function unlinkedSeats(peer: PeerState, nowMs: number): Seat[] {
	if (mySeat(peer) === undefined || peer.tree.parent !== null) return [];
	const alive = liveMesh(peer, nowMs);
	return peer.room.seats.filter(
		(seat) => seat.peer !== peer.options.me && !alive.includes(seat.peer)
	);
}

const liveMesh = (peer: PeerState, nowMs: number): PeerId[] =>
	peer.tree
		.links(nowMs)
		.filter((link) => link.mesh && link.open && link.silentMs < MESH_SILENT_MS)
		.map((link) => link.peer);

function askOther(peer: PeerState, seat: Seat, turn: number, nowMs: number): PeerOutput[] {
	const others = liveMesh(peer, nowMs);
	const to = others[turn % others.length];
	if (to === undefined) return [];
	const seq = peer.streams.get(seat.stream)?.hearing.newest ?? 0;
	const entries = [{ tag: tagOf(seat.stream), seq, bits: 0 }];
	const pull = { leaseMs: SUBSTITUTE_LEASE_MS, entries };
	return sendPull(peer, to, pull, { nowMs, owingMs: 2 * SUBSTITUTE_LEASE_MS });
}
