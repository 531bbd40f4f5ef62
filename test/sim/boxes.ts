/** Sealed boxes of the simulated world: readable by whom they name, and no longer or shorter than real ones. */
import type { PeerInput, PeerOutput } from '#lib/p2p/peer/io.ts';
import { concat } from '#lib/p2p/wire/ids.ts';

const EXTRA_BYTES = 48;
const KEY_BYTES = 32;

/** What the keys of `me` answer. */
export function answerBox(
	me: Uint8Array,
	asked: Extract<PeerOutput, { type: 'seal' | 'unseal' }>
): PeerInput {
	if (asked.type === 'unseal') return { type: 'unsealed', plain: openBox(me, asked.sealed) };
	const sealed = concat(asked.to, asked.plain, new Uint8Array(EXTRA_BYTES - KEY_BYTES));
	return { type: 'sealed', ticket: asked.ticket, sealed };
}

function openBox(me: Uint8Array, box: Uint8Array): Uint8Array | null {
	const mine = me.every((byte, i) => byte === box[i]);
	return mine ? box.slice(KEY_BYTES, KEY_BYTES - EXTRA_BYTES) : null;
}
