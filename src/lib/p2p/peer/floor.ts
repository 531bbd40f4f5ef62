/** How long playout is to wait at least: for the proof of a frame, and for one repair. Speakers talk, and wait for neither. */
import type { Seat } from '../room/state.ts';
import { TICK_MS } from '../wire/seq.ts';
import type { PeerOutput } from './io.ts';
import type { Hearing } from './hearing.ts';
import {
	FLOOR_MAX_MS,
	FLOOR_STEP_MS,
	PROOF_FLOOR_MS,
	PROOF_WAIT_MS,
	REPAIR_SPARE_MS,
	RTT_HOPED_MS,
	SILENT_MS
} from './repair-timing.ts';
import type { PeerState } from './state.ts';

/** Tells playout what has changed; of streams that were heard, for others have no place there yet. */
export function tellFloors(peer: PeerState): PeerOutput[] {
	const out: PeerOutput[] = [];
	for (const seat of peer.room.seats) {
		const hearing = peer.streams.get(seat.stream)?.hearing;
		if (hearing?.newest == null || seat.peer === peer.options.me) continue;
		out.push(...tellFloor(peer, seat, hearing));
	}
	return out;
}

export function tellFloor(peer: PeerState, seat: Seat, hearing: Hearing): PeerOutput[] {
	// What is not played has no place in playout.
	if (peer.mutedForMe.has(seat.peer)) return [];
	const ms = floorOf(peer, seat);
	const toldMs = hearing.floorMs ?? 0;
	if (Math.abs(ms - toldMs) <= FLOOR_STEP_MS && (ms > 0 || toldMs === 0)) return [];
	hearing.floorMs = ms;
	return [{ type: 'play', input: { type: 'floor', stream: seat.stream, ms } }];
}

function floorOf(peer: PeerState, seat: Seat): number {
	if (peer.room.seats.some((own) => own.peer === peer.options.me)) return 0;
	// What comes over its author's own link is played unproven.
	const proofMs = peer.tree.parent === seat.peer ? 0 : PROOF_FLOOR_MS;
	return Math.round(Math.min(FLOOR_MAX_MS, Math.max(proofMs, repairMs(peer))));
}

/**
 * A silent parent is noticed, and a backup asked; without one, the parent is asked again. What it held back may be the
 * proof that others have waited for.
 */
function repairMs(peer: PeerState): number {
	const { standingBy, parent } = peer.tree;
	const sources = standingBy.length > 0 || parent === null ? standingBy : [parent];
	if (sources.length === 0) return 0;
	const nearest = Math.min(...sources.map((source) => peer.tree.rttOf(source) ?? RTT_HOPED_MS));
	return PROOF_WAIT_MS + (SILENT_MS - TICK_MS) + nearest + REPAIR_SPARE_MS;
}
