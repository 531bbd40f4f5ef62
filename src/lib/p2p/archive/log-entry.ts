/** What a recording holds beside the sound: the room's events that it needs, what was said as text, and marks of its own. */
import { reader, writer } from '../wire/bytes.ts';
import { openEnvelope } from '../wire/envelope.ts';
import { ENVELOPE_BYTES_MAX } from '../wire/limits.ts';
import { KINDS } from './kinds.ts';
import { TEXT_BYTES_MAX } from './limits.ts';
import { encodeRecord, readRecords } from './record.ts';

/**
 * Marks of the recorder, which nobody has signed.
 * 'on': it records from here on. 'paused': no longer, by the host's wish. 'off': it is over. 'back': it goes on after it
 * was cut off (a crash, a reload), and what is there ends at `lastMs`.
 */
export type Mark = 'on' | 'paused' | 'off' | 'back';
/** In the order of their codes. */
const MARKS: readonly Mark[] = ['on', 'paused', 'off', 'back'];

export type LogEntry =
	| {
			readonly type: 'event';
			/** By the recording's clock: ms since it was begun, u32. 0 for what was so before. */
			readonly atMs: number;
			/** A room event's envelope. */
			readonly envelope: Uint8Array;
	  }
	| {
			readonly type: 'text';
			readonly atMs: number;
			/** Signed by who said it, as it came, at most TEXT_BYTES_MAX. */
			readonly signed: Uint8Array;
	  }
	| {
			readonly type: 'mark';
			readonly atMs: number;
			readonly mark: Mark;
			/** By the recording's clock: the last that is there of the time before. Only 'back' has another than `atMs`. */
			readonly lastMs: number;
	  };

/** One record. */
export function encodeLogEntry(entry: LogEntry): Uint8Array<ArrayBuffer> {
	const out = writer().u32(entry.atMs);
	switch (entry.type) {
		case 'event':
			return encodeRecord(KINDS.event, out.bytes(entry.envelope).finish());
		case 'text':
			return encodeRecord(KINDS.text, out.bytes(entry.signed).finish());
		case 'mark':
			out.u8(MARKS.indexOf(entry.mark)).u32(entry.lastMs);
			return encodeRecord(KINDS.mark, out.finish());
	}
}

/** Every readable entry in `bytes`, in the order it was written. Never throws. */
export function readLog(bytes: Uint8Array): LogEntry[] {
	return readRecords(bytes).records.flatMap(({ kind, content }) => readEntry(kind, content) ?? []);
}

function readEntry(kind: number, content: Uint8Array): LogEntry | null {
	const input = reader(content);
	const atMs = input.u32();
	if (kind === KINDS.event) {
		const envelope = input.rest();
		const isOne = input.ok && envelope.length <= ENVELOPE_BYTES_MAX && openEnvelope(envelope).ok;
		return isOne ? { type: 'event', atMs, envelope } : null;
	}
	if (kind === KINDS.text) {
		const signed = input.rest();
		const isOne = input.ok && signed.length > 0 && signed.length <= TEXT_BYTES_MAX;
		return isOne ? { type: 'text', atMs, signed } : null;
	}
	if (kind !== KINDS.mark) return null;
	const mark = MARKS[input.u8()];
	const lastMs = input.u32();
	return mark === undefined || !input.done() ? null : { type: 'mark', atMs, mark, lastMs };
}
