/**
 * A recording as one piece of bytes: what is handed out, and what is saved as the signed original. The content is the
 * four parts one behind the other, and the same bytes whoever has them: pieces and root are taken over it. As a file it
 * stands behind its manifest, and the hashes of its pieces behind it: they say where a file was changed.
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer } from '../wire/bytes.ts';
import { concat } from '../wire/ids.ts';
import { openManifest, type OpenedManifest } from './manifest.ts';
import {
	INDEX_BYTES_MAX,
	LOG_BYTES_MAX,
	MANIFEST_BYTES_MAX,
	META_BYTES_MAX,
	PIECE_BYTES,
	PIECES_MAX
} from './limits.ts';

/** The parts of a recording, in the order they stand in its content. Each is a row of records. */
export type Part = 'meta' | 'log' | 'index' | 'sound';
export const PARTS: readonly Part[] = ['meta', 'log', 'index', 'sound'];

/** Bytes of each part. */
export type PartSizes = Readonly<Record<Part, number>>;

const PART_BYTES_MAX: PartSizes = {
	meta: META_BYTES_MAX,
	log: LOG_BYTES_MAX,
	index: INDEX_BYTES_MAX,
	sound: PIECE_BYTES * PIECES_MAX
};

/** First in the file, so that anybody who opens it sees what it is. */
const MAGIC = fromString('grapevine recording');
const VERSION = 1;
/** What names of such files end in. */
export const FILE_ENDING = '.grapevine';
/** Sizes of the parts, u48 each. */
export const CONTENT_HEAD_BYTES = 6 * PARTS.length;
const FILE_HEAD_BYTES = MAGIC.length + 1 + 2;
/** As much of a file as tells where everything else in it is. */
export const FILE_HEAD_BYTES_MAX = FILE_HEAD_BYTES + MANIFEST_BYTES_MAX + CONTENT_HEAD_BYTES;

/** What the content begins with. */
export function encodeContentHead(sizes: PartSizes): Uint8Array<ArrayBuffer> {
	const out = writer();
	for (const part of PARTS) out.u48(sizes[part]);
	return out.finish();
}

/** From the content's first CONTENT_HEAD_BYTES; null where they tell of parts that are too long. */
export function readContentHead(bytes: Uint8Array): PartSizes | null {
	const input = reader(bytes.subarray(0, CONTENT_HEAD_BYTES));
	const sizes = {
		meta: input.u48(),
		log: input.u48(),
		index: input.u48(),
		sound: input.u48()
	};
	const fits = PARTS.every((part) => sizes[part] <= PART_BYTES_MAX[part]);
	return input.done() && fits ? sizes : null;
}

/** Where a part begins in the content. */
export function partOffset(sizes: PartSizes, part: Part): number {
	const before = PARTS.slice(0, PARTS.indexOf(part));
	return before.reduce((sum, other) => sum + sizes[other], CONTENT_HEAD_BYTES);
}

export const contentBytes = (sizes: PartSizes): number =>
	PARTS.reduce((sum, part) => sum + sizes[part], CONTENT_HEAD_BYTES);

/** What a file of a recording begins with; the content follows. */
export function encodeFileHead(signedManifest: Uint8Array): Uint8Array<ArrayBuffer> {
	return writer().bytes(MAGIC).u8(VERSION).blob(signedManifest).finish();
}

export interface FileHead extends OpenedManifest {
	/** Where the content begins in the file. */
	readonly contentAt: number;
}

/** From a file's first FILE_HEAD_BYTES_MAX bytes, or all it has; the manifest's signature is not checked. Never throws. */
export function readFileHead(bytes: Uint8Array): FileHead | null {
	const input = reader(bytes);
	if (!sameBytes(input.bytes(MAGIC.length), MAGIC) || input.u8() !== VERSION) return null;
	const signed = input.blob(MANIFEST_BYTES_MAX);
	const opened = input.ok ? openManifest(signed) : null;
	if (opened === null || opened.manifest.clip) return null;
	return { ...opened, contentAt: FILE_HEAD_BYTES + signed.length };
}

/** The whole content from its parts: for what fits the memory. */
export const joinParts = (parts: Readonly<Record<Part, Uint8Array>>): Uint8Array =>
	concat(
		encodeContentHead({
			meta: parts.meta.length,
			log: parts.log.length,
			index: parts.index.length,
			sound: parts.sound.length
		}),
		...PARTS.map((part) => parts[part])
	);

/** Whether a file that begins with these bytes means to be a recording, of whatever version. */
export const isRecordingFile = (bytes: Uint8Array): boolean =>
	sameBytes(bytes.subarray(0, MAGIC.length), MAGIC);
