/**
 * Hybrid public key encryption (RFC 9180), base mode, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * ChaCha20-Poly1305. Without dice: the ephemeral secret is an argument.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { concat } from '../wire/ids.ts';

/** Of a secret, of a public key, and of what stands before a sealed message. */
export const KEY_BYTES = 32;
/** What sealing adds to a message beside the ephemeral key. */
export const TAG_BYTES = 16;

const HASH_BYTES = 32;
const NONCE_BYTES = 12;
/** Registered in RFC 9180, sections 7.1 to 7.3: 0x0020, 0x0001, 0x0003. */
const KEM_SUITE = concat(fromString('KEM'), Uint8Array.of(0x00, 0x20));
const SUITE = concat(fromString('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03));
const LABEL = fromString('HPKE-v1');
const MODE_BASE = 0;
const NOTHING = new Uint8Array(0);

export interface Sealing {
	/** X25519 public key, KEY_BYTES. */
	readonly recipient: Uint8Array;
	/** KEY_BYTES by chance, never used again. */
	readonly ephemeral: Uint8Array;
	/** What both sides know and the message is bound to. */
	readonly info: Uint8Array;
	readonly aad?: Uint8Array;
}

/** The ephemeral public key and the sealed message. Throws for a recipient's key that is none (a point of low order). */
export function sealTo(message: Uint8Array, sealing: Sealing): Uint8Array {
	const { recipient, ephemeral, info, aad = NOTHING } = sealing;
	const enc = x25519.getPublicKey(ephemeral);
	const shared = sharedSecret(x25519.getSharedSecret(ephemeral, recipient), enc, recipient);
	return concat(enc, cipherOf(shared, info, aad).encrypt(message));
}

export interface Opening {
	/** X25519 secret key, KEY_BYTES. */
	readonly secret: Uint8Array;
	readonly info: Uint8Array;
	readonly aad?: Uint8Array;
}

/** Null for anything that was not sealed to this key, or was changed since. Never throws. */
export function openSealed(
	sealed: Uint8Array,
	{ secret, info, aad = NOTHING }: Opening
): Uint8Array | null {
	if (sealed.length < KEY_BYTES + TAG_BYTES) return null;
	const enc = sealed.subarray(0, KEY_BYTES);
	try {
		const recipient = x25519.getPublicKey(secret);
		const shared = sharedSecret(x25519.getSharedSecret(secret, enc), enc, recipient);
		return cipherOf(shared, info, aad).decrypt(sealed.subarray(KEY_BYTES));
	} catch {
		return null;
	}
}

/** ExtractAndExpand of section 4.1. */
function sharedSecret(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
	const prk = labeledExtract(KEM_SUITE, NOTHING, 'eae_prk', dh);
	return labeledExpand(KEM_SUITE, prk, 'shared_secret', concat(enc, recipient), HASH_BYTES);
}

/** KeySchedule of section 5.1, and the nonce of the first message, which is the base nonce. */
function cipherOf(shared: Uint8Array, info: Uint8Array, aad: Uint8Array) {
	const context = concat(
		Uint8Array.of(MODE_BASE),
		labeledExtract(SUITE, NOTHING, 'psk_id_hash', NOTHING),
		labeledExtract(SUITE, NOTHING, 'info_hash', info)
	);
	const secret = labeledExtract(SUITE, shared, 'secret', NOTHING);
	const key = labeledExpand(SUITE, secret, 'key', context, KEY_BYTES);
	const nonce = labeledExpand(SUITE, secret, 'base_nonce', context, NONCE_BYTES);
	return chacha20poly1305(key, nonce, aad);
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) {
	return extract(sha256, concat(LABEL, suite, fromString(label), ikm), salt);
}

function labeledExpand(
	suite: Uint8Array,
	prk: Uint8Array,
	label: string,
	...[info, length]: [Uint8Array, number]
): Uint8Array {
	const size = Uint8Array.of(length >> 8, length & 255);
	return expand(sha256, prk, concat(size, LABEL, suite, fromString(label), info), length);
}
