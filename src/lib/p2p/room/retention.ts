/**
 * What a full log lets go of. Each rule keeps the first, or the last, of a fixed order, so that what is kept
 * depends on what was offered and not on when: logs that exchange all they have become equal.
 */
import type { RoomEvent } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import {
	ACTS_PER_COHOST_MAX,
	EVENTS_PER_AUTHOR_MAX,
	HANDS_MAX,
	LOG_EVENTS_MAX
} from '../wire/limits.ts';
import { isAct, isLasting, matterOf } from './acts.ts';
import type { Standing } from './admission.ts';
import { byLamport, byRank, bySequence } from './order.ts';

/** Events that compete for the same few places. */
export interface Slot {
	readonly key: string;
	readonly places: number;
	/** Which of them stay: an author's first events, or the last. */
	readonly keeps: 'first' | 'last';
}

/** Null where only the log's whole length is a bound: what the host does. */
export function slotOf(host: PeerId | null, event: RoomEvent): Slot | null {
	const { kind } = event.body;
	// Two are proof that the host cheated; a third proves nothing more.
	if (kind === 'open') return { key: 'open', places: 2, keeps: 'first' };
	if (!isLasting(event)) return { key: matterOf(event), places: 1, keeps: 'last' };
	if (event.author === host) return null;
	if (isAct(event)) {
		return { key: `acts ${event.author}`, places: ACTS_PER_COHOST_MAX, keeps: 'first' };
	}
	return { key: `turns ${event.author}`, places: EVENTS_PER_AUTHOR_MAX, keeps: 'first' };
}

/** The part of a log that retention looks at. */
export interface Kept<E extends RoomEvent> {
	readonly standing: Standing;
	readonly events: ReadonlyMap<string, E>;
	readonly slots: ReadonlyMap<string, readonly E[]>;
}

/** Which event has to go so that `newcomer` may come: itself where it loses, null where there is room. */
export function displaced<E extends RoomEvent>(kept: Kept<E>, newcomer: E): E | null {
	return surplusInSlot(kept, newcomer) ?? surplusHand(kept, newcomer) ?? surplus(kept, newcomer);
}

function surplusInSlot<E extends RoomEvent>(kept: Kept<E>, newcomer: E): E | null {
	const slot = slotOf(kept.standing.host, newcomer);
	if (slot === null) return null;
	const rivals = kept.slots.get(slot.key) ?? [];
	if (rivals.length < slot.places) return null;
	const ordered = [...rivals, newcomer].sort(bySequence);
	return ordered.at(slot.keeps === 'first' ? -1 : 0) ?? null;
}

/** People never invited cost nothing to make up: their hands share a fixed space. The oldest goes. */
function surplusHand<E extends RoomEvent>(kept: Kept<E>, newcomer: E): E | null {
	const { standing, events } = kept;
	if (!isStrangers(standing, newcomer)) return null;
	if (events.size < HANDS_MAX) return null;
	const hands = [...events.values()].filter((event) => isStrangers(standing, event));
	return hands.length < HANDS_MAX ? null : ([...hands, newcomer].sort(byLamport)[0] ?? null);
}

/** Strangers go first, then members, then acts, then the host; of each the latest, on which nothing is built yet. */
function surplus<E extends RoomEvent>(kept: Kept<E>, newcomer: E): E | null {
	if (kept.events.size < LOG_EVENTS_MAX) return null;
	const { standing } = kept;
	const inRank = byRank(standing.host);
	const isBehind = (a: E, b: E): boolean => {
		const strange = Number(isStrangers(standing, a)) - Number(isStrangers(standing, b));
		return (strange || inRank(a, b)) > 0;
	};
	let last = newcomer;
	for (const event of kept.events.values()) if (isBehind(event, last)) last = event;
	return last;
}

function isStrangers({ host, invited, named }: Standing, event: RoomEvent): boolean {
	return event.author !== host && !invited.has(event.author) && !named.has(event.author);
}
