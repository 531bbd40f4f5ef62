/**
 * Acts: what the host, and co-hosts within what the host lets them, decide in a room. Kinds and bodies of
 * their events; the numbers of the kinds stand in `event.ts`.
 */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { fromHex, STREAM_ID_BYTES, toHex, type EventId, type IdHead, type PeerId } from './ids.ts';
import {
	END_WORDS_BYTES_MAX,
	LANGUAGE_BYTES_MAX,
	LINK_BYTES_MAX,
	PIN_TEXT_BYTES_MAX,
	PROOF_OF_ACCESS_BYTES,
	QUEUE_HANDS_MAX,
	TITLE_BYTES_MAX,
	TOPIC_BYTES_MAX,
	TOPICS_MAX
} from './limits.ts';
import { flag, readFlag, readId, readKey, writeId, writeKey } from './parts.ts';
import { readRecordingState, RECORDING_STATES, type RecordingState } from './recording.ts';
import { cleanLink, cleanText } from './text.ts';

/** What a certificate lets its holder do; everything but naming co-hosts and ending the room. */
export type Power =
	/** Invite, take seats back, answer hands, say who may speak. */
	| 'stage'
	/** Mute, and hold the floor. */
	| 'sound'
	/** Remove, block and readmit; lock the room, and let in at its door. */
	| 'people'
	/** Settings and pins. */
	| 'room';

/** In the order of their bits, the lowest first; bits of later versions are carried and mean nothing here. */
export const POWERS: readonly Power[] = ['stage', 'sound', 'people', 'room'];
/** Every power there is. */
export const SCOPE_ALL = 2 ** POWERS.length - 1;

export function hasPower(scope: number, power: Power): boolean {
	return (scope & (1 << POWERS.indexOf(power))) !== 0;
}

export function scopeOf(powers: readonly Power[]): number {
	return powers.reduce((scope, power) => scope | (1 << POWERS.indexOf(power)), 0);
}

/** Of who is out. */
export const OUT_DIGEST_BYTES = 8;
/** A key for texts (48 bytes) and what seals it. */
const SEALED_TEXT_KEY_BYTES_MAX = 64;

/** Who gets on stage: those the host or a co-host invites; besides, whom the host follows; or whoever raises a hand. */
export type Speakers = 'invited' | 'followed' | 'everyone';
/** In the order of their codes, the narrowest first. */
export const SPEAKERS: readonly Speakers[] = ['invited', 'followed', 'everyone'];

/** What the room tells of itself. */
export interface Settings {
	/** At most TITLE_BYTES_MAX. */
	readonly title: string;
	/** To be shown in lobbies; what is not listed is found by its key alone. */
	readonly listed: boolean;
	/** BCP 47, at most LANGUAGE_BYTES_MAX; empty where it is not said. */
	readonly language: string;
	/** At most TOPICS_MAX of TOPIC_BYTES_MAX each, none empty. */
	readonly topics: readonly string[];
}

