/** Parent and backups compared: who is apart from whom, and how long sound takes by each. */
import type { PeerId } from '../wire/ids.ts';
import { linksWhere, parentOf, type Link, type TreeState } from './state.ts';
import * as timing from './timing.ts';

/** Those who stand by for us, the best first: heard just now, apart from our own way to the sound, and near. */
export function backupsOf(state: TreeState): Link[] {
	const backups = standingBy(state);
	if (backups.length < 2) return backups;
	const above = ownAncestors(state);
	const cost = (link: Link): number =>
		(link.path.length === 0 ? 1e9 : 0) +
		// While the parent is silent, whoever has word of newer sound is not below the same dead one.
		(link.lastSoundMs > state.soundMs + timing.NEWER_SOUND_MS ? 0 : 1e7) +
		(state.nowMs - link.lastHeardMs > timing.BEAT_LATE_MS ? 1e6 : 0) +
		1e3 * countIn(above, link.path) +
		link.delayMs +
		(link.rttMs ?? timing.RTT_UNKNOWN_MS);
	return backups.sort((a, b) => cost(a) - cost(b));
}

function countIn(those: readonly PeerId[], path: readonly PeerId[]): number {
	let count = 0;
	for (const peer of path) if (those.includes(peer)) count++;
	return count;
}

/** The same in no order, for who only counts or looks through them: ten times a second nothing else is asked. */
export const standingBy = (state: TreeState): Link[] => linksWhere(state, (link) => link.backup);

/** Everybody between the speakers and us: who of them dies takes our sound along. */
export function ownAncestors(state: TreeState): readonly PeerId[] {
	return (parentOf(state)?.path ?? []).filter((peer, i) => i > 0 && !state.stage.includes(peer));
}

/** How many peers but speakers are on both paths. */
export function overlapOf(
	state: TreeState,
	one: readonly PeerId[],
	other: readonly PeerId[]
): number {
	const shared = one.slice(1).filter((peer) => other.includes(peer) && !state.stage.includes(peer));
	return shared.length;
}

/** How long sound takes to us by that link. */
export const offerOf = (link: Link): number =>
	link.delayMs + (link.rttMs ?? timing.RTT_UNKNOWN_MS) / 2;

export const isBad = (state: TreeState, peer: PeerId, nowMs: number): boolean =>
	state.out.has(peer) || (state.bad.get(peer) ?? 0) > nowMs;
