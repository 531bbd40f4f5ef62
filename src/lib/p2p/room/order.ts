/** The orders in which events of one room are taken: the same at every peer, whatever came first. */
import type { RoomEvent } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';

/** How much an author's word weighs: the host's 0, members' 1. Co-hosts will stand between. */
export function rankOf(host: PeerId | null, author: PeerId): number {
	return author === host ? 0 : 1;
}

export function byLamport(a: RoomEvent, b: RoomEvent): number {
	return a.lamport - b.lamport || byId(a, b);
}

/** Authority first, so that a rule never depends on who was quicker; then Lamport time, then id. */
export function byRank(host: PeerId | null): (a: RoomEvent, b: RoomEvent) => number {
	return (a, b) => rankOf(host, a.author) - rankOf(host, b.author) || byLamport(a, b);
}

/** An author's own order. Ids decide between two events of one sequence number. */
export function bySequence(a: RoomEvent, b: RoomEvent): number {
	return a.sequence - b.sequence || byId(a, b);
}

export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
	if (a.id === b.id) return 0;
	return a.id < b.id ? -1 : 1;
}
