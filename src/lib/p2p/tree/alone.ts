/**
 * Whether all that we hear by are gone at once: a parent and its backups mostly die one by one, but where many die they
 * may die together. Then nobody is left to be asked for a graft, and other places are tried without waiting for beats
 * that are missing: the sound side has asked each backup, and had no answer.
 */
import { standingBy } from './sources.ts';
import { parentOf, type Link, type TreeState } from './state.ts';
import * as timing from './timing.ts';
import type { PeerId } from '../wire/ids.ts';

/** We asked it then, and it had time enough to answer. */
export function noteUnanswered(state: TreeState, peer: PeerId, askedMs: number): void {
	const link = state.links.get(peer);
	if (link !== undefined) link.unansweredMs = askedMs;
}

const isUnanswering = ({ lastHeardMs, unansweredMs }: Link): boolean =>
	unansweredMs !== null && lastHeardMs < unansweredMs;

/** Not heard for long, or not since it was asked. */
export const isSilent = (link: Link, nowMs: number): boolean =>
	nowMs - link.lastHeardMs > timing.BEAT_LATE_MS || isUnanswering(link);

/** Asking those we have would be in vain, or there are none: others are asked beside them. */
export function isAllSilent(state: TreeState, nowMs: number): boolean {
	const parent = parentOf(state);
	const backups = standingBy(state);
	if (!backups.every((link) => isSilent(link, nowMs))) return false;
	return parent === null || isSilent(parent, nowMs);
}

/** The same sooner, by the answers that have not come; until one of them is heard. */
export function isAlone(state: TreeState, nowMs: number): boolean {
	const parent = parentOf(state);
	if (parent === null || nowMs - parent.lastHeardMs <= timing.ALONE_AFTER_MS) return false;
	const backups = standingBy(state);
	// Those that do not answer are backups no longer after a while.
	return (state.alone || backups.length > 0) && backups.every(isUnanswering);
}
