/** Where a seed's libp2p keeps what peers tell it (who is in which room, who speaks what): in memory, bounded. */
import { MemoryDatastore } from 'datastore-core';
import { PROVIDERS_MAX } from '#lib/p2p/wire/limits.ts';

/**
 * All keys and values together. A member's announcement costs about 150 bytes, a known peer 1 KiB: enough for
 * 50,000 people, and what a stranger can take of a small server's memory.
 */
const STORE_BYTES_MAX = 64 * 1024 * 1024;
/** The largest record of ours is a peer with its addresses; the DHT would take megabytes from anybody. */
const RECORD_BYTES_MAX = 16 * 1024;
/** What a record costs beside its bytes: the entry of a map. */
const ENTRY_BYTES = 100;

/**
 * Members who are not here and are named all the same: they may be with another seed, but mostly they are gone, and a
 * newcomer has few tries at those who are to stand by for it.
 */
const AWAY_NAMED_MAX = 4;

/** As kad-dht names them: that somebody is in a room, and the room it is in. */
const MEMBER = /^(\/dht\/provider\/[^/]+)\/([^/]+)$/;
const ROOM = /^\/dht\/provider\/[^/]+$/;

type Key = Parameters<MemoryDatastore['put']>[0];
type Query = Parameters<MemoryDatastore['query']>[0];

/** As the store gives it out. */
interface Pair {
	readonly key: Key;
	readonly value: Uint8Array;
}

export interface SeedStoreOptions {
	readonly bytesMax?: number;
	/** Whether that peer is in that room now, which is named as kad-dht names it: by a multihash in base 32. */
	readonly isHere?: (peer: string, room: string) => boolean;
	/** A number from 0 to below 1. */
	readonly chance?: () => number;
}

/**
 * Forgets what was written longest ago when full; members announce themselves again every few minutes. Who asks for a
 * room is told of few of its members, whom chance picks, first those who are there: who died or went elsewhere is
 * written down for minutes, and a crowd of such must not hide the others.
 */
export class SeedStore extends MemoryDatastore {
	/** What is kept, oldest write first. */
	readonly #entries = new Map<string, { readonly key: Key; readonly bytes: number }>();
	/** Of each room the records of its members, by peer. */
	readonly #rooms = new Map<string, Map<string, Pair>>();
	readonly #bytesMax: number;
	readonly #isHere: (peer: string, room: string) => boolean;
	readonly #chance: () => number;
	#bytes = 0;

	constructor({ bytesMax, isHere, chance }: SeedStoreOptions = {}) {
		super();
		this.#bytesMax = bytesMax ?? STORE_BYTES_MAX;
		this.#isHere = isHere ?? (() => true);
		this.#chance = chance ?? Math.random;
	}

	override put(key: Key, value: Uint8Array): Key {
		if (value.length > RECORD_BYTES_MAX) throw new RangeError('The record is too large.');
		this.delete(key);
		const name = key.toString();
		const bytes = name.length + value.length + ENTRY_BYTES;
		this.#entries.set(name, { key, bytes });
		this.#bytes += bytes;
		this.#noteMember(name, { key, value });
		void super.put(key, value);
		for (const oldest of this.#entries.values()) {
			if (this.#bytes <= this.#bytesMax) break;
			this.delete(oldest.key);
		}
		return key;
	}

	override delete(key: Key): void {
		const name = key.toString();
		this.#bytes -= this.#entries.get(name)?.bytes ?? 0;
		this.#entries.delete(name);
		this.#forgetMember(name);
		void super.delete(key);
	}

	override query(query: Query, options?: Parameters<MemoryDatastore['query']>[1]) {
		const { prefix } = query;
		return prefix !== undefined && ROOM.test(prefix)
			? this.#fewOf(prefix)
			: super.query(query, options);
	}

	#noteMember(name: string, record: Pair): void {
		const [, room, peer] = MEMBER.exec(name) ?? [];
		if (room === undefined || peer === undefined) return;
		const members = this.#rooms.get(room) ?? new Map<string, Pair>();
		this.#rooms.set(room, members.set(peer, record));
	}

	#forgetMember(name: string): void {
		const [, room = '', peer = ''] = MEMBER.exec(name) ?? [];
		const members = this.#rooms.get(room);
		if (members?.delete(peer) === true && members.size === 0) this.#rooms.delete(room);
	}

	*#fewOf(room: string): Generator<Pair> {
		const name = room.slice(room.lastIndexOf('/') + 1);
		const here: Pair[] = [];
		const away: Pair[] = [];
		for (const [peer, record] of this.#rooms.get(room) ?? []) {
			(this.#isHere(peer, name) ? here : away).push(record);
		}
		yield* this.#some(here, PROVIDERS_MAX);
		yield* this.#some(away, Math.min(AWAY_NAMED_MAX, PROVIDERS_MAX - here.length));
	}

	/** At most so many, whoever chance picks, in the order in which they spoke up last (Fan, Muller and Rezucha 1962). */
	*#some(members: readonly Pair[], most: number): Generator<Pair> {
		let wanted = Math.max(0, most);
		for (const [i, record] of members.entries()) {
			if (this.#chance() * (members.length - i) >= wanted) continue;
			wanted--;
			yield record;
		}
	}
}
