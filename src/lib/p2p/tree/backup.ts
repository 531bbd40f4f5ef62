/**
 * Backups: connected parents that stand by for us. They tell what they have, give what we ask for, and take us
 * as a child at once when our parent is lost. Each listener keeps two,
 * 1. of which none is below us: its path would have us in it;
 * 2. which share no ancestor but speakers with each other and with the parent, where the room allows it: so no
 *    single death takes two of the three;
 * 3. that are heard, and have a source themselves.
 * One place is tried at a time. Now and then a third one is looked for, and the worst of the three is let go.
 */
import type { Contact } from '../wire/contact.ts';
import type { DetachReason, KnockRefusal } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { CONTACTS_MAX } from '../wire/limits.ts';
import { available, take } from '../wire/rate.ts';
import { bestOffers, branchOf, promiseOf, type KnownOffer } from './offers.ts';
import { backupsOf, isBad, offerOf, overlapOf, ownAncestors, standingBy } from './sources.ts';
import {
	betterContact,
	contactOf,
	dedupe,
	isMesh,
	isSpeaker,
	linkOf,
	parentOf,
	pathOf,
	rootContacts,
	shuffled,
	trim,
	type Link,
	type TreeState
} from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

/** A shared ancestor weighs more than any delay. */
const OVERLAP_COST_MS = 10_000;

/** Starts what may be started now. Called after every input that could change the answer. */
export function pursueBackups(state: TreeState, nowMs: number): TreeOutput[] {
	const out = [...expireAttempt(state, nowMs), ...dropLost(state, nowMs)];
	if (isSpeaker(state) || state.leaving) return [...out, ...releaseAll(state)];
	out.push(...dropWorst(state, nowMs));
	if (!mayLook(state, nowMs)) return out;
	const place = nextPlace(state, nowMs);
	if (place !== null) return [...out, tryPlace(state, place, nowMs)];
	return [...out, ...onNoPlace(state, nowMs)];
}

/** The sound comes first: while a parent is looked for, backups are not. */
function mayLook(state: TreeState, nowMs: number): boolean {
	const search = state.backupSearch;
	if (search.attempt !== null || state.attempts.size > 0 || pathOf(state).length === 0)
		return false;
	if (nowMs - (parentOf(state)?.sinceMs ?? nowMs) < timing.BACKUP_PATIENCE_MS) return false;
	if (available(search.triesLeft, timing.BACKUP_TRIES, nowMs) < 1) return false;
	const count = standingBy(state).length;
	if (count !== timing.BACKUPS_WANTED) return count < timing.BACKUPS_WANTED;
	if (search.rotateTries > 0) return true;
	if (nowMs < search.rotateAtMs) return false;
	search.rotateTries = timing.ROTATE_TRIES;
	return true;
}

function onNoPlace(state: TreeState, nowMs: number): TreeOutput[] {
	const search = state.backupSearch;
	if (hasEnough(state)) {
		planRotation(state, 'in vain', nowMs);
		return [];
	}
	// Whom the directory named when we came in we know already.
	const isDue = search.nextFindMs > 0 && nowMs >= search.nextFindMs;
	if (isDue || search.nextFindMs === 0) search.nextFindMs = nowMs + timing.FIND_MAX_MS;
	return isDue ? [{ type: 'find' }] : [];
}

/** Where a lost one was replaced the next look is soon as well, but whoever had looked about need not do so blindly again. */
function planRotation(
	state: TreeState,
	outcome: 'better' | 'replaced' | 'in vain',
	nowMs: number
): void {
	const search = state.backupSearch;
	const shares = sharesAncestors(state);
	const longest = shares ? timing.ROTATE_OVERLAP_MAX_MS : timing.ROTATE_MAX_MS;
	const shortest = shares ? timing.ROTATE_OVERLAP_MIN_MS : timing.ROTATE_MIN_MS;
	const settledMs = Math.min(search.rotatePauseMs, 2 * timing.ROTATE_BLIND_MAX_MS);
	const nextMs = { better: shortest, replaced: settledMs, 'in vain': 2 * search.rotatePauseMs };
	search.rotatePauseMs = Math.min(longest, nextMs[outcome]);
	search.rotateAtMs = nowMs + (outcome === 'replaced' ? shortest : search.rotatePauseMs);
	search.rotateTries = 0;
}

