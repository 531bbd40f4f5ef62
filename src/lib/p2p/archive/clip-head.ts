/**
 * What whoever cut a clip signs of it: from which recording, from when to when, and its bytes by the root over their
 * pieces. As a file a clip stands behind that, laid out as a recording is, and the hashes of its pieces behind it.
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer, type ByteReader } from '../wire/bytes.ts';
import {
	concat,
	fromHex,
	PUBLIC_KEY_BYTES,
	RECORDING_ID_BYTES,
	ROOM_ID_BYTES,
	toHex,
	type RecordingId,
	type RoomId
} from '../wire/ids.ts';
import { TITLE_BYTES_MAX } from '../wire/limits.ts';
import { cleanText } from '../wire/text.ts';
import { CLIP_BYTES_MAX, CLIP_HEAD_BYTES_MAX, CLIP_MAX_MS, PIECE_BYTES } from './limits.ts';
import { HASH_BYTES } from './merkle.ts';

export interface Clip {
	/** Of the recording it was cut from. */
	readonly id: RecordingId;
	readonly room: RoomId;
	/** Raw Ed25519 public key of the room's host, which the opening in the clip bears out. */
	readonly hostKey: Uint8Array;
	/** And of who cut it, and signs it. */
	readonly makerKey: Uint8Array;
	/** By the maker's clock, epoch ms. */
	readonly madeAtMs: number;
	/** When the recording was begun, by its host's clock. */
	readonly startedAtMs: number;
	/** Where in the recording it lies, for who listens, u32; at most CLIP_MAX_MS apart. */
	readonly fromMs: number;
	readonly toMs: number;
	/** Of the recording, at most TITLE_BYTES_MAX; in a locked room a sealed text. */
	readonly title: string;
	/** Length of the content, from 1 to CLIP_BYTES_MAX. */
	readonly bytes: number;
	/** Over the hashes of its pieces, HASH_BYTES. */
	readonly root: Uint8Array;
}

const VERSION = 1;
const SIGNATURE_BYTES = 64;
const SIGNING_DOMAIN = fromString('grapevine/clip/1');
/** First in the file. */
const MAGIC = fromString('grapevine clip');
const FILE_HEAD_BYTES = MAGIC.length + 1 + 2;
/** What names of such files end in. */
export const CLIP_ENDING = '.grapeclip';
/** As much of a file as tells where everything else in it is. */
export const CLIP_FILE_HEAD_BYTES_MAX = FILE_HEAD_BYTES + CLIP_HEAD_BYTES_MAX;
/** No clip's file is longer: head, content, hashes. */
export const CLIP_FILE_BYTES_MAX =
	CLIP_FILE_HEAD_BYTES_MAX + CLIP_BYTES_MAX + HASH_BYTES * Math.ceil(CLIP_BYTES_MAX / PIECE_BYTES);

/** Everything but the signature; the title is cleaned and cut. */
export function encodeClip(clip: Clip): Uint8Array<ArrayBuffer> {
	const out = writer().u8(VERSION).bytes(fromHex(clip.id)).bytes(fromHex(clip.room));
	out.bytes(clip.hostKey).bytes(clip.makerKey).u48(clip.madeAtMs).u48(clip.startedAtMs);
	out.u32(clip.fromMs).u32(clip.toMs).text(cleanText(clip.title, TITLE_BYTES_MAX));
	return out.u48(clip.bytes).bytes(clip.root).finish();
}

/** The message to sign. */
export const clipMessage = (unsigned: Uint8Array): Uint8Array => concat(SIGNING_DOMAIN, unsigned);

/** What a file of a clip begins with; the content follows. */
export function encodeClipFileHead(
	unsigned: Uint8Array,
	signature: Uint8Array
): Uint8Array<ArrayBuffer> {
	return writer().bytes(MAGIC).u8(VERSION).blob(concat(unsigned, signature)).finish();
}

export interface ClipFileHead {
	readonly clip: Clip;
	readonly unsigned: Uint8Array;
	readonly signature: Uint8Array;
	/** Where the content begins in the file. */
	readonly contentAt: number;
}

/** Whether a file that begins with these bytes means to be a clip, of whatever version. */
export const isClipFile = (bytes: Uint8Array): boolean =>
	sameBytes(bytes.subarray(0, MAGIC.length), MAGIC);

/** From a file's first CLIP_FILE_HEAD_BYTES_MAX bytes, or all it has; the signature is not checked. Never throws. */
export function readClipFileHead(bytes: Uint8Array): ClipFileHead | null {
	const input = reader(bytes);
	if (!sameBytes(input.bytes(MAGIC.length), MAGIC) || input.u8() !== VERSION) return null;
	const signed = input.blob(CLIP_HEAD_BYTES_MAX).slice();
	if (!input.ok || signed.length < SIGNATURE_BYTES) return null;
	const unsigned = signed.subarray(0, -SIGNATURE_BYTES);
	const clip = readClip(unsigned);
	if (clip === null) return null;
	const signature = signed.subarray(-SIGNATURE_BYTES);
	return { clip, unsigned, signature, contentAt: FILE_HEAD_BYTES + signed.length };
}

function readClip(unsigned: Uint8Array): Clip | null {
	const input = reader(unsigned);
	if (input.u8() !== VERSION) return null;
	const clip = readFields(input);
	const isShort = clip.fromMs < clip.toMs && clip.toMs - clip.fromMs <= CLIP_MAX_MS;
	const fits = clip.bytes > 0 && clip.bytes <= CLIP_BYTES_MAX && isShort;
	return input.done() && fits && sameBytes(encodeClip(clip), unsigned) ? clip : null;
}

const readFields = (input: ByteReader): Clip => ({
	id: toHex(input.bytes(RECORDING_ID_BYTES)) as RecordingId,
	room: toHex(input.bytes(ROOM_ID_BYTES)) as RoomId,
	hostKey: input.bytes(PUBLIC_KEY_BYTES),
	makerKey: input.bytes(PUBLIC_KEY_BYTES),
	madeAtMs: input.u48(),
	startedAtMs: input.u48(),
	fromMs: input.u32(),
	toMs: input.u32(),
	title: input.sealable(TITLE_BYTES_MAX),
	bytes: input.u48(),
	root: input.bytes(HASH_BYTES)
});
