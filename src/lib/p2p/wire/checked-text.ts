/**
 * Bytes as letters that people copy, read out and mistype: base58btc, with the checksum of their kind at the end, so that
 * a damaged one, or one of another kind, is none.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { base58btc } from 'multiformats/bases/base58';
import { sameBytes } from './bytes.ts';
import { concat } from './ids.ts';

/** Of 4 billion damaged ones, one is not noticed. */
const CHECKSUM_BYTES = 4;
const BASE58 = /^[1-9A-HJ-NP-Za-km-z]+$/;

/** Base58btc of `body` and the first 4 bytes of SHA-256(domain, body). */
export const encodeChecked = (domain: Uint8Array, body: Uint8Array): string =>
	base58btc.baseEncode(concat(body, checksumOf(domain, body)));

/** The body; null for anything else. `lettersMax`: decoding costs the square of the length. Never throws. */
export function decodeChecked(
	domain: Uint8Array,
	letters: string,
	lettersMax: number
): Uint8Array | null {
	if (letters.length > lettersMax || !BASE58.test(letters)) return null;
	const bytes = base58btc.baseDecode(letters);
	if (bytes.length <= CHECKSUM_BYTES) return null;
	const body = bytes.subarray(0, -CHECKSUM_BYTES);
	const checksum = bytes.subarray(-CHECKSUM_BYTES);
	return sameBytes(checksum, checksumOf(domain, body)) ? body : null;
}

const checksumOf = (domain: Uint8Array, body: Uint8Array): Uint8Array =>
	sha256(concat(domain, body)).subarray(0, CHECKSUM_BYTES);
