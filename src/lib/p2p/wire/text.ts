/** Text of strangers, made harmless: one line, no hidden characters that turn or mask what stands beside. */
import { fromString } from 'uint8arrays/from-string';

/** Controls and line ends. Cc is closed for good in Unicode, so that every peer judges alike. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/** Bidirectional overrides and isolates (UAX #9) and the byte order mark, which decoders treat differently. */
const HIDDEN = /[\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** `text` as it may stand in an event: trimmed, in one line, cut to `maxBytes` of UTF-8. Idempotent. */
export function cleanText(text: string, maxBytes: number): string {
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
	const clean = cleanText(link, Number.POSITIVE_INFINITY);
	const isShort = fromString(clean).length <= maxBytes;
	return isShort && /^https?:\/\/[^\s/]\S*$/.test(clean) ? clean : '';
}
