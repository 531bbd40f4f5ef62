/**
 * Who carries more belongs further up: a peer with a free place, or with a child that carries clearly less than a
 * grandchild, calls that grandchild up to itself, and lets the one that carries least go down. So the tree stays flat
 * and has no holes. Where the way by a third is never shorter than the straight one, nobody who climbs hears later
 * than before; and nobody's sound stops for it, since each leaves its parent only for another.
 */
import type { Contact } from '../wire/contact.ts';
import { leastGiving, needOf, stayingChildren } from './graft.ts';
import { isBad } from './sources.ts';
import { contactOf, isSpeaker, pathOf, type Link, type TreeState } from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

/** The most that a child of ours carries which may be sent up; 0: there is none. */
export const mostBelow = (state: TreeState): number => bestBelow(state)?.places?.fanout ?? 0;

function bestBelow(state: TreeState): Link | null {
	if (isSpeaker(state)) return null;
	const ready = stayingChildren(state).filter(
		(link) => link.open && link.places !== null && state.nowMs >= link.nextClimbMs
	);
	return ready.sort((a, b) => (b.places?.fanout ?? 0) - (a.places?.fanout ?? 0))[0] ?? null;
}

/** With every tick: calls one up, by the child that has it below. */
export function callUp(state: TreeState, nowMs: number): TreeOutput[] {
	if (nowMs < state.nextRaiseMs || state.leaving || pathOf(state).length === 0) return [];
	const staying = stayingChildren(state);
	if (staying.length > state.fanout) return [];
	const between = staying
		.filter((link) => link.open && (link.places?.most ?? 0) > 0 && nowMs >= link.nextRaiseMs)
		.sort((a, b) => (b.places?.most ?? 0) - (a.places?.most ?? 0))[0];
	const most = between?.places?.most ?? 0;
	const hasPlace = staying.length < state.fanout || leastGiving(staying, most) !== null;
	if (between === undefined || !hasPlace) return [];
	state.nextRaiseMs = nowMs + timing.RAISE_EVERY_MS;
	state.raised = between.peer;
	between.nextRaiseMs = nowMs + between.raisePauseMs;
	between.raisePauseMs = Math.min(2 * between.raisePauseMs, timing.RAISE_PAUSE_MAX_MS);
	return [{ type: 'send', to: between.peer, message: { type: 'raise' } }];
}

/** Our parent has a place: the child that carries most is sent up. */
export function onRaise(state: TreeState, link: Link, nowMs: number): TreeOutput[] {
	const child = link.parent ? bestBelow(state) : null;
	if (child === null) return [];
	child.nextClimbMs = nowMs + timing.CLIMB_AGAIN_MS;
	// The place it leaves is for whoever makes room for it.
	state.nextRaiseMs = nowMs + timing.HANDOVER_MS;
	const to = contactOf(state, link.peer);
	return [{ type: 'send', to: child.peer, message: { type: 'climb', to } }];
}

/** Our parent sends us up to its own. */
export function onClimb(state: TreeState, link: Link, to: Contact, nowMs: number): TreeOutput[] {
	const isAbove = link.parent && link.path.at(-2) === to.peer;
	if (!isAbove || state.leaving || isSpeaker(state) || state.attempts.size > 0) return [];
	if (nowMs < state.nextClimbMs) return [];
	if (needOf(link, state.starvedUntilMs, nowMs) !== 'none') return [];
	if ((state.avoid.get(to.peer) ?? 0) > nowMs || isBad(state, to.peer, nowMs)) return [];
	const near = state.links.get(to.peer);
	if (near !== undefined && (!near.open || near.child)) return [];
	state.nextClimbMs = nowMs + state.climbPauseMs;
	state.climbPauseMs = Math.min(2 * state.climbPauseMs, timing.CLIMB_PAUSE_MAX_MS);
	state.attempts.set(to.peer, { startedMs: nowMs, how: 'climb' });
	if (near !== undefined) return [{ type: 'send', to: to.peer, message: { type: 'attach' } }];
	return [{ type: 'open', to, want: 'parent' }];
}
