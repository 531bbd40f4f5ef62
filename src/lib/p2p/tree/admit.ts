/**
 * Who may be linked to us, and as what. A child, or somebody for whom we stand by, is admitted only if
 * 1. we have a source of sound ourselves,
 * 2. it is not above us (no loop),
 * 3. there is room: fewer than `fanout` children that are heard (grafts may be a few more), fewer than
 *    `backupPlaces` backup children, and our own path is shorter than PATH_MAX; or a child carries less than it would,
 *    and will be asked to make room.
 */
import type { Contact, Spot } from '../wire/contact.ts';
import type { KnockRefusal, Want } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { BACKUP_CHILDREN_MAX, CANDIDATES_MAX, LINKS_MAX, PATH_MAX } from '../wire/limits.ts';
import { offersFor, tellOffers } from './offers.ts';
import { byRoom, inTurns } from './places.ts';
import {
	childrenMax,
	endHandovers,
	giveNotice,
	leastGiving,
	stayingChildren,
	surplusChild
} from './graft.ts';
import {
	childrenOf,
	contactOf,
	dedupe,
	isMesh,
	isSpeaker,
	linkOf,
	parentOf,
	pathOf,
	refusal,
	rootContacts,
	type Link,
	type TreeState
} from './state.ts';
import type { TreeInput, TreeOutput } from './io.ts';
import * as timing from './timing.ts';
import { isOnTrial } from './trial.ts';
import { tellPath } from './upkeep.ts';

/** Of the places a refusal names, those that are near; the others are below us, where there is sure to be an end. */
const NEAR_TOLD_MAX = 3;

/** How `from` asks for its place: a graft, being in need, may go beyond the fan-out. */
export type Ask = Want | 'graft';

/**
 * Listeners we stand by for at most: twice the fan-out, so that everybody finds two. A speaker, for whom all would like
 * to be stood by, as many as it carries: its uplink is not to grow with the audience.
 */
export function backupPlaces(state: TreeState): number {
	const { fanout } = state;
	const places = isSpeaker(state) ? fanout : 2 * fanout;
	return fanout === 0 ? 0 : Math.min(BACKUP_CHILDREN_MAX, Math.max(4, places));
}

interface Asker {
	readonly peer: PeerId;
	/** Where it is; null where it did not say. */
	readonly spot: Spot | null;
}

/** Null where `from` may have what it wants. */
export function objection(
	state: TreeState,
	from: PeerId,
	want: Ask,
	nowMs: number
): KnockRefusal | null {
	const asker = { peer: from, spot: state.links.get(from)?.spot ?? null };
	return objectionTo(state, asker, want, nowMs);
}

function objectionTo(
	state: TreeState,
	asker: Asker,
	want: Ask,
	nowMs: number
): KnockRefusal | null {
	const from = asker.peer;
	if (state.leaving) return refusal(state, 'other-room', wayOut(state));
	if (want === 'mesh') {
		return isMesh(state, from) ? null : refusal(state, 'not-on-stage', []);
	}
	const path = pathOf(state);
	if (path.length === 0) return refusal(state, 'not-attached', rootContacts(state));
	if (isAbove(state, from, path)) return refusal(state, 'loop', rootContacts(state));
	if (path.length >= PATH_MAX - 1 || isFull(state, from, want, nowMs)) {
		return refusal(state, 'full', wayDown(state, asker, nowMs, want === 'backup' ? 'any' : 'room'));
	}
	return null;
}

/** Where each of two asks the other, the one with the smaller id becomes the child. */
function isAbove(state: TreeState, from: PeerId, path: readonly PeerId[]): boolean {
	if (path.includes(from) || parentOf(state)?.peer === from || isOnTrial(state, from)) return true;
	return state.attempts.has(from) && state.me < from;
}

function isFull(state: TreeState, from: PeerId, want: Ask, nowMs: number): boolean {
	if (!state.links.has(from) && state.links.size >= LINKS_MAX) return true;
	const others = [...state.links.values()].filter((link) => link.peer !== from);
	if (want === 'backup') {
		const heard = others.filter(
			(link) => link.backupChild && nowMs - link.lastHeardMs <= timing.BACKUP_CHILD_SUSPECT_MS
		);
		return heard.length >= backupPlaces(state);
	}
	// It has its place, be it one that another is still to be asked for.
	if (staysChild(state.links.get(from))) return false;
	const heard = others.filter((link) => link.child && !isSilent(link, nowMs));
	if (want === 'graft') return heard.length >= childrenMax(state.fanout);
	// Who has been asked to move on takes no place any more, as long as there are not too many of them.
	const staying = heard.filter((link) => link.endsAtMs === null);
	return staying.length >= state.fanout || heard.length >= childrenMax(state.fanout);
}

