/** How loud this person wants to hear some others: kept on this device, for every room, told to nobody. */
import type { Store } from '#lib/io/ports.ts';
import { GAIN_MAX } from '#lib/p2p/playout/mix.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { numberIn, textIn } from '../json-record.ts';
import { openKeptList } from '../kept-list.ts';
import { createListeners } from '../listeners.ts';

export interface PersonVolume {
	readonly peer: PeerId;
	/** 0 to GAIN_MAX; who is heard as they are is on no list. */
	readonly gain: number;
}

export interface Volumes {
	/** The latest first, at most VOLUMES_MAX. */
	readonly list: readonly PersonVolume[];
	of(peer: PeerId): number;
	/** Holds at once; rejects where the browser refuses to keep it for the next time. */
	put(volume: PersonVolume): Promise<void>;
	/** Called after each change. Returns how to stop. */
	onChange(listener: () => void): () => void;
}

/** Years of evenings; 50 kB on the device. Of more the oldest are forgotten. */
export const VOLUMES_MAX = 500;
const RECORD = 'volumes';

export async function loadVolumes(store: Store): Promise<Volumes> {
	const changes = createListeners<undefined>();
	const format = { record: RECORD, read: readVolume, max: VOLUMES_MAX };
	const kept = await openKeptList(store, format, () => {
		changes.tell(undefined);
	});
	return {
		get list() {
			return kept.items;
		},
		of: (peer) => kept.items.find((one) => one.peer === peer)?.gain ?? 1,
		put({ peer, gain }) {
			const clamped = Math.max(0, Math.min(GAIN_MAX, gain));
			return kept.change((list) => {
				const others = list.filter((one) => one.peer !== peer);
				return clamped === 1 ? others : [{ peer, gain: clamped }, ...others];
			});
		},
		onChange: (listener) => changes.add(listener)
	};
}

function readVolume({ peer, gain }: Readonly<Record<string, unknown>>): PersonVolume | null {
	const id = parsePeerId(textIn(peer));
	const loud = numberIn(gain);
	return id === null || loud < 0 || loud > GAIN_MAX ? null : { peer: id, gain: loud };
}
