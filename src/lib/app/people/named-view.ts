/** A room as I see it: people I follow have the names I gave them. */
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Person } from './people.ts';

interface Somebody {
	readonly peer: PeerId;
	readonly name: string;
}

/** The same view where nobody in it is followed. */
export function namedView(view: RoomView, people: readonly Person[]): RoomView {
	if (people.length === 0) return view;
	const names = new Map(people.map(({ peer, name }) => [peer, name]));
	const named = <T extends Somebody>(one: T): T => {
		const name = names.get(one.peer);
		return name === undefined ? one : { ...one, name };
	};
	return {
		...view,
		stage: view.stage.map(named),
		listeners: view.listeners.map(named),
		cohosts: view.cohosts.map(named),
		pins: view.pins.map((pin) => ({ ...pin, by: named(pin.by) })),
		removed: view.removed.map((one) => ({ ...named(one), by: named(one.by) })),
		deeds: view.deeds.map((deed) => ({
			...deed,
			by: named(deed.by),
			whom: deed.whom && named(deed.whom)
		}))
	};
}
