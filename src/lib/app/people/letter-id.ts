/** Ids of what people write to each other under seal: letters and notices. */
import { LETTER_ID_BYTES } from '#lib/p2p/letter/letter.ts';
import { toHex, type LetterId } from '#lib/p2p/wire/ids.ts';
import { hexIn } from '../json-record.ts';

/** Made by chance: what comes twice is one. */
export const newLetterId = (): LetterId =>
	toHex(crypto.getRandomValues(new Uint8Array(LETTER_ID_BYTES))) as LetterId;

/** As it was kept; null for what is none. */
export const letterIdIn = (value: unknown): LetterId | null =>
	hexIn(value, LETTER_ID_BYTES) as LetterId | null;
