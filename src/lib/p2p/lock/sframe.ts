/**
 * SFrame (RFC 9605): how a frame of sound is encrypted from its speaker to its listeners. The suites with AES in
 * counter mode and a truncated HMAC, which script computes faster than GCM (`npm run bench -- sframe`).
 */
import { ctr as aesCtr } from '@noble/ciphers/aes.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { concat } from '../wire/ids.ts';

/** A suite by its number in the IANA registry (RFC 9605, section 8.1), and the bytes of its tag. */
export interface Suite {
	readonly code: number;
	readonly tagBytes: number;
}

export const AES_128_CTR_HMAC_SHA256_80: Suite = { code: 1, tagBytes: 10 };
export const AES_128_CTR_HMAC_SHA256_64: Suite = { code: 2, tagBytes: 8 };
export const AES_128_CTR_HMAC_SHA256_32: Suite = { code: 3, tagBytes: 4 };

/** Nka, Nh and Nn of these suites (RFC 9605, table 1), in bytes. */
const CIPHER_KEY_BYTES = 16;
const AUTH_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const BLOCK_BYTES = 16;
/** Values up to this one stand in the config byte itself. */
const INLINE_MAX = 7n;
/** In place of the three bits of a value: its length follows in them. */
const EXTENDED = 0x08;
const FIELD_BYTES_MAX = 8;

export interface Header {
	/** Names the key, u64. */
	readonly kid: bigint;
	/** Never twice under one key, u64. */
	readonly ctr: bigint;
}

/** What one key of a sender makes: encrypts on one side, decrypts on the other. */
export interface FrameKey {
	readonly suite: Suite;
	readonly kid: bigint;
	readonly cipherKey: Uint8Array;
	readonly authKey: Uint8Array;
	readonly salt: Uint8Array;
	/** HMAC under `authKey`, begun: to be cloned. Saves two of five blocks for each frame. */
	readonly mac: ReturnType<typeof hmac.create>;
}

/** Section 4.3: config byte, KID and CTR, each in as few bytes as it takes. */
export function encodeHeader({ kid, ctr }: Header): Uint8Array {
	const kidBytes = kid > INLINE_MAX ? minimal(kid) : [];
	const ctrBytes = ctr > INLINE_MAX ? minimal(ctr) : [];
	const config = (codeOf(kid, kidBytes) << 4) | codeOf(ctr, ctrBytes);
	return Uint8Array.of(config, ...kidBytes, ...ctrBytes);
}

const codeOf = (value: bigint, bytes: readonly number[]): number =>
	bytes.length === 0 ? Number(value) : EXTENDED | (bytes.length - 1);

function minimal(value: bigint): number[] {
	const bytes: number[] = [];
	for (let left = value; left > 0n; left >>= 8n) bytes.unshift(Number(left & 0xffn));
	return bytes;
}

/** Null for what is no header, or one that is longer than it has to be. `length` is that of the header. */
export function decodeHeader(bytes: Uint8Array): (Header & { readonly length: number }) | null {
	const config = bytes[0];
	if (config === undefined) return null;
	const kid = readField(bytes, config >> 4, 1);
	const ctr = kid === null ? null : readField(bytes, config & 0x0f, kid.end);
	if (kid === null || ctr === null) return null;
	return { kid: kid.value, ctr: ctr.value, length: ctr.end };
}

function readField(
	bytes: Uint8Array,
	code: number,
	at: number
): { value: bigint; end: number } | null {
	if ((code & EXTENDED) === 0) return { value: BigInt(code), end: at };
	const end = at + (code & ~EXTENDED) + 1;
	if (end > bytes.length || end - at > FIELD_BYTES_MAX) return null;
	let value = 0n;
	for (let i = at; i < end; i++) value = (value << 8n) | BigInt(bytes[i] ?? 0);
	const isMinimal = value > INLINE_MAX && minimal(value).length === end - at;
	return isMinimal ? { value, end } : null;
}

