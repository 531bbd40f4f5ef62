import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { openSealed, sealTo } from '#lib/p2p/letter/hpke.ts';
import {
	encodeLetter,
	letterSigningBytes,
	openLetter,
	SEALED_LETTER_BYTES,
	sealLetter,
	type Letter
} from '#lib/p2p/letter/letter.ts';
import { fromHex, peerIdOf, publicKeyOf, toHex, type LetterId } from '#lib/p2p/wire/ids.ts';
import { LETTER_BYTES_MAX } from '#lib/p2p/wire/limits.ts';

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

describe('hybrid public key encryption', () => {
	it('gives the published bytes', () => {
		const { info, ephemeral, recipient, message, aad, secret } = VECTOR;
		const sealed = sealTo(message, { recipient, ephemeral, info, aad });
		expect(toHex(sealed)).toBe(VECTOR.enc + VECTOR.sealed);
		expect(openSealed(sealed, { secret, info, aad })).toEqual(message);
	});

	it('opens for nobody else, under no other circumstances, and not when it was changed', () => {
		const { info, ephemeral, recipient, message, aad, secret } = VECTOR;
		const sealed = sealTo(message, { recipient, ephemeral, info, aad });
		expect(openSealed(sealed, { secret: ephemeral, info, aad })).toBeNull();
		expect(openSealed(sealed, { secret, info: aad, aad })).toBeNull();
		expect(openSealed(sealed, { secret, info })).toBeNull();
		for (const at of [0, 31, 32, sealed.length - 1]) {
			const changed = sealed.slice();
			changed[at] = (changed[at] ?? 0) ^ 1;
			expect(openSealed(changed, { secret, info, aad })).toBeNull();
		}
		expect(openSealed(new Uint8Array(80), { secret, info, aad })).toBeNull();
		expect(openSealed(new Uint8Array(10), { secret, info, aad })).toBeNull();
	});

	it('agrees on keys made of identities', () => {
		const seed = newKeySeed();
		const secret = ed25519.utils.toMontgomerySecret(seed);
		const recipient = ed25519.utils.toMontgomery(ed25519.getPublicKey(seed));
		expect(x25519.getPublicKey(secret)).toEqual(recipient);
	});
});

async function person() {
	const keySeed = newKeySeed();
	const keys = await createKeys(keySeed);
	return { keySeed, keys, peer: peerIdOf(keys.publicKey) };
}

async function setup(more: Partial<Letter> = {}) {
	const [hanna, sam] = [await person(), await person()];
	const letter: Letter = {
		from: hanna.peer,
		to: sam.peer,
		id: '7a'.repeat(16) as LetterId,
		sentAtMs: 1_790_000_000_000,
		untilMs: 1_790_000_900_000,
		place: 'stage',
		access: 'GHrGwbBbejLJduLh1aoKWzJAuj78Z2YHJS',
		title: 'Figs',
		fromName: 'Hanna',
		note: 'Come!',
		...more
	};
	const unsigned = encodeLetter(letter);
	const signature = await hanna.keys.sign(letterSigningBytes(unsigned));
	const ephemeral = newKeySeed();
	const sealed = sealLetter(unsigned, signature, { to: letter.to, ephemeral })!;
	return { hanna, sam, letter, sealed, unsigned, signature };
}

describe('a letter', () => {
	it('says to its reader what its writer signed', async () => {
		const { hanna, sam, letter, sealed } = await setup();
		const reading = openLetter(sealed, sam.keySeed)!;
		expect(reading.letter).toEqual(letter);
		const good = await sam.keys.verify(publicKeyOf(hanna.peer)!, reading.signed, reading.signature);
		expect(good).toBe(true);
	});

	it('says nothing to anybody else, the writer included', async () => {
		const { hanna, sealed } = await setup();
		expect(openLetter(sealed, hanna.keySeed)).toBeNull();
		expect(openLetter(sealed, newKeySeed())).toBeNull();
	});

	it('cannot be sealed anew to a third person as if it were for them', async () => {
		const { unsigned, signature } = await setup();
		const third = await person();
		const again = sealLetter(unsigned, signature, { to: third.peer, ephemeral: newKeySeed() })!;
		expect(openLetter(again, third.keySeed)).toBeNull();
	});

	it('has one size, whatever it says', async () => {
		const long = 'x'.repeat(400);
		const longest = { access: long, title: long, fromName: long, note: long };
		const { sealed, unsigned } = await setup(longest);
		expect(unsigned.length + 64).toBe(926);
		expect(unsigned.length + 64).toBeLessThanOrEqual(LETTER_BYTES_MAX);
		expect(sealed.length).toBe(SEALED_LETTER_BYTES);
		expect((await setup()).sealed.length).toBe(SEALED_LETTER_BYTES);
	});

	it('is refused to an id that is no key, and is nothing when it is noise', async () => {
		const { unsigned, signature, sam } = await setup();
		const nobody = peerIdOf(new Uint8Array(32).fill(255));
		expect(sealLetter(unsigned, signature, { to: nobody, ephemeral: newKeySeed() })).toBeNull();
		expect(openLetter(new Uint8Array(SEALED_LETTER_BYTES).fill(1), sam.keySeed)).toBeNull();
		expect(openLetter(new Uint8Array(3), sam.keySeed)).toBeNull();
	});
});
