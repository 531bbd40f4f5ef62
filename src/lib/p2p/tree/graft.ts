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
import { childrenOf, parentOf, type Link, type TreeState } from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

/** Half as many more as are carried anyway, two at least: the children of one neighbour that dies. */
export const childrenMax = (fanout: number): number =>
	fanout === 0 ? 0 : fanout + Math.min(GRAFTS_OVER_FANOUT_MAX, Math.max(2, Math.ceil(fanout / 2)));

/**
 * How badly a parent is wanted: not at all; enough to go where a parent that is to carry us no longer has pointed,
 * for which there is time; enough to ask a backup, which costs nothing, or others where there is none; or enough to try both.
 */
export type Need = 'none' | 'place' | 'backup' | 'any';

export function needOf(parent: Link | null, starvedUntilMs: number, nowMs: number): Need {
	if (parent === null) return 'any';
	if (nowMs < starvedUntilMs) return 'any';
	if (parent.endsAtMs !== null) {
		return parent.endsAtMs - nowMs > timing.NOTICE_SHORT_MS ? 'place' : 'any';
	}
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
	// It has just come to us, and its path tells it later.
	if (link.child) return false;
	if (state.attempts.has(link.peer) || (state.avoid.get(link.peer) ?? 0) > nowMs) return false;
	return nowMs - link.lastHeardMs <= timing.BACKUP_SUSPECT_MS;
}

/** The sound side saw that nothing comes although somebody talks. */
export function onStarved(state: TreeState, parent: PeerId, nowMs: number): void {
	if (parentOf(state)?.peer === parent) state.starvedUntilMs = nowMs + timing.STARVED_LASTS_MS;
}

/** Children that have not been asked to move on. */
export const stayingChildren = (state: TreeState): Link[] =>
	childrenOf(state).filter((link) => link.endsAtMs === null);

/**
 * Of these the one that carries least, where that is clearly less than `fanout`: it gives its place to one that
 * carries more, so that the tree stays flat. Who has told nothing yet is not judged.
 */
export function leastGiving(children: readonly Link[], fanout: number): Link | null {
	const told = children.filter((link) => link.places !== null && outgives(fanout, link));
	const giving = (link: Link): number => link.places?.fanout ?? 0;
	return told.sort((a, b) => giving(a) - giving(b) || b.sinceMs - a.sinceMs)[0] ?? null;
}

function outgives(fanout: number, { places }: Link): boolean {
	if (places === null) return false;
	return fanout > 0 && fanout >= timing.OUTGIVES_TIMES * places.fanout;
}

/** Asks a child to move on; until it has, it is given its sound. */
export function giveNotice(link: Link, forMs: number, nowMs: number): void {
	link.endsAtMs ??= nowMs + forMs;
}

/**
 * Of the children beyond the fan-out, one that carries less than another, which will carry it; else one that came by a
 * graft and has had time to settle; the last one first.
 */
export function surplusChild(state: TreeState, nowMs: number): Link | null {
	const staying = stayingChildren(state);
	if (staying.length <= state.fanout || nowMs < state.nextLetGoMs) return null;
	const most = Math.max(...staying.map((link) => (link.open ? (link.places?.fanout ?? 0) : 0)));
	const outgiven = leastGiving(staying, most);
	if (outgiven !== null) return outgiven;
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
