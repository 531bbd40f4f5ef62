/**
 * What can happen in a room: the kinds of signed events and the bytes of their bodies. A kind's number is
 * never given to another; unknown numbers are dropped, so old apps survive new kinds.
 */
import { isActKind, readAct, writeAct, type ActBody } from './act.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { readCaption, writeCaption, type Caption } from './caption.ts';
import { readChatBody, writeChatBody, type ChatBody } from './chat.ts';
import type { EventId, PeerId, RoomId } from './ids.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from './limits.ts';
import {
	flag,
	readFlag,
	readId,
	readIdOrNone,
	readKey,
	writeId,
	writeIdOrNone,
	writeKey
} from './parts.ts';
import { readReactionCode } from './reaction.ts';
import { CONSENTS, readConsent, type Consent } from './recording.ts';
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
	/** Leave for `to` to take a seat once. */
	| { readonly kind: 'invite'; readonly to: PeerId }
	/** Turns down that invitation, and every earlier one of the same person. */
	| { readonly kind: 'decline'; readonly invite: EventId }
	/** Takes a seat, muted. Null for the host, who needs no invitation. */
	| { readonly kind: 'sit'; readonly invite: EventId | null; readonly name: string }
	/** Leaves the seat that `sit` gave. */
	| { readonly kind: 'stand'; readonly sit: EventId }
	/** Opens or mutes the microphone of the seat that `sit` gave. */
	| { readonly kind: 'mic'; readonly sit: EventId; readonly open: boolean }
	/** Takes somebody's microphone back: frees the seat, and takes back every earlier invitation of that person. */
	| { readonly kind: 'unseat'; readonly sit: EventId }
	/** What the author agrees to have recorded of itself. */
	| { readonly kind: 'consent'; readonly answer: Consent }
	| ActBody
	/** "I listen": sequence 0, no event of the log, shown only. */
	| { readonly kind: 'here'; readonly name: string }
	/** A reaction, below REACTION_CODES_MAX: sequence 0, no event of the log, shown and forgotten. */
	| { readonly kind: 'react'; readonly code: number }
	/** Words for a phrase of the author's own voice: sequence 0, no event of the log, shown and forgotten. */
	| ({ readonly kind: 'caption' } & Caption)
	/** Chat: sequence 0, no event of the log, remembered for as long as there is room. */
	| ChatBody;

export type EventKind = EventBody['kind'];

/** Shown and passed on, and never a part of the log. */
export const PASSED_BY: ReadonlySet<EventKind> = new Set<EventKind>([
	'here',
	'react',
	'caption',
	'say',
	'unsay'
]);

export type BodyOf<K extends EventKind> = Extract<EventBody, { readonly kind: K }>;

/** An event as its author drafts it. */
export interface UnsignedEvent {
	readonly room: RoomId;
	/** Raw Ed25519 public key, 32 bytes. */
	readonly authorKey: Uint8Array;
	/** Counts an author's events in one room from 1, u32; 0 in those of PASSED_BY alone. */
	readonly sequence: number;
	/** Lamport time, u48, from 1 (any in `here`; in others of PASSED_BY the author's clock, epoch ms). */
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
	'name-cohost': 10,
	'unname-cohost': 11,
	speakers: 12,
	lower: 13,
	clear: 14,
	queue: 15,
	mute: 16,
	'mute-all': 17,
	floor: 18,
	remove: 19,
	readmit: 20,
	pin: 21,
	unpin: 22,
	settings: 23,
	end: 24,
	lock: 25,
	door: 26,
	captions: 27,
	recording: 28,
	consent: 29,
	chat: 31,
	here: 128,
	react: 129,
	caption: 130,
	say: 131,
	unsay: 132
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
	if (isAct(body)) return writeAct(out, body);
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
			return writeKey(out, body.to);
		case 'decline':
			return writeId(out, body.invite);
		case 'sit':
			return writeIdOrNone(out, body.invite).text(cleanText(body.name, NAME_BYTES_MAX));
		case 'stand':
		case 'unseat':
			return writeId(out, body.sit);
		case 'mic':
			return writeId(out, body.sit).u8(flag(body.open));
		case 'consent':
			return out.u8(CONSENTS.indexOf(body.answer));
		case 'react':
			return out.u8(body.code);
		case 'caption':
			return writeCaption(out, body);
		case 'say':
		case 'unsay':
			return writeChatBody(out, body);
	}
}

/** Lenient where writing is strict: the envelope compares what was read, written again, with the input. */
export function readBody(kind: EventKind, input: ByteReader): EventBody {
	if (isActKind(kind)) return readAct(kind, input);
	switch (kind) {
		case 'open':
			return {
				kind,
				nonce: input.bytes(NONCE_BYTES),
				title: input.sealable(TITLE_BYTES_MAX),
				hostName: input.sealable(NAME_BYTES_MAX),
				createdAtMs: input.u48()
			};
		case 'ask':
		case 'here':
			return { kind, name: input.sealable(NAME_BYTES_MAX) };
		case 'unask':
			return { kind };
		case 'invite':
			return { kind, to: readKey(input) };
		case 'decline':
			return { kind, invite: readId(input) };
		case 'sit':
			return { kind, invite: readIdOrNone(input), name: input.sealable(NAME_BYTES_MAX) };
		case 'stand':
		case 'unseat':
			return { kind, sit: readId(input) };
		case 'mic':
			return { kind, sit: readId(input), open: readFlag(input) };
		case 'consent':
			return { kind, answer: readConsent(input) };
		case 'react':
			return { kind, code: readReactionCode(input) };
		case 'caption':
			return { kind, ...readCaption(input) };
		case 'say':
		case 'unsay':
			return readChatBody(kind, input);
	}
}

const isAct = (body: EventBody): body is ActBody => isActKind(body.kind);
