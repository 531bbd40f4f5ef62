/** Pieces of words, as the model counts them, and text made of them. */

/** Numbers the model gives to "begin" and "end": they are no text. */
export const BEGIN = 1;
export const END = 2;
/** How a piece begins that begins a word (U+2581). */
const WORD_BEGINS = '\u2581';

/** Pieces by number; null where it is no such list. */
export function readVocabulary(bytes: Uint8Array): readonly string[] | null {
	try {
		const pieces = JSON.parse(new TextDecoder().decode(bytes)) as unknown;
		const isList = Array.isArray(pieces) && pieces.every((piece) => typeof piece === 'string');
		return isList && pieces.length > END ? pieces : null;
	} catch {
		return null;
	}
}

/** Letters the vocabulary lacks come as their UTF-8 bytes, `<0xE2>`, one piece each. */
export function textOf(numbers: readonly number[], vocabulary: readonly string[]): string {
	const encoder = new TextEncoder();
	const bytes = numbers.flatMap((number) => {
		const piece = number <= END ? undefined : vocabulary[number];
		if (piece === undefined) return [];
		const byte = /^<0x([0-9A-F]{2})>$/.exec(piece);
		if (byte !== null) return [parseInt(byte[1] ?? '', 16)];
		return [...encoder.encode(piece.replaceAll(WORD_BEGINS, ' '))];
	});
	return new TextDecoder().decode(Uint8Array.from(bytes)).trim();
}

/** The end says the same over and over: a model that has lost its way. Four times, and at least eight pieces. */
export function goesInCircles(numbers: readonly number[]): boolean {
	for (let period = 1; period <= 8; period++) {
		const length = Math.max(8, 4 * period);
		if (numbers.length < length) continue;
		const tail = numbers.slice(-length);
		if (tail.slice(period).every((number, i) => number === tail[i])) return true;
	}
	return false;
}
