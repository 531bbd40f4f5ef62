/** Whom this person does not want to hear, or to see at all: kept on this device, for every room, told to nobody. */
import type { Store } from '#lib/io/ports.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';

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
	let people = read(await store.get(RECORD));
	const listeners = new Set<() => void>();
	const replace = async (next: readonly QuietPerson[]): Promise<void> => {
		people = next.slice(0, QUIET_MAX);
		for (const listener of [...listeners]) listener();
		await store.put(RECORD, new TextEncoder().encode(JSON.stringify(people)));
	};
	return {
		get people() {
			return people;
		},
		put: (person) => replace([person, ...people.filter(({ peer }) => peer !== person.peer)]),
		forget: (peer) => replace(people.filter((one) => one.peer !== peer)),
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
}

export const quietByPeer = (people: readonly QuietPerson[]): ReadonlyMap<PeerId, Quiet> =>
	new Map(people.map(({ peer, how }) => [peer, how]));

/** What cannot be read is left out: one bad entry does not let everybody else be heard again. */
function read(record: Uint8Array | null): readonly QuietPerson[] {
	try {
		const json: unknown = JSON.parse(new TextDecoder().decode(record ?? new Uint8Array(0)));
		return Array.isArray(json) ? json.flatMap(readPerson).slice(0, QUIET_MAX) : [];
	} catch {
		return [];
	}
}

function readPerson(entry: unknown): QuietPerson[] {
	const { peer, name, how } = (entry ?? {}) as Record<string, unknown>;
	const id = typeof peer === 'string' ? parsePeerId(peer) : null;
	if (id === null || (how !== 'muted' && how !== 'hidden')) return [];
	return [{ peer: id, name: typeof name === 'string' ? cleanText(name, NAME_BYTES_MAX) : '', how }];
}