export type ActBody =
	/**
	 * The certificate of a co-host, of the host's own hand. It covers acts of later Lamport time than its own whose
	 * sequence number is at most `through`: what its holder has signed, nobody's clock, makes it expire. `untilMs` is
	 * the host's word on when its app will take it back, and its holder's app stop.
	 */
	| {
			readonly kind: 'name-cohost';
			readonly to: PeerId;
			/** Bits of POWERS, u16. */
			readonly scope: number;
			/** u32. */
			readonly through: number;
			/** Epoch ms by the host's clock, u48; 0 where no time is set. */
			readonly untilMs: number;
	  }
	/** Takes every certificate of `who` back. Of its acts those up to sequence number `seen` go on to count: 0, none. */
	| { readonly kind: 'unname-cohost'; readonly who: PeerId; readonly seen: number }
	| { readonly kind: 'speakers'; readonly who: Speakers }
	/** Lowers the hand of `who`, raised up to now. */
	| { readonly kind: 'lower'; readonly who: PeerId }
	/** Lowers all hands raised up to now. */
	| { readonly kind: 'clear' }
	/** The order of hands as its author saw them come, the first first: at most QUEUE_HANDS_MAX. */
	| { readonly kind: 'queue'; readonly hands: readonly IdHead[] }
	/** Closes the microphone of the seat that `sit` gave. */
	| { readonly kind: 'mute'; readonly sit: EventId }
	/** Closes every microphone of lower rank. */
	| { readonly kind: 'mute-all' }
	/** While the floor is held no muted speaker can unmute but the host and co-hosts. */
	| { readonly kind: 'floor'; readonly held: boolean }
	/** Puts `who` out of the room. A block also says that later rooms of this host will begin with the same. */
	| { readonly kind: 'remove'; readonly who: PeerId; readonly block: boolean }
	/** Lets `who` in again, removed or blocked. */
	| { readonly kind: 'readmit'; readonly who: PeerId }
	/** A short note, a link, or both: at most PIN_TEXT_BYTES_MAX and LINK_BYTES_MAX. */
	| { readonly kind: 'pin'; readonly text: string; readonly link: string }
	| { readonly kind: 'unpin'; readonly pin: EventId }
	| ({ readonly kind: 'settings' } & Settings)
	/**
	 * The room is locked: from now on its sound is sealed with the key of this epoch, and what its events tell in
	 * words as well.
	 */
	| {
			readonly kind: 'lock';
			/** Counts from 1, u32. */
			readonly epoch: number;
			/** By what its key is known, PROOF_OF_ACCESS_BYTES as hex. */
			readonly check: string;
			/** Who is out and does not get the key: a digest, 8 bytes as hex. */
			readonly out: string;
			/** The epoch before, 0 where there is none, u32; and the key of its texts, for those who have this one's. */
			readonly before: number;
			readonly texts: Uint8Array;
	  }
	/** While the door is closed who comes waits until the host lets them in, or somebody who may remove. */
	| { readonly kind: 'door'; readonly closed: boolean }
	/** Speakers' apps are asked to put into words what is said, for all to read. */
	| { readonly kind: 'captions'; readonly on: boolean }
	/** Whether people may write beside the sound. */
	| { readonly kind: 'chat'; readonly on: boolean }
	/** Whether the host records what is said, and whether it keeps that beyond its day. */
	| { readonly kind: 'recording'; readonly state: RecordingState; readonly kept: boolean }
	/** The end of the room, for good, with a last message of at most END_WORDS_BYTES_MAX. */
	| { readonly kind: 'end'; readonly words: string };

export type ActKind = ActBody['kind'];

const ACT_KINDS: Readonly<Record<ActKind, true>> = {
	'name-cohost': true,
	'unname-cohost': true,
	speakers: true,
	lower: true,
	clear: true,
	queue: true,
	mute: true,
	'mute-all': true,
	floor: true,
	remove: true,
	readmit: true,
	pin: true,
	unpin: true,
	settings: true,
	lock: true,
	door: true,
	captions: true,
	chat: true,
	recording: true,
	end: true
};

export function isActKind(kind: string): kind is ActKind {
	return Object.hasOwn(ACT_KINDS, kind);
}

export function writeAct(out: ByteWriter, body: ActBody): ByteWriter {
	switch (body.kind) {
		case 'name-cohost':
			return writeKey(out, body.to).u16(body.scope).u32(body.through).u48(body.untilMs);
		case 'unname-cohost':
			return writeKey(out, body.who).u32(body.seen);
		case 'speakers':
			return out.u8(SPEAKERS.indexOf(body.who));
		case 'lower':
		case 'readmit':
			return writeKey(out, body.who);
		case 'clear':
		case 'mute-all':
			return out;
		case 'queue':
			return writeHands(out, body.hands);
		case 'mute':
			return writeId(out, body.sit);
		case 'floor':
			return out.u8(flag(body.held));
		case 'remove':
			return writeKey(out, body.who).u8(flag(body.block));
		case 'pin':
			return out
				.text(cleanText(body.text, PIN_TEXT_BYTES_MAX))
				.text(cleanLink(body.link, LINK_BYTES_MAX));
		case 'unpin':
			return writeId(out, body.pin);
		case 'settings':
			return writeSettings(out, body);
		case 'lock':
			out.u32(body.epoch).bytes(fromHex(body.check)).bytes(fromHex(body.out));
			return out.u32(body.before).blob(body.texts);
		case 'door':
			return out.u8(flag(body.closed));
		case 'captions':
		case 'chat':
			return out.u8(flag(body.on));
		case 'recording':
			return out.u8(RECORDING_STATES.indexOf(body.state)).u8(flag(body.kept));
		case 'end':
			return out.text(cleanText(body.words, END_WORDS_BYTES_MAX));
	}
}

