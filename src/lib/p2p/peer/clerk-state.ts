/** What the clerk of a host or co-host remembers: hands as they came, and whom it has answered. */
import type { EventId, PeerId } from '../wire/ids.ts';

export interface Clerk {
	/** Whom we follow. */
	follows: ReadonlySet<PeerId>;
	/** Hands that are up, in the order in which we saw them come, and when. */
	readonly seen: Map<EventId, number>;
	/** Whom we have invited because they raised a hand, and when. */
	readonly answered: Map<PeerId, number>;
	nextQueueMs: number;
}

export const newClerk = (): Clerk => ({
	follows: new Set(),
	seen: new Map(),
	answered: new Map(),
	nextQueueMs: 0
});
