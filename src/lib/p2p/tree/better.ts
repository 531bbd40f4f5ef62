/**
 * Better parents: a backup by which the sound would come clearly sooner, for some seconds on end, and which has
 * room, takes the place of the parent, and the parent that of the backup; or a place with room that we have heard of
 * and that promises as much. Make-before-break, and not often.
 */
import { available, take } from '../wire/rate.ts';
import { bestOffers, forgetOffer, promiseOf, type KnownOffer } from './offers.ts';
import { backupsOf, isBad, offerOf, standingBy } from './sources.ts';
import {
	betterContact,
	isSpeaker,
	parentOf,
	shuffled,
	type Link,
	type TreeState
} from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

/** Asks the better one to be our parent, where it has been the better one for long enough. */
export function pursueBetter(state: TreeState, nowMs: number): TreeOutput[] {
	const parent = isSpeaker(state) || state.leaving ? null : parentOf(state);
	const better = parent === null ? null : betterThan(state, parent, nowMs);
	if (better === null) {
		state.better = null;
		return parent === null ? [] : leap(state, parent, nowMs);
	}
	if (state.better?.peer !== better.peer) state.better = { peer: better.peer, sinceMs: nowMs };
	if (nowMs - state.better.sinceMs < timing.BETTER_LASTS_MS || nowMs < state.nextSwapMs) return [];
	state.better = null;
	pauseChanges(state, nowMs);
	state.attempts.set(better.peer, { startedMs: nowMs, how: 'swap' });
	return [{ type: 'send', to: better.peer, message: { type: 'attach' } }];
}

function betterThan(state: TreeState, parent: Link, nowMs: number): Link | null {
	if (state.attempts.size > 0 || parent.path.length === 0 || parent.rttMs === null) return null;
	const enough = enoughMs(parent);
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

/** What a place must promise to be worth a change. */
const enoughMs = (parent: Link): number => offerOf(parent) - timing.BETTER_BY_MS;

function pauseChanges(state: TreeState, nowMs: number): void {
	state.nextSwapMs = nowMs + state.swapPauseMs;
	state.swapPauseMs = Math.min(2 * state.swapPauseMs, timing.SWAP_PAUSE_MAX_MS);
}

/** It took us. */
export function onLeapt(state: TreeState, nowMs: number): void {
	pauseChanges(state, nowMs);
	state.leapPauseMs = Math.max(timing.LEAP_EVERY_MS, state.leapPauseMs / 2);
}

/**
 * Knocks at a place with room that we have heard of and that promises clearly more than our parent gives: one of the
 * best few, for others have heard of the best one too.
 */
function leap(state: TreeState, parent: Link, nowMs: number): TreeOutput[] {
	if (state.attempts.size > 0 || parent.path.length === 0 || parent.rttMs === null) return [];
	if (nowMs < Math.max(state.nextSwapMs, state.nextLeapMs)) return [];
	if (state.spot.error > timing.SPOT_ERROR_MAX || state.backupSearch.attempt !== null) return [];
	state.nextLeapMs = nowMs + timing.LEAP_EVERY_MS;
	// Backups come first, and tries at places are few.
	if (standingBy(state).length < timing.BACKUPS_WANTED) return [];
	if (available(state.backupSearch.triesLeft, timing.BACKUP_TRIES, nowMs) < 1) return [];
	const enough = enoughMs(parent);
	const places = bestOffers(state, nowMs)
		.filter((place) => mayLeapTo(state, place, nowMs) && promiseOf(state.spot, place) <= enough)
		.slice(0, timing.LEAP_AMONG);
	const place = places[shuffled(state, places.length)];
	if (place === undefined) return [];
	take(state.backupSearch.triesLeft, timing.BACKUP_TRIES, 1, nowMs);
	state.nextLeapMs = nowMs + state.leapPauseMs;
	state.leapPauseMs = Math.min(2 * state.leapPauseMs, timing.LEAP_PAUSE_MAX_MS);
	const { peer, addrs } = betterContact(state, { ...place.contact, firstHand: false });
	forgetOffer(state, peer, nowMs);
	state.attempts.set(peer, { startedMs: nowMs, how: 'leap' });
	return [{ type: 'open', to: { peer, addrs }, want: 'parent' }];
}

function mayLeapTo(state: TreeState, { contact, spot }: KnownOffer, nowMs: number): boolean {
	const { peer } = contact;
	if (spot.error > timing.SPOT_ERROR_MAX || state.links.has(peer)) return false;
	return (state.avoid.get(peer) ?? 0) <= nowMs && !isBad(state, peer, nowMs);
}
