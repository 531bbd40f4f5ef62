/**
 * A link to something that is handed out from peer to peer: what it is, who answers for it, and the secret without which
 * nobody finds those who have it. All of it stands behind the `#`, which no browser sends to any server.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { base58btc } from 'multiformats/bases/base58';
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer } from '../wire/bytes.ts';
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
const CHECKSUM_BYTES = 4;
const CHECKSUM_DOMAIN = fromString('grapevine/share-link/1');
const KEY_DOMAIN = fromString('grapevine/share-key/1');
const SHARE_KEY_BYTES = 20;
const LINK = /\/shared[^#\s]*#([1-9A-HJ-NP-Za-km-z]+)/;
const ALONE = /^[1-9A-HJ-NP-Za-km-z]+$/;
/** 73 bytes come to 100 letters at most; base58 costs the square of the length. */
const LETTERS_MAX = 110;

/** What stands behind the `#`: base58btc of version, id, key, secret, and a checksum. */
export function encodeShareLink({ id, hostKey, secret }: ShareLink): string {
	const body = writer().u8(VERSION).bytes(fromHex(id)).bytes(hostKey).bytes(secret).finish();
	return base58btc.baseEncode(concat(body, checksumOf(body)));
}

/** Reads a link, or what stands behind its `#` alone, with space around. Null for anything else. Never throws. */
export function parseShareLink(text: string): ShareLink | null {
	if (text.length > SHARE_TEXT_MAX) return null;
	const trimmed = text.trim();
	const letters = LINK.exec(trimmed)?.[1] ?? trimmed;
	if (letters.length > LETTERS_MAX || !ALONE.test(letters)) return null;
	const bytes = base58btc.baseDecode(letters);
	if (bytes.length <= CHECKSUM_BYTES) return null;
	const body = bytes.subarray(0, -CHECKSUM_BYTES);
	if (!sameBytes(bytes.subarray(-CHECKSUM_BYTES), checksumOf(body))) return null;
	const input = reader(body);
	if (input.u8() !== VERSION) return null;
	const id = toHex(input.bytes(RECORDING_ID_BYTES)) as RecordingId;
	const hostKey = input.bytes(PUBLIC_KEY_BYTES).slice();
	const secret = input.bytes(SHARE_SECRET_BYTES).slice();
	return input.done() ? { id, hostKey, secret } : null;
}

/** Where those who have it are announced; nobody finds it who has not seen the link. */
export function shareKeyOf({ id, hostKey, secret }: ShareLink): ShareKey {
	const whole = sha256(concat(KEY_DOMAIN, hostKey, fromHex(id), secret));
	return toHex(whole.subarray(0, SHARE_KEY_BYTES)) as ShareKey;
}

const checksumOf = (body: Uint8Array): Uint8Array =>
	sha256(concat(CHECKSUM_DOMAIN, body)).subarray(0, CHECKSUM_BYTES);
