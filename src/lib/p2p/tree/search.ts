/**
 * Looking for a parent: a listener without one, or with one that has gone silent, tries the places it
 * knows, best first, follows the ones it is sent on to, and asks the directory when it knows no more.
 */
import type { Contact } from '../wire/contact.ts';
import type { KnockRefusal } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { CONTACTS_MAX } from '../wire/limits.ts';
import { available, take } from '../wire/rate.ts';
import { isAllSilent, isAlone, isSilent } from './alone.ts';
import { keepAsBackup } from './backup.ts';
import { onLeapt, pursueBetter } from './better.ts';
import { isGrafting, needOf, pursueGraft, type Need } from './graft.ts';
import { bestOffers } from './offers.ts';
import { isBad } from './sources.ts';
import {
	betterContact,
	contactOf,
	dedupe,
	isMesh,
	isSpeaker,
	linkOf,
	parentOf,
	rootContacts,
	trim,
	type Attempt,
	type Link,
	type TreeState
} from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';
import { flows, verdictOn } from './trial.ts';
import { onWalkRefused, planWalk, pursueWalk } from './walk.ts';

/**
 * A new parent is wanted: none, one that is leaving us, is silent, starves us, or has had no source itself for
 * a while. On stage only by a speaker without a link to any other: its word of who is on stage may be long out
 * of date.
 */
export function needsParent(state: TreeState, nowMs: number): Need {
	if (state.leaving || (isSpeaker(state) && !isStranded(state, nowMs))) return 'none';
	const need = needOf(parentOf(state), state.starvedUntilMs, nowMs);
	if (need === 'none') return state.alone ? 'any' : need;
	return need === 'backup' && isAllSilent(state, nowMs) ? 'any' : need;
}

const isStranded = (state: TreeState, nowMs: number): boolean =>
	state.strandedSinceMs !== null && nowMs - state.strandedSinceMs > timing.STRANDED_MS;

/** Starts what may be started now. Called after every input that could change the answer. */
export function pursueParent(state: TreeState, nowMs: number): TreeOutput[] {
	const out = judgeTrials(state, nowMs);
	out.push(...expireAttempts(state, nowMs));
	noteAlone(state, nowMs);
	const need = needsParent(state, nowMs);
	if (need === 'none') {
		out.push(...giveUpAttempts(state), ...pursueWalk(state, nowMs), ...pursueBetter(state, nowMs));
		return out;
	}
	if (need !== 'place') out.push(...pursueGraft(state, nowMs));
	const isGraftLikely = isGrafting(state, nowMs) && !state.alone && !isAllSilent(state, nowMs);
	if (need === 'backup' || isGraftLikely) return out;
	return [...out, ...lookAround(state, nowMs)];
}

/** Should everybody be gone, the places above a parent that may never come back are as good as when it is lost. */
function noteAlone(state: TreeState, nowMs: number): void {
	const wasAlone = state.alone;
	state.alone = isAlone(state, nowMs);
	if (!state.alone || wasAlone) return;
	onParentLost(state, { formerPath: parentOf(state)?.path ?? [], candidates: [] }, nowMs);
}

function lookAround(state: TreeState, nowMs: number): TreeOutput[] {
	const out: TreeOutput[] = [];
	keepCandidates(state, nowMs);
	if (state.queue.length === 0 && nowMs >= state.nextRoundMs) beginRound(state, nowMs);
	if (isForlorn(state, nowMs)) pardon(state, nowMs);
	if (!mayTryAnother(state, nowMs)) return out;
	const candidate = nextCandidate(state, nowMs);
	if (candidate !== null) out.push(tryCandidate(state, candidate, nowMs));
	else if (nowMs >= state.nextFindMs) out.push(askDirectory(state, nowMs));
	return out;
}

/** Everybody we know, once more: who was full may have room again. Speakers first, then those heard of last. */
function beginRound(state: TreeState, nowMs: number): void {
	state.nextRoundMs = nowMs + timing.ROUND_MS;
	enqueue(state, [...rootContacts(state), ...[...state.contacts.values()].reverse()], 'last');
	keepCandidates(state, nowMs);
}

