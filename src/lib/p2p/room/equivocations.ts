/** Two different events under one number: proof that their author told some one thing and some another. */
import type { RoomEvent } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import { isLasting } from './acts.ts';
import { byLamport } from './order.ts';

/** Two or more lasting events of one author under one sequence number. */
export interface Equivocation {
	readonly author: PeerId;
	readonly sequence: number;
	/** In Lamport order. */
	readonly events: readonly RoomEvent[];
	/** Lamport time of the latest of them. */
	readonly lamport: number;
}

/** Passing words are left out: nobody can build on them, and they come and go. */
export function equivocationsIn(events: readonly RoomEvent[]): Equivocation[] {
	const numbered = Map.groupBy(
		events.filter(isLasting),
		(event) => `${event.author} ${event.sequence}`
	);
	return [...numbered.values()].flatMap((group) => {
		const [first, second] = group;
		if (first === undefined || second === undefined) return [];
		const { author, sequence } = first;
		const lamport = Math.max(...group.map((event) => event.lamport));
		return [{ author, sequence, events: group.sort(byLamport), lamport }];
	});
}
