/** SFrame against the test vectors of RFC 9605, appendix C, for the suites that we have, and what is no frame of ours. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	AES_128_CTR_HMAC_SHA256_32,
	AES_128_CTR_HMAC_SHA256_64,
	AES_128_CTR_HMAC_SHA256_80,
	decodeHeader,
	decryptFrame,
	encodeHeader,
	encryptFrame,
	frameKeyOf,
	nonceOf,
	openWith,
	sealWith,
	type FrameKey,
	type Suite
} from '#lib/p2p/lock/sframe.ts';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromHex, toHex } from '#lib/p2p/wire/ids.ts';
import { HEADERS } from './lock-sframe-headers.ts';

/** Appendices C.2 and C.3, which share these. */
const AAD = fromHex('4945544620534672616d65205747');
const PLAIN = fromHex('64726166742d696574662d736672616d652d656e63');

interface AeadVector {
	readonly suite: Suite;
	readonly cipher: string;
}

/** C.2, all under one key and nonce. */
const AEAD_KEY =
	'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f';
const AEAD_NONCE = '101112131415161718191a1b';
const AEAD: readonly AeadVector[] = [
	{
		suite: AES_128_CTR_HMAC_SHA256_80,
		cipher: '6339af04ada1d064688a442b8dc69d5b6bfa40f4bef0583e8081069cc60705'
	},
	{
		suite: AES_128_CTR_HMAC_SHA256_64,
		cipher: '6339af04ada1d064688a442b8dc69d5b6bfa40f4be6e93b7da076927bb'
	},
	{
		suite: AES_128_CTR_HMAC_SHA256_32,
		cipher: '6339af04ada1d064688a442b8dc69d5b6bfa40f4be09480509'
	}
];

/** C.3, all of key id 0x123, counter 0x4567 and this base key. */
const BASE_KEY = '000102030405060708090a0b0c0d0e0f';
const SFRAME = [
	{
		suite: AES_128_CTR_HMAC_SHA256_80,
		key: '3f7d9a7c83ae8e1c8a11ae695ab59314b367e359fadac7b9c46b2bc6f81f46e16b96f0811868d59402b7e870102720b3',
		salt: '50b29329a04dc0f184ac3168',
		nonce: '50b29329a04dc0f184ac740f',
		sframe: '9901234567449408b6f490086165b9d6f62b24ae1a59a56486b4ae8ed036b88912e24f11'
	},
	{
		suite: AES_128_CTR_HMAC_SHA256_64,
		key: 'e2ec5c797540310483b16bf6e7a570d2a27d192fe869c7ccd8584a8d9dab91549fbe553f5113461ec6aa83bf3865553e',
		salt: 'e68ac8dd3d02fbcd368c5577',
		nonce: 'e68ac8dd3d02fbcd368c1010',
		sframe: '99012345673f31438db4d09434e43afa0f8a2f00867a2be085046a9f5cb4f101d607'
	},
	{
		suite: AES_128_CTR_HMAC_SHA256_32,
		key: '2c5703089cbb8c583475e4fc461d97d18809df79b6d550f78eb6d50ffa80d89211d57909934f46f5405e38cd583c69fe',
		salt: '38c16e4f5159700c00c7f350',
		nonce: '38c16e4f5159700c00c7b637',
		sframe: '990123456717fc8af28a5a695afcfc6c8df6358a17e26b2fcb3bae32e443'
	}
] as const;

const KID = 0x123n;
const CTR = 0x4567n;
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('an SFrame header', () => {
	it.each(HEADERS)('of key %s and counter %s is %s, as published', (kid, ctr, encoded) => {
		const header = { kid: BigInt(kid), ctr: BigInt(ctr) };
		expect(toHex(encodeHeader(header))).toBe(encoded);
		expect(decodeHeader(fromHex(encoded))).toEqual({ ...header, length: encoded.length / 2 });
	});

	it('is read as it was written, for whatever key and counter', () => {
		fc.assert(
			fc.property(u64, u64, (kid, ctr) => {
				const bytes = encodeHeader({ kid, ctr });
				expect(decodeHeader(bytes)).toEqual({ kid, ctr, length: bytes.length });
			})
		);
	});

	it('has one spelling, and ends before the frame does', () => {
		for (const hex of ['', '08', '0807', '090007', '9901', '80', '8007', '90000a']) {
			expect(decodeHeader(fromHex(hex)), hex).toBeNull();
		}
	});
});

describe('the cipher of SFrame', () => {
	it.each(AEAD)('gives the published ciphertext with a tag of $suite.tagBytes', (vector) => {
		const key = keyOf(vector.suite);
		const nonce = fromHex(AEAD_NONCE);
		expect(toHex(sealWith(key, nonce, AAD, PLAIN))).toBe(vector.cipher);
		expect(openWith(key, nonce, AAD, fromHex(vector.cipher))).toEqual(PLAIN);
	});
});

describe('an SFrame', () => {
	it.each(SFRAME)('of suite $suite.code is the published one', (vector) => {
		const key = frameKeyOf(vector.suite, KID, fromHex(BASE_KEY));
		expect(toHex(key.cipherKey) + toHex(key.authKey)).toBe(vector.key);
		expect(toHex(key.salt)).toBe(vector.salt);
		expect(toHex(nonceOf(key, CTR))).toBe(vector.nonce);
		expect(toHex(encryptFrame(key, CTR, AAD, PLAIN))).toBe(vector.sframe);
		expect(decryptFrame(key, fromHex(vector.sframe), AAD)).toEqual(PLAIN);
	});

	it('is opened by nothing but its key, its metadata and all of its bytes', () => {
		const key = frameKeyOf(AES_128_CTR_HMAC_SHA256_80, KID, fromHex(BASE_KEY));
		const other = frameKeyOf(AES_128_CTR_HMAC_SHA256_80, KID, fromHex(BASE_KEY).reverse());
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), u64, fc.nat(), (plain, ctr, at) => {
				const sframe = encryptFrame(key, ctr, AAD, plain);
				expect(decryptFrame(key, sframe, AAD)).toEqual(plain);
				expect(decryptFrame(other, sframe, AAD)).toBeNull();
				expect(decryptFrame(key, sframe, AAD.subarray(1))).toBeNull();
				const bent = sframe.slice();
				bent[at % bent.length] = (bent[at % bent.length] ?? 0) ^ 1;
				expect(decryptFrame(key, bent, AAD)).toBeNull();
				expect(decryptFrame(key, sframe.subarray(0, -1), AAD)).toBeNull();
			})
		);
	});
});

/** The vectors of C.2 begin behind the derivation. */
function keyOf(suite: Suite): FrameKey {
	const whole = fromHex(AEAD_KEY);
	const authKey = whole.slice(16);
	const derived = frameKeyOf(suite, 0n, fromHex(BASE_KEY));
	return { ...derived, cipherKey: whole.slice(0, 16), authKey, mac: hmac.create(sha256, authKey) };
}
