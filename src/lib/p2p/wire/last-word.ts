/** What comes last on the control channel of a link that is closed: whoever has it has all that was said before. */

/** No version: it stays what it is in all of them. */
const LAST_WORD = 0;

export const lastWord = (): Uint8Array<ArrayBuffer> => Uint8Array.of(LAST_WORD);

export const isLastWord = (bytes: Uint8Array): boolean =>
	bytes.length === 1 && bytes[0] === LAST_WORD;
