/** The orders in which events of one room are taken: the same at every peer, whatever came first. */
import type { RoomEvent } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import { isAct } from './acts.ts';

/** How much a word weighs: the host's 0, acts of those the host may have named 1, all else 2. */
export function rankOf(host: PeerId | null, event: RoomEvent): number {
	if (event.author === host) return 0;
	return isAct(event) ? 1 : 2;
}

export function byLamport(a: RoomEvent, b: RoomEvent): number {
	return a.lamport - b.lamport || byId(a, b);
}

/** Authority first, so that a rule never depends on who was quicker; then Lamport time, then id. */
export function byRank(host: PeerId | null): (a: RoomEvent, b: RoomEvent) => number {
	return (a, b) => rankOf(host, a) - rankOf(host, b) || byLamport(a, b);
}

/** An author's own order. Ids decide between two events of one sequence number. */
export function bySequence(a: RoomEvent, b: RoomEvent): number {
	return a.sequence - b.sequence || byId(a, b);
}

export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
	if (a.id === b.id) return 0;
	return a.id < b.id ? -1 : 1;
}
