/** What neighbours say over the control channel, as far as it concerns the tree, and what follows from it. */
import type { Contact } from '../wire/contact.ts';
import type { PeerId } from '../wire/ids.ts';
import { CONTACTS_MAX, PATH_MAX } from '../wire/limits.ts';
import { onAttach, onStandBy, welcome } from './admit.ts';
import {
	dropBackup,
	onBackupRefusal,
	onFirstPath,
	onStandDown,
	onStandingBy,
	standDown
} from './backup.ts';
import { onClimb, onRaise } from './climb.ts';
import { learnOffers } from './offers.ts';
import { onPlaces } from './places.ts';
import { avoid, onAttached, onParentLost, onRefusal } from './search.ts';
import { isMesh, learnContact, linkOf, trim, type Link, type TreeState } from './state.ts';
import type { TreeMessage, TreeOutput } from './io.ts';
import * as timing from './timing.ts';
import { isOnTrial } from './trial.ts';
import { forgetLink } from './upkeep.ts';

export function onMessage(
	state: TreeState,
	from: PeerId,
	message: TreeMessage,
	nowMs: number
): TreeOutput[] {
	const link = state.links.get(from);
	if (link === undefined) return [];
	if ('candidates' in message && maySend(state, link))
		learnOffers(state, message.candidates, nowMs);
	switch (message.type) {
		case 'attach':
		case 'graft': {
			const answer = onAttach(state, from, message.type, nowMs);
			return link.child ? [...answer, ...welcome(state, link, nowMs)] : answer;
		}
		case 'attached':
			link.lastHeardMs = nowMs;
			return onAttached(state, from, nowMs);
		case 'detach':
			onDetach(state, from, message, nowMs);
			return [];
		case 'delay':
			if (link.parent || link.backup) link.delayMs = message.delayMs;
			return [];
		case 'path':
			return onPath(state, link, message, nowMs);
		case 'stand-by': {
			const answer = onStandBy(state, from, nowMs);
			return link.backupChild ? [...answer, ...welcome(state, link, nowMs)] : answer;
		}
		case 'standing-by':
			// Over a link that served nothing little else is heard.
			link.lastHeardMs = nowMs;
			return onStandingBy(state, from, nowMs);
		case 'stand-down':
			onStandDown(state, from, message, nowMs);
			return [];
		case 'places':
			onPlaces(link, message);
			return [];
		case 'raise':
			return onRaise(state, link, nowMs);
		case 'offers':
			return [];
		case 'climb':
			return onClimb(state, link, message.to, nowMs);
		case 'bye':
			return onBye(state, link, message.candidates, nowMs);
	}
}

/** Places are named by those above us, or who were asked to be: what anybody could tell would be told on to all below. */
const maySend = (state: TreeState, { peer, parent, backup }: Link): boolean =>
	parent || backup || state.attempts.has(peer) || state.backupSearch.attempt?.peer === peer;

/** Who leaves still carries us for a moment where it is our parent; of all others nothing more is to be had. */
function onBye(
	state: TreeState,
	link: Link,
	candidates: readonly Contact[],
	nowMs: number
): TreeOutput[] {
	const { peer } = link;
	// Should we just have asked it for something, then this is its answer.
	onRefusal(state, peer, { reason: 'other-room', candidates }, nowMs);
	onBackupRefusal(state, peer, { reason: 'other-room', candidates: [] }, nowMs);
	state.contacts.delete(peer);
	avoid(state, peer, nowMs + timing.RETRY_FAILED_MS);
	if (link.parent) {
		partFrom(state, link, { candidates, endsAtMs: nowMs + timing.LEAVE_GRACE_MS }, nowMs);
		return [];
	}
	forgetLink(state, peer, nowMs);
	avoid(state, peer, nowMs + timing.RETRY_FAILED_MS);
	return [{ type: 'close', peer }];
}

/** The parent will carry us no longer than that: the search begins, and it is left when another has said yes. */
function partFrom(
	state: TreeState,
	link: Link,
	notice: { readonly candidates: readonly Contact[]; readonly endsAtMs: number },
	nowMs: number
): void {
	link.endsAtMs = Math.min(link.endsAtMs ?? Infinity, notice.endsAtMs);
	onParentLost(state, { formerPath: link.path, candidates: notice.candidates }, nowMs);
}

function onDetach(
	state: TreeState,
	from: PeerId,
	message: Extract<TreeMessage, { type: 'detach' }>,
	nowMs: number
): void {
	const link = linkOf(state, from, nowMs);
	if (message.reason === 'moved') {
		link.child = false;
		link.endsAtMs = null;
		return;
	}
	const { reason, candidates } = message;
	onRefusal(state, from, { reason, candidates }, nowMs);
	if (!link.parent) return;
	avoid(state, from, nowMs + timing.RETRY_REFUSED_MS);
	const endsAtMs = nowMs + timing.HANDOVER_MS;
	if (reason === 'full') partFrom(state, link, { candidates, endsAtMs }, nowMs);
	else loseParent(state, link, candidates, nowMs);
}

