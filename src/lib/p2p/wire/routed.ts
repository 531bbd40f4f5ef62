/**
 * Introductions over the room's own links: signalling that goes from neighbour to neighbour along a route named by
 * its source. Those on the way read where it goes and nothing they could change: what is said is signed for its
 * target (see docs/PROTOCOL.md, "Routed introductions").
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, writer, type ByteReader, type ByteWriter } from './bytes.ts';
import { SIGNATURE_BYTES } from './envelope.ts';
import {
	concat,
	fromHex,
	peerIdOf,
	PUBLIC_KEY_BYTES,
	publicKeyOf,
	toHex,
	type IntroductionId,
	type PeerId,
	type RoomId
} from './ids.ts';
import { ROUTE_PEERS_MAX, ROUTED_BODY_BYTES_MAX, SIGNAL_BYTES_MAX } from './limits.ts';

export const INTRODUCTION_ID_BYTES = 16;
/** What who is called adds, so that nothing said to it before can be said to it again. */
export const ANSWER_BYTES = 16;
/** The answer before there is one. */
export const NO_ANSWER = new Uint8Array(ANSWER_BYTES);

const TAG = fromString('grapevine/introduction/1');
/** Stands for text that is no peer id, which only a bug of ours could bring here. */
const NOBODY = new Uint8Array(PUBLIC_KEY_BYTES);

/** What travels along a route. */
export interface Passage {
	/** The source first, the target last, each linked with the next; nobody twice. */
	readonly route: readonly PeerId[];
	readonly introduction: IntroductionId;
	/** Said by the source for the target. Empty: what was sent for this introduction got no further than the source. */
	readonly body: Uint8Array;
}

export interface Routed extends Passage {
	readonly type: 'routed';
	/** The place of the receiver on the route. */
	readonly at: number;
}

export function writeRouted(
	out: ByteWriter,
	{ route, at, introduction, body }: Routed
): ByteWriter {
	out.u8(route.length);
	for (const peer of route) out.bytes(publicKeyOf(peer) ?? NOBODY);
	return out.u8(at).bytes(fromHex(introduction)).blob(body);
}

/** Null for a route too long or too short, with somebody on it twice, or a place beside it. */
export function readRouted(input: ByteReader): Routed | null {
	const count = input.u8();
	if (count < 2 || count > ROUTE_PEERS_MAX) return null;
	const route: PeerId[] = [];
	for (let i = 0; i < count && input.ok; i++) route.push(peerIdOf(input.bytes(PUBLIC_KEY_BYTES)));
	const at = input.u8();
	const introduction = toHex(input.bytes(INTRODUCTION_ID_BYTES)) as IntroductionId;
	const body = input.blob(ROUTED_BODY_BYTES_MAX);
	if (at < 1 || at >= count || new Set(route).size < count) return null;
	return { type: 'routed', route, at, introduction, body };
}

/** Who says something: who called, or who was called. */
export type Side = 'caller' | 'called';
const SIDES: readonly Side[] = ['caller', 'called'];

/** `open` and `accept` come first, each from its side; then messages; `close` is the last word of a side. */
export type SaidKind = 'open' | 'accept' | 'message' | 'close';
const KINDS: readonly SaidKind[] = ['open', 'accept', 'message', 'close'];

/** One thing said in an introduction. */
export interface Said {
	readonly side: Side;
	readonly kind: SaidKind;
	/** Counts what this side said, from 0. */
	readonly count: number;
	/** `accept`: `ANSWER_BYTES` of chance. `message`: 1 to SIGNAL_BYTES_MAX bytes. Else nothing. */
	readonly content: Uint8Array;
}

/** What a signature binds beside the words themselves. */
export interface Between {
	readonly room: RoomId;
	readonly from: PeerId;
	readonly to: PeerId;
	readonly introduction: IntroductionId;
	/** The content of `accept`; NO_ANSWER for `open` and `accept`. */
	readonly answer: Uint8Array;
}

export interface OpenedSaid {
	readonly said: Said;
	readonly unsigned: Uint8Array;
	readonly signature: Uint8Array;
}

export function encodeSaid({ side, kind, count, content }: Said): Uint8Array {
	const out = writer().u8(SIDES.indexOf(side)).u8(KINDS.indexOf(kind)).u16(count);
	return out.bytes(content).finish();
}

export function introductionSigningBytes(between: Between, unsigned: Uint8Array): Uint8Array {
	return concat(
		TAG,
		fromHex(between.room),
		publicKeyOf(between.from) ?? NOBODY,
		publicKeyOf(between.to) ?? NOBODY,
		fromHex(between.introduction),
		between.answer,
		unsigned
	);
}

/** Null for what nobody who follows the protocol says. The signature is not checked here. */
export function openSaid(body: Uint8Array): OpenedSaid | null {
	const length = body.length - SIGNATURE_BYTES;
	if (length < 0) return null;
	const unsigned = body.subarray(0, length);
	const input = reader(unsigned);
	const side = SIDES[input.u8()];
	const kind = KINDS[input.u8()];
	const count = input.u16();
	const content = input.rest();
	if (!input.ok || side === undefined || kind === undefined) return null;
	const said = { side, kind, count, content };
	return isSound(said) ? { said, unsigned, signature: body.subarray(length) } : null;
}

function isSound({ side, kind, count, content }: Said): boolean {
	switch (kind) {
		case 'open':
			return side === 'caller' && count === 0 && content.length === 0;
		case 'accept':
			return side === 'called' && count === 0 && content.length === ANSWER_BYTES;
		case 'message':
			return count > 0 && content.length > 0 && content.length <= SIGNAL_BYTES_MAX;
		case 'close':
			return content.length === 0;
	}
}
