/**
 * A report: what somebody says of somebody else, with the signed events and the signed sound that bear it out, in one
 * file that its reporter has signed. Nothing in it needs anybody's word but the reporter's own and the signatures.
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer, type ByteReader } from './bytes.ts';
import { readBlobs, readList, writeBlobs } from './fields.ts';
import {
	concat,
	fromHex,
	PUBLIC_KEY_BYTES,
	ROOM_ID_BYTES,
	STREAM_ID_BYTES,
	toHex,
	type PeerId,
	type RoomId,
	type StreamId
} from './ids.ts';
import {
	HELD_BYTES_MAX,
	REPORT_BYTES_MAX,
	REPORT_EVENTS_MAX,
	REPORT_FRAME_BYTES_MAX,
	REPORT_WORDS_BYTES_MAX,
	STREAMS_MAX
} from './limits.ts';
import { readKey, writeKey } from './parts.ts';
import { cleanText } from './text.ts';

export interface Report {
	readonly room: RoomId;
	/** Raw Ed25519 public key of who reports, who signs all of it. */
	readonly reporterKey: Uint8Array;
	/** By the reporter's clock, epoch ms. */
	readonly madeAtMs: number;
	readonly about: PeerId;
	/** The reporter's own, at most REPORT_WORDS_BYTES_MAX. */
	readonly words: string;
	/** Envelopes, at most REPORT_EVENTS_MAX. */
	readonly events: readonly Uint8Array[];
	/** At most STREAMS_MAX. */
	readonly sound: readonly ReportedStream[];
}

export interface ReportedStream {
	readonly stream: StreamId;
	/** In the order they were proven to the reporter. */
	readonly frames: readonly ReportedFrame[];
}

export interface ReportedFrame {
	/** How long before the report was made the reporter's app had it proven, by its clock. */
	readonly ageMs: number;
	/** The frame as it travels, with its proof if it carries one. */
	readonly bytes: Uint8Array;
}

/** First in the file, so that anybody who opens it sees what it is. */
const MAGIC = fromString('grapevine report');
/** 1 held frames whose proofs named no other. */
const VERSION = 2;
const SIGNING_DOMAIN = fromString('grapevine/report/1');
const SIGNATURE_BYTES = 64;
/** Of silence markers alone a half minute has fewer than of voice: no more frames than this fit the bytes. */
const FRAMES_MAX = HELD_BYTES_MAX / 16;

/** Everything but the signature. Words are cleaned and cut. */
export function encodeReport(report: Report): Uint8Array<ArrayBuffer> {
	const out = writer().bytes(MAGIC).u8(VERSION).bytes(fromHex(report.room));
	out.bytes(report.reporterKey).u48(report.madeAtMs);
	writeKey(out, report.about).text(cleanText(report.words, REPORT_WORDS_BYTES_MAX));
	writeBlobs(out, report.events).u8(report.sound.length);
	for (const { stream, frames } of report.sound) {
		out.bytes(fromHex(stream)).u32(frames.length);
		for (const { ageMs, bytes } of frames) out.u32(ageMs).blob(bytes);
	}
	return out.finish();
}

/** The message to sign. */
export const reportMessage = (unsigned: Uint8Array): Uint8Array => concat(SIGNING_DOMAIN, unsigned);

/** The file. */
export const sealReport = (unsigned: Uint8Array, signature: Uint8Array): Uint8Array =>
	concat(unsigned, signature);

export interface OpenedReport {
	readonly report: Report;
	readonly unsigned: Uint8Array;
	readonly signature: Uint8Array;
}

/** Reads a file without checking any signature. Null for anything that is not exactly one report. Never throws. */
export function openReport(file: Uint8Array): OpenedReport | null {
	if (file.length > REPORT_BYTES_MAX || file.length < SIGNATURE_BYTES) return null;
	const unsigned = file.subarray(0, -SIGNATURE_BYTES);
	const input = reader(unsigned);
	if (!sameBytes(input.bytes(MAGIC.length), MAGIC) || input.u8() !== VERSION) return null;
	const report = readReport(input);
	// One spelling: a file that says the same in other bytes is not the one that was signed.
	if (!input.done() || !sameBytes(encodeReport(report), unsigned)) return null;
	return { report, unsigned, signature: file.subarray(-SIGNATURE_BYTES) };
}

function readReport(input: ByteReader): Report {
	return {
		room: toHex(input.bytes(ROOM_ID_BYTES)) as RoomId,
		reporterKey: input.bytes(PUBLIC_KEY_BYTES),
		madeAtMs: input.u48(),
		about: readKey(input),
		words: input.text(REPORT_WORDS_BYTES_MAX),
		events: readBlobs(input, REPORT_EVENTS_MAX),
		sound: readList(input, input.u8(), STREAMS_MAX, readStream)
	};
}

function readStream(input: ByteReader): ReportedStream {
	const stream = toHex(input.bytes(STREAM_ID_BYTES)) as StreamId;
	const frames = readList(input, input.u32(), FRAMES_MAX, (from) => ({
		ageMs: from.u32(),
		bytes: from.blob(REPORT_FRAME_BYTES_MAX)
	}));
	return { stream, frames };
}