function sharesAncestors(state: TreeState): boolean {
	const sources = [parentOf(state), ...backupsOf(state)].filter((link) => link !== null);
	return sources.some((one, i) =>
		sources.slice(i + 1).some((other) => overlapOf(state, one.path, other.path) > 0)
	);
}

/** Where we were sent, those we know in an order that looks random, and those above us only for want of others. */
function nextPlace(state: TreeState, nowMs: number): Contact | null {
	const search = state.backupSearch;
	search.places = search.places.filter(({ peer }) => mayStandBy(state, peer, nowMs));
	const above = new Set(ownAncestors(state));
	const isApart = ({ peer }: Contact): boolean => !above.has(peer);
	// The first two are whoever has room, the sooner the better: of places all have heard of, few have any left.
	const isRotating = hasEnough(state);
	if (isRotating && isContent(state)) return oneOf(state, sooner(state, nowMs));
	const spare = isRotating ? undefined : spareOf(state, nowMs);
	if (spare !== undefined && !above.has(spare)) return contactOf(state, spare);
	const near = isRotating && shuffled(state, 2) === 0 ? oneOf(state, apart(state, nowMs)) : null;
	if (near !== null) return near;
	const sentTo = search.places.find(isApart);
	if (sentTo !== undefined) return sentTo;
	const known = dedupe([...state.contacts.values(), ...rootContacts(state)]).filter(({ peer }) =>
		mayStandBy(state, peer, nowMs)
	);
	const others = known.filter(isApart);
	if (others.length > 0) return others[shuffled(state, others.length)] ?? null;
	return isRotating ? null : (search.places[0] ?? known[0] ?? null);
}

/** Who stood by for us until another was better is there, and most likely has its room still. */
const spareOf = (state: TreeState, nowMs: number): PeerId | undefined =>
	[...state.backupSearch.worse.keys()].findLast((peer) => mayStandBy(state, peer, nowMs));

/** All there is to gain is time, and some looks for it at places of which nothing is known have been in vain. */
function isContent(state: TreeState): boolean {
	if (state.spot.error > timing.SPOT_ERROR_MAX || sharesAncestors(state)) return false;
	return state.backupSearch.rotatePauseMs > timing.ROTATE_BLIND_MAX_MS;
}

/** Those by which the sound would come clearly sooner than by the worse of our backups. */
function sooner(state: TreeState, nowMs: number): KnownOffer[] {
	const enoughMs = Math.max(...standingBy(state).map(offerOf)) - timing.BETTER_BY_MS;
	return apart(state, nowMs).filter(
		(offer) => offer.spot.error <= timing.SPOT_ERROR_MAX && promiseOf(state.spot, offer) <= enoughMs
	);
}

const oneOf = (state: TreeState, offers: readonly KnownOffer[]): Contact | null =>
	offers[shuffled(state, offers.length)]?.contact ?? null;

/** The more promising of the places we have heard of that are on no branch we hear by. */
function apart(state: TreeState, nowMs: number): KnownOffer[] {
	const sources = [parentOf(state), ...backupsOf(state)].filter((link) => link !== null);
	const ours = new Set(sources.map(({ path }) => branchOf(path)));
	const offers = bestOffers(state, nowMs).filter(
		({ branch, contact }) => !ours.has(branch) && mayStandBy(state, contact.peer, nowMs)
	);
	return offers.slice(0, timing.BACKUP_AMONG);
}

function mayStandBy(state: TreeState, peer: PeerId, nowMs: number): boolean {
	if (peer === state.me || state.attempts.has(peer) || isBad(state, peer, nowMs)) return false;
	if ((state.backupSearch.avoid.get(peer) ?? 0) > nowMs) return false;
	if ((state.backupSearch.worse.get(peer) ?? 0) > nowMs && hasEnough(state)) return false;
	const link = state.links.get(peer);
	return link === undefined || (link.open && !link.parent && !link.child && !link.backup);
}

const hasEnough = (state: TreeState): boolean => standingBy(state).length >= timing.BACKUPS_WANTED;