/** Nobody is left to ask, and the directory knew nobody else. */
function isForlorn(state: TreeState, nowMs: number): boolean {
	const hasSource = (parentOf(state)?.path.length ?? 0) > 0;
	if (state.findPauseMs < timing.PARDON_PAUSE_MS || hasSource) return false;
	return state.queue.length + state.redirects.length === 0 && mayTryAnother(state, nowMs);
}

/**
 * Who misbehaved first is asked again: it may have been blamed for the fault of another, and whoever goes without it hears
 * nothing at all. What it brings is checked as ever.
 */
function pardon(state: TreeState, nowMs: number): void {
	for (const [peer, untilMs] of state.bad) {
		if (state.out.has(peer) || untilMs <= nowMs) continue;
		state.bad.delete(peer);
		state.avoid.delete(peer);
		return enqueue(state, [contactOf(state, peer)], 'last');
	}
}

function keepCandidates(state: TreeState, nowMs: number): void {
	const isCandidate = ({ peer }: Contact): boolean => mayBeParent(state, peer, nowMs);
	state.redirects = state.redirects.filter(isCandidate);
	state.queue = state.queue.filter(isCandidate);
}

function mayTryAnother(state: TreeState, nowMs: number): boolean {
	const underWay = [...state.attempts.values()].filter(
		({ how }) => how === 'knock' || how === 'attach'
	);
	if (underWay.length >= timing.ATTEMPTS_MAX) return false;
	const hedgeMs = state.alone ? timing.HEDGE_ALONE_MS : timing.HEDGE_MS;
	return underWay.every((attempt) => nowMs - attempt.startedMs >= hedgeMs);
}

/** Where no try is left, those we are linked with: to ask them costs a message. */
function nextCandidate(state: TreeState, nowMs: number): Contact | null {
	const mayKnock = available(state.triesLeft, timing.TRIES, nowMs) >= 1;
	const isAskable = ({ peer }: Contact): boolean => mayKnock || isLinked(state, peer);
	const known = (state.tries + 1) % timing.KNOWN_EVERY === 0;
	for (const from of known
		? (['queue', 'redirects'] as const)
		: (['redirects', 'queue'] as const)) {
		const next = state[from].find(isAskable);
		if (next === undefined) continue;
		state[from] = state[from].filter((contact) => contact !== next);
		return next;
	}
	return null;
}

const isLinked = (state: TreeState, peer: PeerId): boolean => state.links.get(peer)?.open === true;

function mayBeParent(state: TreeState, peer: PeerId, nowMs: number): boolean {
	if (peer === state.me || state.attempts.has(peer)) return false;
	if ((state.avoid.get(peer) ?? 0) > nowMs || isBad(state, peer, nowMs)) return false;
	const { attempt } = state.backupSearch;
	if (attempt?.peer === peer && attempt.how === 'knock') return false;
	const link = state.links.get(peer);
	if (link?.backup === true && isSilent(link, nowMs)) return false;
	return link === undefined || (!link.parent && !link.child);
}

function tryCandidate(state: TreeState, contact: Contact, nowMs: number): TreeOutput {
	state.tries++;
	const how = isLinked(state, contact.peer) ? 'attach' : 'knock';
	// Who was only named by others joins those we know when it has shown itself, by a link.
	const { peer, addrs } = betterContact(state, { ...contact, firstHand: false });
	state.attempts.set(peer, { startedMs: nowMs, how, addrs });
	if (how === 'attach') return { type: 'send', to: peer, message: { type: 'attach' } };
	take(state.triesLeft, timing.TRIES, 1, nowMs);
	return { type: 'open', to: { peer, addrs }, want: 'parent' };
}

function askDirectory(state: TreeState, nowMs: number): TreeOutput {
	state.lastFindMs = nowMs;
	state.nextFindMs = nowMs + state.findPauseMs;
	state.findPauseMs = Math.min(2 * state.findPauseMs, timing.FIND_MAX_MS);
	return { type: 'find' };
}

