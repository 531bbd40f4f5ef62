/**
 * Where there is room: everybody tells its parent and those it may take over how many it carries at most, whether
 * it could carry one more, and how many floors below it the next free place is. So who looks for a place is sent
 * down the tree the short way, and a backup is known to have room before it is asked.
 */
import { FANOUT_MAX, PATH_MAX } from '../wire/limits.ts';
import type { Spot } from '../wire/contact.ts';
import { mostBelow } from './climb.ts';
import { stayingChildren } from './graft.ts';
import { type Link, type Places, type TreeState } from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

/** Floors to the next free place where there is none. */
export const NOWHERE = 255;
/** Of a child that has told nothing yet. */
const UNKNOWN_FLOORS = 2;

export function ownPlaces(state: TreeState): Places {
	const staying = stayingChildren(state);
	// Who hangs further down is called up before anybody from elsewhere is asked in.
	const isAwaited = staying.some((link) => (link.places?.most ?? 0) > 0);
	const free = state.leaving || isAwaited ? 0 : Math.max(0, state.fanout - staying.length);
	const most = mostBelow(state);
	if (free > 0) return { fanout: state.fanout, free, floors: 0, most };
	const below = Math.min(NOWHERE, ...staying.map((link) => floorsBelow(link)));
	return { fanout: state.fanout, free, floors: below >= PATH_MAX ? NOWHERE : below + 1, most };
}

const floorsBelow = (link: Link): number => link.places?.floors ?? UNKNOWN_FLOORS;

/** Tells those whom it concerns, where it has changed and at most once a second; where we are, less often still. */
export function tellPlaces(state: TreeState, nowMs: number): TreeOutput[] {
	const { spot } = state;
	const out: TreeOutput[] = [];
	let places: Places | null = null;
	for (const link of state.links.values()) {
		if (!link.open || !(link.parent || link.child || link.backup || link.backupChild)) continue;
		if (nowMs < link.nextPlacesMs) continue;
		places ??= ownPlaces(state);
		const hasMoved = isMoved(link.spotTold, spot) && nowMs >= link.nextSpotMs;
		if (isKnown(link.placesTold, places) && !hasMoved) continue;
		link.placesTold = places;
		link.spotTold = spot;
		link.nextPlacesMs = nowMs + timing.PLACES_EVERY_MS;
		link.nextSpotMs = nowMs + timing.SPOT_EVERY_MS;
		out.push({ type: 'send', to: link.peer, message: { type: 'places', ...places, spot } });
	}
	return out;
}

/** How many are free says nothing new while there is one. */
const isKnown = (told: Places | null, { fanout, free, floors, most }: Places): boolean =>
	told !== null &&
	told.fanout === fanout &&
	told.free > 0 === free > 0 &&
	told.floors === floors &&
	told.most === most;

/** Far enough to matter, or by having become surer of itself. */
function isMoved(before: Spot, now: Spot): boolean {
	const byMs =
		Math.hypot(now.x - before.x, now.y - before.y) + Math.abs(now.height - before.height);
	return byMs > timing.SPOT_STEP_MS || before.error - now.error > timing.SPOT_ERROR_STEP;
}

export function onPlaces(
	link: Link,
	{ fanout, free, floors, most, spot }: Places & { readonly spot: Spot }
): void {
	link.spot = spot;
	if (most > (link.places?.most ?? 0)) link.raisePauseMs = timing.RAISE_PAUSE_MS;
	link.places = { fanout: Math.min(FANOUT_MAX, fanout), free, floors, most };
}

/** So that the load spreads. */
export function inTurns(state: TreeState, children: readonly Link[]): Link[] {
	const start = children.length === 0 ? 0 : state.turn++ % children.length;
	return [...children.slice(start), ...children.slice(0, start)];
}

/** Nearest free place first; those alike in turns. */
export const byRoom = (state: TreeState, children: readonly Link[]): Link[] =>
	inTurns(state, children).sort((a, b) => floorsBelow(a) - floorsBelow(b));
