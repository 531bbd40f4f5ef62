/**
 * Looking for a parent: a listener without one, or with one that has gone silent, tries the places it
 * knows, best first, follows the ones it is sent on to, and asks the directory when it knows no more.
 */
import type { Contact } from '../wire/contact.ts';
import type { KnockRefusal } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { CONTACTS_MAX } from '../wire/limits.ts';
import { available, take } from '../wire/rate.ts';
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
	type TreeOutput,
	type TreeState
} from './state.ts';
import * as timing from './timing.ts';

/**
 * A new parent is wanted: none, a silent one, or one that itself has had no source for a while. On stage
 * only by a speaker without a link to any other: its word of who is on stage may be long out of date.
 */
export function wantsParent(state: TreeState, nowMs: number): boolean {
	if (state.leaving || (isSpeaker(state) && !isStranded(state, nowMs))) return false;
	const parent = parentOf(state);
	if (parent === null) return true;
	if (nowMs - parent.lastHeardMs > timing.PARENT_SUSPECT_MS) return true;
	return parent.orphanSinceMs !== null && nowMs - parent.orphanSinceMs > timing.ORPHAN_PATIENCE_MS;
}

const isStranded = (state: TreeState, nowMs: number): boolean =>
	state.strandedSinceMs !== null && nowMs - state.strandedSinceMs > timing.STRANDED_MS;

/** Starts what may be started now. Called after every input that could change the answer. */
export function pursueParent(state: TreeState, nowMs: number): TreeOutput[] {
	const out = expireAttempts(state, nowMs);
	if (!wantsParent(state, nowMs)) return [...out, ...giveUpAttempts(state)];
	keepCandidates(state, nowMs);
	if (state.queue.length === 0 && nowMs >= state.nextRoundMs) beginRound(state, nowMs);
	if (mayTryAnother(state, nowMs)) {
		const candidate = nextCandidate(state);
		if (candidate !== null) out.push(tryCandidate(state, candidate, nowMs));
	}
	if (state.attempts.size === 0 && nowMs >= state.nextFindMs) out.push(askDirectory(state, nowMs));
	return out;
}

/** Everybody we know, once more: who was full may have room again. Speakers first, then those heard of last. */
function beginRound(state: TreeState, nowMs: number): void {
	state.nextRoundMs = nowMs + timing.ROUND_MS;
	enqueue(state, [...rootContacts(state), ...[...state.contacts.values()].reverse()], 'last');
	keepCandidates(state, nowMs);
}

function keepCandidates(state: TreeState, nowMs: number): void {
	const isCandidate = ({ peer }: Contact): boolean => mayBeParent(state, peer, nowMs);
	state.redirects = state.redirects.filter(isCandidate);
	state.queue = state.queue.filter(isCandidate);
}

function mayTryAnother(state: TreeState, nowMs: number): boolean {
	if (state.attempts.size >= timing.ATTEMPTS_MAX) return false;
	if (available(state.triesLeft, timing.TRIES, nowMs) < 1) return false;
	return [...state.attempts.values()].every(
		(attempt) => nowMs - attempt.startedMs >= timing.HEDGE_MS
	);
}

function nextCandidate(state: TreeState): Contact | null {
	const known = state.redirects.length === 0 || (state.tries + 1) % timing.KNOWN_EVERY === 0;
	const from = known && state.queue.length > 0 ? 'queue' : 'redirects';
	const [next, ...rest] = state[from];
	state[from] = rest;
	return next ?? null;
}

function mayBeParent(state: TreeState, peer: PeerId, nowMs: number): boolean {
	if (peer === state.me || state.attempts.has(peer)) return false;
	if ((state.avoid.get(peer) ?? 0) > nowMs) return false;
	const link = state.links.get(peer);
	return link === undefined || (!link.parent && !link.child);
}

function tryCandidate(state: TreeState, contact: Contact, nowMs: number): TreeOutput {
	state.tries++;
	take(state.triesLeft, timing.TRIES, 1, nowMs);
	const open = state.links.get(contact.peer)?.open === true;
	state.attempts.set(contact.peer, { startedMs: nowMs, how: open ? 'attach' : 'knock' });
	if (open) return { type: 'send', to: contact.peer, message: { type: 'attach' } };
	// Who was only named by others joins those we know when it has shown itself, by a link.
	const { peer, addrs } = betterContact(state, { ...contact, firstHand: false });
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
		if (nowMs - attempt.startedMs <= timing.ATTEMPT_MS) continue;
		out.push(...abandon(state, peer, attempt.how));
		state.contacts.delete(peer);
		avoid(state, peer, nowMs + timing.RETRY_FAILED_MS);
	}
	return out;
}

function giveUpAttempts(state: TreeState): TreeOutput[] {
	return [...state.attempts].flatMap(([peer, attempt]) => abandon(state, peer, attempt.how));
}

function abandon(state: TreeState, peer: PeerId, how: 'knock' | 'attach'): TreeOutput[] {
	state.attempts.delete(peer);
	const link = state.links.get(peer);
	if (link?.open === true) {
		return how === 'attach'
			? [{ type: 'send', to: peer, message: { type: 'detach', reason: 'moved', candidates: [] } }]
			: [];
	}
	// Somebody else may need the link that is being built: a speaker, or a child of ours.
	if (isMesh(state, peer) || link?.child === true) return [];
	return [{ type: 'close', peer }];
}

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
	if (!state.attempts.delete(peer)) return;
	avoid(state, peer, nowMs + timing.RETRY_REFUSED_MS);
	if (refusal?.reason === 'other-room') state.contacts.delete(peer);
	redirect(state, refusal?.candidates ?? []);
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
	if (!state.attempts.delete(peer) || !wantsParent(state, nowMs)) {
		return [
			{ type: 'send', to: peer, message: { type: 'detach', reason: 'moved', candidates: [] } }
		];
	}
	const out = leaveParent(state);
	link.parent = true;
	// Until it tells how the sound comes to it, it has none for us.
	link.orphanSinceMs = nowMs;
	state.findPauseMs = timing.FIND_MIN_MS;
	return [...out, ...giveUpAttempts(state)];
}

/** Tells the parent, if there is one, that we have moved on. */
export function leaveParent(state: TreeState): TreeOutput[] {
	const parent = parentOf(state);
	if (parent === null) return [];
	parent.parent = false;
	parent.path = [];
	return [
		{ type: 'send', to: parent.peer, message: { type: 'detach', reason: 'moved', candidates: [] } }
	];
}

/** The parent is lost: its own ancestors, nearest first, are the best places to go, then the speakers. */
export function onParentLost(
	state: TreeState,
	lost: { readonly formerPath: readonly PeerId[]; readonly candidates: readonly Contact[] },
	nowMs: number
): void {
	const above = lost.formerPath.slice(0, -1).reverse();
	redirect(state, [...lost.candidates, ...above.map((peer) => contactOf(state, peer))]);
	enqueue(state, rootContacts(state), 'first');
	state.nextRoundMs = nowMs;
	// At once, but not for every one of a row of parents that take us and let us go.
	state.nextFindMs = Math.min(state.nextFindMs, state.lastFindMs + timing.FIND_MIN_MS);
}