function tryPlace(state: TreeState, { peer, addrs }: Contact, nowMs: number): TreeOutput {
	const search = state.backupSearch;
	take(search.triesLeft, timing.BACKUP_TRIES, 1, nowMs);
	search.places = search.places.filter((place) => place.peer !== peer);
	if (!hasEnough(state)) search.rotateTries = 0;
	else if (--search.rotateTries === 0) planRotation(state, 'in vain', nowMs);
	const open = state.links.get(peer)?.open === true;
	search.attempt = { peer, startedMs: nowMs, how: open ? 'stand-by' : 'knock' };
	if (open) return { type: 'send', to: peer, message: { type: 'stand-by' } };
	const to = betterContact(state, { peer, addrs, firstHand: false });
	return { type: 'open', to: { peer, addrs: to.addrs }, want: 'backup' };
}

function expireAttempt(state: TreeState, nowMs: number): TreeOutput[] {
	const { attempt } = state.backupSearch;
	if (attempt === null || nowMs - attempt.startedMs <= timing.ATTEMPT_MS) return [];
	return endAttempt(state, attempt.peer, nowMs);
}

function endAttempt(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	const search = state.backupSearch;
	if (search.attempt?.peer !== peer) return [];
	search.attempt = null;
	avoidAsBackup(state, peer, nowMs);
	const link = state.links.get(peer);
	if (link?.open === true) return [standDown(peer, 'moved')];
	const needed = link?.child === true || link?.backupChild === true || isMesh(state, peer);
	return needed || state.attempts.has(peer) ? [] : [{ type: 'close', peer }];
}

export function avoidAsBackup(state: TreeState, peer: PeerId, nowMs: number): void {
	state.backupSearch.worse.delete(peer);
	pass(state.backupSearch.avoid, peer, nowMs);
}

function pass(over: Map<PeerId, number>, peer: PeerId, nowMs: number): void {
	over.delete(peer);
	over.set(peer, nowMs + timing.BACKUP_AVOID_MS);
	trim(over, CONTACTS_MAX);
}

/** A knock or `stand-by` of ours was answered with no: go where the answer points. */
export function onBackupRefusal(
	state: TreeState,
	peer: PeerId,
	refusal: KnockRefusal | null,
	nowMs: number
): void {
	const search = state.backupSearch;
	if (search.attempt?.peer !== peer) return;
	search.attempt = null;
	avoidAsBackup(state, peer, nowMs);
	sendOn(state, refusal?.candidates ?? []);
}

/** Nobody we could reach. */
export function onBackupFailure(state: TreeState, peer: PeerId, nowMs: number): void {
	onBackupRefusal(state, peer, null, nowMs);
}

function sendOn(state: TreeState, contacts: readonly Contact[]): void {
	const search = state.backupSearch;
	search.places = dedupe([...contacts, ...search.places]).slice(0, timing.REDIRECTS_MAX);
}

/** `peer` stands by for us. */
export function onStandingBy(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	const link = linkOf(state, peer, nowMs);
	if (link.backup) return [];
	const asked = state.backupSearch.attempt?.peer === peer;
	if (asked) state.backupSearch.attempt = null;
	if (!asked || link.parent || link.child || isSpeaker(state) || state.leaving) {
		return [standDown(peer, 'moved')];
	}
	becomeBackup(link, nowMs);
	// Should we have left it as a parent just now: it is there, and all that may be left.
	state.avoid.delete(peer);
	if (standingBy(state).length === timing.BACKUPS_WANTED) planRotation(state, 'replaced', nowMs);
	return [];
}

/** It has told how the sound comes to it, for the first time: now it shows whether one death would take two of the three. */
export function onFirstPath(state: TreeState, link: Link, nowMs: number): void {
	if (!link.backup || standingBy(state).length !== timing.BACKUPS_WANTED) return;
	if (sharesAncestors(state)) planRotation(state, 'better', nowMs);
}

/** The parent that was left for a better one is known to be good. */
export function keepAsBackup(state: TreeState, former: Link, nowMs: number): TreeOutput[] {
	const search = state.backupSearch;
	planRotation(state, 'better', nowMs);
	if (search.attempt !== null || !former.open) return [];
	search.attempt = { peer: former.peer, startedMs: nowMs, how: 'stand-by' };
	return [{ type: 'send', to: former.peer, message: { type: 'stand-by' } }];
}

