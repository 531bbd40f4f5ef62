/**
 * What is said between those who have something that is handed out and those who want it: a question, and its answer.
 * What the pieces are pieces of is nobody's business here: a signed manifest names them by their root.
 */
import { reader, writer, type ByteReader } from '../wire/bytes.ts';
import { fromHex, toHex, type ShareKey } from '../wire/ids.ts';
import { MANIFEST_BYTES_MAX, PIECE_BYTES, PIECES_MAX } from './limits.ts';
import { HASH_BYTES } from './merkle.ts';
import { HASHES_PER_ANSWER_MAX, OPENED_KEYS_BYTES_MAX } from './share-limits.ts';

const SHARE_KEY_BYTES = 20;
const NOTHING = new Uint8Array(0);

export type ShareQuestion =
	/** What do you have of it? `manifest`: the newest that the asker has, signed; empty where it has none. */
	| { readonly type: 'look'; readonly key: ShareKey; readonly manifest: Uint8Array }
	/** Which pieces are there? */
	| { readonly type: 'map'; readonly key: ShareKey }
	/** The hashes of the pieces from that one on. */
	| { readonly type: 'hashes'; readonly key: ShareKey; readonly from: number }
	| { readonly type: 'piece'; readonly key: ShareKey; readonly piece: number }
	/** To the host: I have all of it. */
	| { readonly type: 'whole'; readonly key: ShareKey };

export type ShareAnswer =
	/** Nothing of it is here, or not for you, or not now. */
	| { readonly type: 'none' }
	| {
			readonly type: 'offer';
			/** The newest that is here, signed. */
			readonly manifest: Uint8Array;
			/** Pieces are given out. */
			readonly gives: boolean;
			/** What opens a sealed one to whoever has the link; empty where its host has not opened it. */
			readonly keys: Uint8Array;
	  }
	| { readonly type: 'map'; readonly has: readonly boolean[] }
	| { readonly type: 'hashes'; readonly from: number; readonly hashes: readonly Uint8Array[] }
	| { readonly type: 'piece'; readonly piece: number; readonly bytes: Uint8Array }
	| { readonly type: 'lacks'; readonly piece: number }
	| { readonly type: 'taken' }
	/** Too many, or too often: later. */
	| { readonly type: 'busy' };

const QUESTIONS = { look: 1, map: 2, hashes: 3, piece: 4, whole: 5 } as const;
const ANSWERS = {
	none: 1,
	offer: 2,
	map: 3,
	hashes: 4,
	piece: 5,
	lacks: 6,
	taken: 7,
	busy: 8
} as const;

export function encodeQuestion(question: ShareQuestion): Uint8Array<ArrayBuffer> {
	const out = writer().u8(QUESTIONS[question.type]).bytes(fromHex(question.key));
	switch (question.type) {
		case 'look':
			return out.blob(question.manifest).finish();
		case 'hashes':
			return out.u32(question.from).finish();
		case 'piece':
			return out.u32(question.piece).finish();
		case 'map':
		case 'whole':
			return out.finish();
	}
}

/** Null for anything else. Never throws. */
export function decodeQuestion(bytes: Uint8Array): ShareQuestion | null {
	const input = reader(bytes);
	const kind = input.u8();
	const key = toHex(input.bytes(SHARE_KEY_BYTES)) as ShareKey;
	const question = readQuestion(input, kind, key);
	return input.done() ? question : null;
}

function readQuestion(input: ByteReader, kind: number, key: ShareKey): ShareQuestion | null {
	switch (kind) {
		case QUESTIONS.look:
			return { type: 'look', key, manifest: input.blob(MANIFEST_BYTES_MAX).slice() };
		case QUESTIONS.map:
			return { type: 'map', key };
		case QUESTIONS.hashes:
			return { type: 'hashes', key, from: readPiece(input) };
		case QUESTIONS.piece:
			return { type: 'piece', key, piece: readPiece(input) };
		case QUESTIONS.whole:
			return { type: 'whole', key };
		default:
			return null;
	}
}

function readPiece(input: ByteReader): number {
	const piece = input.u32();
	if (piece >= PIECES_MAX) input.fail();
	return piece;
}

export function encodeAnswer(answer: ShareAnswer): Uint8Array<ArrayBuffer> {
	const out = writer().u8(ANSWERS[answer.type]);
	switch (answer.type) {
		case 'offer':
			return out
				.blob(answer.manifest)
				.u8(answer.gives ? 1 : 0)
				.blob(answer.keys)
				.finish();
		case 'map':
			return out.u32(answer.has.length).bytes(packed(answer.has)).finish();
		case 'hashes':
			out.u32(answer.from);
			for (const hash of answer.hashes) out.bytes(hash);
			return out.finish();
		case 'piece':
			return out.u32(answer.piece).bytes(answer.bytes).finish();
		case 'lacks':
			return out.u32(answer.piece).finish();
		case 'none':
		case 'taken':
		case 'busy':
			return out.finish();
	}
}

/** Null for anything else. Bytes in it are views of `bytes`. Never throws. */
export function decodeAnswer(bytes: Uint8Array): ShareAnswer | null {
	const input = reader(bytes);
	const answer = readAnswer(input, input.u8());
	return input.done() ? answer : null;
}

function readAnswer(input: ByteReader, kind: number): ShareAnswer | null {
	switch (kind) {
		case ANSWERS.none:
			return { type: 'none' };
		case ANSWERS.offer:
			return readOffer(input);
		case ANSWERS.map:
			return { type: 'map', has: readMap(input) };
		case ANSWERS.hashes:
			return { type: 'hashes', from: readPiece(input), hashes: readHashes(input) };
		case ANSWERS.piece: {
			const piece = readPiece(input);
			const content = input.rest();
			if (content.length === 0 || content.length > PIECE_BYTES) input.fail();
			return { type: 'piece', piece, bytes: content };
		}
		case ANSWERS.lacks:
			return { type: 'lacks', piece: readPiece(input) };
		case ANSWERS.taken:
			return { type: 'taken' };
		case ANSWERS.busy:
			return { type: 'busy' };
		default:
			return null;
	}
}

function readOffer(input: ByteReader): ShareAnswer {
	const manifest = input.blob(MANIFEST_BYTES_MAX).slice();
	const flags = input.u8();
	if (flags > 1) input.fail();
	return { type: 'offer', manifest, gives: flags === 1, keys: input.blob(OPENED_KEYS_BYTES_MAX) };
}

function readHashes(input: ByteReader): Uint8Array[] {
	const all = input.rest();
	const count = all.length / HASH_BYTES;
	if (!Number.isInteger(count) || count === 0 || count > HASHES_PER_ANSWER_MAX) {
		input.fail();
		return [];
	}
	return Array.from({ length: count }, (_, i) => all.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** Eight to a byte, the first one lowest. */
function packed(has: readonly boolean[]): Uint8Array {
	const bytes = new Uint8Array(Math.ceil(has.length / 8));
	has.forEach((there, i) => {
		if (there) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
	});
	return bytes;
}

function readMap(input: ByteReader): boolean[] {
	const count = input.u32();
	if (count > PIECES_MAX) input.fail();
	const bytes = input.ok ? input.bytes(Math.ceil(count / 8)) : NOTHING;
	if (!input.ok || (bytes.at(-1) ?? 0) >> (count & 7 || 8) !== 0) {
		input.fail();
		return [];
	}
	return Array.from({ length: count }, (_, i) => ((bytes[i >> 3] ?? 0) & (1 << (i & 7))) !== 0);
}
