/** Which member to call next, so that gossip holds together without a seed. No more than a rule: see `choose`. */
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	GOSSIP_NEIGHBOURS,
	GOSSIP_NEIGHBOURS_MAX,
	NEIGHBOUR_DIALS_MAX,
	NEIGHBOUR_SETTLE_MS
} from '#lib/p2p/wire/limits.ts';

/** A member we have heard of. */
export interface Acquaintance {
	contact: Contact;
	/** Epoch milliseconds at which it was first named. */
	readonly knownMs: number;
	/** Calls that failed and connections that ended, since the last that lasted. */
	failures: number;
	/** Not before. */
	nextCallMs: number;
	calling: boolean;
}

export interface Acquaintances {
	readonly me: PeerId;
	readonly known: ReadonlyMap<PeerId, Acquaintance>;
	/** Directly connected, whoever called, and known or not. */
	readonly connected: ReadonlySet<PeerId>;
}

/**
 * 1. The nearest known id below our own that can be reached is connected: whoever all know somebody below
 *    hang together, down to the smallest.
 * 2. Until there are `GOSSIP_NEIGHBOURS`, further ones are called, those below first.
 * 3. Two who want each other do not both call: who is above calls, who is below waits twice as long.
 * 4. Never more than `GOSSIP_NEIGHBOURS_MAX` connections, nor `NEIGHBOUR_DIALS_MAX` calls at once.
 */
export function choose(all: Acquaintances, nowMs: number): Acquaintance | null {
	const calling = [...all.known.values()].filter((one) => one.calling).length;
	const total = all.connected.size + calling;
	if (calling >= NEIGHBOUR_DIALS_MAX || total >= GOSSIP_NEIGHBOURS_MAX) return null;
	const below = inOrder(all).filter(({ contact }) => contact.peer < all.me);
	for (const one of below) {
		if (all.connected.has(one.contact.peer) || one.calling) break;
		if (mayCall(all, one, nowMs)) return one;
	}
	if (total >= GOSSIP_NEIGHBOURS) return null;
	return inOrder(all).find((one) => mayCall(all, one, nowMs)) ?? null;
}

/** When somebody may be called who may not be called now; Infinity where nobody is left. */
export function nextChoiceMs(all: Acquaintances, nowMs: number): number {
	const times = [...all.known.values()]
		.filter((one) => !one.calling && !all.connected.has(one.contact.peer))
		.map((one) => callableMs(all, one))
		.filter((atMs) => atMs > nowMs);
	return Math.min(...times);
}

function mayCall(all: Acquaintances, one: Acquaintance, nowMs: number): boolean {
	return !one.calling && !all.connected.has(one.contact.peer) && callableMs(all, one) <= nowMs;
}

function callableMs({ me }: Acquaintances, { contact, knownMs, nextCallMs }: Acquaintance): number {
	const settleMs = contact.peer < me ? NEIGHBOUR_SETTLE_MS : 2 * NEIGHBOUR_SETTLE_MS;
	return Math.max(nextCallMs, knownMs + settleMs);
}

/** Down from ourselves to the smallest, then down from the largest. */
function inOrder({ me, known }: Acquaintances): Acquaintance[] {
	const descending = [...known.values()].sort((a, b) => (a.contact.peer < b.contact.peer ? 1 : -1));
	const isBelow = ({ contact }: Acquaintance): boolean => contact.peer < me;
	return [...descending.filter(isBelow), ...descending.filter((one) => !isBelow(one))];
}
