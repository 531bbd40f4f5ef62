/**
 * What linked peers tell each other beside the sound: the knock and its refusal (carried by signalling,
 * before there is a link) and the messages of the reliable control channel.
 */
import { reader, writer, type ByteReader } from './bytes.ts';
import { CAPTIONS_PER_MESSAGE_MAX } from './caption-limits.ts';
import { readPieces, writePieces, type ChatPiece } from './chat.ts';
import { readSpot, writeSpot, type Contact, type Spot } from './contact.ts';
import { readFill, writeFill, type FillMessage } from './filling.ts';
import {
	readAddrs,
	readBlobs,
	readContact,
	readContacts,
	readList,
	writeAddrs,
	writeBlobs,
	writeContact,
	writeContacts,
	writePeer
} from './fields.ts';
import { fromHex, ROOM_ID_BYTES, toHex, type EventId, type PeerId, type RoomId } from './ids.ts';
import {
	CANDIDATES_MAX,
	CONTROL_BYTES_MAX,
	ENVELOPE_BYTES_MAX,
	EVENTS_PER_MESSAGE_MAX,
	LOG_IDS_MAX,
	PATH_MAX,
	PROOF_OF_ACCESS_BYTES,
	REACTIONS_PER_MESSAGE_MAX,
	SEATS_MAX
} from './limits.ts';
import { readKeyMessage, writeKeyMessage, type KeyMessage } from './key-message.ts';
import { readId, readKey } from './parts.ts';
import { readPresence, readYes, writePresence, writeYes, type PresenceNews } from './presence.ts';
import { readReactionCounts, writeReactionCounts, type ReactionCount } from './reaction.ts';
import { readRouted, writeRouted, type Routed } from './routed.ts';

const VERSION = 1;
/** In place of a number of speakers: those told before. */
const AS_BEFORE = 0xff;
/** In what a knock wants: a proof of admission follows. */
const PROOF_FLAG = 0x80;

/** Why somebody knocks: to be given the sound, to speak with the others on stage, or to have somebody who stands by. */
export type Want = 'parent' | 'mesh' | 'backup';
const WANTS: readonly Want[] = ['parent', 'mesh', 'backup'];

export interface Knock {
	readonly room: RoomId;
	readonly want: Want;
	/** How many the one who knocks could carry itself. */
	readonly fanout: number;
	/** Where it is; left out where it does not know yet. */
	readonly spot?: Spot;
	/** Of a locked room: the knocker knows its pass. PROOF_OF_ACCESS_BYTES. */
	readonly proof?: Uint8Array;
}

export type RefusalReason =
	| 'full'
	/** We are not in that room (any more). */
	| 'other-room'
	/** The asker is above us: we would hear ourselves in a circle. */
	| 'loop'
	/** We have no source of sound ourselves just now. */
	| 'not-attached'
	/** One of the two is not on stage, as far as we know. */
	| 'not-on-stage'
	/** The asker was removed from the room. */
	| 'removed'
	/** The room is locked, and the asker did not show that it may enter. */
	| 'locked';

export type DetachReason = RefusalReason | 'moved';
/** In the order of their codes. */
const REASONS: readonly DetachReason[] = [
	'full',
	'other-room',
	'loop',
	'not-attached',
	'not-on-stage',
	'moved',
	'removed',
	'locked'
];

export interface KnockRefusal {
	readonly reason: RefusalReason;
	/** Who might take the asker instead. */
	readonly candidates: readonly Contact[];
}

/** How a log looks from outside: equal summaries mean equal logs. */
export interface LogSummary {
	readonly count: number;
	/** 8 bytes as hex: the heads of all ids, XORed. */
	readonly xor: string;
}

