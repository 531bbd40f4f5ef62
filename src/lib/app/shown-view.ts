/** A room as the screens are shown it: people under the names that I give, and cut off where we are. */
import type { RoomView } from '#lib/p2p/peer/view.ts';
import { namedView } from './people/named-view.ts';
import type { Person } from './people/people.ts';

/** The same view for the same view, or screens would take it for a change. `seeds` are those we are connected to. */
export type ShowView = (view: RoomView, people: readonly Person[], seeds: number) => RoomView;

interface Shown {
	readonly from: RoomView;
	readonly people: readonly Person[];
	readonly cutOff: boolean;
	readonly view: RoomView;
}

export function createShownView(): ShowView {
	let last: Shown | null = null;
	/** Who has reached nobody yet has lost nothing. */
	let hadSomebody = false;
	return (from, people, seeds) => {
		const alone = seeds === 0 && hasNobody(from);
		if (from.phase === 'joined' && !alone) hadSomebody = true;
		const cutOff = alone && hadSomebody;
		if (last?.from === from && last.people === people && last.cutOff === cutOff) return last.view;
		const named = namedView(from, people);
		const view = cutOff ? ({ ...named, phase: 'reconnecting' } as const) : named;
		last = { from, people, cutOff, view };
		return view;
	};
}

/**
 * A seat stands without any link, so on stage the room's own phase stays 'joined' in flight mode as well. Listeners have
 * somebody above them, or know themselves that they have not.
 */
const hasNobody = ({ phase, stage, listenerCount }: RoomView): boolean =>
	phase === 'joined' && listenerCount === 0 && stage.every((seat) => seat.me || !seat.reachable);
