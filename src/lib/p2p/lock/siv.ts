/**
 * Small things encrypted without dice: a synthetic nonce, made of the content, is tag and counter at once (the way
 * of RFC 5297, with HMAC-SHA256). What is equal looks equal, and nothing else is given away.
 */
import { ctr as aesCtr } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../wire/ids.ts';
import { sameInEqualTime } from './sframe.ts';

/** A cipher key of 16 bytes, and one of 32 for the nonce. */
export const SIV_KEY_BYTES = 48;
/** By so much what is sealed is longer. */
export const SIV_BYTES = 16;
const CIPHER_KEY_BYTES = 16;

/** `context` is vouched for and not carried: where, and for what, this may be opened. */
export function sivSeal(key: Uint8Array, context: Uint8Array, plain: Uint8Array): Uint8Array {
	const nonce = nonceOf(key, context, plain);
	if (plain.length === 0) return nonce;
	return concat(nonce, aesCtr(key.subarray(0, CIPHER_KEY_BYTES), nonce).encrypt(plain));
}

/** Null for what was not sealed with this key for this context. */
export function sivOpen(
	key: Uint8Array,
	context: Uint8Array,
	sealed: Uint8Array
): Uint8Array | null {
	if (sealed.length < SIV_BYTES) return null;
	const nonce = sealed.subarray(0, SIV_BYTES);
	const cipher = sealed.slice(SIV_BYTES);
	const plain =
		cipher.length === 0
			? cipher
			: aesCtr(key.subarray(0, CIPHER_KEY_BYTES), nonce.slice()).decrypt(cipher);
	return sameInEqualTime(nonceOf(key, context, plain), nonce) ? plain : null;
}

function nonceOf(key: Uint8Array, context: Uint8Array, plain: Uint8Array): Uint8Array {
	const length = Uint8Array.of(context.length >> 8, context.length & 0xff);
	const whole = hmac(
		sha256,
		key.subarray(CIPHER_KEY_BYTES, SIV_KEY_BYTES),
		concat(length, context, plain)
	);
	return whole.slice(0, SIV_BYTES);
}
