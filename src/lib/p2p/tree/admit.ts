/**
 * Who may be linked to us, and as what. A child, or somebody for whom we stand by, is admitted only if
 * 1. we have a source of sound ourselves,
 * 2. it is not above us (no loop),
 * 3. there is room: fewer than `fanout` children that are heard (grafts may be a few more), fewer than
 *    `backupPlaces` backup children, and our own path is shorter than PATH_MAX.
 */
import type { Contact } from '../wire/contact.ts';
import type { KnockRefusal, Want } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { BACKUP_CHILDREN_MAX, CANDIDATES_MAX, LINKS_MAX, PATH_MAX } from '../wire/limits.ts';
import { byRoom, inTurns, leafToMove } from './places.ts';
import { childrenMax, endHandovers, giveNotice, surplusChild } from './graft.ts';
import {
	childrenOf,
	contactOf,
	dedupe,
	isMesh,
	linkOf,
	parentOf,
	pathOf,
	refusal,
	rootContacts,
	type Link,
	type TreeInput,
	type TreeOutput,
	type TreeState
} from './state.ts';
import * as timing from './timing.ts';

/** How `from` asks for its place: a graft, being in need, may go beyond the fan-out. */
export type Ask = Want | 'graft';

/** Listeners we stand by for at most: twice the fan-out, so that everybody finds two. */
export const backupPlaces = (fanout: number): number =>
	fanout === 0 ? 0 : Math.min(BACKUP_CHILDREN_MAX, Math.max(4, 2 * fanout));

/** Null where `from` may have what it wants. */
export function objection(
	state: TreeState,
	from: PeerId,
	want: Ask,
	nowMs: number
): KnockRefusal | null {
	if (state.leaving) return refusal(state, 'other-room', wayOut(state));
	if (want === 'mesh') {
		return isMesh(state, from) ? null : refusal(state, 'not-on-stage', []);
	}
	const path = pathOf(state);
	if (path.length === 0) return refusal(state, 'not-attached', rootContacts(state));
	if (isAbove(state, from, path)) return refusal(state, 'loop', rootContacts(state));
	if (path.length >= PATH_MAX - 1 || isFull(state, from, want, nowMs)) {
		return refusal(state, 'full', wayDown(state, nowMs, want === 'backup' ? 'any' : 'room'));
	}
	return null;
}

/** Where each of two asks the other, the one with the smaller id becomes the child. */
function isAbove(state: TreeState, from: PeerId, path: readonly PeerId[]): boolean {
	if (path.includes(from) || parentOf(state)?.peer === from) return true;
	return state.attempts.has(from) && state.me < from;
}

function isFull(state: TreeState, from: PeerId, want: Ask, nowMs: number): boolean {
	if (!state.links.has(from) && state.links.size >= LINKS_MAX) return true;
	const others = [...state.links.values()].filter((link) => link.peer !== from);
	if (want === 'backup') {
		const heard = others.filter(
			(link) => link.backupChild && nowMs - link.lastHeardMs <= timing.BACKUP_CHILD_SUSPECT_MS
		);
		return heard.length >= backupPlaces(state.fanout);
	}
	const heard = others.filter((link) => link.child && !isSilent(link, nowMs));
	if (want === 'graft') return heard.length >= childrenMax(state.fanout);
	// Who has been asked to move on takes no place any more, as long as there are not too many of them.
	const staying = heard.filter((link) => link.endsAtMs === null);
	return staying.length >= state.fanout || heard.length >= childrenMax(state.fanout);
}

export const isSilent = (link: Link, nowMs: number): boolean =>
	link.open && nowMs - link.lastHeardMs > timing.CHILD_SUSPECT_MS;

export function onKnock(
	state: TreeState,
	input: Extract<TreeInput, { type: 'knock' }>,
	nowMs: number
): TreeOutput[] {
	const { want, fanout } = input.knock;
	const no = objection(state, input.from, want, nowMs);
	const leaf = no?.reason === 'full' && want === 'parent' ? leafToMove(state, fanout) : null;
	if (no !== null && leaf === null) {
		return [{ type: 'refuse', ticket: input.ticket, refusal: no }];
	}
	const link = linkOf(state, input.from, nowMs);
	link.lastHeardMs = nowMs;
	if (want === 'backup') takeBackupChild(link, nowMs);
	const shed = want === 'parent' ? takeChild(state, link, nowMs) : [];
	if (leaf !== null) {
		giveNotice(leaf, timing.HANDOVER_MS, nowMs);
		shed.push(letGo(state, leaf, nowMs));
	}
	return [{ type: 'admit', ticket: input.ticket }, ...shed];
}