/** Until it tells how the sound comes to it, it has none for us. */
function becomeBackup(link: Link, nowMs: number): void {
	link.backup = true;
	link.sinceMs = nowMs;
	link.path = [];
	link.orphanSinceMs = nowMs;
}

/** As a parent: it stands by no longer. As a child: we need not. */
export function onStandDown(
	state: TreeState,
	from: PeerId,
	message: { readonly reason: DetachReason; readonly candidates: readonly Contact[] },
	nowMs: number
): void {
	const link = linkOf(state, from, nowMs);
	const { reason, candidates } = message;
	if (reason === 'moved') {
		link.backupChild = false;
		return;
	}
	onBackupRefusal(state, from, { reason, candidates }, nowMs);
	if (!link.backup) return;
	forgetBackup(link);
	avoidAsBackup(state, from, nowMs);
	sendOn(state, candidates);
}

export const standDown = (to: PeerId, reason: DetachReason): TreeOutput => ({
	type: 'send',
	to,
	message: { type: 'stand-down', reason, candidates: [] }
});

function forgetBackup(link: Link): void {
	link.backup = false;
	link.path = [];
	link.orphanSinceMs = null;
}

export function dropBackup(state: TreeState, link: Link, nowMs: number): TreeOutput[] {
	if (!link.backup) return [];
	forgetBackup(link);
	avoidAsBackup(state, link.peer, nowMs);
	return [standDown(link.peer, 'moved')];
}

/** One that is silent, has no source or is below us is none. */
function dropLost(state: TreeState, nowMs: number): TreeOutput[] {
	const isLost = (link: Link): boolean =>
		!link.open ||
		nowMs - link.lastHeardMs > timing.BACKUP_SUSPECT_MS ||
		(link.orphanSinceMs !== null && nowMs - link.orphanSinceMs > timing.BACKUP_SUSPECT_MS);
	if (!standingBy(state).some(isLost)) return [];
	const lost = backupsOf(state).filter(isLost);
	return lost.flatMap((link) => dropBackup(state, link, nowMs));
}

function releaseAll(state: TreeState): TreeOutput[] {
	const { attempt } = state.backupSearch;
	const ended = attempt === null ? [] : endAttempt(state, attempt.peer, state.nowMs);
	return [...ended, ...backupsOf(state).flatMap((link) => dropBackup(state, link, state.nowMs))];
}

/** Of three the one goes without whom the other two are best. */
function dropWorst(state: TreeState, nowMs: number): TreeOutput[] {
	if (standingBy(state).length <= timing.BACKUPS_WANTED) return [];
	const backups = backupsOf(state);
	const isKnown = (link: Link): boolean =>
		link.path.length > 0 && (link.rttMs !== null || nowMs - link.sinceMs > timing.JUDGE_AFTER_MS);
	if (!backups.every(isKnown)) return [];
	const costs = backups.map((left) =>
		costOf(
			state,
			backups.filter((link) => link !== left)
		)
	);
	const newest = backups.reduce((a, b) => (b.sinceMs > a.sinceMs ? b : a));
	const least = Math.min(...costs);
	// A change costs both sides something: for a few milliseconds the two we had are kept.
	const isWorth = (costs[backups.indexOf(newest)] ?? 0) - least >= timing.BETTER_BY_MS;
	const worst = isWorth ? (backups[costs.indexOf(least)] ?? newest) : newest;
	planRotation(state, worst === newest ? 'in vain' : 'better', nowMs);
	forgetBackup(worst);
	pass(state.backupSearch.worse, worst.peer, nowMs);
	return [standDown(worst.peer, 'moved')];
}

function costOf(state: TreeState, backups: readonly Link[]): number {
	const eager = parentOf(state)?.path ?? [];
	const offers = backups.reduce((sum, link) => sum + offerOf(link), 0);
	const shared = backups.reduce((sum, link, i) => {
		const others = backups.slice(i + 1).map((other) => other.path);
		return [eager, ...others].reduce((more, path) => more + overlapOf(state, path, link.path), sum);
	}, 0);
	return offers + OVERLAP_COST_MS * shared;
}
