/**
 * Reads a recording without knowing where its bytes are: every function here is a generator that asks for bytes and is
 * handed them. `io/disk/recording-reader.ts` drives them over whatever has bytes.
 */
import { openEnvelope } from '../wire/envelope.ts';
import { isKind, type RoomEvent } from '../wire/event.ts';
import { streamOf, type PeerId, type StreamId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import { decodeBlock, timeIn, type Block } from './block.ts';
import type { Part, PartSizes } from './container.ts';
import { KINDS } from './kinds.ts';
import { RECORD_BYTES_MAX, SCAN_BYTES } from './limits.ts';
import { readLog, type LogEntry } from './log-entry.ts';
import { readMeta, type RecordingMeta } from './meta.ts';
import { readRecords, RECORD_EXTRA_BYTES } from './record.ts';
import { createIndexer, isWhole, readIndex, type IndexEntry } from './seek-index.ts';
import { durationOf, fromPlay, spansOf, toPlay, type Span } from './timeline.ts';

/** Two minutes of eleven people. */
const GIVEN_MAX = 66_000;
/** Times follow numbers: a frame may be dated a little later than its block was closed. */
export const AHEAD_MS = 500;

/** Asks for `length` bytes of a part from `offset` on: to be answered with those, or with as many as are there. */
export interface ReadAsk {
	readonly type: 'read';
	readonly part: Part;
	readonly offset: number;
	readonly length: number;
}

/** Asks, is handed bytes, and gives `T` in the end. */
export type Reading<T> = Generator<ReadAsk, T, Uint8Array>;

export interface RecordedEvent {
	readonly event: RoomEvent;
	/** By the recording's clock; 0 for what was so before it began. */
	readonly atMs: number;
	readonly playMs: number;
}

export interface RecordedText {
	/** As its author signed it. */
	readonly signed: Uint8Array;
	readonly atMs: number;
	readonly playMs: number;
}

/** A seat somebody spoke on. One person may have had several. */
export interface RecordedSeat {
	readonly stream: StreamId;
	readonly peer: PeerId;
	/** In a locked room a sealed text. */
	readonly name: string;
}

export interface Chapter {
	readonly playMs: number;
	/** In a locked room sealed texts. */
	readonly text: string;
	readonly link: string;
}

/** What is known of a recording once it is open. Signatures are not checked. */
export interface OpenRecording {
	readonly meta: RecordingMeta;
	readonly sizes: PartSizes;
	readonly log: readonly LogEntry[];
	readonly events: readonly RecordedEvent[];
	readonly texts: readonly RecordedText[];
	/** In the order they were taken; those of which no sound is there are left out. */
	readonly seats: readonly RecordedSeat[];
	/** Pins put up while it recorded. */
	readonly chapters: readonly Chapter[];
	readonly spans: readonly Span[];
	readonly durationMs: number;
	/** The last time, by its own clock, at which anything was written. */
	readonly lastMs: number;
	/** All of the sound, in order. */
	readonly index: readonly IndexEntry[];
}

/** Null where there is no head that can be read. */
export function* openRecording(sizes: PartSizes): Reading<OpenRecording | null> {
	const meta = readMeta(yield* all('meta', sizes));
	if (meta === null) return null;
	const log = readLog(yield* all('log', sizes));
	const index = yield* wholeIndex(sizes);
	const lastMs = Math.max(0, index.at(-1)?.untilMs ?? 0, ...log.map(({ atMs }) => atMs));
	const spans = spansOf(log, lastMs);
	const events = log.flatMap((entry) => readEvent(entry, spans));
	return {
		...{ meta, sizes, log, events, spans, lastMs, index },
		texts: log.flatMap((entry) =>
			entry.type === 'text' ? [{ ...entry, playMs: toPlay(spans, entry.atMs) }] : []
		),
		seats: seatsOf(events, index),
		chapters: chaptersOf(events),
		durationMs: durationOf(spans)
	};
}

function* all(part: Part, sizes: PartSizes): Reading<Uint8Array> {
	return yield { type: 'read', part, offset: 0, length: sizes[part] };
}

function readEvent(entry: LogEntry, spans: readonly Span[]): RecordedEvent[] {
	if (entry.type !== 'event') return [];
	const opened = openEnvelope(entry.envelope);
	const { atMs } = entry;
	return opened.ok ? [{ event: opened.event, atMs, playMs: toPlay(spans, atMs) }] : [];
}

function seatsOf(events: readonly RecordedEvent[], index: readonly IndexEntry[]): RecordedSeat[] {
	const heard = new Set(index.flatMap(({ lanes }) => lanes.map(({ stream }) => stream)));
	return events.flatMap(({ event }) => {
		if (!isKind(event, 'sit')) return [];
		const stream = streamOf(event.id);
		return heard.has(stream) ? [{ stream, peer: event.author, name: event.body.name }] : [];
	});
}

function chaptersOf(events: readonly RecordedEvent[]): Chapter[] {
	return events.flatMap(({ event, atMs, playMs }) =>
		isKind(event, 'pin') && atMs > 0
			? [{ playMs, text: event.body.text, link: event.body.link }]
			: []
	);
}

/** From the file, as far as that can be believed; what it does not tell of is read in the sound itself. */
function* wholeIndex(sizes: PartSizes): Reading<IndexEntry[]> {
	const told = readIndex(yield* all('index', sizes), sizes.sound);
	const believed = isWhole(told) ? told : [];
	// The last entry may have been written before the last blocks were.
	const last = believed.pop();
	return [...believed, ...(yield* scan(last?.offset ?? 0, sizes.sound))];
}

function* scan(from: number, soundBytes: number): Reading<IndexEntry[]> {
	const indexer = createIndexer();
	const entries: IndexEntry[] = [];
	const tell = (block: Block, offset: number): void => {
		const entry = indexer.add(block, offset);
		if (entry !== null) entries.push(entry);
	};
	yield* walk({ from, to: soundBytes, proofs: 'without', tell });
	const rest = indexer.rest();
	return rest === null ? entries : [...entries, rest];
}

interface Stretch {
	readonly from: number;
	readonly to: number;
	readonly proofs: 'with' | 'without';
	readonly tell: (block: Block, offset: number) => void;
}

/** Tells of every block in that stretch of the sound and where it begins, in the order they stand there. */
function* walk({ from, to, proofs, tell }: Stretch): Reading<void> {
	for (let at = from; at < to;) {
		const length = Math.min(SCAN_BYTES, to - at);
		const bytes = yield { type: 'read', part: 'sound', offset: at, length };
		const { records, end } = readRecords(bytes);
		for (const { kind, content, from: within } of records) {
			const block = kind === KINDS.block ? decodeBlock(content, proofs) : null;
			if (block !== null) tell(block, at + within);
		}
		if (bytes.length < length || at + length >= to) return;
		// A record may have begun that ends in what was not read yet.
		at += Math.max(end, length - RECORD_BYTES_MAX - RECORD_EXTRA_BYTES);
	}
}

/** The blocks of one entry of the index, in the order they stand there. */
export function* blocksIn(
	recording: OpenRecording,
	entry: number,
	proofs: 'with' | 'without' = 'with'
): Reading<Block[]> {
	const from = recording.index[entry]?.offset ?? recording.sizes.sound;
	const to = recording.index[entry + 1]?.offset ?? recording.sizes.sound;
	const blocks: Block[] = [];
	yield* walk({ from, to, proofs, tell: (block) => blocks.push(block) });
	return blocks;
}

export interface RecordedFrame {
	readonly frame: Frame;
	/** When it began, by the recording's clock, and for who listens. */
	readonly atMs: number;
	readonly playMs: number;
}

/** Frames follow, in the order of their times, or bytes are asked for; an answer to frames is not looked at. */
export type FrameStep =
	ReadAsk | { readonly type: 'frames'; readonly frames: readonly RecordedFrame[] };

/**
 * Every frame that begins at `playMs` or later, in the order of their times; of these streams alone where `streams` is
 * given. Each once, whatever was written twice.
 */
export function* framesFrom(
	recording: OpenRecording,
	playMs: number,
	streams: ReadonlySet<StreamId> | null = null
): Generator<FrameStep, void, Uint8Array> {
	const { index, spans } = recording;
	const fromMs = fromPlay(spans, playMs);
	const earliest = earliestFrom(index);
	const first = index.findIndex(({ untilMs }) => untilMs + AHEAD_MS >= fromMs);
	const given = newGiven();
	let waiting: RecordedFrame[] = [];
	for (let i = first === -1 ? index.length : first; i < index.length; i++) {
		for (const block of yield* blocksIn(recording, i, 'without')) {
			waiting.push(...framesOf(block, { fromMs, streams, spans }));
		}
		// What comes later in the file may have been filled in, and be earlier.
		const safeMs = earliest[i + 1] ?? Infinity;
		const ready = waiting.filter(({ atMs }) => atMs < safeMs);
		waiting = waiting.filter(({ atMs }) => atMs >= safeMs);
		const fresh = ready.sort((a, b) => a.atMs - b.atMs).filter((one) => given.isFirst(one));
		if (fresh.length > 0) yield { type: 'frames', frames: fresh };
	}
}

interface Wanted {
	readonly fromMs: number;
	readonly streams: ReadonlySet<StreamId> | null;
	readonly spans: readonly Span[];
}

function framesOf(block: Block, { fromMs, streams, spans }: Wanted): RecordedFrame[] {
	return block.runs
		.filter(({ stream }) => streams === null || streams.has(stream))
		.flatMap((run) =>
			run.frames.map((frame) => {
				const atMs = timeIn(run, frame.seq);
				return { frame, atMs, playMs: toPlay(spans, atMs) };
			})
		)
		.filter(({ atMs }) => atMs >= fromMs);
}

/** The earliest time in this entry and all that follow. */
function earliestFrom(index: readonly IndexEntry[]): readonly number[] {
	const earliest: number[] = new Array<number>(index.length);
	let least = Infinity;
	for (let i = index.length - 1; i >= 0; i--) {
		least = Math.min(least, index[i]?.fromMs ?? Infinity);
		earliest[i] = least;
	}
	return earliest;
}

/** Remembers as much as can come twice: what was filled in anew after the recorder was cut off. */
interface Given {
	isFirst(frame: RecordedFrame): boolean;
}

/** In two halves, of which the older goes as a whole: a set that loses its oldest one by one grows slow. */
function newGiven(): Given {
	let older = new Set<string>();
	let newer = new Set<string>();
	return {
		isFirst({ frame }) {
			const name = `${frame.stream} ${frame.seq}`;
			if (older.has(name) || newer.has(name)) return false;
			newer.add(name);
			if (newer.size < GIVEN_MAX / 2) return true;
			older = newer;
			newer = new Set();
			return true;
		}
	};
}
