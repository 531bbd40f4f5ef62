/** Letters under seal: from the writer's hand to the reader's. */
import type { Keys } from '#lib/io/ports.ts';
import {
	encodeNotice,
	noticeSigningBytes,
	readNotice,
	type KeepNotice
} from '#lib/p2p/letter/keep-notice.ts';
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
	const unsigned = encodeLetter(letter);
	const signature = await keys.sign(letterSigningBytes(unsigned));
	return sealFor(letter.to, padLetter(unsigned, signature), keys);
}

/** The same of a notice. */
export async function sealNotice(
	notice: KeepNotice,
	keys: Pick<Keys, 'sign' | 'seal'>
): Promise<Uint8Array | null> {
	const unsigned = encodeNotice(notice);
	const signature = await keys.sign(noticeSigningBytes(unsigned));
	return sealFor(notice.to, padLetter(unsigned, signature), keys);
}

async function sealFor(
	peer: PeerId,
	whole: Uint8Array,
	keys: Pick<Keys, 'seal'>
): Promise<Uint8Array | null> {
	const to = publicKeyOf(peer);
	if (to === null) return null;
	return keys.seal(to, whole, LETTER_SEALING).then(envelopLetter, () => null);
}

type OpeningKeys = Pick<Keys, 'publicKey' | 'verify' | 'open'>;

/** Null for anything that is neither a letter nor a notice to us, written and signed by `from`. Never rejects. */
export async function openSealed(
	enveloped: Uint8Array,
	from: PeerId,
	keys: OpeningKeys
): Promise<{ readonly letter: Letter } | { readonly notice: KeepNotice } | null> {
	const sealed = sealedIn(enveloped);
	const whole = sealed === null ? null : await keys.open(sealed, LETTER_SEALING);
	if (whole === null) return null;
	const me = peerIdOf(keys.publicKey);
	const writer = publicKeyOf(from) ?? new Uint8Array(0);
	const letter = readLetter(whole, me);
	const notice = readNotice(whole, me);
	// Writers deliver themselves: nobody can make us work with letters of others that they have kept.
	if (letter?.letter.from === from) {
		const isGood = await keys.verify(writer, letter.signed, letter.signature);
		return isGood ? { letter: letter.letter } : null;
	}
	if (notice?.notice.from !== from) return null;
	const isGood = await keys.verify(writer, notice.signed, notice.signature);
	return isGood ? { notice: notice.notice } : null;
}

/** Null for anything that is no letter to us, written and signed by `from`. Never rejects. */
export async function openLetter(
	enveloped: Uint8Array,
	from: PeerId,
	keys: OpeningKeys
): Promise<Letter | null> {
	const opened = await openSealed(enveloped, from, keys);
	return opened !== null && 'letter' in opened ? opened.letter : null;
}
