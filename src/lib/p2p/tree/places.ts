/**
 * Where there is room: everybody tells its parent and those it may take over how many it carries at most, whether
 * it could carry one more, and how many floors below it the next free place is. So who looks for a place is sent
 * down the tree the short way, and a backup is known to have room before it is asked.
 */
import { FANOUT_MAX, PATH_MAX } from '../wire/limits.ts';
import { childrenMax } from './graft.ts';
import { childrenOf, type Link, type Places, type TreeOutput, type TreeState } from './state.ts';
import * as timing from './timing.ts';

/** Floors to the next free place where there is none. */
export const NOWHERE = 255;
/** Of a child that has told nothing yet. */
const UNKNOWN_FLOORS = 2;

export function ownPlaces(state: TreeState): Places {
	const staying = childrenOf(state).filter((link) => link.endsAtMs === null);
	const free = state.leaving ? 0 : Math.max(0, state.fanout - staying.length);
	if (free > 0) return { fanout: state.fanout, free, floors: 0 };
	const below = Math.min(NOWHERE, ...staying.map((link) => floorsBelow(link)));
	return { fanout: state.fanout, free, floors: below >= PATH_MAX ? NOWHERE : below + 1 };
}

const floorsBelow = (link: Link): number => link.places?.floors ?? UNKNOWN_FLOORS;

/** Tells those whom it concerns, where it has changed and at most once a second. */
export function tellPlaces(state: TreeState, nowMs: number): TreeOutput[] {
	const places = ownPlaces(state);
	const text = `${places.fanout} ${Math.min(1, places.free)} ${places.floors}`;
	const out: TreeOutput[] = [];
	for (const link of state.links.values()) {
		if (!link.open || !(link.parent || link.backup || link.backupChild)) continue;
		if (link.placesTold === text || nowMs < link.nextPlacesMs) continue;
		link.placesTold = text;
		link.nextPlacesMs = nowMs + timing.PLACES_EVERY_MS;
		out.push({ type: 'send', to: link.peer, message: { type: 'places', ...places } });
	}
	return out;
}

export function onPlaces(link: Link, { fanout, free, floors }: Places): void {
	link.places = { fanout: Math.min(FANOUT_MAX, fanout), free, floors };
}

/** So that the load spreads. */
export function inTurns(state: TreeState, children: readonly Link[]): Link[] {
	const start = children.length === 0 ? 0 : state.turn++ % children.length;
	return [...children.slice(start), ...children.slice(0, start)];
}

/** Nearest free place first; those alike in turns. */
export const byRoom = (state: TreeState, children: readonly Link[]): Link[] =>
	inTurns(state, children).sort((a, b) => floorsBelow(a) - floorsBelow(b));

/** A child that carries nobody and never will gives its place to one that can carry others. */
export function leafToMove(state: TreeState, askerFanout: number): Link | null {
	const children = childrenOf(state);
	if (askerFanout === 0 || children.length >= childrenMax(state.fanout)) return null;
	const leaf = (link: Link): boolean => link.endsAtMs === null && link.places?.fanout === 0;
	return children.find(leaf) ?? null;
}