/** Lenient where writing is strict, as `readBody` is. */
export function readAct(kind: ActKind, input: ByteReader): ActBody {
	switch (kind) {
		case 'name-cohost':
			return {
				kind,
				to: readKey(input),
				scope: input.u16(),
				through: input.u32(),
				untilMs: input.u48()
			};
		case 'unname-cohost':
			return { kind, who: readKey(input), seen: input.u32() };
		case 'speakers':
			return { kind, who: readSpeakers(input) };
		case 'lower':
		case 'readmit':
			return { kind, who: readKey(input) };
		case 'clear':
		case 'mute-all':
			return { kind };
		case 'queue':
			return { kind, hands: readHands(input) };
		case 'mute':
			return { kind, sit: readId(input) };
		case 'floor':
			return { kind, held: readFlag(input) };
		case 'remove':
			return { kind, who: readKey(input), block: readFlag(input) };
		case 'pin':
			return {
				kind,
				text: input.sealable(PIN_TEXT_BYTES_MAX),
				link: input.sealable(LINK_BYTES_MAX)
			};
		case 'unpin':
			return { kind, pin: readId(input) };
		case 'settings':
			return { kind, ...readSettings(input) };
		case 'lock':
			return {
				kind,
				epoch: input.u32(),
				check: toHex(input.bytes(PROOF_OF_ACCESS_BYTES)),
				out: toHex(input.bytes(OUT_DIGEST_BYTES)),
				before: input.u32(),
				texts: input.blob(SEALED_TEXT_KEY_BYTES_MAX)
			};
		case 'door':
			return { kind, closed: readFlag(input) };
		case 'captions':
		case 'chat':
			return { kind, on: readFlag(input) };
		case 'recording':
			return { kind, state: readRecordingState(input), kept: readFlag(input) };
		case 'end':
			return { kind, words: input.sealable(END_WORDS_BYTES_MAX) };
	}
}

function readSpeakers(input: ByteReader): Speakers {
	const who = SPEAKERS[input.u8()];
	if (who === undefined) input.fail();
	return who ?? 'invited';
}

function writeHands(out: ByteWriter, hands: readonly IdHead[]): ByteWriter {
	const few = hands.slice(0, QUEUE_HANDS_MAX);
	out.u8(few.length);
	for (const hand of few) out.bytes(fromHex(hand));
	return out;
}

function readHands(input: ByteReader): IdHead[] {
	return readList(input, QUEUE_HANDS_MAX, () => toHex(input.bytes(STREAM_ID_BYTES)) as IdHead);
}

function writeSettings(out: ByteWriter, settings: Settings): ByteWriter {
	out.text(cleanText(settings.title, TITLE_BYTES_MAX)).u8(flag(settings.listed));
	out.text(cleanText(settings.language, LANGUAGE_BYTES_MAX));
	const topics = settings.topics
		.map((topic) => cleanText(topic, TOPIC_BYTES_MAX))
		.filter((topic) => topic !== '')
		.slice(0, TOPICS_MAX);
	out.u8(topics.length);
	for (const topic of topics) out.text(topic);
	return out;
}

function readSettings(input: ByteReader): Settings {
	return {
		title: input.sealable(TITLE_BYTES_MAX),
		listed: readFlag(input),
		language: input.sealable(LANGUAGE_BYTES_MAX),
		topics: readList(input, TOPICS_MAX, () => input.sealable(TOPIC_BYTES_MAX))
	};
}

/** A count of u8, then the items; nothing is allocated for a count above `max`. */
function readList<T>(input: ByteReader, max: number, read: () => T): T[] {
	const count = input.u8();
	if (count > max) input.fail();
	const items: T[] = [];
	for (let i = 0; i < count && input.ok; i++) items.push(read());
	return items;
}
