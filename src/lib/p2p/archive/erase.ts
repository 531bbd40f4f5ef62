/**
 * Takes somebody out of what was recorded. Records are written over in place, by one that holds what is left and one that
 * holds nothing, so that everything else stays where it is.
 */
import { openEnvelope } from '../wire/envelope.ts';
import type { PeerId, StreamId } from '../wire/ids.ts';
import { decodeBlock, encodeBlock } from './block.ts';
import { KINDS } from './kinds.ts';
import { encodeRecord, RECORD_EXTRA_BYTES, readRecords, type RecordRead } from './record.ts';
import { encodeIndexEntry, readIndexEntry } from './seek-index.ts';

/** Who is to go, and what of them. */
export interface Erased {
	/** Streams that are not to be heard. */
	readonly streams: ReadonlySet<StreamId>;
	/** Whose events and texts are to go as well; nobody where only voices do. */
	readonly people: ReadonlySet<PeerId>;
}

export interface Overwrite {
	readonly at: number;
	/** As long as what stood there. */
	readonly bytes: Uint8Array;
}

/** What is to be written over in a file of a recording that holds `bytes`. Never throws. */
export function erasing(bytes: Uint8Array, erased: Erased): Overwrite[] {
	return readRecords(bytes).records.flatMap((record) => {
		const left = leftOf(record, erased);
		return left === null ? [] : [{ at: record.from, bytes: padded(left, record.to - record.from) }];
	});
}

/** Every record of a file that holds `bytes`. Never throws. */
export const erasingAll = (bytes: Uint8Array): Overwrite[] =>
	readRecords(bytes).records.map(({ from, to }) => ({
		at: from,
		bytes: padded(NOTHING, to - from)
	}));

/** What is left of a record: none of it, some, or null where it stays as it is. */
function leftOf({ kind, content }: RecordRead, { streams, people }: Erased): Uint8Array | null {
	switch (kind) {
		case KINDS.block: {
			const block = decodeBlock(content);
			if (block === null) return null;
			const runs = block.runs.filter(({ stream }) => !streams.has(stream));
			if (runs.length === block.runs.length) return null;
			if (runs.length === 0) return NOTHING;
			return encodeRecord(kind, encodeBlock({ ...block, runs }));
		}
		case KINDS.entry: {
			const entry = readIndexEntry(content);
			const lanes = entry?.lanes.filter(({ stream }) => !streams.has(stream));
			if (entry === null || lanes === undefined || lanes.length === entry.lanes.length) return null;
			return encodeIndexEntry({ ...entry, lanes });
		}
		case KINDS.event:
		case KINDS.text: {
			const opened = openEnvelope(content.subarray(TIME_BYTES));
			if (!opened.ok) return null;
			const { author, body } = opened.event;
			const isAbout = 'to' in body && people.has(body.to);
			return people.has(author) || isAbout ? NOTHING : null;
		}
		default:
			return null;
	}
}

const NOTHING = new Uint8Array(0);
/** What stands before an envelope in the log. */
const TIME_BYTES = 4;

/** What goes of a record is always longer than a record with nothing in it. */
function padded(left: Uint8Array, length: number): Uint8Array {
	const filler = length - left.length - RECORD_EXTRA_BYTES;
	const bytes = new Uint8Array(length);
	bytes.set(left);
	bytes.set(encodeRecord(KINDS.gone, new Uint8Array(filler)), left.length);
	return bytes;
}
