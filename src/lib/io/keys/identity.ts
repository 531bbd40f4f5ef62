/** Who we are: one Ed25519 key, made on first use and the same after every reload. */
import { sha256 } from '@noble/hashes/sha2.js';
import { peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import type { Store } from '#lib/io/ports.ts';
import { createKeys, KEY_SEED_BYTES, newKeySeed } from './keys.ts';

const RECORD = 'identity';
/** Where a record that cannot be read, or was replaced, is kept, so that nothing is lost for good. Only the last one is. */
const DAMAGED_RECORD = 'identity.damaged';
const VERSION = 1;
const CHECK_BYTES = 4;

export interface Identity {
	/** 32 bytes; whoever has them is this peer. */
	readonly keySeed: Uint8Array;
	readonly publicKey: Uint8Array;
	readonly peer: PeerId;
	/** 'kept' from an earlier time, 'new' on first use, 'replaced' where the kept one was damaged. */
	readonly origin: 'kept' | 'new' | 'replaced';
}

/** Rejects only where the store does. Two tabs that load for the first time at once may differ until a reload. */
export async function loadIdentity(store: Store): Promise<Identity> {
	const record = await store.get(RECORD);
	const kept = record === null ? null : readRecord(record);
	if (kept) return identityOf(kept, 'kept');
	if (record !== null) await store.put(DAMAGED_RECORD, record);
	const keySeed = newKeySeed();
	await store.put(RECORD, writeRecord(keySeed));
	return identityOf(keySeed, record === null ? 'new' : 'replaced');
}

/** From the next start on we are who `keySeed` says. The key before is kept where a damaged one would be. */
export async function replaceIdentity(store: Store, keySeed: Uint8Array): Promise<void> {
	const record = await store.get(RECORD);
	if (record !== null) await store.put(DAMAGED_RECORD, record);
	await store.put(RECORD, writeRecord(keySeed));
}

async function identityOf(keySeed: Uint8Array, origin: Identity['origin']): Promise<Identity> {
	const { publicKey } = await createKeys(keySeed);
	return { keySeed, publicKey, peer: peerIdOf(publicKey), origin };
}

/** Version, key seed, and the head of the hash of both: a cut or flipped record is told from a good one. */
function writeRecord(keySeed: Uint8Array): Uint8Array {
	const record = new Uint8Array(1 + KEY_SEED_BYTES + CHECK_BYTES);
	record[0] = VERSION;
	record.set(keySeed, 1);
	record.set(checkOf(record), 1 + KEY_SEED_BYTES);
	return record;
}

function readRecord(record: Uint8Array): Uint8Array | null {
	if (record.length !== 1 + KEY_SEED_BYTES + CHECK_BYTES || record[0] !== VERSION) return null;
	const check = checkOf(record);
	if (!check.every((byte, i) => byte === record[1 + KEY_SEED_BYTES + i])) return null;
	return record.slice(1, 1 + KEY_SEED_BYTES);
}

function checkOf(record: Uint8Array): Uint8Array {
	return sha256(record.subarray(0, 1 + KEY_SEED_BYTES)).subarray(0, CHECK_BYTES);
}
