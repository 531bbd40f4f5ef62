/**
 * What can happen in a room: the kinds of signed events and the bytes of their bodies. A kind's number is
 * never given to another; unknown numbers are dropped, so old apps survive new kinds.
 */
import type { ByteReader, ByteWriter } from './bytes.ts';
import {
	EVENT_ID_BYTES,
	fromHex,
	peerIdOf,
	PUBLIC_KEY_BYTES,
	publicKeyOf,
	toHex,
	type EventId,
	type PeerId,
	type RoomId
} from './ids.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from './limits.ts';
import { cleanText } from './text.ts';

export const NONCE_BYTES = 8;

export type EventBody =
	/** The first event of a room, sequence and Lamport time 1; author and nonce hash to the room's id. */
	| {
			readonly kind: 'open';
			/** NONCE_BYTES of chance, so that one host has many rooms. */
			readonly nonce: Uint8Array;
			/** At most TITLE_BYTES_MAX. */
			readonly title: string;
			readonly hostName: string;
			/** By the host's clock; shown, never compared. */
			readonly createdAtMs: number;
	  }
	/** Raises the hand. */
	| { readonly kind: 'ask'; readonly name: string }
	/** Lowers the hand. */
	| { readonly kind: 'unask' }
	/** The host's leave for `to` to take a seat once. */
	| { readonly kind: 'invite'; readonly to: PeerId }
	/** Turns down that invitation, and every earlier one of the same person. */
	| { readonly kind: 'decline'; readonly invite: EventId }
	/** Takes a seat, muted. Null for the host, who needs no invitation. */
	| { readonly kind: 'sit'; readonly invite: EventId | null; readonly name: string }
	/** Leaves the seat that `sit` gave. */
	| { readonly kind: 'stand'; readonly sit: EventId }
	/** Opens or mutes the microphone of the seat that `sit` gave. */
	| { readonly kind: 'mic'; readonly sit: EventId; readonly open: boolean }
	/** The host frees somebody's seat and takes back every earlier invitation of that person. */
	| { readonly kind: 'unseat'; readonly sit: EventId }
	/** "I listen": sequence 0, no event of the log, shown only. */
	| { readonly kind: 'here'; readonly name: string };

export type EventKind = EventBody['kind'];
export type BodyOf<K extends EventKind> = Extract<EventBody, { readonly kind: K }>;

/** An event as its author drafts it. */
export interface UnsignedEvent {
	readonly room: RoomId;
	/** Raw Ed25519 public key, 32 bytes. */
	readonly authorKey: Uint8Array;
	/** Counts an author's events in one room from 1, u32; 0 for `here` alone. */
	readonly sequence: number;
	/** Lamport time, u48, from 1 (any in `here`). */
	readonly lamport: number;
	readonly body: EventBody;
}

/** What reading an envelope adds to an event. */
export interface ReadEvent extends UnsignedEvent {
	readonly id: EventId;
	readonly author: PeerId;
	/** The whole envelope, to be passed on byte for byte. */
	readonly bytes: Uint8Array;
}

/** An event as read from an envelope, of kind `K` where that is known. */
export type RoomEvent<K extends EventKind = EventKind> = ReadEvent & { readonly body: BodyOf<K> };

export function isKind<E extends RoomEvent, K extends EventKind>(
	event: E,
	kind: K
): event is E & RoomEvent<K> {
	return event.body.kind === kind;
}

const KIND_CODES: Readonly<Record<EventKind, number>> = {
	open: 1,
	ask: 2,
	unask: 3,
	invite: 4,
	decline: 5,
	sit: 6,
	stand: 7,
	mic: 8,
	unseat: 9,
	here: 128
};
const KINDS = new Map(Object.entries(KIND_CODES).map(([kind, code]) => [code, kind as EventKind]));

export function codeOf(kind: EventKind): number {
	return KIND_CODES[kind];
}

/** Undefined for a code of a later version. */
export function kindOf(code: number): EventKind | undefined {
	return KINDS.get(code);
}

/** Text is written as `cleanText` leaves it, so that what we draft is never refused for its letters. */
export function writeBody(out: ByteWriter, body: EventBody): ByteWriter {
	switch (body.kind) {
		case 'open':
			out.bytes(body.nonce).text(cleanText(body.title, TITLE_BYTES_MAX));
			return out.text(cleanText(body.hostName, NAME_BYTES_MAX)).u48(body.createdAtMs);
		case 'ask':
		case 'here':
			return out.text(cleanText(body.name, NAME_BYTES_MAX));
		case 'unask':
			return out;
		case 'invite':
			return out.bytes(keyOf(body.to));
		case 'decline':
			return out.bytes(fromHex(body.invite));
		case 'sit':
			return writeIdOrNone(out, body.invite).text(cleanText(body.name, NAME_BYTES_MAX));
		case 'stand':
		case 'unseat':
			return out.bytes(fromHex(body.sit));
		case 'mic':
			return out.bytes(fromHex(body.sit)).u8(body.open ? 1 : 0);
	}
}

/** Lenient where writing is strict: the envelope compares what was read, written again, with the input. */
export function readBody(kind: EventKind, input: ByteReader): EventBody {
	switch (kind) {
		case 'open':
			return {
				kind,
				nonce: input.bytes(NONCE_BYTES),
				title: input.text(TITLE_BYTES_MAX),
				hostName: input.text(NAME_BYTES_MAX),
				createdAtMs: input.u48()
			};
		case 'ask':
		case 'here':
			return { kind, name: input.text(NAME_BYTES_MAX) };
		case 'unask':
			return { kind };
		case 'invite':
			return { kind, to: peerIdOf(input.bytes(PUBLIC_KEY_BYTES)) };
		case 'decline':
			return { kind, invite: readId(input) };
		case 'sit':
			return { kind, invite: readIdOrNone(input), name: input.text(NAME_BYTES_MAX) };
		case 'stand':
		case 'unseat':
			return { kind, sit: readId(input) };
		case 'mic':
			return { kind, sit: readId(input), open: input.u8() === 1 };
	}
}

/** No event has this id: it would take 2^128 tries. */
const NONE = '0'.repeat(2 * EVENT_ID_BYTES);

function writeIdOrNone(out: ByteWriter, id: EventId | null): ByteWriter {
	return out.bytes(fromHex(id ?? NONE));
}

function readIdOrNone(input: ByteReader): EventId | null {
	const id = readId(input);
	return id === NONE ? null : id;
}

function readId(input: ByteReader): EventId {
	return toHex(input.bytes(EVENT_ID_BYTES)) as EventId;
}

function keyOf(peer: PeerId): Uint8Array {
	const key = publicKeyOf(peer);
	if (key === null) throw new TypeError(`No peer id: ${peer}`);
	return key;
}
