/**
 * The envelope of an event: canonical bytes and one Ed25519 signature. There is exactly one spelling of
 * each event, so its id, the hash of those bytes, is its identity everywhere.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer, type ByteReader } from './bytes.ts';
import {
	codeOf,
	kindOf,
	PASSED_BY,
	readBody,
	writeBody,
	type RoomEvent,
	type UnsignedEvent
} from './event.ts';
import {
	concat,
	EVENT_ID_BYTES,
	fromHex,
	peerIdOf,
	PUBLIC_KEY_BYTES,
	ROOM_ID_BYTES,
	toHex,
	type EventId,
	type RoomId
} from './ids.ts';
import { ENVELOPE_BYTES_MAX } from './limits.ts';

export const SIGNATURE_BYTES = 64;
const VERSION = 1;
/** Version, room, author, sequence, Lamport time, kind. */
const HEAD_BYTES = 1 + ROOM_ID_BYTES + PUBLIC_KEY_BYTES + 4 + 6 + 1;
/** Keeps a signature over an event from being one over anything else this key signs. */
const SIGNING_DOMAIN = fromString('grapevine/event/1');

declare const verified: unique symbol;
/** A value whose signature was checked. */
export type Verified<T> = T & { readonly [verified]: true };

/**
 * Says that the signature was checked. To be called by nobody but the caller of `Keys.verify`, after it
 * said yes for the value's author, and by whoever just signed the value with its own key.
 */
export function markVerified<T>(value: T): Verified<T> {
	return value as Verified<T>;
}

export type EnvelopeProblem =
	/** Shorter than an empty event, or longer than ENVELOPE_BYTES_MAX. */
	| 'size'
	/** Of a version or a kind that we do not know. */
	| 'version'
	| 'kind'
	/** Cut off, something trailing, text too long or not clean, a number out of place. */
	| 'malformed';

export type EnvelopeReading =
	| {
			readonly ok: true;
			readonly event: RoomEvent;
			/** What was signed: `Keys.verify(event.authorKey, signingBytes(unsigned), signature)`. */
			readonly unsigned: Uint8Array;
			readonly signature: Uint8Array;
	  }
	| { readonly ok: false; readonly reason: EnvelopeProblem };

/** The canonical bytes of an event of ours; text in it is cut and cleaned. */
export function encodeUnsigned(event: UnsignedEvent): Uint8Array<ArrayBuffer> {
	const head = writer().u8(VERSION).bytes(fromHex(event.room)).bytes(event.authorKey);
	head.u32(event.sequence).u48(event.lamport).u8(codeOf(event.body.kind));
	return writeBody(head, event.body).finish();
}

/** The message to sign. */
export function signingBytes(unsigned: Uint8Array): Uint8Array {
	return concat(SIGNING_DOMAIN, unsigned);
}

/** First 16 bytes of SHA-256 of the unsigned bytes: the same whatever signature was found for them. */
export function eventIdOf(unsigned: Uint8Array): EventId {
	return toHex(sha256(unsigned).subarray(0, EVENT_ID_BYTES)) as EventId;
}

/** The envelope: unsigned bytes, then the 64-byte signature. */
export function seal(unsigned: Uint8Array, signature: Uint8Array): Uint8Array {
	return concat(unsigned, signature);
}

/** Reads an envelope without checking its signature. Keeps a copy, never the caller's buffer. Never throws. */
export function openEnvelope(envelope: Uint8Array): EnvelopeReading {
	const sized = envelope.length <= ENVELOPE_BYTES_MAX;
	if (!sized || envelope.length < HEAD_BYTES + SIGNATURE_BYTES)
		return { ok: false, reason: 'size' };
	const bytes = envelope.slice();
	const unsigned = bytes.subarray(0, -SIGNATURE_BYTES);
	const input = reader(unsigned);
	if (input.u8() !== VERSION) return { ok: false, reason: 'version' };
	const kind = kindOf(unsigned[HEAD_BYTES - 1] ?? 0);
	if (kind === undefined) return { ok: false, reason: 'kind' };
	const drafted = readUnsigned(input);
	if (drafted === null || !sameBytes(encodeUnsigned(drafted), unsigned)) {
		return { ok: false, reason: 'malformed' };
	}
	const author = peerIdOf(drafted.authorKey);
	const event: RoomEvent = { ...drafted, id: eventIdOf(unsigned), author, bytes };
	return { ok: true, event, unsigned, signature: bytes.subarray(-SIGNATURE_BYTES) };
}

function readUnsigned(input: ByteReader): UnsignedEvent | null {
	const room = toHex(input.bytes(ROOM_ID_BYTES)) as RoomId;
	const authorKey = input.bytes(PUBLIC_KEY_BYTES);
	const sequence = input.u32();
	const lamport = input.u48();
	const kind = kindOf(input.u8());
	if (kind === undefined) return null;
	const body = readBody(kind, input);
	const numbered = PASSED_BY.has(kind) ? sequence === 0 : sequence > 0 && lamport > 0;
	return numbered && input.done() ? { room, authorKey, sequence, lamport, body } : null;
}
