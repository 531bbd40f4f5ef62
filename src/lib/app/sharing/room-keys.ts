/** The keys of a locked room that this device holds as a member of it: they open what it could hear then. */
import type { Store } from '#lib/io/ports.ts';
import { EPOCH_KEY_BYTES } from '#lib/p2p/lock/vault.ts';
import { reader } from '#lib/p2p/wire/bytes.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';
import { ACCESS_BYTES } from '#lib/p2p/wire/room-access.ts';
import type { EpochKey } from '../engine/recording-keys.ts';
import { createRoomMemory } from '../engine/room-memory.ts';

/** None where we were never let in, or it is too long ago. */
export async function roomKeys(store: Store, room: RoomId): Promise<readonly EpochKey[]> {
	const kept = await createRoomMemory(store, room).loadKeys();
	if (kept === null) return [];
	const input = reader(kept);
	input.bytes(ACCESS_BYTES);
	const held = { epoch: input.u32(), key: input.bytes(EPOCH_KEY_BYTES).slice() };
	return input.done() ? [held] : [];
}
