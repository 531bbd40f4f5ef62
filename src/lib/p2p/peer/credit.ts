/**
 * What counts as brought by our parent: what its speaker has proven, and nothing else. A number costs nothing to invent,
 * and who keeps a voice to itself would seem to be ahead of it all the time.
 */
import { seqDistance } from '../wire/seq.ts';
import type { Hearing } from './hearing.ts';
import { newRation, noteRation, passableShare } from './ration.ts';
import { hasBrought } from './repeats.ts';
import type { PeerState } from './state.ts';

/** A speaker has proven this, which came at `atMs`. */
export function noteProven(peer: PeerState, hearing: Hearing, seq: number, atMs: number): void {
	const { proven, repeats } = hearing;
	proven.byParent ??= seq;
	if (proven.newest === null || seqDistance(seq, proven.newest) > 0) proven.newest = seq;
	if (hasBrought(repeats, seq)) creditParent(peer, hearing, seq, atMs);
}

/** Who is our parent from now on owes what comes from now on. */
export function beginCredit({ proven, ration }: Hearing, nowMs: number): void {
	proven.byParent = proven.newest;
	proven.byParentAtMs = nowMs;
	Object.assign(ration, newRation());
}

/** Our parent brought this, which is proven. */
export function creditParent(peer: PeerState, hearing: Hearing, seq: number, atMs: number): void {
	const { proven } = hearing;
	noteRation(hearing, seq, passableOf(peer));
	if (proven.byParent !== null && seqDistance(seq, proven.byParent) <= 0) return;
	proven.byParent = seq;
	proven.byParentAtMs = Math.max(proven.byParentAtMs, atMs);
}

function passableOf({ sound, tree }: PeerState): number {
	const { watch, links } = sound;
	const above = watch.parent === null ? 0 : (links.get(watch.parent)?.lossesAbove ?? 0);
	return passableShare(watch.lineLoss, above, tree.path.length - 1);
}
