/** Whom I follow, under the names I give them. Kept on this device; nobody else is told. */
import type { Store } from '#lib/io/ports.ts';
import { REACH_SECRET_BYTES } from '#lib/p2p/wire/card.ts';
import { fromHex, parsePeerId, toHex, type PeerId } from '#lib/p2p/wire/ids.ts';
import { FOLLOWS_MAX, NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { changeList, hexIn, loadList, numberIn, textIn, type Edit } from '../json-record.ts';
import { createListeners } from '../listeners.ts';

const RECORD = 'people';

export interface Person {
	readonly peer: PeerId;
	/** The name I gave; never empty. */
	readonly name: string;
	/** From their card: says where they can be reached. Null of who was met in a room. */
	readonly secret: Uint8Array | null;
	readonly sinceMs: number;
}

export type FollowOutcome =
	| { readonly ok: true; readonly person: Person }
	/** Ourselves; or FOLLOWS_MAX are followed already. */
	| { readonly ok: false; readonly reason: 'myself' | 'full' };

export interface People {
	/** In the order of their names. */
	readonly list: readonly Person[];
	find(peer: PeerId): Person | undefined;
	/** Follows, or learns the secret of who is followed already. All of these reject where the browser keeps nothing. */
	follow(who: Pick<Person, 'peer' | 'name' | 'secret'>): Promise<FollowOutcome>;
	/** An empty name changes nothing. */
	rename(peer: PeerId, name: string): Promise<void>;
	unfollow(peer: PeerId): Promise<void>;
	/** Undoes an unfollowing. */
	restore(person: Person): Promise<void>;
	/** Adds those of another device. */
	adopt(people: readonly Person[]): Promise<void>;
	onChange(listener: (list: readonly Person[]) => void): () => void;
}

export interface PeopleParts {
	readonly store: Store;
	readonly me: PeerId;
	readonly nowMs: () => number;
}

export async function loadPeople({ store, me, nowMs }: PeopleParts): Promise<People> {
	let list: readonly Person[] = sorted(await loadList(store, RECORD, readPerson));
	const listeners = createListeners<readonly Person[]>();
	const format = { record: RECORD, read: readPerson, write: writePerson };
	const change = async (edit: Edit<Person>): Promise<void> => {
		const next = (kept: readonly Person[]): Person[] => sorted(edit(kept)).slice(0, FOLLOWS_MAX);
		list = await changeList(store, format, next);
		listeners.tell(list);
	};
	const find = (peer: PeerId): Person | undefined => list.find((one) => one.peer === peer);
	const put = (person: Person): Promise<void> =>
		change((kept) => [...without(kept, person.peer), person]);
	return {
		get list() {
			return list;
		},
		find,
		async follow({ peer, name, secret }) {
			const before = find(peer);
			if (peer === me) return { ok: false, reason: 'myself' };
			if (before === undefined && list.length >= FOLLOWS_MAX) return { ok: false, reason: 'full' };
			const person: Person = {
				peer,
				name: before?.name ?? named(name, peer),
				secret: secret ?? before?.secret ?? null,
				sinceMs: before?.sinceMs ?? nowMs()
			};
			await put(person);
			return { ok: true, person };
		},
		async rename(peer, name) {
			const before = find(peer);
			const clean = cleanText(name, NAME_BYTES_MAX);
			if (before !== undefined && clean !== '') await put({ ...before, name: clean });
		},
		unfollow: (peer) => change((kept) => without(kept, peer)),
		restore: put,
		async adopt(people) {
			await change((kept) => {
				const isNew = ({ peer }: Person): boolean =>
					peer !== me && kept.every((one) => one.peer !== peer);
				return [...kept, ...people.filter(isNew)];
			});
		},
		onChange: (listener) => listeners.add(listener)
	};
}

/** As it travels with an identity. */
export function writePerson({ peer, name, secret, sinceMs }: Person): Record<string, unknown> {
	return { peer, name, secret: secret && toHex(secret), sinceMs };
}

/** Null for what is none. */
export function readPerson(item: Readonly<Record<string, unknown>>): Person | null {
	const peer = parsePeerId(textIn(item['peer']));
	if (peer === null) return null;
	const secret = hexIn(item['secret'], REACH_SECRET_BYTES);
	return {
		peer,
		name: named(textIn(item['name']), peer),
		secret: secret === null ? null : fromHex(secret),
		sinceMs: numberIn(item['sinceMs'])
	};
}

const named = (name: string, peer: PeerId): string =>
	cleanText(name, NAME_BYTES_MAX) || `Guest ${peer.slice(-4)}`;

const without = (people: readonly Person[], peer: PeerId): Person[] =>
	people.filter((one) => one.peer !== peer);

function sorted(people: readonly Person[]): Person[] {
	return [...people].sort((a, b) => a.name.localeCompare(b.name) || (a.peer < b.peer ? -1 : 1));
}
