/** Whom this person does not want to hear, or to see at all: kept on this device, for every room, told to nobody. */
import type { Store } from '#lib/io/ports.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { loadList, saveList, textIn } from './json-record.ts';
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
	let people: readonly QuietPerson[] = (await loadList(store, RECORD, readPerson)).slice(
		0,
		QUIET_MAX
	);
	const changes = createListeners<undefined>();
	const replace = async (next: readonly QuietPerson[]): Promise<void> => {
		people = next.slice(0, QUIET_MAX);
		changes.tell(undefined);
		await saveList(store, RECORD, people);
	};
	return {
		get people() {
			return people;
		},
		put: (person) => replace([person, ...people.filter(({ peer }) => peer !== person.peer)]),
		forget: (peer) => replace(people.filter((one) => one.peer !== peer)),
		onChange: (listener) => changes.add(listener)
	};
}

export const quietByPeer = (people: readonly QuietPerson[]): ReadonlyMap<PeerId, Quiet> =>
	new Map(people.map(({ peer, how }) => [peer, how]));

function readPerson({ peer, name, how }: Readonly<Record<string, unknown>>): QuietPerson | null {
	const id = parsePeerId(textIn(peer));
	if (id === null || (how !== 'muted' && how !== 'hidden')) return null;
	return { peer: id, name: cleanText(textIn(name), NAME_BYTES_MAX), how };
}