/** Section 4.4.2: key and salt of the base key that `kid` names. */
export function frameKeyOf(suite: Suite, kid: bigint, baseKey: Uint8Array): FrameKey {
	const secret = extract(sha256, baseKey, new Uint8Array(0));
	const names = concat(bigEndian(kid, 8), bigEndian(BigInt(suite.code), 2));
	const keyLabel = concat(fromString('SFrame 1.0 Secret key '), names);
	const saltLabel = concat(fromString('SFrame 1.0 Secret salt '), names);
	const key = expand(sha256, secret, keyLabel, CIPHER_KEY_BYTES + AUTH_KEY_BYTES);
	const authKey = key.slice(CIPHER_KEY_BYTES);
	return {
		suite,
		kid,
		cipherKey: key.slice(0, CIPHER_KEY_BYTES),
		authKey,
		salt: expand(sha256, secret, saltLabel, NONCE_BYTES),
		mac: hmac.create(sha256, authKey)
	};
}

/** Section 4.4.3: header, ciphertext, tag. `metadata` is vouched for and not carried. */
export function encryptFrame(
	key: FrameKey,
	ctr: bigint,
	metadata: Uint8Array,
	plain: Uint8Array
): Uint8Array {
	const header = encodeHeader({ kid: key.kid, ctr });
	return concat(header, sealWith(key, nonceOf(key, ctr), concat(header, metadata), plain));
}

/**
 * Section 4.4.4, for what begins with a header that was read and names `key`; null where the tag does not fit.
 */
export function decryptFrame(
	key: FrameKey,
	sframe: Uint8Array,
	metadata: Uint8Array
): Uint8Array | null {
	const header = decodeHeader(sframe);
	if (header === null || header.kid !== key.kid) return null;
	const aad = concat(sframe.subarray(0, header.length), metadata);
	return openWith(key, nonceOf(key, header.ctr), aad, sframe.subarray(header.length));
}

/** Section 4.5.1, AEAD.Encrypt: ciphertext and tag. */
export function sealWith(
	key: FrameKey,
	nonce: Uint8Array,
	aad: Uint8Array,
	plain: Uint8Array
): Uint8Array {
	const cipher = aesCtr(key.cipherKey, counterOf(nonce)).encrypt(plain);
	return concat(cipher, tagOf(key, nonce, aad, cipher));
}

/** Section 4.5.1, AEAD.Decrypt; null where the tag does not fit. */
export function openWith(
	key: FrameKey,
	nonce: Uint8Array,
	aad: Uint8Array,
	sealed: Uint8Array
): Uint8Array | null {
	const { tagBytes } = key.suite;
	if (sealed.length < tagBytes) return null;
	const cipher = sealed.subarray(0, -tagBytes);
	const tag = tagOf(key, nonce, aad, cipher);
	if (!sameInEqualTime(tag, sealed.subarray(-tagBytes))) return null;
	return aesCtr(key.cipherKey, counterOf(nonce)).decrypt(cipher);
}

function tagOf(
	{ mac, suite }: FrameKey,
	nonce: Uint8Array,
	aad: Uint8Array,
	cipher: Uint8Array
): Uint8Array {
	const lengths = new Uint8Array(24);
	const view = new DataView(lengths.buffer);
	// Each is a u64, whose upper half frames never reach.
	view.setUint32(4, aad.length);
	view.setUint32(12, cipher.length);
	view.setUint32(20, suite.tagBytes);
	const whole = mac.clone().update(lengths).update(nonce).update(aad).update(cipher).digest();
	return whole.subarray(0, suite.tagBytes);
}

function counterOf(nonce: Uint8Array): Uint8Array {
	const counter = new Uint8Array(BLOCK_BYTES);
	counter.set(nonce);
	return counter;
}

/** The salt, XORed with the counter. */
export function nonceOf({ salt }: FrameKey, ctr: bigint): Uint8Array {
	const nonce = salt.slice();
	for (let at = NONCE_BYTES - 1, left = ctr; left > 0n; at--, left >>= 8n) {
		nonce[at] = (nonce[at] ?? 0) ^ Number(left & 0xffn);
	}
	return nonce;
}

function bigEndian(value: bigint, length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let at = length - 1, left = value; at >= 0; at--, left >>= 8n) {
		bytes[at] = Number(left & 0xffn);
	}
	return bytes;
}

/** Tells nobody by its time how much of a forged tag was right. */
export function sameInEqualTime(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	let differs = 0;
	for (let i = 0; i < a.length; i++) differs |= (a[i] ?? 0) ^ (b[i] ?? 0);
	return differs === 0;
}
