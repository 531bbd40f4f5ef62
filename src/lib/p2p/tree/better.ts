/**
 * Better parents: a backup by which the sound would come clearly sooner, for some seconds on end, and which has
 * room, takes the place of the parent, and the parent that of the backup. Make-before-break, and not often.
 */
import { backupsOf, offerOf, standingBy } from './sources.ts';
import { isSpeaker, parentOf, type Link, type TreeOutput, type TreeState } from './state.ts';
import * as timing from './timing.ts';

/** Asks the better one to be our parent, where it has been the better one for long enough. */
export function pursueBetter(state: TreeState, nowMs: number): TreeOutput[] {
	const parent = isSpeaker(state) || state.leaving ? null : parentOf(state);
	const better = parent === null ? null : betterThan(state, parent, nowMs);
	if (better === null) {
		state.better = null;
		return [];
	}
	if (state.better?.peer !== better.peer) state.better = { peer: better.peer, sinceMs: nowMs };
	if (nowMs - state.better.sinceMs < timing.BETTER_LASTS_MS || nowMs < state.nextSwapMs) return [];
	state.better = null;
	state.nextSwapMs = nowMs + state.swapPauseMs;
	state.swapPauseMs = Math.min(2 * state.swapPauseMs, timing.SWAP_PAUSE_MAX_MS);
	state.attempts.set(better.peer, { startedMs: nowMs, how: 'swap' });
	return [{ type: 'send', to: better.peer, message: { type: 'attach' } }];
}

function betterThan(state: TreeState, parent: Link, nowMs: number): Link | null {
	if (state.attempts.size > 0 || parent.path.length === 0 || parent.rttMs === null) return null;
	const ours = offerOf(parent);
	const enough = ours - Math.max(timing.BETTER_BY_MS, timing.BETTER_BY_SHARE * ours);
	const isBetter = (link: Link): boolean =>
		isEligible(state, link, nowMs) && offerOf(link) < enough;
	if (!standingBy(state).some(isBetter)) return null;
	const better = backupsOf(state)
		.filter(isBetter)
		.sort((a, b) => offerOf(a) - offerOf(b));
	return better[0] ?? null;
}

function isEligible(state: TreeState, link: Link, nowMs: number): boolean {
	if (!link.open || link.rttMs === null || link.path.length === 0) return false;
	if ((link.places?.free ?? 0) === 0 || (state.avoid.get(link.peer) ?? 0) > nowMs) return false;
	return !link.path.includes(state.me) && nowMs - link.lastHeardMs <= timing.BEAT_LATE_MS;
}
