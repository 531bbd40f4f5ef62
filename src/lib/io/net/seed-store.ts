/** Where a seed's libp2p keeps what peers tell it (who is in which room, who speaks what): in memory, bounded. */
import { MemoryDatastore } from 'datastore-core';

/**
 * All keys and values together. A member's announcement costs about 150 bytes, a known peer 1 KiB: enough for
 * 50,000 people, and what a stranger can take of a small server's memory.
 */
const STORE_BYTES_MAX = 64 * 1024 * 1024;
/** The largest record of ours is a peer with its addresses; the DHT would take megabytes from anybody. */
const RECORD_BYTES_MAX = 16 * 1024;
/** What a record costs beside its bytes: the entry of a map. */
const ENTRY_BYTES = 100;

type Key = Parameters<MemoryDatastore['put']>[0];

/** Forgets what was written longest ago when full; members announce themselves again every few minutes. */
export class SeedStore extends MemoryDatastore {
	/** What is kept, oldest write first. */
	readonly #entries = new Map<string, { readonly key: Key; readonly bytes: number }>();
	readonly #bytesMax: number;
	#bytes = 0;

	constructor(bytesMax = STORE_BYTES_MAX) {
		super();
		this.#bytesMax = bytesMax;
	}

	override put(key: Key, value: Uint8Array): Key {
		if (value.length > RECORD_BYTES_MAX) throw new RangeError('The record is too large.');
		this.delete(key);
		const name = key.toString();
		const bytes = name.length + value.length + ENTRY_BYTES;
		this.#entries.set(name, { key, bytes });
		this.#bytes += bytes;
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
		void super.delete(key);
	}
}
