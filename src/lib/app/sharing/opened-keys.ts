/**
 * The keys of a locked room's recording that its host opened: sealed with the secret of its link, so that whoever has the
 * link can listen, and whoever only carries them cannot.
 */
import { derive } from '#lib/p2p/lock/secrets.ts';
import { SIV_KEY_BYTES, sivOpen, sivSeal } from '#lib/p2p/lock/siv.ts';
import { EPOCH_KEY_BYTES } from '#lib/p2p/lock/vault.ts';
import { reader, writer } from '#lib/p2p/wire/bytes.ts';
import { fromHex, type RecordingId } from '#lib/p2p/wire/ids.ts';
import type { EpochKey } from '../engine/recording-keys.ts';

const LABEL = 'opened';

const keyOf = (secret: Uint8Array, id: RecordingId): Uint8Array =>
	derive(secret, LABEL, SIV_KEY_BYTES, fromHex(id));

export function sealOpenedKeys(
	keys: readonly EpochKey[],
	secret: Uint8Array,
	id: RecordingId
): Uint8Array {
	const out = writer();
	for (const { epoch, key } of keys) out.u32(epoch).bytes(key);
	return sivSeal(keyOf(secret, id), fromHex(id), out.finish());
}

/** Null for what was sealed with another link's secret, or is no list of keys. Never throws. */
export function openOpenedKeys(
	sealed: Uint8Array,
	secret: Uint8Array,
	id: RecordingId
): readonly EpochKey[] | null {
	const plain = sivOpen(keyOf(secret, id), fromHex(id), sealed);
	if (plain === null) return null;
	const input = reader(plain);
	const keys: EpochKey[] = [];
	while (input.ok && !input.done()) {
		keys.push({ epoch: input.u32(), key: input.bytes(EPOCH_KEY_BYTES).slice() });
	}
	return input.ok ? keys : null;
}
