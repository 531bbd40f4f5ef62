/** What the clerk of a host or co-host remembers: hands as they came, whom it has answered, and whose time is over. */
import type { EventId, PeerId } from '../wire/ids.ts';

export interface Clerk {
	/** Whom we follow. */
	follows: ReadonlySet<PeerId>;
	/** Hands that are up, in the order in which we saw them come, and when. */
	readonly seen: Map<EventId, number>;
	/** Whom we have invited because they raised a hand, and when. */
	readonly answered: Map<PeerId, number>;
	nextQueueMs: number;
	/** The clerk's clock: of the input that is being handled, epoch ms. */
	nowMs: number;
	/** Certificates whose time is over: as many as the host has named, and has not taken back. */
	overdue: ReadonlySet<EventId>;
	/** Those of them that we have taken back; what we sign takes a moment to be true. */
	readonly takenBack: Set<EventId>;
}

export const newClerk = (): Clerk => ({
	follows: new Set(),
	seen: new Map(),
	answered: new Map(),
	nextQueueMs: 0,
	nowMs: 0,
	overdue: new Set(),
	takenBack: new Set()
});
