/** How the keys of a locked room come to those who may have them, beside the rest of what linked peers tell each other. */
import { fromString } from 'uint8arrays/from-string';
import type { ByteReader, ByteWriter } from './bytes.ts';
import type { PeerId } from './ids.ts';
import { PROOF_OF_ACCESS_BYTES, SEALED_KEY_BYTES_MAX, SEALED_NAME_BYTES_MAX } from './limits.ts';
import { writePeer } from './fields.ts';
import { readKey } from './parts.ts';

export type KeyMessage =
	/** First on every link of a locked room, both ways: I know the pass. */
	| { readonly type: 'admission'; readonly proof: Uint8Array }
	/** Somebody, the sender or one behind it, wants the room's newest key, now and whenever there is a newer one. */
	| KeyAsk
	/** A key for somebody, whom nobody else can read it for. Empty: not let in at the door. */
	| { readonly type: 'key-give'; readonly to: PeerId; readonly sealed: Uint8Array };

export interface KeyAsk {
	readonly type: 'key-ask';
	readonly who: PeerId;
	/** The epoch whose key it has, u32; 0: none. */
	readonly have: number;
	/** Its name, for those who hold the room's secret. */
	readonly name: Uint8Array;
	/** It holds the room's secret. */
	readonly proof: Uint8Array;
	/** It holds the key of `have`. */
	readonly held: Uint8Array;
}

/** What the sealed bytes of a `key-give` are sealed for. */
export const KEY_SEALING = fromString('grapevine/sealed-key/1');

export type KeyMessageType = KeyMessage['type'];

export function writeKeyMessage(out: ByteWriter, message: KeyMessage): ByteWriter {
	switch (message.type) {
		case 'admission':
			return out.bytes(message.proof);
		case 'key-ask':
			writePeer(out, message.who).u32(message.have).blob(message.name);
			return out.bytes(message.proof).bytes(message.held);
		case 'key-give':
			return writePeer(out, message.to).blob(message.sealed);
	}
}

export function readKeyMessage(type: KeyMessageType, input: ByteReader): KeyMessage {
	switch (type) {
		case 'admission':
			return { type, proof: input.bytes(PROOF_OF_ACCESS_BYTES).slice() };
		case 'key-ask':
			return {
				type,
				who: readKey(input),
				have: input.u32(),
				name: input.blob(SEALED_NAME_BYTES_MAX).slice(),
				proof: input.bytes(PROOF_OF_ACCESS_BYTES).slice(),
				held: input.bytes(PROOF_OF_ACCESS_BYTES).slice()
			};
		case 'key-give':
			return { type, to: readKey(input), sealed: input.blob(SEALED_KEY_BYTES_MAX).slice() };
	}
}
