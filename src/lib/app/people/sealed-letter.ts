/** Letters under seal: from the writer's hand to the reader's. */
import type { Keys } from '#lib/io/ports.ts';
import {
	encodeLetter,
	envelopLetter,
	LETTER_SEALING,
	letterSigningBytes,
	padLetter,
	readLetter,
	sealedIn,
	type Letter
} from '#lib/p2p/letter/letter.ts';
import { peerIdOf, publicKeyOf, type PeerId } from '#lib/p2p/wire/ids.ts';

/** Signed by us, and sealed for its reader. Null where the reader's id is no key that anything can be sealed to. */
export async function sealLetter(
	letter: Letter,
	keys: Pick<Keys, 'sign' | 'seal'>
): Promise<Uint8Array | null> {
	const to = publicKeyOf(letter.to);
	if (to === null) return null;
	const unsigned = encodeLetter(letter);
	const signature = await keys.sign(letterSigningBytes(unsigned));
	const sealed = keys.seal(to, padLetter(unsigned, signature), LETTER_SEALING);
	return sealed.then(envelopLetter, () => null);
}

/** Null for anything that is no letter to us, written and signed by `from`. Never rejects. */
export async function openLetter(
	enveloped: Uint8Array,
	from: PeerId,
	keys: Pick<Keys, 'publicKey' | 'verify' | 'open'>
): Promise<Letter | null> {
	const sealed = sealedIn(enveloped);
	const whole = sealed === null ? null : await keys.open(sealed, LETTER_SEALING);
	const reading = whole === null ? null : readLetter(whole, peerIdOf(keys.publicKey));
	// Writers deliver themselves: nobody can make us work with letters of others that they have kept.
	if (reading?.letter.from !== from) return null;
	const { letter, signed, signature } = reading;
	const writer = publicKeyOf(from) ?? new Uint8Array(0);
	return (await keys.verify(writer, signed, signature)) ? letter : null;
}
