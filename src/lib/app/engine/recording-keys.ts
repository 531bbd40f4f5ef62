/** The keys of a locked room's recording: kept apart from it, so that what is handed out stays sealed. */
import type { Store } from '#lib/io/ports.ts';
import { EPOCH_KEY_BYTES } from '#lib/p2p/lock/vault.ts';
import { reader, writer } from '#lib/p2p/wire/bytes.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';

export interface EpochKey {
	readonly epoch: number;
	readonly key: Uint8Array;
}

/** More epochs than a room has removals in a very long evening. */
const KEYS_MAX = 1_024;

const nameOf = (id: RecordingId): string => `recording-keys.${id}`;

/** Adds those that are not there. */
export async function saveRecordingKeys(
	store: Store,
	id: RecordingId,
	keys: readonly EpochKey[]
): Promise<void> {
	const known = new Map((await loadRecordingKeys(store, id)).map((one) => [one.epoch, one]));
	const before = known.size;
	for (const one of keys) if (!known.has(one.epoch)) known.set(one.epoch, one);
	if (known.size === before) return;
	const out = writer();
	for (const { epoch, key } of [...known.values()].slice(-KEYS_MAX)) out.u32(epoch).bytes(key);
	await store.put(nameOf(id), out.finish());
}

/** None for a recording of an open room. */
export async function loadRecordingKeys(
	store: Store,
	id: RecordingId
): Promise<readonly EpochKey[]> {
	const input = reader((await store.get(nameOf(id))) ?? new Uint8Array(0));
	const keys: EpochKey[] = [];
	while (!input.done() && input.ok) {
		keys.push({ epoch: input.u32(), key: input.bytes(EPOCH_KEY_BYTES).slice() });
	}
	// What was cut off is no key.
	return keys.filter(({ key }) => key.length === EPOCH_KEY_BYTES);
}

export const forgetRecordingKeys = (store: Store, id: RecordingId): Promise<void> =>
	store.delete(nameOf(id));
