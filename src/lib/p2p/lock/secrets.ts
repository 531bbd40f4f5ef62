/**
 * What follows from the secret of a locked room's link. The secret gives the pass, one way only: the pass finds the
 * room and lets in, as a relay needs it; the secret besides asks for the keys of sound and texts.
 */
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { ACCESS_BYTES } from '../wire/room-access.ts';
import { concat, fromHex, publicKeyOf, ROOM_ID_BYTES, toHex } from '../wire/ids.ts';
import type { PeerId, RoomId } from '../wire/ids.ts';
import { PROOF_OF_ACCESS_BYTES } from '../wire/limits.ts';
import { sameInEqualTime } from './sframe.ts';
import { SIV_KEY_BYTES, sivOpen, sivSeal } from './siv.ts';

const DOMAIN = 'grapevine/lock/1 ';
const KEY_BYTES = 32;

export interface Gate {
	/** Under this name the directory and gossip know the room: whoever holds only its key does not find it. */
	readonly meeting: RoomId;
	/** What we show to `to`, so that it knows that we may be here. Worth nothing in another's hands. */
	proof(me: PeerId, to: PeerId): Uint8Array;
	/** `peer` has shown us its proof. */
	isProof(peer: PeerId, me: PeerId, proof: Uint8Array): boolean;
	/** An event as gossip carries it past the seeds. */
	wrap(envelope: Uint8Array): Uint8Array;
	/** Null where somebody sent it who does not know the pass. */
	unwrap(message: Uint8Array): Uint8Array | null;
}

/** HKDF (RFC 5869) under a label of ours. */
export function derive(
	secret: Uint8Array,
	label: string,
	length: number,
	...parts: readonly Uint8Array[]
): Uint8Array {
	const info = concat(fromString(`${DOMAIN}${label} `), ...parts);
	return expand(sha256, extract(sha256, secret, new Uint8Array(0)), info, length);
}

/** The head of an HMAC over a label of ours and `parts`. */
export function proofBy(
	key: Uint8Array,
	label: string,
	...parts: readonly Uint8Array[]
): Uint8Array {
	const message = concat(fromString(`${DOMAIN}${label} `), ...parts);
	return hmac(sha256, key, message).slice(0, PROOF_OF_ACCESS_BYTES);
}

export const passOf = (room: RoomId, secret: Uint8Array): Uint8Array =>
	derive(secret, 'pass', ACCESS_BYTES, fromHex(room));

/** What those share who hold the secret, and those who hold the pass do not know. */
export const memberKeyOf = (room: RoomId, secret: Uint8Array): Uint8Array =>
	derive(secret, 'member', KEY_BYTES, fromHex(room));

export function gateOf(room: RoomId, pass: Uint8Array): Gate {
	const id = fromHex(room);
	const admission = derive(pass, 'admission', KEY_BYTES, id);
	const gossip = derive(pass, 'gossip', SIV_KEY_BYTES, id);
	const proof = (from: PeerId, to: PeerId): Uint8Array =>
		proofBy(admission, 'admission', keyOf(from), keyOf(to));
	return {
		meeting: toHex(derive(pass, 'meeting', ROOM_ID_BYTES, id)) as RoomId,
		proof,
		isProof: (peer, me, shown) => sameInEqualTime(proof(peer, me), shown),
		wrap: (envelope) => sivSeal(gossip, id, envelope),
		unwrap: (message) => sivOpen(gossip, id, message)
	};
}

export const keyOf = (peer: PeerId): Uint8Array => publicKeyOf(peer) ?? new Uint8Array(0);