const staysChild = (link: Link | undefined): boolean =>
	link?.child === true && link.endsAtMs === null;

export const isSilent = (link: Link, nowMs: number): boolean =>
	link.open && nowMs - link.lastHeardMs > timing.CHILD_SUSPECT_MS;

export function onKnock(
	state: TreeState,
	input: Extract<TreeInput, { type: 'knock' }>,
	nowMs: number
): TreeOutput[] {
	const { want, fanout } = input.knock;
	const asker = { peer: input.from, spot: input.knock.spot ?? null };
	const no = objectionTo(state, asker, want, nowMs);
	const makesWay = no?.reason === 'full' && want === 'parent' && canMakeWay(state, fanout);
	if (no !== null && !makesWay) return [{ type: 'refuse', ticket: input.ticket, refusal: no }];
	const link = linkOf(state, input.from, nowMs);
	link.lastHeardMs = nowMs;
	link.spot ??= asker.spot;
	if (want === 'backup') takeBackupChild(link, nowMs);
	const shed = want === 'parent' ? takeChild(state, link, nowMs) : [];
	return [{ type: 'admit', ticket: input.ticket }, ...shed];
}

/** One at a time: the next when the child that carries less has been asked to go. */
function canMakeWay(state: TreeState, askerFanout: number): boolean {
	const staying = stayingChildren(state);
	if (staying.length > state.fanout) return false;
	if (childrenOf(state).length >= childrenMax(state.fanout)) return false;
	return leastGiving(staying, askerFanout) !== null;
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
	if (no !== null && !(no.reason === 'full' && canMakeWay(state, link.places?.fanout ?? 0))) {
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
	const staying = stayingChildren(state);
	for (const link of staying.slice(state.fanout)) {
		giveNotice(link, timing.HANDOVER_MS, nowMs);
		out.push(letGo(state, link, nowMs));
	}
	const backupChildren = [...state.links.values()].filter((link) => link.backupChild);
	for (const link of backupChildren.slice(backupPlaces(state))) {
		link.backupChild = false;
		const { reason, candidates } = refusal(state, 'full', wayDown(state, link, nowMs));
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
	const { candidates } = refusal(state, 'full', wayDown(state, link, nowMs));
	return { type: 'send', to: link.peer, message: { type: 'detach', reason: 'full', candidates } };
}

/**
 * Where somebody we cannot take should ask next: for who needs room the nearest known places that have some, then
 * those of our children who have some near below them, else all in turns; and a speaker.
 */
function wayDown(
	state: TreeState,
	asker: Asker,
	nowMs: number,
	wants: 'room' | 'any' = 'room'
): Contact[] {
	const children = childrenOf(state).filter(
		(link) => link.open && link.endsAtMs === null && !isSilent(link, nowMs)
	);
	const roots = rootContacts(state).filter((contact) => contact.peer !== state.me);
	const order = wants === 'room' ? byRoom : inTurns;
	const below = order(state, children).map((link) => contactOf(state, link.peer));
	// Who does not know where it is would be sent where everybody is sent.
	const knows = wants === 'room' && asker.spot !== null;
	const near = knows ? offersFor(state, asker, nowMs).slice(0, NEAR_TOLD_MAX) : [];
	const isLeaving = state.links.get(asker.peer)?.child === true;
	const first = isLeaving ? vacatedFor(state, asker.peer) : [];
	const others = dedupe([...first, ...near, ...below]).filter(({ peer }) => peer !== asker.peer);
	return dedupe([...others.slice(0, CANDIDATES_MAX - 2), ...roots.slice(0, 2)]);
}

/** Whoever makes room for one that was called up has the place which that one left, or one below it. */
function vacatedFor(state: TreeState, leaver: PeerId): Contact[] {
	const open = stayingChildren(state).filter((link) => link.open && link.peer !== leaver);
	const newest = [...open].sort((a, b) => b.sinceMs - a.sinceMs)[0];
	const place = open.find((link) => link.peer === state.raised) ?? newest;
	return place === undefined ? [] : [contactOf(state, place.peer)];
}

/** Who has just become our child, or one we stand by for, learns how the sound comes to us, and of other places. */
export function welcome(state: TreeState, link: Link, nowMs: number): TreeOutput[] {
	const told = tellPath(state, nowMs, link.peer);
	return [...told, ...tellOffers(link, offersFor(state, link, nowMs), nowMs)];
}

/** Those above us: where our children should go when we leave. */
export function wayOut(state: TreeState): Contact[] {
	const above = [...pathOf(state)].reverse().map((peer) => contactOf(state, peer));
	return dedupe([...above, ...rootContacts(state)])
		.filter((contact) => contact.peer !== state.me)
		.slice(0, CANDIDATES_MAX);
}