function expireAttempts(state: TreeState, nowMs: number): TreeOutput[] {
	const out: TreeOutput[] = [];
	for (const [peer, attempt] of state.attempts) {
		const isNear = attempt.how === 'graft' || attempt.how === 'swap';
		const lookingMs = state.slow ? timing.ATTEMPT_SLOW_MS : timing.ATTEMPT_MS;
		if (nowMs - attempt.startedMs <= (isNear ? timing.GRAFT_MS : lookingMs)) continue;
		state.slow ||= !isNear;
		out.push(...abandon(state, peer, attempt.how));
		state.contacts.delete(peer);
		avoid(state, peer, nowMs + timing.RETRY_FAILED_MS);
	}
	return out;
}

function giveUpAttempts(state: TreeState): TreeOutput[] {
	return [...state.attempts].flatMap(([peer, attempt]) =>
		isAtLeisure(attempt) ? [] : abandon(state, peer, attempt.how)
	);
}

/** Made without need: it goes on beside a parent. */
const isAtLeisure = ({ how }: Attempt): boolean =>
	how === 'swap' || how === 'leap' || how === 'climb' || how === 'walk';

/** A backup that took us back in vain stays our backup. */
function abandon(state: TreeState, peer: PeerId, how: Attempt['how']): TreeOutput[] {
	state.attempts.delete(peer);
	const link = state.links.get(peer);
	if (link?.open === true) {
		if (how === 'knock') return [];
		return link.backup ? [moved(peer), standBy(peer)] : [moved(peer)];
	}
	// Somebody else may need the link that is being built: a speaker, or somebody below us.
	if (isMesh(state, peer) || link?.child === true || link?.backupChild === true) return [];
	return [{ type: 'close', peer }];
}

const moved = (to: PeerId): TreeOutput => ({
	type: 'send',
	to,
	message: { type: 'detach', reason: 'moved', candidates: [] }
});

const standBy = (to: PeerId): TreeOutput => ({ type: 'send', to, message: { type: 'stand-by' } });

/** Puts places we know at the end of the queue, or at its head where they are the better choice. */
export function enqueue(
	state: TreeState,
	contacts: readonly Contact[],
	where: 'first' | 'last'
): void {
	const all = where === 'first' ? [...contacts, ...state.queue] : [...state.queue, ...contacts];
	const others = dedupe(all).filter((contact) => contact.peer !== state.me);
	state.queue = others.slice(0, timing.QUEUE_MAX);
}

/** Places somebody else sends us to, before those it sent us to earlier. */
function redirect(state: TreeState, contacts: readonly Contact[]): void {
	const all = dedupe([...contacts, ...state.redirects]);
	const others = all.filter((contact) => contact.peer !== state.me);
	state.redirects = others.slice(0, timing.REDIRECTS_MAX);
}

export function avoid(state: TreeState, peer: PeerId, untilMs: number): void {
	state.avoid.delete(peer);
	state.avoid.set(peer, untilMs);
	trim(state.avoid, CONTACTS_MAX);
}

/** A knock or an `attach` was answered with no: go where the answer points. */
export function onRefusal(
	state: TreeState,
	peer: PeerId,
	refusal: KnockRefusal | null,
	nowMs: number
): void {
	const attempt = state.attempts.get(peer);
	if (attempt === undefined) return;
	state.attempts.delete(peer);
	avoid(state, peer, nowMs + timing.RETRY_REFUSED_MS);
	if (refusal?.reason === 'other-room') state.contacts.delete(peer);
	if (attempt.how === 'walk') onWalkRefused(state, refusal?.candidates ?? []);
	// Who has a parent goes nowhere for being refused.
	if (!isAtLeisure(attempt)) redirect(state, refusal?.candidates ?? []);
}

/** Who cannot be reached is forgotten, until somebody names it again. */
export function onFailure(state: TreeState, peer: PeerId, nowMs: number): void {
	if (!state.attempts.delete(peer)) return;
	state.contacts.delete(peer);
	avoid(state, peer, nowMs + timing.RETRY_FAILED_MS);
}

/** `peer` took us as its child. */
export function onAttached(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	const link = linkOf(state, peer, nowMs);
	if (link.parent) return [];
	const attempt = state.attempts.get(peer);
	const need = needsParent(state, nowMs);
	if (attempt === undefined || (need === 'none' && !isAtLeisure(attempt))) {
		state.attempts.delete(peer);
		return [moved(peer)];
	}
	if (hasTime(need) && flows(state, nowMs)) {
		attempt.trial ??= { sinceMs: nowMs, heard: false };
		return [];
	}
	return moveTo(state, link, attempt, nowMs);
}

