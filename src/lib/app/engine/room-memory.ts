/**
 * What this device remembers of the rooms it was in: their logs, so that a host can come back to a room
 * that nobody else held open, and so that nobody ever uses a sequence number twice.
 */
import type { Store } from '#lib/io/ports.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import { reader, writer } from '#lib/p2p/wire/bytes.ts';
import { ENVELOPE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';

/** Rooms remembered; the one entered longest ago goes first. */
const ROOMS_REMEMBERED_MAX = 16;
const INDEX = 'rooms';

export interface RoomMemory {
	/** Envelopes in the order they were saved; none where the record is missing or damaged. */
	load(): Promise<Uint8Array[]>;
	save(envelopes: readonly Uint8Array[]): Promise<void>;
	/** The keys of a locked room; null where there are none. */
	loadKeys(): Promise<Uint8Array | null>;
	saveKeys(keys: Uint8Array): Promise<void>;
}

export function createRoomMemory(store: Store, room: RoomId): RoomMemory {
	let indexed = false;
	return {
		async load() {
			const record = await store.get(nameOf(room));
			return record === null ? [] : unpack(record);
		},
		async save(envelopes) {
			if (!indexed) await putFirst(store, room);
			indexed = true;
			await store.put(nameOf(room), pack(envelopes));
		},
		loadKeys: () => store.get(keysNameOf(room)),
		async saveKeys(keys) {
			if (!indexed) await putFirst(store, room);
			indexed = true;
			await store.put(keysNameOf(room), keys);
		}
	};
}

const nameOf = (room: string): string => `room/${room}`;
const keysNameOf = (room: string): string => `keys/${room}`;

async function putFirst(store: Store, room: RoomId): Promise<void> {
	const index = await store.get(INDEX);
	const known = index === null ? [] : new TextDecoder().decode(index).split(' ');
	const rooms = [room, ...known.filter((other) => other !== room && other !== '')];
	for (const old of rooms.slice(ROOMS_REMEMBERED_MAX)) {
		await store.delete(nameOf(old));
		await store.delete(keysNameOf(old));
	}
	await store.put(INDEX, new TextEncoder().encode(rooms.slice(0, ROOMS_REMEMBERED_MAX).join(' ')));
}

function pack(envelopes: readonly Uint8Array[]): Uint8Array {
	const out = writer();
	for (const envelope of envelopes) out.blob(envelope);
	return out.finish();
}

/** As far as the record can be read: what follows a damaged place is lost, what stands before it is not. */
function unpack(record: Uint8Array): Uint8Array[] {
	const input = reader(record);
	const envelopes: Uint8Array[] = [];
	while (input.ok && !input.done()) {
		const envelope = input.blob(ENVELOPE_BYTES_MAX);
		if (openEnvelope(envelope).ok) envelopes.push(envelope);
	}
	return envelopes;
}
