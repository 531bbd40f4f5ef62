/**
 * Grafts: a backup becomes the parent at once, over its open link. And the other end of it: who carries more
 * children than its fan-out after grafts lets the surplus go later, gently, one by one.
 *
 * Kept at all times:
 * 1. a parent that still speaks to us is left only when another has said `attached`;
 * 2. a child that is asked to go is given its sound until it has gone, or for HANDOVER_MS;
 * 3. grafts take us beyond the fan-out by GRAFTS_OVER_FANOUT_MAX at most, and only those we stand by for.
 */
import type { PeerId } from '../wire/ids.ts';
import { GRAFTS_OVER_FANOUT_MAX } from '../wire/limits.ts';
import { backupsOf } from './sources.ts';
import { childrenOf, parentOf, type Link, type TreeOutput, type TreeState } from './state.ts';
import * as timing from './timing.ts';

/** Half as many more as are carried anyway, two at least: the children of one neighbour that dies. */
export const childrenMax = (fanout: number): number =>
	fanout === 0 ? 0 : fanout + Math.min(GRAFTS_OVER_FANOUT_MAX, Math.max(2, Math.ceil(fanout / 2)));

/**
 * How badly a parent is wanted: not at all; enough to ask a backup, which costs nothing; or enough to go looking
 * for places, which costs connections.
 */
export type Need = 'none' | 'backup' | 'any';

export function needOf(parent: Link | null, starvedUntilMs: number, nowMs: number): Need {
	if (parent === null) return 'any';
	if (parent.endsAtMs !== null || nowMs < starvedUntilMs) return 'any';
	const silentMs = nowMs - parent.lastHeardMs;
	const orphanMs = parent.orphanSinceMs === null ? 0 : nowMs - parent.orphanSinceMs;
	if (silentMs > timing.PARENT_SUSPECT_MS || orphanMs > timing.ORPHAN_PATIENCE_MS) return 'any';
	if (silentMs > timing.GRAFT_SUSPECT_MS || orphanMs > timing.GRAFT_ORPHAN_MS) return 'backup';
	return 'none';
}

/** Asks the best backup, and the next one beside it where no answer comes. */
export function pursueGraft(state: TreeState, nowMs: number): TreeOutput[] {
	const underWay = graftsUnderWay(state);
	const isWaiting = underWay.some((attempt) => nowMs - attempt.startedMs < timing.GRAFT_HEDGE_MS);
	if (isWaiting || underWay.length >= timing.ATTEMPTS_MAX) return [];
	const next = backupsOf(state).find((link) => isGraftable(state, link, nowMs));
	if (next === undefined) return [];
	state.attempts.set(next.peer, { startedMs: nowMs, how: 'graft' });
	return [{ type: 'send', to: next.peer, message: { type: 'graft' } }];
}

/** A graft was asked for just now: its answer is nearer than any other place. */
export const isGrafting = (state: TreeState, nowMs: number): boolean =>
	graftsUnderWay(state).some((attempt) => nowMs - attempt.startedMs < 2 * timing.GRAFT_HEDGE_MS);

const graftsUnderWay = (state: TreeState) =>
	[...state.attempts.values()].filter((attempt) => attempt.how === 'graft');

function isGraftable(state: TreeState, link: Link, nowMs: number): boolean {
	if (!link.open || link.path.length === 0 || link.path.includes(state.me)) return false;
	if (state.attempts.has(link.peer) || (state.avoid.get(link.peer) ?? 0) > nowMs) return false;
	return nowMs - link.lastHeardMs <= timing.BACKUP_SUSPECT_MS;
}

/** The sound side saw that nothing comes although somebody talks. */
export function onStarved(state: TreeState, parent: PeerId, nowMs: number): void {
	if (parentOf(state)?.peer === parent) state.starvedUntilMs = nowMs + timing.STARVED_LASTS_MS;
}

/** Asks a child to move on; until it has, it is given its sound. */
export function giveNotice(link: Link, forMs: number, nowMs: number): void {
	link.endsAtMs ??= nowMs + forMs;
}

/** Of the children beyond the fan-out, one that came by a graft and has had time to settle; the last one first. */
export function surplusChild(state: TreeState, nowMs: number): Link | null {
	const staying = childrenOf(state).filter((link) => link.endsAtMs === null);
	if (staying.length <= state.fanout || nowMs < state.nextLetGoMs) return null;
	const settled = staying.filter(
		(link) => link.grafted && nowMs - link.sinceMs > timing.GRAFT_SETTLE_MS
	);
	return settled.sort((a, b) => b.sinceMs - a.sinceMs)[0] ?? null;
}

/** Children whose time with us is over. */
export function endHandovers(state: TreeState, nowMs: number): void {
	for (const link of childrenOf(state)) {
		if (link.endsAtMs === null || nowMs < link.endsAtMs) continue;
		link.child = false;
		link.endsAtMs = null;
	}
}