function loseParent(
	state: TreeState,
	link: Link,
	candidates: readonly Contact[],
	nowMs: number
): void {
	if (!link.parent) return;
	const formerPath = link.path;
	link.parent = false;
	link.endsAtMs = null;
	link.path = [];
	onParentLost(state, { formerPath, candidates }, nowMs);
}

/** A parent whose notice has run out carries us no longer. */
export function endParent(state: TreeState, nowMs: number): void {
	for (const link of state.links.values()) {
		if (!link.parent || link.endsAtMs === null || nowMs < link.endsAtMs) continue;
		loseParent(state, link, [], nowMs);
	}
}

function onPath(
	state: TreeState,
	link: Link,
	message: Extract<TreeMessage, { type: 'path' }>,
	nowMs: number
): TreeOutput[] {
	if (!link.parent && !link.backup && !isOnTrial(state, link.peer)) return [];
	// Of the roots only the parent's word counts: backups tell each other, and two words would chase each other for ever.
	if (!link.backup && message.roots !== undefined) learnRoots(state, message.roots);
	link.delayMs = message.delayMs;
	if (message.path.includes(state.me) || message.path.length >= PATH_MAX) {
		return breakLoop(state, link, message.roots ?? state.roots, nowMs);
	}
	const orphan = message.path.length === 0;
	const isFirst = !orphan && link.path.length === 0;
	link.orphanSinceMs = orphan ? (link.orphanSinceMs ?? nowMs) : null;
	link.path = message.path;
	if (isFirst) onFirstPath(state, link, nowMs);
	return [];
}

/** Once we know the room's law, nobody else's word makes a speaker. */
function learnRoots(state: TreeState, roots: readonly Contact[]): void {
	const isRoot = ({ peer }: Contact): boolean =>
		state.stage.length === 0 || state.stage.includes(peer);
	for (const contact of roots.filter(isRoot)) learnContact(state, contact);
	state.roots = roots;
}

/** It hears by us, or would: it is below us, and no source. */
function breakLoop(
	state: TreeState,
	link: Link,
	roots: readonly Contact[],
	nowMs: number
): TreeOutput[] {
	const hadSaidYes = link.parent || isOnTrial(state, link.peer);
	if (isOnTrial(state, link.peer)) state.attempts.delete(link.peer);
	const out = dropBackup(state, link, nowMs);
	if (!hadSaidYes) return out;
	avoid(state, link.peer, nowMs + timing.RETRY_FAILED_MS);
	loseParent(state, link, roots, nowMs);
	return [...out, leaving(link.peer)];
}

const leaving = (to: PeerId): TreeOutput => ({
	type: 'send',
	to,
	message: { type: 'detach', reason: 'moved', candidates: [] }
});

/** A source that misbehaves is left at once, whatever it is to us, and what it said of others counts no more. */
export function onBad(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	state.bad.delete(peer);
	state.bad.set(peer, nowMs + timing.BAD_AVOID_MS);
	trim(state.bad, CONTACTS_MAX);
	state.contacts.delete(peer);
	state.offers.delete(peer);
	const attempted = state.attempts.delete(peer);
	if (state.backupSearch.attempt?.peer === peer) state.backupSearch.attempt = null;
	const link = state.links.get(peer);
	if (link === undefined) return attempted ? [{ type: 'close', peer }] : [];
	const out: TreeOutput[] = [];
	if (link.parent || attempted) out.push(leaving(peer));
	if (link.backup) out.push(standDown(peer, 'moved'));
	link.backup = false;
	link.path = link.parent ? [] : link.path;
	loseParent(state, link, [], nowMs);
	if (link.child || link.backupChild || isMesh(state, peer)) return out;
	forgetLink(state, peer, nowMs);
	return [...out, { type: 'close', peer }];
}

/** Who is out is left whatever it is to us, and its link is closed. */
export function onOut(state: TreeState, peers: ReadonlySet<PeerId>, nowMs: number): TreeOutput[] {
	const newly = [...peers].filter((peer) => !state.out.has(peer));
	state.out = peers;
	return newly.flatMap((peer): TreeOutput[] => {
		const parted = onBad(state, peer, nowMs);
		if (!state.links.has(peer)) return parted;
		forgetLink(state, peer, nowMs);
		return [...parted, { type: 'close', peer }];
	});
}
