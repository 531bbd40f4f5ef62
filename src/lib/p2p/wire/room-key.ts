/**
 * The room key: the one short text that names a room and can be checked by whoever holds it. Reading one
 * tells exactly what is wrong with it, because people copy keys by hand, by halves and with neighbours.
 */
import { fromString } from 'uint8arrays/from-string';
import { decodeChecked, encodeChecked } from './checked-text.ts';
import { concat, fromHex, ROOM_ID_BYTES, toHex, type RoomId } from './ids.ts';
import { ROOM_KEY_TEXT_MAX } from './limits.ts';
import { decodeAccess, type Access } from './room-access.ts';

/** Makes every key begin with G, and have the same length. */
const VERSION = 38;
const FIRST_LETTER = 'G';
/** 25 bytes that begin with 38 always come to this many base58 letters. */
const LETTERS = 34;
/** Base58 leaves these out because they look like others: whoever types a key types them. */
const LOOKALIKES = '0OIl';
/** A text with any other strange character is a mistyped key only if it has one, and about the length. */
const LETTERS_SLACK = 4;
const CHECKSUM_DOMAIN = fromString('grapevine/room-key/1');

const NOT_BASE58 = /[^1-9A-HJ-NP-Za-km-z]/u;
/** What clings to copied text: space, invisible characters, quotes, brackets, the end of a sentence. */
const CLINGING_BEFORE = /^[\s\p{Cf}\p{P}<>`]+/u;
const CLINGING = /[\s\p{Cf}\p{P}<>`]/u;
/** Ours, wherever it was copied from: the key follows. */
const LINK =
	/(?:\/r(?:\/|$)|web\+grapevine:(?:\/\/)?)([^\s/?#]*)(?:[^\s#]*#([1-9A-HJ-NP-Za-km-z]{12,40})(?![1-9A-HJ-NP-Za-km-z]))?/i;
/** A key alone, with what stands behind it. */
const KEY_AND_ACCESS = /^([^\s#/]+)#([1-9A-HJ-NP-Za-km-z]{12,40})$/;
const ANY_LINK = /^(?:[a-z][a-z0-9+.-]*:\/\/|\S+\.\S+\/)/i;

export type RoomKeyProblem =
	| { readonly ok: false; readonly reason: 'empty' }
	/** A character that no key contains; `place` counts from 1. The letters 0, O, I and l are left out of keys. */
	| {
			readonly ok: false;
			readonly reason: 'bad-letter';
			readonly letter: string;
			readonly place: number;
	  }
	| { readonly ok: false; readonly reason: 'too-short'; readonly missing: number }
	| { readonly ok: false; readonly reason: 'too-long'; readonly extra: number }
	/** Right in length, but at least one letter is another than it was. */
	| { readonly ok: false; readonly reason: 'checksum' }
	/** A sound key of a version that we do not know. */
	| { readonly ok: false; readonly reason: 'newer-version'; readonly version: number }
	/** No room key at all, and what it seems to be. */
	| {
			readonly ok: false;
			readonly reason: 'foreign';
			readonly looksLike: 'peer-id' | 'link' | 'text';
	  };

const FOREIGN_LINK: RoomKeyProblem = { ok: false, reason: 'foreign', looksLike: 'link' };

export type RoomKeyReading =
	/** `access`: what a locked room's link holds besides. */
	{ readonly ok: true; readonly room: RoomId; readonly access?: Access } | RoomKeyProblem;

/** 34 letters: version byte 38 and the 20-byte room id, with a checksum. */
export function encodeRoomKey(room: RoomId): string {
	return encodeChecked(CHECKSUM_DOMAIN, concat(Uint8Array.of(VERSION), fromHex(room)));
}

/**
 * Reads a key, `web+grapevine:<key>`, or a link of any origin with `/r/<key>` in it, with whatever clings
 * to it, also in the middle of a message. Never throws.
 */
export function parseRoomKey(text: string): RoomKeyReading {
	if (text.length > ROOM_KEY_TEXT_MAX) return { ok: false, reason: 'foreign', looksLike: 'text' };
	const trimmed = trim(text);
	if (trimmed === '') return { ok: false, reason: 'empty' };
	const [, linked, behind] = LINK.exec(trimmed) ?? [];
	if (linked === undefined) {
		const [, bare = trimmed, access] = KEY_AND_ACCESS.exec(trimmed) ?? [];
		return ANY_LINK.test(trimmed) ? FOREIGN_LINK : withAccess(readKey(bare), access);
	}
	const reading = readKey(trim(linked));
	return !reading.ok && reading.reason === 'foreign' ? FOREIGN_LINK : withAccess(reading, behind);
}

/** What stands behind the `#` is whole, or the link was damaged there. */
function withAccess(reading: RoomKeyReading, behind: string | undefined): RoomKeyReading {
	if (!reading.ok || behind === undefined) return reading;
	const access = decodeAccess(reading.room, behind);
	return access === null ? { ok: false, reason: 'checksum' } : { ...reading, access };
}

/** From the end by hand: a pattern anchored there would look from every character of a long text. */
function trim(text: string): string {
	const letters = Array.from(text.replace(CLINGING_BEFORE, ''));
	while (letters.length > 0 && CLINGING.test(letters.at(-1) ?? '')) letters.pop();
	return letters.join('');
}

function readKey(key: string): RoomKeyReading {
	const body = decode(key);
	if (body !== null) return readChecked(body);
	if (key === '') return { ok: false, reason: 'too-short', missing: LETTERS };
	if (!key.startsWith(FIRST_LETTER)) return readHeadless(key);
	return badLetterIn(key) ?? wrongLength(key) ?? { ok: false, reason: 'checksum' };
}

/** What has the right checksum: every version keeps version byte, content and checksum in this order. */
function readChecked(body: Uint8Array): RoomKeyReading {
	const version = body[0] ?? 0;
	const content = body.subarray(1);
	if (version !== VERSION || content.length !== ROOM_ID_BYTES) {
		return { ok: false, reason: 'newer-version', version };
	}
	return { ok: true, room: toHex(content) as RoomId };
}

/** A key whose first letter was lost or changed is still told from something else: the rest checks. */
function readHeadless(key: string): RoomKeyProblem {
	if (isKey(FIRST_LETTER + key)) return { ok: false, reason: 'too-short', missing: 1 };
	if (isKey(FIRST_LETTER + key.slice(1))) {
		return badLetterIn(key) ?? { ok: false, reason: 'checksum' };
	}
	const looksLike = /^(?:12D3KooW|Qm|16Uiu2)/.test(key) ? 'peer-id' : 'text';
	return { ok: false, reason: 'foreign', looksLike };
}

function isKey(text: string): boolean {
	const body = decode(text);
	return body !== null && readChecked(body).ok;
}

/** The first letter that no key contains, in what is otherwise likely to be a key. */
function badLetterIn(key: string): RoomKeyProblem | null {
	const letters = Array.from(key);
	const at = letters.findIndex((letter) => NOT_BASE58.test(letter));
	const letter = letters[at];
	if (letter === undefined) return null;
	const strange = letters.filter((one) => NOT_BASE58.test(one) && !LOOKALIKES.includes(one));
	const likeAKey = Math.abs(letters.length - LETTERS) <= LETTERS_SLACK;
	if (strange.length > 1 || (strange.length === 1 && !likeAKey)) {
		return { ok: false, reason: 'foreign', looksLike: 'text' };
	}
	return { ok: false, reason: 'bad-letter', letter, place: at + 1 };
}

function wrongLength(key: string): RoomKeyProblem | null {
	const extra = key.length - LETTERS;
	if (extra < 0) return { ok: false, reason: 'too-short', missing: -extra };
	return extra > 0 ? { ok: false, reason: 'too-long', extra } : null;
}

/** Version and content; null for what has no such checksum, or is far too long for a key. */
function decode(key: string): Uint8Array | null {
	const body = decodeChecked(CHECKSUM_DOMAIN, key, 4 * LETTERS);
	return body !== null && body.length > 1 ? body : null;
}