export type ControlMessage =
	/** First on every link, both ways: where I listen, and my signed name (`here` envelope). */
	| { readonly type: 'hello'; readonly addrs: readonly string[]; readonly here: Uint8Array }
	/** Be my parent. Answered by `attached` or `detach`. */
	| { readonly type: 'attach' }
	| { readonly type: 'attached' }
	/** I am not your parent (any more), and why; or, as 'moved', I am not your child. */
	| {
			readonly type: 'detach';
			readonly reason: DetachReason;
			readonly candidates: readonly Contact[];
	  }
	/** How the sound comes to me: for my children and those for whom I stand by. Sent when it changes. */
	| {
			readonly type: 'path';
			/** From a speaker down to me, both included; empty while I have no source. */
			readonly path: readonly PeerId[];
			/** Estimated time from that speaker to me. */
			readonly delayMs: number;
			/** Everybody on stage: where to go when all else fails. Left out where they are those told before. */
			readonly roots?: readonly Contact[];
	  }
	/** My path is as I said; the time to me has changed. */
	| { readonly type: 'delay'; readonly delayMs: number }
	| { readonly type: 'log-summary'; readonly summary: LogSummary }
	| { readonly type: 'log-ids'; readonly ids: readonly EventId[] }
	| { readonly type: 'events'; readonly envelopes: readonly Uint8Array[] }
	/** Child to parent, speaker to speaker: listeners in my subtree, some by name. */
	| ({ readonly type: 'presence-up' } & PresenceNews)
	/** Parent to child: listeners in the whole room, some by name; and whether the host is cut off from its seat. */
	| ({ readonly type: 'presence-down'; readonly hostAway: boolean } & PresenceNews)
	/** I am leaving: children have a moment to move on, all others none. */
	| { readonly type: 'bye'; readonly candidates: readonly Contact[] }
	/** Be my backup parent: tell me what you have, and give me what I ask for. Answered by `standing-by` or `stand-down`. */
	| { readonly type: 'stand-by' }
	| { readonly type: 'standing-by' }
	/** I do not stand by for you (any more), and why; or, as 'moved', you need not stand by for me. */
	| {
			readonly type: 'stand-down';
			readonly reason: DetachReason;
			readonly candidates: readonly Contact[];
	  }
	/** To those above me and those I stand by for: whether there is room for more. */
	| {
			readonly type: 'places';
			/** How many I carry at most. */
			readonly fanout: number;
			/** How many more I could carry. */
			readonly free: number;
			/** Floors down to the next free place: 0 mine, 1 a child's and so on; 255 where there is none. */
			readonly floors: number;
			/** The most that a child of mine carries which could take a place further up; 0: there is none. */
			readonly most: number;
			/** Where I am. */
			readonly spot: Spot;
	  }
	/** To who has just become my child, or one I stand by for: places with room that may suit it better still. */
	| { readonly type: 'offers'; readonly candidates: readonly Contact[] }
	/** There is a place with me for the child of yours that carries most. Only from a parent. */
	| { readonly type: 'raise' }
	/** You stand by for me, and my parent is lost: be my parent now. Answered as `attach` is. */
	| { readonly type: 'graft' }
	/** My own parent has a place for you. Only from a parent. */
	| { readonly type: 'climb'; readonly to: Contact }
	/** Along the tree and among speakers: reactions of others than the receiver and those it told us of. */
	| {
			readonly type: 'reactions';
			/** Those that are told by number alone, each code once. */
			readonly counts: readonly ReactionCount[];
			/** Envelopes of `react`, at most REACTIONS_PER_MESSAGE_MAX; not in the counts. */
			readonly signed: readonly Uint8Array[];
	  }
	/** Along the tree and among speakers: envelopes of `caption`, at most CAPTIONS_PER_MESSAGE_MAX. */
	| { readonly type: 'captions'; readonly signed: readonly Uint8Array[] }
	/** Along the tree and among speakers: at most CHAT_PER_MESSAGE_MAX. */
	| { readonly type: 'chat'; readonly pieces: readonly ChatPiece[] }
	/** Holes in what the host records. */
	| FillMessage
	/** Signalling for somebody further on, or for the receiver. */
	| Routed
	/** Admission and keys of a locked room. */
	| KeyMessage;

