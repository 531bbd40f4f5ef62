/**
 * The records all files of a recording are made of. Each has its length and a checksum, so that a torn end is cut off
 * cleanly, and a damaged place costs that place and nothing behind it.
 */
import { crc32 } from './crc.ts';
import { RECORD_BYTES_MAX } from './limits.ts';

/** 'GV': where records are looked for again behind a damaged place. */
const MARK = [0x47, 0x56] as const;
/** Mark, kind, length. */
const HEAD_BYTES = 2 + 1 + 2;
const CHECK_BYTES = 4;
/** What a record takes beside its content. */
export const RECORD_EXTRA_BYTES = HEAD_BYTES + CHECK_BYTES;

/**
 * Places that look like the beginning of a record and are none, in one reading: each costs a checksum. There is one in
 * 64 KiB of random bytes; more, and somebody made them.
 */
const FALSE_MARKS_MAX = 64;

export interface RecordRead {
	/** u8; who reads skips kinds it does not know. */
	readonly kind: number;
	readonly content: Uint8Array;
	/** Where it begins in the bytes that were read, and where it ends. */
	readonly from: number;
	readonly to: number;
}

/** One record of at most RECORD_BYTES_MAX. */
export function encodeRecord(kind: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
	if (content.length > RECORD_BYTES_MAX) throw new RangeError('A record is too long.');
	const bytes = new Uint8Array(content.length + RECORD_EXTRA_BYTES);
	const view = new DataView(bytes.buffer);
	bytes.set(MARK);
	view.setUint8(2, kind);
	view.setUint16(3, content.length);
	bytes.set(content, HEAD_BYTES);
	const end = bytes.length - CHECK_BYTES;
	view.setUint32(end, crc32(bytes.subarray(0, end)));
	return bytes;
}

/** The record that begins at `at`; null where no whole one does. Never throws. */
export function recordAt(bytes: Uint8Array, at: number): RecordRead | null {
	if (bytes[at] !== MARK[0] || bytes[at + 1] !== MARK[1]) return null;
	if (at + RECORD_EXTRA_BYTES > bytes.length) return null;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const end = at + HEAD_BYTES + view.getUint16(at + 3);
	if (end + CHECK_BYTES > bytes.length) return null;
	if (view.getUint32(end) !== crc32(bytes.subarray(at, end))) return null;
	const content = bytes.subarray(at + HEAD_BYTES, end);
	return { kind: view.getUint8(at + 2), content, from: at, to: end + CHECK_BYTES };
}

export interface Records {
	readonly records: readonly RecordRead[];
	/** Where bytes are that belong to no record, the end of the input left out. */
	readonly damaged: readonly { readonly from: number; readonly to: number }[];
	/** Behind the last whole record: what is there is torn, or goes on in what has not been read. */
	readonly end: number;
}

/** Every whole record in `bytes`, whatever stands between them. Never throws. */
export function readRecords(bytes: Uint8Array): Records {
	const records: RecordRead[] = [];
	const damaged: { from: number; to: number }[] = [];
	let end = 0;
	let tries = FALSE_MARKS_MAX;
	for (let at = 0; at < bytes.length && tries > 0;) {
		const record = recordAt(bytes, at);
		if (record === null) {
			if (bytes[at] === MARK[0] && bytes[at + 1] === MARK[1]) tries--;
			at = nextMark(bytes, at + 1);
			continue;
		}
		if (record.from > end) damaged.push({ from: end, to: record.from });
		records.push(record);
		at = end = record.to;
	}
	return { records, damaged, end };
}

function nextMark(bytes: Uint8Array, from: number): number {
	const at = bytes.indexOf(MARK[0], from);
	return at === -1 ? bytes.length : at;
}
