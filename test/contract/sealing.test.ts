/** What is sealed for the owner of an Ed25519 key, on the real keys of this platform. */
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { importSealingPair, openSealed, sealTo } from '#lib/io/keys/hpke.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { fromHex, toHex } from '#lib/p2p/wire/ids.ts';
import { SEALING_EXTRA_BYTES } from '#lib/p2p/wire/limits.ts';

/** RFC 9180, appendix A.2.1, the first encryption. */
const VECTOR = {
	info: fromHex('4f6465206f6e2061204772656369616e2055726e'),
	ephemeral: fromHex('f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600'),
	enc: '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a',
	secret: fromHex('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb'),
	recipient: fromHex('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a'),
	message: fromHex('4265617574792069732074727574682c20747275746820626561757479'),
	aad: fromHex('436f756e742d30'),
	sealed:
		'1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28'
};

async function setup() {
	const { info, recipient, message, aad } = VECTOR;
	const ephemeral = await importSealingPair(VECTOR.ephemeral, fromHex(VECTOR.enc));
	const mine = await importSealingPair(VECTOR.secret, recipient);
	const sealed = await sealTo(message, { recipient, ephemeral, info, aad });
	return { ephemeral, mine, info, aad, message, sealed };
}

describe('hybrid public key encryption', () => {
	it('gives the published bytes', async () => {
		const { sealed, mine, info, aad, message } = await setup();
		expect(toHex(sealed)).toBe(VECTOR.enc + VECTOR.sealed);
		expect(await openSealed(sealed, { mine, info, aad })).toEqual(message);
	});

	it('opens for nobody else, under no other circumstances, and not when it was changed', async () => {
		const { sealed, mine, ephemeral, info, aad } = await setup();
		expect(await openSealed(sealed, { mine: ephemeral, info, aad })).toBeNull();
		expect(await openSealed(sealed, { mine, info: aad, aad })).toBeNull();
		expect(await openSealed(sealed, { mine, info })).toBeNull();
		for (const at of [0, 31, 32, sealed.length - 1]) {
			const changed = sealed.slice();
			changed[at] = (changed[at] ?? 0) ^ 1;
			expect(await openSealed(changed, { mine, info, aad })).toBeNull();
		}
		expect(await openSealed(new Uint8Array(80), { mine, info, aad })).toBeNull();
		expect(await openSealed(new Uint8Array(10), { mine, info, aad })).toBeNull();
	});

	it('agrees on keys made of identities', () => {
		const seed = newKeySeed();
		const secret = ed25519.utils.toMontgomerySecret(seed);
		const recipient = ed25519.utils.toMontgomery(ed25519.getPublicKey(seed));
		expect(x25519.getPublicKey(secret)).toEqual(recipient);
	});
});

const seedOf = (of: number): Uint8Array => new Uint8Array(32).fill(of);
const PLAIN = new TextEncoder().encode('the key of an epoch');
const PURPOSE = new TextEncoder().encode('a test');

describe('what keys seal', () => {
	it('is opened by whom it was sealed for, and nobody else', async () => {
		const [sender, owner, other] = await Promise.all([1, 2, 3].map((of) => createKeys(seedOf(of))));
		for (let i = 0; i < 20; i++) {
			const sealed = await sender!.seal(owner!.publicKey, PLAIN, PURPOSE);
			expect(sealed.length).toBe(PLAIN.length + SEALING_EXTRA_BYTES);
			expect(await owner!.open(sealed, PURPOSE)).toEqual(PLAIN);
			expect(await other!.open(sealed, PURPOSE)).toBeNull();
			expect(await sender!.open(sealed, PURPOSE)).toBeNull();
		}
	});

	it('is opened for no other purpose', async () => {
		const owner = await createKeys(seedOf(4));
		const sealed = await owner.seal(owner.publicKey, PLAIN, PURPOSE);
		expect(await owner.open(sealed, PLAIN)).toBeNull();
	});

	it('is never the same twice, and shows any change', async () => {
		const owner = await createKeys(seedOf(4));
		const [sealed, again] = [
			await owner.seal(owner.publicKey, PLAIN, PURPOSE),
			await owner.seal(owner.publicKey, PLAIN, PURPOSE)
		];
		expect(sealed).not.toEqual(again);
		for (let at = 0; at < sealed.length; at++) {
			const bent = sealed.slice();
			bent[at] = (bent[at] ?? 0) ^ 1;
			expect(await owner.open(bent, PURPOSE), `byte ${at}`).toBeNull();
		}
		expect(await owner.open(sealed.subarray(0, 40), PURPOSE)).toBeNull();
	});

	it('for keys of many people finds each of them', async () => {
		const people = await Promise.all(
			Array.from({ length: 30 }, (_, i) => createKeys(seedOf(50 + i)))
		);
		for (const one of people) {
			const sealed = await people[0]!.seal(one.publicKey, PLAIN, PURPOSE);
			expect(await one.open(sealed, PURPOSE)).toEqual(PLAIN);
		}
	});

	it('is refused to keys that nobody can hold', async () => {
		const owner = await createKeys(seedOf(5));
		const noPoint = new Uint8Array(32).fill(255);
		// y = 0, 1 and -1: points of order 4, 1 and 2.
		const lowOrder = [
			new Uint8Array(32),
			new Uint8Array(32).fill(1, 0, 1),
			fromHex(`ec${'ff'.repeat(30)}7f`)
		];
		for (const to of [noPoint, ...lowOrder, new Uint8Array(31)])
			await expect(owner.seal(to, PLAIN, PURPOSE), toHex(to)).rejects.toThrow();
	});
});