/** The parent we have goes on carrying us for long enough. */
const hasTime = (need: Need): boolean => need === 'none' || need === 'place';

/** Who is on trial takes our parent's place when it has brought sound, or when there is no time for that. */
function judgeTrials(state: TreeState, nowMs: number): TreeOutput[] {
	const out: TreeOutput[] = [];
	for (const [peer, attempt] of state.attempts) {
		if (attempt.trial === undefined) continue;
		const isUrgent = !hasTime(needsParent(state, nowMs));
		const verdict = isUrgent ? 'passed' : verdictOn(attempt, state, nowMs);
		if (verdict === 'passed')
			out.push(...moveTo(state, linkOf(state, peer, nowMs), attempt, nowMs));
		if (verdict !== 'failed') continue;
		out.push(...abandon(state, peer, attempt.how));
		avoid(state, peer, nowMs + timing.RETRY_FAILED_MS);
	}
	return out;
}

function moveTo(state: TreeState, link: Link, attempt: Attempt, nowMs: number): TreeOutput[] {
	const need = needsParent(state, nowMs);
	const former = parentOf(state);
	const hasTold = link.backup || attempt.trial !== undefined;
	state.attempts.delete(link.peer);
	const out = leaveParent(state);
	becomeParent(state, link, hasTold, nowMs);
	if (attempt.how === 'knock' || attempt.how === 'attach') planWalk(state);
	state.slow = false;
	state.findPauseMs = timing.FIND_MIN_MS;
	if (former === null) return [...out, ...giveUpAttempts(state)];
	if (attempt.how === 'climb' || attempt.how === 'walk') return out;
	if (attempt.how === 'leap') onLeapt(state, nowMs);
	if (need === 'none') return [...out, ...keepAsBackup(state, former, nowMs)];
	avoid(state, former.peer, nowMs + timing.RETRY_FAILED_MS);
	return [...out, ...giveUpAttempts(state)];
}

/** Backups, and who was on trial, have told how the sound comes to them; of anybody else we wait for that. */
function becomeParent(state: TreeState, link: Link, hasTold: boolean, nowMs: number): void {
	if (!hasTold) link.path = [];
	link.orphanSinceMs = link.path.length === 0 ? nowMs : null;
	link.parent = true;
	link.backup = link.backupChild = false;
	// Asked to stand by as well: that is settled, and others can be asked.
	if (state.backupSearch.attempt?.peer === link.peer) state.backupSearch.attempt = null;
	link.endsAtMs = null;
	link.sinceMs = nowMs;
	state.starvedUntilMs = 0;
}

/** Tells the parent, if there is one, that we have moved on. */
export function leaveParent(state: TreeState): TreeOutput[] {
	const parent = parentOf(state);
	if (parent === null) return [];
	parent.parent = false;
	parent.endsAtMs = null;
	parent.path = [];
	return [moved(parent.peer)];
}

/** The parent is lost: its own ancestors, nearest first, are the best places to go, then the speakers. */
export function onParentLost(
	state: TreeState,
	lost: { readonly formerPath: readonly PeerId[]; readonly candidates: readonly Contact[] },
	nowMs: number
): void {
	const above = lost.formerPath.slice(0, -1).reverse();
	redirect(state, [...lost.candidates, ...above.map((peer) => contactOf(state, peer))]);
	const near = bestOffers(state, nowMs).slice(0, timing.NEAR_FIRST_MAX);
	enqueue(state, [...near.map(({ contact }) => contact), ...rootContacts(state)], 'first');
	state.nextRoundMs = nowMs;
	// At once, but not for every one of a row of parents that take us and let us go.
	state.nextFindMs = Math.min(state.nextFindMs, state.lastFindMs + timing.FIND_MIN_MS);
}

/**
 * The link over which it was asked had served nothing for a while, and was closed at its other end just then, or broke off
 * while it was made: that is no answer. It is asked once more, by a knock; if that link ends as well before a yes, it is
 * avoided like anybody else.
 */
export function knockInstead(state: TreeState, contact: Contact): void {
	state.avoid.delete(contact.peer);
	enqueue(state, [contact], 'first');
}
