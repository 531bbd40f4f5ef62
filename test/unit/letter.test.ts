import { describe, expect, it } from 'vitest';
import { openLetter, sealLetter } from '#lib/app/people/sealed-letter.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import {
	encodeLetter,
	envelopLetter,
	LETTER_SEALING,
	sealedIn,
	SEALED_LETTER_BYTES,
	type Letter
} from '#lib/p2p/letter/letter.ts';
import { peerIdOf, type LetterId } from '#lib/p2p/wire/ids.ts';
import { LETTER_BYTES_MAX } from '#lib/p2p/wire/limits.ts';

async function person() {
	const keys = await createKeys(newKeySeed());
	return { keys, peer: peerIdOf(keys.publicKey) };
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
	const sealed = (await sealLetter(letter, hanna.keys))!;
	return { hanna, sam, letter, sealed };
}

describe('a letter', () => {
	it('says to its reader what its writer signed', async () => {
		const { hanna, sam, letter, sealed } = await setup();
		expect(await openLetter(sealed, hanna.peer, sam.keys)).toEqual(letter);
	});

	it('says nothing to anybody else, the writer included', async () => {
		const { hanna, sealed } = await setup();
		const third = await person();
		expect(await openLetter(sealed, hanna.peer, hanna.keys)).toBeNull();
		expect(await openLetter(sealed, hanna.peer, third.keys)).toBeNull();
	});

	it('cannot be sealed anew to a third person as if it were for them', async () => {
		const { hanna, sam, sealed } = await setup();
		const third = await person();
		const whole = (await sam.keys.open(sealedIn(sealed)!, LETTER_SEALING))!;
		const again = await sam.keys.seal(third.keys.publicKey, whole, LETTER_SEALING);
		expect(await openLetter(envelopLetter(again), hanna.peer, third.keys)).toBeNull();
	});

	it('is of nobody but whom it names and who signed it', async () => {
		const { hanna, sam, letter, sealed } = await setup();
		const third = await person();
		expect(await openLetter(sealed, third.peer, sam.keys)).toBeNull();
		const forged = (await sealLetter(letter, third.keys))!;
		expect(await openLetter(forged, hanna.peer, sam.keys)).toBeNull();
	});

	it('has one size, whatever it says', async () => {
		const long = 'x'.repeat(400);
		const longest = { access: long, title: long, fromName: long, note: long };
		const { sealed, letter } = await setup(longest);
		const signedBytes = encodeLetter(letter).length + 64;
		expect(signedBytes).toBe(926);
		expect(signedBytes).toBeLessThanOrEqual(LETTER_BYTES_MAX);
		expect(sealed.length).toBe(SEALED_LETTER_BYTES);
		expect((await setup()).sealed.length).toBe(SEALED_LETTER_BYTES);
	});

	it('is refused to an id that is no key, and is nothing when it is noise', async () => {
		const { hanna, sam, letter } = await setup();
		const nobody = peerIdOf(new Uint8Array(32).fill(255));
		expect(await sealLetter({ ...letter, to: nobody }, hanna.keys)).toBeNull();
		const noise = new Uint8Array(SEALED_LETTER_BYTES).fill(1);
		expect(await openLetter(noise, hanna.peer, sam.keys)).toBeNull();
		expect(await openLetter(new Uint8Array(3), hanna.peer, sam.keys)).toBeNull();
	});
});
