/**
 * Whoever has just found a parent, the first one that had room, hears; and then looks for the place it should have
 * taken, had there been time: it walks down from near the speakers to the nearest floor with room. Where a crowd comes
 * at once, all would otherwise hang below those who came just before them, in long chains. The same again where others
 * have come in between, further up.
 */
import type { Contact } from '../wire/contact.ts';
import { available, fullBucket, take, type Bucket } from '../wire/rate.ts';
import { isBad } from './sources.ts';
import { betterContact, contactOf, parentOf, type Link, type TreeState } from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

export interface Walk {
	/** It goes on, or is to begin. */
	going: boolean;
	/** The floor of those to be asked next: speakers are on floor 0. */
	floor: number;
	/** Who is to be asked there, the best first; null before the first. */
	next: readonly Contact[] | null;
	/** The floor we were on when the last one ended, or have come to since, whichever is nearer to the speakers. */
	doneFloor: number;
	/** When the next one may begin that nobody's absence calls for, and the pause after it. */
	nextMs: number;
	pauseMs: number;
	/** Apart from those of whoever has no parent. */
	readonly triesLeft: Bucket;
}

export const newWalk = (): Walk => ({
	going: false,
	floor: 0,
	next: null,
	doneFloor: timing.WALK_FROM_FLOOR + 2,
	nextMs: 0,
	pauseMs: timing.WALK_PAUSE_MS,
	triesLeft: fullBucket(timing.WALK_TRIES)
});

/** A place was taken in a hurry: is there a better one? */
export function planWalk({ walk }: TreeState): void {
	walk.going = true;
	walk.next = null;
}

/** Begins when the parent has told how the sound comes to it, and goes on with every place that had no room. */
export function pursueWalk(state: TreeState, nowMs: number): TreeOutput[] {
	const { walk } = state;
	const parent = parentOf(state);
	if (parent === null || parent.path.length === 0 || state.attempts.size > 0) return [];
	const ownFloor = parent.path.length;
	if (!walk.going) {
		walk.doneFloor = Math.min(walk.doneFloor, ownFloor);
		if (ownFloor <= walk.doneFloor + 1 || nowMs < walk.nextMs) return [];
		walk.nextMs = nowMs + walk.pauseMs;
		walk.pauseMs = Math.min(2 * walk.pauseMs, timing.WALK_PAUSE_MAX_MS);
		planWalk(state);
	}
	if (walk.next === null) begin(state, parent);
	const next = mayGoOn(state, ownFloor, nowMs) ? nextOf(state, nowMs) : undefined;
	if (next === undefined) {
		walk.going = false;
		walk.doneFloor = ownFloor;
		return [];
	}
	return [ask(state, next, nowMs)];
}

/** With one of our own ancestors: it is up there now, and others begin with others. */
function begin(state: TreeState, parent: Link): void {
	const { walk } = state;
	walk.floor = timing.WALK_FROM_FLOOR;
	const above = parent.path[walk.floor];
	walk.next = above === undefined || above === parent.peer ? [] : [contactOf(state, above)];
}

/** Each step leads one floor further down, and only a place above our own is worth a change. */
const mayGoOn = ({ walk }: TreeState, ownFloor: number, nowMs: number): boolean =>
	walk.floor + 1 < ownFloor && available(walk.triesLeft, timing.WALK_TRIES, nowMs) >= 1;

const nextOf = (state: TreeState, nowMs: number): Contact | undefined =>
	state.walk.next?.find(({ peer }) => {
		const link = state.links.get(peer);
		if (peer === state.me || link?.parent === true || link?.child === true) return false;
		if (link !== undefined && !link.open) return false;
		return (state.avoid.get(peer) ?? 0) <= nowMs && !isBad(state, peer, nowMs);
	});

function ask(state: TreeState, next: Contact, nowMs: number): TreeOutput {
	const { peer, addrs } = betterContact(state, { ...next, firstHand: false });
	take(state.walk.triesLeft, timing.WALK_TRIES, 1, nowMs);
	state.walk.floor++;
	state.walk.next = [];
	state.attempts.set(peer, { startedMs: nowMs, how: 'walk' });
	const isOpen = state.links.get(peer)?.open === true;
	if (isOpen) return { type: 'send', to: peer, message: { type: 'attach' } };
	return { type: 'open', to: { peer, addrs }, want: 'parent' };
}

/** It had no room: those it names are mostly the ones right below it. */
export function onWalkRefused({ walk }: TreeState, candidates: readonly Contact[]): void {
	if (walk.going) walk.next = candidates;
}
