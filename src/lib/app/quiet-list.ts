/** Whom this person does not want to hear, or to see at all: kept on this device, for every room, told to nobody. */
import type { Store } from '#lib/io/ports.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { textIn } from './json-record.ts';
import { openKeptList } from './kept-list.ts';
import { createListeners } from './listeners.ts';

/** Not heard; or neither heard nor seen, but for a place on stage where somebody sits. */
export type Quiet = 'muted' | 'hidden';

export interface QuietPerson {
	readonly peer: PeerId;
	/** As it was when this person was put on the list; may be empty. */
	readonly name: string;
	readonly how: Quiet;
}

export interface QuietList {
	/** The latest first, at most QUIET_MAX. */
	readonly people: readonly QuietPerson[];
	/** Holds at once; rejects where the browser refuses to keep it for the next time. */
	put(person: QuietPerson): Promise<void>;
	/** Takes somebody off the list. */
	forget(peer: PeerId): Promise<void>;
	/** Called after each change. Returns how to stop. */
	onChange(listener: () => void): () => void;
}

/** Years of evenings; 100 kB on the device. Of more the oldest are forgotten. */
export const QUIET_MAX = 500;
const RECORD = 'quiet-list';

export async function loadQuietList(store: Store): Promise<QuietList> {
	const changes = createListeners<undefined>();
	const format = { record: RECORD, read: readPerson, max: QUIET_MAX };
	const list = await openKeptList(store, format, () => {
		changes.tell(undefined);
	});
	return {
		get people() {
			return list.items;
		},
		put: (person) => list.change((people) => [person, ...without(people, person.peer)]),
		forget: (peer) => list.change((people) => without(people, peer)),
		onChange: (listener) => changes.add(listener)
	};
}

const without = (people: readonly QuietPerson[], peer: PeerId): QuietPerson[] =>
	people.filter((one) => one.peer !== peer);

export const quietByPeer = (people: readonly QuietPerson[]): ReadonlyMap<PeerId, Quiet> =>
	new Map(people.map(({ peer, how }) => [peer, how]));

function readPerson({ peer, name, how }: Readonly<Record<string, unknown>>): QuietPerson | null {
	const id = parsePeerId(textIn(peer));
	if (id === null || (how !== 'muted' && how !== 'hidden')) return null;
	return { peer: id, name: cleanText(textIn(name), NAME_BYTES_MAX), how };
}
