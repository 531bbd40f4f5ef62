/**
 * Who may be linked to us, and as what. A child is admitted only if
 * 1. we have a source of sound ourselves,
 * 2. it is not above us (no loop),
 * 3. we carry fewer than `fanout` children and our own path is shorter than PATH_MAX.
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

/** Null where `from` may have what it wants. */
export function objection(state: TreeState, from: PeerId, want: Want): KnockRefusal | null {
	if (state.leaving) return refusal(state, 'other-room', wayOut(state));
	if (want === 'mesh') {
		return isMesh(state, from) ? null : refusal(state, 'not-on-stage', []);
	}
	const path = pathOf(state);
	if (path.length === 0) return refusal(state, 'not-attached', rootContacts(state));
	if (isAbove(state, from, path)) return refusal(state, 'loop', rootContacts(state));
	return isFull(state, from, path) ? refusal(state, 'full', wayDown(state)) : null;
}

/** Where each of two asks the other, the one with the smaller id becomes the child. */
function isAbove(state: TreeState, from: PeerId, path: readonly PeerId[]): boolean {
	if (path.includes(from) || parentOf(state)?.peer === from) return true;
	return state.attempts.has(from) && state.me < from;
}

function isFull(state: TreeState, from: PeerId, path: readonly PeerId[]): boolean {
	if (path.length >= PATH_MAX - 1) return true;
	if (!state.links.has(from) && state.links.size >= LINKS_MAX) return true;
	return childrenOf(state).filter((link) => link.peer !== from).length >= state.fanout;
}

export function onKnock(
	state: TreeState,
	input: Extract<TreeInput, { type: 'knock' }>,
	nowMs: number
): TreeOutput {
	const no = objection(state, input.from, input.knock.want);
	if (no !== null) return { type: 'refuse', ticket: input.ticket, refusal: no };
	const link = linkOf(state, input.from, nowMs);
	link.lastHeardMs = nowMs;
	if (input.knock.want === 'parent') takeChild(state, link);
	return { type: 'admit', ticket: input.ticket };
}

/** The same question over a link that is open already. */
export function onAttach(state: TreeState, from: PeerId, nowMs: number): TreeOutput[] {
	const link = linkOf(state, from, nowMs);
	const no = objection(state, from, 'parent');
	if (no !== null) {
		// It may have been ours before: who hears this looks elsewhere.
		link.child = false;
		return [{ type: 'send', to: from, message: { type: 'detach', ...no } }];
	}
	takeChild(state, link);
	return [{ type: 'send', to: from, message: { type: 'attached' } }];
}

/** Whoever is below us cannot be above us: should we have asked it just now, that is over. */
function takeChild(state: TreeState, link: Link): void {
	link.child = true;
	state.attempts.delete(link.peer);
}

/** Our children, in turns, and a speaker: where somebody we cannot take should ask next. */
export function wayDown(state: TreeState): Contact[] {
	const children = childrenOf(state).filter((link) => link.open);
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
