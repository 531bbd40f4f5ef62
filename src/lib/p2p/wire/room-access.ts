/**
 * What the link of a locked room holds behind its `#`, which no browser sends to any server: the secret, for those
 * who are to hear, or the pass, for those who only relay.
 */
import { fromString } from 'uint8arrays/from-string';
import { decodeChecked, encodeChecked } from './checked-text.ts';
import { concat, fromHex, type RoomId } from './ids.ts';

export interface Access {
	readonly kind: 'secret' | 'pass';
	/** ACCESS_BYTES. */
	readonly bytes: Uint8Array;
}

/** Nobody guesses 128 bits. */
export const ACCESS_BYTES = 16;
const CHECKSUM_DOMAIN = fromString('grapevine/room-access/1');
/** The first byte, by which a reader tells them apart. */
const KINDS = { secret: 1, pass: 2 } as const;
const LETTERS_MAX = 40;

/** 28 or 29 letters, with a checksum over the room as well: kind and 16 bytes. */
export function encodeAccess(room: RoomId, { kind, bytes }: Access): string {
	return encodeChecked(domainOf(room), concat(Uint8Array.of(KINDS[kind]), bytes));
}

/** Null for what is none, is damaged, or belongs to another room. Never throws. */
export function decodeAccess(room: RoomId, text: string): Access | null {
	const named = decodeChecked(domainOf(room), text, LETTERS_MAX);
	if (named?.length !== 1 + ACCESS_BYTES) return null;
	const bytes = named.slice(1);
	if (named[0] === KINDS.secret) return { kind: 'secret', bytes };
	return named[0] === KINDS.pass ? { kind: 'pass', bytes } : null;
}

const domainOf = (room: RoomId): Uint8Array => concat(CHECKSUM_DOMAIN, fromHex(room));
