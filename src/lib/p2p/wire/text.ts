/** Text of strangers, made harmless: one line, no hidden characters that turn or mask what stands beside. */
import { fromString } from 'uint8arrays/from-string';
import { fromHex, toHex } from './ids.ts';
import { SEALED_TEXT_EXTRA_BYTES } from './limits.ts';

/** Controls and line ends. Cc is closed for good in Unicode, so that every peer judges alike. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/** Bidirectional overrides and isolates (UAX #9) and the byte order mark, which decoders treat differently. */
const HIDDEN = /[\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** No clean text begins so: behind it stands, in hex, a text that only members of a locked room can read. */
const SEALED = '\u0000';

/** A sealed text as it stands in place of a readable one. */
export const sealedText = (bytes: Uint8Array): string => SEALED + toHex(bytes);

/** The bytes of a sealed text; null for any other. */
export function sealedBytesOf(text: string): Uint8Array | null {
	return text.startsWith(SEALED) ? fromHex(text.slice(SEALED.length)) : null;
}

/** A sealed text as it may stand in an event: whole, or not at all. */
function cleanSealed(text: string, maxBytes: number): string {
	const hex = text.slice(SEALED.length);
	const isShort = hex.length <= 2 * (maxBytes + SEALED_TEXT_EXTRA_BYTES);
	return isShort && hex.length % 2 === 0 && /^[0-9a-f]+$/.test(hex) ? text : '';
}

/** `text` as it may stand in an event: trimmed, in one line, cut to `maxBytes` of UTF-8. Idempotent. */
export function cleanText(text: string, maxBytes: number): string {
	if (text.startsWith(SEALED)) return cleanSealed(text, maxBytes);
	const line = text.toWellFormed().replace(HIDDEN, '').replace(BREAKS, ' ').trim();
	let clean = '';
	let left = maxBytes;
	for (const letter of line) {
		left -= fromString(letter).length;
		if (left < 0) break;
		clean += letter;
	}
	return clean.trimEnd();
}

/** `link` as it may be pinned: a whole web address, or nothing; never cut, for a cut one leads elsewhere. */
export function cleanLink(link: string, maxBytes: number): string {
	if (link.startsWith(SEALED)) return cleanSealed(link, maxBytes);
	const clean = cleanText(link, Number.POSITIVE_INFINITY);
	const isShort = fromString(clean).length <= maxBytes;
	return isShort && /^https?:\/\/[^\s/]\S*$/.test(clean) ? clean : '';
}
