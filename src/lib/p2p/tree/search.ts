/**
 * Looking for a parent: a listener without one, or with one that has gone silent, tries the places it
 * knows, best first, follows the ones it is sent on to, and asks the directory when it knows no more.
 */
import type { Contact } from '../wire/contact.ts';
import type { KnockRefusal } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { CONTACTS_MAX } from '../wire/limits.ts';
import {
	contactOf,
	dedupe,
	isMesh,
	isSpeaker,
	learnContact,
	linkOf,
	parentOf,
	rootContacts,
	trim,
	type TreeOutput,
	type TreeState
} from './state.ts';
import * as timing from './timing.ts';

/** A new parent is wanted: none, a silent one, or one that itself has had no source for a while. */
export function wantsParent(state: TreeState, nowMs: number): boolean {
	if (state.leaving || isSpeaker(state)) return false;
	const parent = parentOf(state);
	if (parent === null) return true;
	if (nowMs - parent.lastHeardMs > timing.PARENT_SUSPECT_MS) return true;
	return parent.orphanSinceMs !== null && nowMs - parent.orphanSinceMs > timing.ORPHAN_PATIENCE_MS;
}

/** Starts what may be started now. Called after every input that could change the answer. */
export function pursueParent(state: TreeState, nowMs: number): TreeOutput[] {
	const out = expireAttempts(state, nowMs);
	if (!wantsParent(state, nowMs)) return [...out, ...giveUpAttempts(state)];
	while (mayTryAnother(state, nowMs)) {
		const candidate = nextCandidate(state, nowMs);
		if (candidate === null) break;
		out.push(tryCandidate(state, candidate, nowMs));
	}
	if (state.attempts.size === 0 && nowMs >= state.nextFindMs) out.push(askDirectory(state, nowMs));
	return out;
}

function mayTryAnother(state: TreeState, nowMs: number): boolean {
	if (state.attempts.size >= timing.ATTEMPTS_MAX) return false;
	return [...state.attempts.values()].every(
		(attempt) => nowMs - attempt.startedMs >= timing.HEDGE_MS
	);
}

function nextCandidate(state: TreeState, nowMs: number): Contact | null {
	for (;;) {
		const contact = state.queue.shift();
		if (contact === undefined) return null;
		if (mayBeParent(state, contact.peer, nowMs)) return contact;
	}
}

function mayBeParent(state: TreeState, peer: PeerId, nowMs: number): boolean {
	if (peer === state.me || state.attempts.has(peer)) return false;
	if ((state.avoid.get(peer) ?? 0) > nowMs) return false;
	const link = state.links.get(peer);
	return link === undefined || (!link.parent && !link.child);
}

function tryCandidate(state: TreeState, contact: Contact, nowMs: number): TreeOutput {
	learnContact(state, contact);
	const open = state.links.get(contact.peer)?.open === true;
	state.attempts.set(contact.peer, { startedMs: nowMs, how: open ? 'attach' : 'knock' });
	if (open) return { type: 'send', to: contact.peer, message: { type: 'attach' } };
	return { type: 'open', to: contactOf(state, contact.peer), want: 'parent' };
}

function askDirectory(state: TreeState, nowMs: number): TreeOutput {
	state.nextFindMs = nowMs + state.findPauseMs;
	state.findPauseMs = Math.min(2 * state.findPauseMs, timing.FIND_MAX_MS);
	// What we knew may have room again by the time the directory answers.
	enqueue(state, [...rootContacts(state), ...state.contacts.values()]);
	return { type: 'find' };
}

function expireAttempts(state: TreeState, nowMs: number): TreeOutput[] {
	const out: TreeOutput[] = [];
	for (const [peer, attempt] of state.attempts) {
		if (nowMs - attempt.startedMs <= timing.ATTEMPT_MS) continue;
		out.push(...abandon(state, peer, attempt.how));
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

/** Puts places at the end of the queue, or at its head where they are the better choice. */
export function enqueue(
	state: TreeState,
	contacts: readonly Contact[],
	where: 'first' | 'last' = 'last'
): void {
	const fresh = contacts.filter((contact) => contact.peer !== state.me);
	const known = new Set(fresh.map((contact) => contact.peer));
	const others = state.queue.filter((contact) => !known.has(contact.peer));
	state.queue = where === 'first' ? [...fresh, ...others] : [...state.queue, ...fresh];
	state.queue = dedupe(state.queue).slice(0, timing.QUEUE_MAX);
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
	enqueue(state, refusal?.candidates ?? [], 'first');
}

export function onFailure(state: TreeState, peer: PeerId, nowMs: number): void {
	if (state.attempts.delete(peer)) avoid(state, peer, nowMs + timing.RETRY_FAILED_MS);
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
	link.orphanSinceMs = null;
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
	formerPath: readonly PeerId[],
	candidates: readonly Contact[]
): void {
	const above = formerPath
		.slice(0, -1)
		.reverse()
		.map((peer) => contactOf(state, peer));
	enqueue(state, [...candidates, ...above, ...rootContacts(state)], 'first');
	state.nextFindMs = 0;
}
