/**
 * A card: how people give themselves to each other, as a link or a QR code. It holds a person's key, a name, and the
 * secret that says under which key of the directory that person is reached.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { reader, writer } from './bytes.ts';
import { decodeChecked, encodeChecked } from './checked-text.ts';
import { concat, publicKeyOf, toHex, type PeerId, type ReachKey } from './ids.ts';
import { CARD_TEXT_MAX, NAME_BYTES_MAX } from './limits.ts';
import { readKey, writeKey } from './parts.ts';
import { cleanText } from './text.ts';

/** Nobody guesses 128 bits. */
export const REACH_SECRET_BYTES = 16;

export interface Card {
	readonly peer: PeerId;
	/** What they call themselves. */
	readonly name: string;
	/** REACH_SECRET_BYTES. */
	readonly secret: Uint8Array;
}

const VERSION = 1;
const CHECKSUM_DOMAIN = fromString('grapevine/card/1');
const SECRET_DOMAIN = fromString('grapevine/reach-secret/1');
const KEY_DOMAIN = fromString('grapevine/reach-key/1');
const REACH_KEY_BYTES = 20;
/** A card in a link, wherever that was copied from, or by itself. */
const LINK = /\/people[^#\s]*#([1-9A-HJ-NP-Za-km-z]+)/;

/** Everybody's secret grows from their key: whoever takes their key along keeps their cards valid. */
export function reachSecretOf(keySeed: Uint8Array): Uint8Array {
	return sha256(concat(SECRET_DOMAIN, keySeed)).slice(0, REACH_SECRET_BYTES);
}

/** Where the owner of a card is announced in the directory; nobody finds it who has not seen the card. */
export function reachKeyOf({ peer, secret }: Pick<Card, 'peer' | 'secret'>): ReachKey {
	const key = publicKeyOf(peer) ?? new Uint8Array(0);
	return toHex(sha256(concat(KEY_DOMAIN, key, secret)).subarray(0, REACH_KEY_BYTES)) as ReachKey;
}

/** Version, key, secret and name, as letters with a checksum. */
export function encodeCard({ peer, name, secret }: Card): string {
	const out = writeKey(writer().u8(VERSION), peer).bytes(secret);
	const body = out.text(cleanText(name, NAME_BYTES_MAX)).finish();
	return encodeChecked(CHECKSUM_DOMAIN, body);
}

/** Reads a card, or a link with one in it, with space around. Null for anything else. Never throws. */
export function parseCard(text: string): Card | null {
	if (text.length > CARD_TEXT_MAX) return null;
	const trimmed = text.trim();
	const letters = LINK.exec(trimmed)?.[1] ?? trimmed;
	const body = decodeChecked(CHECKSUM_DOMAIN, letters, CARD_TEXT_MAX);
	if (body === null) return null;
	const input = reader(body);
	if (input.u8() !== VERSION) return null;
	const peer = readKey(input);
	const secret = input.bytes(REACH_SECRET_BYTES).slice();
	const name = input.text(NAME_BYTES_MAX);
	return input.done() && cleanText(name, NAME_BYTES_MAX) === name ? { peer, name, secret } : null;
}
