/**
 * A letter: an invitation from one person to another. Signed by its writer for its reader, padded to one size, and
 * sealed to the reader's key (`Keys.seal`): who carries it learns neither what it says nor from whom it is.
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer, type ByteReader } from '../wire/bytes.ts';
import { SIGNATURE_BYTES } from '../wire/envelope.ts';
import { concat, fromHex, toHex, type LetterId, type PeerId } from '../wire/ids.ts';
import {
	ACCESS_TEXT_BYTES_MAX,
	LETTER_BYTES_MAX,
	NAME_BYTES_MAX,
	NOTE_BYTES_MAX,
	SEALING_EXTRA_BYTES,
	TITLE_BYTES_MAX
} from '../wire/limits.ts';
import { readKey, writeKey } from '../wire/parts.ts';
import { cleanText } from '../wire/text.ts';

export const LETTER_ID_BYTES = 16;

export interface Letter {
	readonly from: PeerId;
	readonly to: PeerId;
	/** Made by chance: a letter that comes twice is one. */
	readonly id: LetterId;
	/** By the writer's clock. */
	readonly sentAtMs: number;
	/** What it invites to is over then. */
	readonly untilMs: number;
	/** To come in and listen, or on stage as well: a seat is waiting there. */
	readonly place: 'room' | 'stage';
	/** The end of the room's link: its key, and for a locked room what stands behind it. */
	readonly access: string;
	readonly title: string;
	readonly fromName: string;
	/** Words of the writer's own; may be empty. */
	readonly note: string;
}

const VERSION = 1;
const SIGNING_DOMAIN = fromString('grapevine/letter/1');
/** What a letter is sealed for. */
export const LETTER_SEALING = fromString('grapevine/sealed-letter/1');
/** Version of the sealed form, and all its bytes: length, letter with signature, zeros; and what seals them. */
const SEALED_VERSION = 1;
export const SEALED_LETTER_BYTES = 1 + 2 + LETTER_BYTES_MAX + SEALING_EXTRA_BYTES;

/** The canonical bytes of a letter of ours; text in it is cut and cleaned. */
export function encodeLetter(letter: Letter): Uint8Array<ArrayBuffer> {
	const out = writer().u8(VERSION);
	writeKey(writeKey(out, letter.from), letter.to).bytes(fromHex(letter.id));
	out
		.u48(letter.sentAtMs)
		.u48(letter.untilMs)
		.u8(letter.place === 'stage' ? 2 : 1);
	out.text(cleanText(letter.access, ACCESS_TEXT_BYTES_MAX));
	out.text(cleanText(letter.title, TITLE_BYTES_MAX));
	out.text(cleanText(letter.fromName, NAME_BYTES_MAX));
	return out.text(cleanText(letter.note, NOTE_BYTES_MAX)).finish();
}

/** The message to sign. */
export function letterSigningBytes(unsigned: Uint8Array): Uint8Array {
	return concat(SIGNING_DOMAIN, unsigned);
}

/** What is to be sealed: the letter with its signature, as long as every other. */
export function padLetter(unsigned: Uint8Array, signature: Uint8Array): Uint8Array {
	const signed = concat(unsigned, signature);
	const padding = new Uint8Array(LETTER_BYTES_MAX - signed.length);
	return concat(writer().u16(signed.length).finish(), signed, padding);
}

/** What `padLetter` made one of; null for what is too short to be signed. */
export function unpadLetter(
	whole: Uint8Array
): { readonly unsigned: Uint8Array; readonly signature: Uint8Array } | null {
	const signed = reader(whole).blob(LETTER_BYTES_MAX);
	if (signed.length < SIGNATURE_BYTES) return null;
	return { unsigned: signed.slice(0, -SIGNATURE_BYTES), signature: signed.slice(-SIGNATURE_BYTES) };
}

/** A sealed letter as it travels. */
export const envelopLetter = (sealed: Uint8Array): Uint8Array =>
	concat(Uint8Array.of(SEALED_VERSION), sealed);

/** What is sealed in it; null for bytes that are no letter. */
export function sealedIn(enveloped: Uint8Array): Uint8Array | null {
	const isLetter = enveloped.length === SEALED_LETTER_BYTES && enveloped[0] === SEALED_VERSION;
	return isLetter ? enveloped.subarray(1) : null;
}

export interface LetterReading {
	readonly letter: Letter;
	/** What was signed: `Keys.verify(publicKeyOf(letter.from), signed, signature)`. */
	readonly signed: Uint8Array;
	readonly signature: Uint8Array;
}

/** Reads what was opened by `me`, without checking the signature. Null for what is no letter to them. Never throws. */
export function readLetter(whole: Uint8Array, me: PeerId): LetterReading | null {
	const parts = unpadLetter(whole);
	if (parts === null) return null;
	const { unsigned, signature } = parts;
	const letter = readUnsigned(reader(unsigned));
	if (letter?.to !== me || !sameBytes(encodeLetter(letter), unsigned)) return null;
	return { letter, signed: letterSigningBytes(unsigned), signature };
}

function readUnsigned(input: ByteReader): Letter | null {
	if (input.u8() !== VERSION) return null;
	const letter = {
		from: readKey(input),
		to: readKey(input),
		id: toHex(input.bytes(LETTER_ID_BYTES)) as LetterId,
		sentAtMs: input.u48(),
		untilMs: input.u48(),
		place: input.u8() === 2 ? ('stage' as const) : ('room' as const),
		access: input.text(ACCESS_TEXT_BYTES_MAX),
		title: input.text(TITLE_BYTES_MAX),
		fromName: input.text(NAME_BYTES_MAX),
		note: input.text(NOTE_BYTES_MAX)
	};
	return input.done() ? letter : null;
}
