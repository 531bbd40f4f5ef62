/**
 * Who may be linked to us, and as what. A child is admitted only if
 * 1. we have a source of sound ourselves,
 * 2. it is not above us (no loop),
 * 3. we carry fewer than `fanout` children that are heard, and our own path is shorter than PATH_MAX.
 */
import type { Contact } from '../wire/contact.ts';
import type { KnockRefusal, Want } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { CANDIDATES_MAX, LINKS_MAX, PATH_MAX } from '../wire/limits.ts';
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

/** Null where `from` may have what it wants. */
export function objection(
	state: TreeState,
	from: PeerId,
	want: Want,
	nowMs: number
): KnockRefusal | null {
	if (state.leaving) return refusal(state, 'other-room', wayOut(state));
	if (want === 'mesh') {
		return isMesh(state, from) ? null : refusal(state, 'not-on-stage', []);
	}
	const path = pathOf(state);
	if (path.length === 0) return refusal(state, 'not-attached', rootContacts(state));
	if (isAbove(state, from, path)) return refusal(state, 'loop', rootContacts(state));
	if (path.length >= PATH_MAX - 1 || isFull(state, from, nowMs)) {
		return refusal(state, 'full', wayDown(state, nowMs));
	}
	return null;
}

/** Where each of two asks the other, the one with the smaller id becomes the child. */
function isAbove(state: TreeState, from: PeerId, path: readonly PeerId[]): boolean {
	if (path.includes(from) || parentOf(state)?.peer === from) return true;
	return state.attempts.has(from) && state.me < from;
}

function isFull(state: TreeState, from: PeerId, nowMs: number): boolean {
	if (!state.links.has(from) && state.links.size >= LINKS_MAX) return true;
	const others = childrenOf(state).filter((link) => link.peer !== from && !isSilent(link, nowMs));
	return others.length >= state.fanout;
}

const isSilent = (link: Link, nowMs: number): boolean =>
	link.open && nowMs - link.lastHeardMs > timing.CHILD_SUSPECT_MS;

export function onKnock(
	state: TreeState,
	input: Extract<TreeInput, { type: 'knock' }>,
	nowMs: number
): TreeOutput[] {
	const no = objection(state, input.from, input.knock.want, nowMs);
	if (no !== null) return [{ type: 'refuse', ticket: input.ticket, refusal: no }];
	const link = linkOf(state, input.from, nowMs);
	link.lastHeardMs = nowMs;
	const shed = input.knock.want === 'parent' ? takeChild(state, link, nowMs) : [];
	return [{ type: 'admit', ticket: input.ticket }, ...shed];
}

/** The same question over a link that is open already. */
export function onAttach(state: TreeState, from: PeerId, nowMs: number): TreeOutput[] {
	const link = linkOf(state, from, nowMs);
	const no = objection(state, from, 'parent', nowMs);
	if (no !== null) {
		// It may have been ours before: who hears this looks elsewhere.
		link.child = false;
		return [{ type: 'send', to: from, message: { type: 'detach', ...no } }];
	}
	const shed = takeChild(state, link, nowMs);
	return [{ type: 'send', to: from, message: { type: 'attached' } }, ...shed];
}

/** Whoever is below us cannot be above us: should we have asked it just now, that is over. */
function takeChild(state: TreeState, link: Link, nowMs: number): TreeOutput[] {
	link.child = true;
	state.attempts.delete(link.peer);
	return shedChildren(state, nowMs);
}

/** Lets go of children beyond the fan-out: the silent ones first, then those that came last. */
export function shedChildren(state: TreeState, nowMs: number): TreeOutput[] {
	const children = childrenOf(state);
	const heard = children.filter((link) => !isSilent(link, nowMs));
	const silent = children.filter((link) => isSilent(link, nowMs));
	return [...heard, ...silent].slice(state.fanout).map((link) => {
		link.child = false;
		const { candidates } = refusal(state, 'full', wayDown(state, nowMs));
		return { type: 'send', to: link.peer, message: { type: 'detach', reason: 'full', candidates } };
	});
}

/** Our children, in turns, and a speaker: where somebody we cannot take should ask next. */
export function wayDown(state: TreeState, nowMs: number): Contact[] {
	const children = childrenOf(state).filter((link) => link.open && !isSilent(link, nowMs));
	const start = children.length === 0 ? 0 : state.turn++ % children.length;
	const turned = [...children.slice(start), ...children.slice(0, start)];
	const roots = rootContacts(state).filter((contact) => contact.peer !== state.me);
	const below = turned.map((link) => contactOf(state, link.peer));
	return dedupe([...below.slice(0, CANDIDATES_MAX - 2), ...roots.slice(0, 2)]);
}

/** Those above us: where our children should go when we leave. */
export function wayOut(state: TreeState): Contact[] {
	const above = [...pathOf(state)].reverse().map((peer) => contactOf(state, peer));
	return dedupe([...above, ...rootContacts(state)])
		.filter((contact) => contact.peer !== state.me)
		.slice(0, CANDIDATES_MAX);
}
