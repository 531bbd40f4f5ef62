/**
 * A link to something that is handed out from peer to peer: what it is, who answers for it, and the secret without which
 * nobody finds those who have it. All of it stands behind the `#`, which no browser sends to any server.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { reader, writer } from '../wire/bytes.ts';
import { decodeChecked, encodeChecked } from '../wire/checked-text.ts';
import {
	concat,
	fromHex,
	PUBLIC_KEY_BYTES,
	RECORDING_ID_BYTES,
	toHex,
	type RecordingId,
	type ShareKey
} from '../wire/ids.ts';

/** Nobody guesses 128 bits. */
export const SHARE_SECRET_BYTES = 16;
/** UTF-16 units of pasted text in which a link is looked for: the longest that any browser makes. */
export const SHARE_TEXT_MAX = 2_048;

export interface ShareLink {
	readonly id: RecordingId;
	/** Raw Ed25519 public key of who hands it out, and signs the manifest. */
	readonly hostKey: Uint8Array;
	/** SHARE_SECRET_BYTES. */
	readonly secret: Uint8Array;
}

const VERSION = 1;
const CHECKSUM_DOMAIN = fromString('grapevine/share-link/1');
const KEY_DOMAIN = fromString('grapevine/share-key/1');
const SHARE_KEY_BYTES = 20;
/** What every one of them has. */
const SHARED = /\/shared[^#\s]*#/;
const LINK = /\/shared[^#\s]*#([1-9A-HJ-NP-Za-km-z]+)/;
/** 73 bytes come to 100 letters at most. */
const LETTERS_MAX = 110;

/** What stands behind the `#`: version, id, key and secret, as letters with a checksum. */
export function encodeShareLink({ id, hostKey, secret }: ShareLink): string {
	const body = writer().u8(VERSION).bytes(fromHex(id)).bytes(hostKey).bytes(secret).finish();
	return encodeChecked(CHECKSUM_DOMAIN, body);
}

/** Reads a link, or what stands behind its `#` alone, with space around. Null for anything else. Never throws. */
export function parseShareLink(text: string): ShareLink | null {
	if (text.length > SHARE_TEXT_MAX) return null;
	const trimmed = text.trim();
	const letters = LINK.exec(trimmed)?.[1] ?? trimmed;
	const body = decodeChecked(CHECKSUM_DOMAIN, letters, LETTERS_MAX);
	if (body === null) return null;
	const input = reader(body);
	if (input.u8() !== VERSION) return null;
	const id = toHex(input.bytes(RECORDING_ID_BYTES)) as RecordingId;
	const hostKey = input.bytes(PUBLIC_KEY_BYTES).slice();
	const secret = input.bytes(SHARE_SECRET_BYTES).slice();
	return input.done() ? { id, hostKey, secret } : null;
}

/** Whether somebody who wrote this meant such a link, whole or not. */
export const meansShareLink = (text: string): boolean => SHARED.test(text);

/** Where those who have it are announced; nobody finds it who has not seen the link. */
export function shareKeyOf({ id, hostKey, secret }: ShareLink): ShareKey {
	const whole = sha256(concat(KEY_DOMAIN, hostKey, fromHex(id), secret));
	return toHex(whole.subarray(0, SHARE_KEY_BYTES)) as ShareKey;
}
