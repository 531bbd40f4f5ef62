/**
 * Where in the sound what time stands, and how loud each speaker was in it: for opening, seeking and drawing without
 * reading the sound. It is written beside the sound, behind it, and is made anew from the sound where it is damaged.
 */
import { reader, writer, type ByteReader } from '../wire/bytes.ts';
import { fromHex, STREAM_ID_BYTES, toHex, type StreamId } from '../wire/ids.ts';
import { readList } from '../wire/fields.ts';
import { LEVEL_SILENT } from '../wire/packet.ts';
import { timeIn, type Block } from './block.ts';
import { KINDS } from './kinds.ts';
import { BLOCK_STREAMS_MAX, INDEX_EVERY_MS, WINDOW_BYTES_MAX } from './limits.ts';
import { encodeRecord, readRecords } from './record.ts';

/** How one stream was heard in the time of an entry. */
export interface Lane {
	readonly stream: StreamId;
	/** When its first frame there began, by the recording's clock. */
	readonly atMs: number;
	/** How much of it is voice, ticks of 20 ms, u16. */
	readonly voiceTicks: number;
	/** The loudest, -dBov: 0 (loudest) .. 127 (silent, or sealed). */
	readonly level: number;
}

/** Blocks that follow each other in the sound. */
export interface IndexEntry {
	/** Where the first of them begins, counted over all files of sound. u48. */
	readonly offset: number;
	/** When it was closed, and the earliest time in any of them, by the recording's clock. */
	readonly writtenMs: number;
	readonly fromMs: number;
	/** When the last of them was closed. */
	readonly untilMs: number;
	/** At most BLOCK_STREAMS_MAX. */
	readonly lanes: readonly Lane[];
}

/** One record. */
export function encodeIndexEntry(entry: IndexEntry): Uint8Array<ArrayBuffer> {
	const out = writer().u48(entry.offset).u32(entry.writtenMs).u32(entry.fromMs);
	const lanes = entry.lanes.slice(0, BLOCK_STREAMS_MAX);
	out.u32(entry.untilMs).u8(lanes.length);
	for (const { stream, atMs, voiceTicks, level } of lanes) {
		out.bytes(fromHex(stream)).u32(atMs).u16(voiceTicks).u8(level);
	}
	return encodeRecord(KINDS.entry, out.finish());
}

/**
 * The entries in `bytes` that can be so for `soundBytes` bytes of sound: each begins behind the one before. One that
 * does not was written after the end of the sound was cut off, and takes the place of those it runs into. Never throws.
 */
export function readIndex(bytes: Uint8Array, soundBytes: number): IndexEntry[] {
	const entries: IndexEntry[] = [];
	for (const { kind, content } of readRecords(bytes).records) {
		const entry = kind === KINDS.entry ? readIndexEntry(content) : null;
		if (entry === null || entry.offset >= soundBytes) continue;
		while ((entries.at(-1)?.offset ?? -1) >= entry.offset) entries.pop();
		entries.push(entry);
	}
	return entries;
}

/** Whether it can be relied on: it begins where the sound does, and leaves out no more than a window. */
export function isWhole(entries: readonly IndexEntry[]): boolean {
	return entries.every(({ offset }, i) => {
		const before = entries[i - 1];
		return before === undefined ? offset === 0 : offset - before.offset <= WINDOW_BYTES_MAX;
	});
}

/** Of one record. */
export function readIndexEntry(content: Uint8Array): IndexEntry | null {
	const input = reader(content);
	const entry = {
		offset: input.u48(),
		writtenMs: input.u32(),
		fromMs: input.u32(),
		untilMs: input.u32(),
		lanes: readList(input, input.u8(), BLOCK_STREAMS_MAX, readLane)
	};
	return input.done() && entry.writtenMs <= entry.untilMs ? entry : null;
}

function readLane(input: ByteReader): Lane {
	const stream = toHex(input.bytes(STREAM_ID_BYTES)) as StreamId;
	return { stream, atMs: input.u32(), voiceTicks: input.u16(), level: input.u8() };
}

/** Makes entries of blocks, in the order they stand in the sound. */
export interface Indexer {
	/** A block at that place. Gives an entry where one is due, for the blocks before this one. */
	add(block: Block, offset: number): IndexEntry | null;
	/** Tells of this stream no more in what has no entry yet. */
	drop(stream: StreamId): void;
	/** For what has no entry yet; null where there is nothing. */
	rest(): IndexEntry | null;
}

export function createIndexer(): Indexer {
	let open: IndexEntry | null = null;
	return {
		add(block, offset) {
			const isDue =
				open !== null &&
				(block.writtenMs - open.writtenMs >= INDEX_EVERY_MS ||
					offset - open.offset > WINDOW_BYTES_MAX / 2);
			const due = isDue ? open : null;
			const before = isDue ? null : open;
			const fromMs = Math.min(...block.runs.map(({ atMs }) => atMs), block.writtenMs);
			open = {
				offset: before?.offset ?? offset,
				writtenMs: before?.writtenMs ?? block.writtenMs,
				fromMs: Math.min(before?.fromMs ?? fromMs, fromMs),
				untilMs: Math.max(before?.untilMs ?? 0, block.writtenMs),
				lanes: withLanes(before?.lanes ?? [], block)
			};
			return due;
		},
		drop(stream) {
			if (open === null) return;
			open = { ...open, lanes: open.lanes.filter((lane) => lane.stream !== stream) };
		},
		rest() {
			const last = open;
			open = null;
			return last;
		}
	};
}

function withLanes(lanes: readonly Lane[], { runs }: Block): readonly Lane[] {
	const byStream = new Map(lanes.map((lane) => [lane.stream, lane]));
	for (const run of runs) {
		const known = byStream.get(run.stream);
		let voiceTicks = known?.voiceTicks ?? 0;
		let level = known?.level ?? LEVEL_SILENT;
		let atMs = known?.atMs ?? null;
		for (const frame of run.frames) {
			if (frame.kind !== 'voice') continue;
			voiceTicks = Math.min(0xffff, voiceTicks + 1);
			level = Math.min(level, frame.level);
			const beginsMs = timeIn(run, frame.seq);
			atMs = atMs === null ? beginsMs : Math.min(atMs, beginsMs);
		}
		const lane = { stream: run.stream, atMs: atMs ?? run.atMs, voiceTicks, level };
		if (voiceTicks > 0) byStream.set(run.stream, lane);
	}
	return [...byStream.values()].slice(0, BLOCK_STREAMS_MAX);
}
