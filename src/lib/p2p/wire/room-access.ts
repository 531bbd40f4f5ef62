/**
 * What the link of a locked room holds behind its `#`, which no browser sends to any server: the secret, for those
 * who are to hear, or the pass, for those who only relay.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { base58btc } from 'multiformats/bases/base58';
import { fromString } from 'uint8arrays/from-string';
import { sameBytes } from './bytes.ts';
import { concat, fromHex, type RoomId } from './ids.ts';

export interface Access {
	readonly kind: 'secret' | 'pass';
	/** ACCESS_BYTES. */
	readonly bytes: Uint8Array;
}

/** Nobody guesses 128 bits. */
export const ACCESS_BYTES = 16;
const CHECKSUM_BYTES = 4;
const CHECKSUM_DOMAIN = fromString('grapevine/room-access/1');
/** The first byte, by which a reader tells them apart. */
const KINDS = { secret: 1, pass: 2 } as const;
const LETTERS_MAX = 40;
const BASE58 = /^[1-9A-HJ-NP-Za-km-z]+$/;

/** 28 or 29 letters: base58btc of kind, 16 bytes, and the first 4 bytes of SHA-256(domain, room id, kind, bytes). */
export function encodeAccess(room: RoomId, { kind, bytes }: Access): string {
	const named = concat(Uint8Array.of(KINDS[kind]), bytes);
	return base58btc.baseEncode(concat(named, checksumOf(room, named)));
}

/** Null for what is none, is damaged, or belongs to another room. Never throws. */
export function decodeAccess(room: RoomId, text: string): Access | null {
	if (text.length > LETTERS_MAX || !BASE58.test(text)) return null;
	const all = base58btc.baseDecode(text);
	if (all.length !== 1 + ACCESS_BYTES + CHECKSUM_BYTES) return null;
	const named = all.subarray(0, -CHECKSUM_BYTES);
	if (!sameBytes(all.subarray(-CHECKSUM_BYTES), checksumOf(room, named))) return null;
	const bytes = named.slice(1);
	if (named[0] === KINDS.secret) return { kind: 'secret', bytes };
	return named[0] === KINDS.pass ? { kind: 'pass', bytes } : null;
}

function checksumOf(room: RoomId, named: Uint8Array): Uint8Array {
	return sha256(concat(CHECKSUM_DOMAIN, fromHex(room), named)).subarray(0, CHECKSUM_BYTES);
}
