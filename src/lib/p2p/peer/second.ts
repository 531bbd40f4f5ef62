/** Where the way from a speaker to us loses much, a backup pushes everything as well: what one way loses the other brings. */
import type { PeerId } from '../wire/ids.ts';
import type { PeerOutput } from './io.ts';
import {
	LEASE_END_MS,
	REPAIR_DEADLINE_MS,
	SECOND_AGAIN_MS,
	SECOND_LEASE_MS,
	SECOND_OFF_LOSSES,
	SECOND_ON_LOSSES,
	SECOND_SILENT_MS
} from './repair-timing.ts';
import { sendPull } from './sending.ts';
import type { PeerState } from './state.ts';
import { lossesAbove, lossesBelow } from './traffic.ts';

export const isSecondAlive = (peer: PeerState, nowMs: number): boolean =>
	peer.sound.second.from !== null && nowMs - peer.sound.second.lastMs < SECOND_SILENT_MS;

export function noteSecond(peer: PeerState, from: PeerId, nowMs: number): void {
	const { second } = peer.sound;
	if (from === second.from) second.lastMs = nowMs;
}

/** To be called with every tick. */
export function keepSecond(peer: PeerState, nowMs: number): PeerOutput[] {
	const { second } = peer.sound;
	second.wanted =
		lossesAbove(peer) + lossesBelow(peer) > (second.wanted ? SECOND_OFF_LOSSES : SECOND_ON_LOSSES);
	const from = second.wanted ? chooseSecond(peer) : null;
	const out =
		second.from !== null && second.from !== from ? endSecond(peer, second.from, nowMs) : [];
	if (from === null || (from === second.from && nowMs - second.askedMs < SECOND_AGAIN_MS)) {
		second.from = from;
		return out;
	}
	second.from = from;
	second.askedMs = nowMs;
	const pull = { leaseMs: SECOND_LEASE_MS, entries: [] };
	const owingMs = SECOND_LEASE_MS + REPAIR_DEADLINE_MS;
	return [...out, ...sendPull(peer, from, pull, { nowMs, owingMs })];
}

function chooseSecond({ tree, sound }: PeerState): PeerId | null {
	const now = sound.second.from;
	if (now !== null && now !== tree.parent && tree.standingBy.includes(now)) return now;
	return tree.backups.find((one) => one !== tree.parent) ?? null;
}

function endSecond(peer: PeerState, from: PeerId, nowMs: number): PeerOutput[] {
	if (!peer.tree.standingBy.includes(from)) return [];
	const pull = { leaseMs: LEASE_END_MS, entries: [] };
	return sendPull(peer, from, pull, { nowMs, owingMs: REPAIR_DEADLINE_MS });
}
