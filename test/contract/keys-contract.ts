/** What Keys must do, with the test vectors of RFC 8032, section 7.1. */
import { describe, expect, it } from 'vitest';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { fromHex, toHex } from '#lib/p2p/wire/ids.ts';

const VECTORS = [
	{
		name: 'TEST 1, an empty message',
		secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
		publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
		message: '',
		signature:
			'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'
	},
	{
		name: 'TEST 2, one byte',
		secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
		publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
		message: '72',
		signature:
			'92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
	},
	{
		name: 'TEST 3, two bytes',
		secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
		publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
		message: 'af82',
		signature:
			'6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'
	}
];

export function keysContract(): void {
	describe.each(VECTORS)('Ed25519 of RFC 8032, $name', (vector) => {
		it('grows the public key from the seed', async () => {
			const keys = await createKeys(fromHex(vector.secret));
			expect(toHex(keys.publicKey)).toBe(vector.publicKey);
		});

		it('makes the signature of the book', async () => {
			const keys = await createKeys(fromHex(vector.secret));
			expect(toHex(await keys.sign(fromHex(vector.message)))).toBe(vector.signature);
		});

		it('verifies it, and nothing that differs by a bit', async () => {
			const keys = await createKeys(newKeySeed());
			const author = fromHex(vector.publicKey);
			const message = fromHex(vector.message);
			const signature = fromHex(vector.signature);
			expect(await keys.verify(author, message, signature)).toBe(true);
			expect(await keys.verify(author, Uint8Array.of(...message, 0), signature)).toBe(false);
			expect(await keys.verify(author, message, flipped(signature))).toBe(false);
			expect(await keys.verify(flipped(author), message, signature)).toBe(false);
		});
	});

	describe('keys', () => {
		it('say no to malformed keys and signatures, and never throw', async () => {
			const keys = await createKeys(newKeySeed());
			const message = Uint8Array.of(1);
			const signature = await keys.sign(message);
			expect(await keys.verify(new Uint8Array(0), message, signature)).toBe(false);
			expect(await keys.verify(new Uint8Array(33), message, signature)).toBe(false);
			expect(await keys.verify(new Uint8Array(32).fill(0xff), message, signature)).toBe(false);
			expect(await keys.verify(keys.publicKey, message, signature.subarray(1))).toBe(false);
			expect(await keys.verify(keys.publicKey, message, new Uint8Array(64))).toBe(false);
		});

		it('sign a part of a larger buffer as that part alone', async () => {
			const keys = await createKeys(newKeySeed());
			const part = Uint8Array.of(0, 1, 2, 3).subarray(1, 3);
			const signature = await keys.sign(part);
			expect(await keys.verify(keys.publicKey, Uint8Array.of(1, 2), signature)).toBe(true);
		});

		it('grow only from 32 bytes', async () => {
			await expect(createKeys(new Uint8Array(31))).rejects.toThrow(RangeError);
		});

		it('differ each time they are new', () => {
			expect(newKeySeed()).toHaveLength(32);
			expect(newKeySeed()).not.toEqual(newKeySeed());
		});

		it('still know more authors than they keep at hand', async () => {
			const keys = await createKeys(newKeySeed());
			const message = Uint8Array.of(7);
			const others = await Promise.all(Array.from({ length: 300 }, () => createKeys(newKeySeed())));
			const verdicts: boolean[] = [];
			for (const other of [...others, ...others.slice(0, 3)]) {
				verdicts.push(await keys.verify(other.publicKey, message, await other.sign(message)));
			}
			expect(verdicts.every((verdict) => verdict)).toBe(true);
		});
	});
}

function flipped(bytes: Uint8Array): Uint8Array {
	return bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
}