const KINDS: readonly ControlMessage['type'][] = [
	'hello',
	'attach',
	'attached',
	'detach',
	'path',
	'log-summary',
	'log-ids',
	'events',
	'presence-up',
	'presence-down',
	'bye',
	'stand-by',
	'standing-by',
	'stand-down',
	'graft',
	'routed',
	'places',
	'raise',
	'climb',
	'offers',
	'delay',
	'reactions',
	'admission',
	'key-ask',
	'key-give',
	'captions',
	'fill-ask',
	'fill-give',
	'chat'
];

export function encodeKnock(knock: Knock): Uint8Array {
	const out = writer().u8(VERSION).bytes(fromHex(knock.room));
	const flag = knock.proof === undefined ? 0 : PROOF_FLAG;
	out.u8(flag | WANTS.indexOf(knock.want)).u8(knock.fanout);
	if (knock.proof !== undefined) out.bytes(knock.proof);
	return (knock.spot === undefined ? out : writeSpot(out, knock.spot)).finish();
}

export function decodeKnock(bytes: Uint8Array): Knock | null {
	const input = reader(bytes);
	if (input.u8() !== VERSION) return null;
	const room = toHex(input.bytes(ROOM_ID_BYTES)) as RoomId;
	const code = input.u8();
	const want = WANTS[code & ~PROOF_FLAG];
	const fanout = input.u8();
	const isProven = (code & PROOF_FLAG) !== 0;
	const proof = isProven ? { proof: input.bytes(PROOF_OF_ACCESS_BYTES).slice() } : {};
	const spot = input.done() ? {} : { spot: readSpot(input) };
	return want !== undefined && input.done() ? { room, want, fanout, ...proof, ...spot } : null;
}

export function encodeRefusal(refusal: KnockRefusal): Uint8Array {
	const out = writer().u8(VERSION).u8(REASONS.indexOf(refusal.reason));
	return writeContacts(out, refusal.candidates, CANDIDATES_MAX).finish();
}

export function decodeRefusal(bytes: Uint8Array): KnockRefusal | null {
	const input = reader(bytes);
	if (input.u8() !== VERSION) return null;
	const reason = REASONS[input.u8()];
	const candidates = readContacts(input, CANDIDATES_MAX);
	if (reason === undefined || reason === 'moved' || !input.done()) return null;
	return { reason, candidates };
}

export function encodeControl(message: ControlMessage): Uint8Array<ArrayBuffer> {
	const out = writer().u8(VERSION).u8(KINDS.indexOf(message.type));
	switch (message.type) {
		case 'hello':
			return writeAddrs(out, message.addrs).blob(message.here).finish();
		case 'attach':
		case 'attached':
		case 'stand-by':
		case 'standing-by':
		case 'graft':
		case 'raise':
			return out.finish();
		case 'detach':
		case 'stand-down':
			out.u8(REASONS.indexOf(message.reason));
			return writeContacts(out, message.candidates, CANDIDATES_MAX).finish();
		case 'places':
			out.u8(message.fanout).u8(Math.min(255, message.free)).u8(message.floors);
			return writeSpot(out.u8(message.most), message.spot).finish();
		case 'path':
			out.u8(message.path.length);
			for (const peer of message.path) writePeer(out, peer);
			out.u16(Math.min(0xffff, Math.round(message.delayMs)));
			if (message.roots === undefined) return out.u8(AS_BEFORE).finish();
			return writeContacts(out, message.roots, SEATS_MAX).finish();
		case 'delay':
			return out.u16(Math.min(0xffff, Math.round(message.delayMs))).finish();
		case 'log-summary':
			return out.u32(message.summary.count).bytes(fromHex(message.summary.xor)).finish();
		case 'log-ids':
			out.u16(message.ids.length);
			for (const id of message.ids) out.bytes(fromHex(id));
			return out.finish();
		case 'events':
			return writeBlobs(out, message.envelopes).finish();
		case 'presence-up':
			return writePresence(out, message).finish();
		case 'presence-down':
			return writePresence(writeYes(out, message.hostAway), message).finish();
		case 'bye':
		case 'offers':
			return writeContacts(out, message.candidates, CANDIDATES_MAX).finish();
		case 'climb':
			return writeContact(out, message.to).finish();
		case 'reactions':
			return writeBlobs(writeReactionCounts(out, message.counts), message.signed).finish();
		case 'captions':
			return writeBlobs(out, message.signed).finish();
		case 'chat':
			return writePieces(out, message.pieces).finish();
		case 'fill-ask':
		case 'fill-give':
			return writeFill(out, message).finish();
		case 'routed':
			return writeRouted(out, message).finish();
		case 'admission':
		case 'key-ask':
		case 'key-give':
			return writeKeyMessage(out, message).finish();
	}
}