/** The same question over a link that is open already, or, in need, by who has us as its backup. */
export function onAttach(
	state: TreeState,
	from: PeerId,
	how: 'attach' | 'graft',
	nowMs: number
): TreeOutput[] {
	const link = linkOf(state, from, nowMs);
	const inNeed = how === 'graft' && (link.backupChild || link.child);
	const no = objection(state, from, inNeed ? 'graft' : 'parent', nowMs);
	if (no !== null) {
		// It may have been ours before: who hears this looks elsewhere.
		link.child = false;
		return [{ type: 'send', to: from, message: { type: 'detach', ...no } }];
	}
	const shed = takeChild(state, link, nowMs);
	link.grafted = inNeed;
	return [{ type: 'send', to: from, message: { type: 'attached' } }, ...shed];
}

/** Whoever is below us cannot be above us: should we have asked it just now, that is over. */
function takeChild(state: TreeState, link: Link, nowMs: number): TreeOutput[] {
	link.child = true;
	link.backupChild = false;
	link.grafted = false;
	link.endsAtMs = null;
	link.sinceMs = nowMs;
	state.attempts.delete(link.peer);
	return dropSilent(state, nowMs);
}

/** Somebody asks over a link that is open to have us as its backup. */
export function onStandBy(state: TreeState, from: PeerId, nowMs: number): TreeOutput[] {
	const link = linkOf(state, from, nowMs);
	const no = link.child ? refusal(state, 'loop', []) : objection(state, from, 'backup', nowMs);
	if (no !== null) {
		link.backupChild = false;
		return [{ type: 'send', to: from, message: { type: 'stand-down', ...no } }];
	}
	takeBackupChild(link, nowMs);
	return [{ type: 'send', to: from, message: { type: 'standing-by' } }];
}

function takeBackupChild(link: Link, nowMs: number): void {
	link.backupChild = true;
	link.sinceMs = nowMs;
}

/** Children that are not heard make room for those who are, at once. */
function dropSilent(state: TreeState, nowMs: number): TreeOutput[] {
	const children = childrenOf(state);
	const silent = children.filter((link) => isSilent(link, nowMs));
	const surplus = children.length - state.fanout;
	return silent
		.slice(-Math.max(0, surplus))
		.slice(0, Math.max(0, surplus))
		.map((link) => {
			link.child = false;
			return letGo(state, link, nowMs);
		});
}

/** Lets go of children beyond a fan-out that has shrunk: the silent ones at once, then those that came last. */
export function shedChildren(state: TreeState, nowMs: number): TreeOutput[] {
	const out = dropSilent(state, nowMs);
	const staying = childrenOf(state).filter((link) => link.endsAtMs === null);
	for (const link of staying.slice(state.fanout)) {
		giveNotice(link, timing.HANDOVER_MS, nowMs);
		out.push(letGo(state, link, nowMs));
	}
	const backupChildren = [...state.links.values()].filter((link) => link.backupChild);
	for (const link of backupChildren.slice(backupPlaces(state.fanout))) {
		link.backupChild = false;
		const { reason, candidates } = refusal(state, 'full', wayDown(state, nowMs));
		out.push({ type: 'send', to: link.peer, message: { type: 'stand-down', reason, candidates } });
	}
	return out;
}

/** Grafts may have made us carry more than our fan-out: one after the other moves on. */
export function letGoSurplus(state: TreeState, nowMs: number): TreeOutput[] {
	endHandovers(state, nowMs);
	const link = surplusChild(state, nowMs);
	if (link === null) return [];
	state.nextLetGoMs = nowMs + timing.LET_GO_EVERY_MS;
	giveNotice(link, timing.HANDOVER_MS, nowMs);
	return [letGo(state, link, nowMs)];
}

function letGo(state: TreeState, link: Link, nowMs: number): TreeOutput {
	const { candidates } = refusal(state, 'full', wayDown(state, nowMs));
	return { type: 'send', to: link.peer, message: { type: 'detach', reason: 'full', candidates } };
}

/**
 * Our children and a speaker: where somebody we cannot take should ask next. For who needs room those first who
 * have some near below them, else all in turns.
 */
function wayDown(state: TreeState, nowMs: number, wants: 'room' | 'any' = 'room'): Contact[] {
	const children = childrenOf(state).filter(
		(link) => link.open && link.endsAtMs === null && !isSilent(link, nowMs)
	);
	const roots = rootContacts(state).filter((contact) => contact.peer !== state.me);
	const order = wants === 'room' ? byRoom : inTurns;
	const below = order(state, children).map((link) => contactOf(state, link.peer));
	return dedupe([...below.slice(0, CANDIDATES_MAX - 2), ...roots.slice(0, 2)]);
}

/** Those above us: where our children should go when we leave. */
export function wayOut(state: TreeState): Contact[] {
	const above = [...pathOf(state)].reverse().map((peer) => contactOf(state, peer));
	return dedupe([...above, ...rootContacts(state)])
		.filter((contact) => contact.peer !== state.me)
		.slice(0, CANDIDATES_MAX);
}