/** Null for anything malformed, unknown or over a limit. */
export function decodeControl(bytes: Uint8Array): ControlMessage | null {
	if (bytes.length > CONTROL_BYTES_MAX) return null;
	const input = reader(bytes);
	if (input.u8() !== VERSION) return null;
	const type = KINDS[input.u8()];
	if (type === undefined) return null;
	const message = readBody(type, input);
	return message !== null && input.done() ? message : null;
}

function readBody(type: ControlMessage['type'], input: ByteReader): ControlMessage | null {
	switch (type) {
		case 'hello':
			return { type, addrs: readAddrs(input), here: input.blob(ENVELOPE_BYTES_MAX) };
		case 'attach':
		case 'attached':
		case 'stand-by':
		case 'standing-by':
		case 'graft':
		case 'raise':
			return { type };
		case 'detach':
		case 'stand-down': {
			const reason = REASONS[input.u8()];
			const candidates = readContacts(input, CANDIDATES_MAX);
			return reason === undefined ? null : { type, reason, candidates };
		}
		case 'places':
			return {
				type,
				fanout: input.u8(),
				free: input.u8(),
				floors: input.u8(),
				most: input.u8(),
				spot: readSpot(input)
			};
		case 'path': {
			const path = readList(input, input.u8(), PATH_MAX, readKey);
			const delayMs = input.u16();
			const count = input.u8();
			if (count === AS_BEFORE) return { type, path, delayMs };
			return { type, path, delayMs, roots: readList(input, count, SEATS_MAX, readContact) };
		}
		case 'delay':
			return { type, delayMs: input.u16() };
		case 'log-summary':
			return { type, summary: { count: input.u32(), xor: toHex(input.bytes(8)) } };
		case 'log-ids':
			return { type, ids: readList(input, input.u16(), LOG_IDS_MAX, readId) };
		case 'events':
			return { type, envelopes: readBlobs(input, EVENTS_PER_MESSAGE_MAX) };
		case 'presence-up':
			return { type, ...readPresence(input) };
		case 'presence-down':
			return { type, hostAway: readYes(input), ...readPresence(input) };
		case 'bye':
		case 'offers':
			return { type, candidates: readContacts(input, CANDIDATES_MAX) };
		case 'climb':
			return { type, to: readContact(input) };
		case 'reactions': {
			const counts = readReactionCounts(input);
			return { type, counts, signed: readBlobs(input, REACTIONS_PER_MESSAGE_MAX) };
		}
		case 'captions':
			return { type, signed: readBlobs(input, CAPTIONS_PER_MESSAGE_MAX) };
		case 'chat':
			return { type, pieces: readPieces(input) };
		case 'fill-ask':
		case 'fill-give':
			return readFill(type, input);
		case 'routed':
			return readRouted(input);
		case 'admission':
		case 'key-ask':
		case 'key-give':
			return readKeyMessage(type, input);
	}
}
