/** A recording, opened: answers what the pure reader asks for with bytes of a source. */
import type { ByteSource } from '../ports.ts';
import type { Block } from '#lib/p2p/archive/block.ts';
import { clipOf, type Cut } from '#lib/p2p/archive/clip.ts';
import {
	CLIP_FILE_HEAD_BYTES_MAX,
	readClipFileHead,
	type ClipFileHead
} from '#lib/p2p/archive/clip-head.ts';
import {
	CONTENT_HEAD_BYTES,
	FILE_HEAD_BYTES_MAX,
	partOffset,
	readContentHead,
	readFileHead,
	type FileHead,
	type Part,
	type PartSizes
} from '#lib/p2p/archive/container.ts';
import {
	blocksIn,
	framesFrom,
	openRecording,
	type OpenRecording,
	type ReadAsk,
	type RecordedFrame,
	type Reading
} from '#lib/p2p/archive/reader.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { partOf } from './byte-sources.ts';

export type PartSources = Readonly<Record<Part, ByteSource>>;

export interface RecordingReader {
	/** Head, seats, chapters, texts, events, duration and index: all that is not sound. */
	readonly recording: OpenRecording;
	/**
	 * Frames that begin at `playMs` or later, in the order of their times, some at a time; of `streams` alone where they
	 * are given. Reading goes no further than what is taken of it.
	 */
	frames(
		playMs: number,
		streams?: ReadonlySet<StreamId>
	): AsyncGenerator<readonly RecordedFrame[], void, undefined>;
	/** The blocks of that entry of `recording.index`, with the proofs of everything in them. */
	blocks(entry: number): Promise<readonly Block[]>;
	/** The content of a clip of it; null where nobody is heard in that. */
	clip(cut: Cut): Promise<Uint8Array | null>;
}

/** From the files of a recording as they lie on the disk. Null where there is none that can be read. */
export async function openParts(sources: PartSources): Promise<RecordingReader | null> {
	const sizes: PartSizes = {
		meta: sources.meta.size,
		log: sources.log.size,
		index: sources.index.size,
		sound: sources.sound.size
	};
	const recording = await answer(openRecording(sizes), sources);
	if (recording === null) return null;
	return {
		recording,
		async *frames(playMs, streams) {
			const steps = framesFrom(recording, playMs, streams ?? null);
			let step = steps.next();
			while (step.done !== true) {
				if (step.value.type === 'read') {
					step = steps.next(await read(sources, step.value));
				} else {
					yield step.value.frames;
					step = steps.next(NOTHING);
				}
			}
		},
		blocks: (entry) => answer(blocksIn(recording, entry), sources),
		clip: (cut) => answer(clipOf(recording, cut), sources)
	};
}

const NOTHING = new Uint8Array(0);

/** From a recording's content in one piece. */
export async function openContent(content: ByteSource): Promise<RecordingReader | null> {
	const sources = await partsOf(content);
	return sources === null ? null : openParts(sources);
}

/** Its parts; null where it does not begin as content does. */
export async function partsOf(content: ByteSource): Promise<PartSources | null> {
	const sizes = readContentHead(await content.read(0, CONTENT_HEAD_BYTES));
	if (sizes === null) return null;
	const part = (name: Part): ByteSource => partOf(content, partOffset(sizes, name), sizes[name]);
	return { meta: part('meta'), log: part('log'), index: part('index'), sound: part('sound') };
}

export interface RecordingFile {
	/** Its signature is not checked. */
	readonly head: FileHead;
	readonly content: ByteSource;
	readonly reader: RecordingReader;
}

/** From a file as it is handed out. Null for anything else. */
export async function openFile(file: ByteSource): Promise<RecordingFile | null> {
	const head = readFileHead(await file.read(0, FILE_HEAD_BYTES_MAX));
	if (head === null) return null;
	const content = partOf(file, head.contentAt, head.manifest.bytes);
	const reader = await openContent(content);
	return reader === null ? null : { head, content, reader };
}

export interface ClipFile {
	/** Its signature is not checked. */
	readonly head: ClipFileHead;
	readonly sources: PartSources;
	readonly reader: RecordingReader;
}

/** From a clip's file. Null for anything else. */
export async function openClipFile(file: ByteSource): Promise<ClipFile | null> {
	const head = readClipFileHead(await file.read(0, CLIP_FILE_HEAD_BYTES_MAX));
	if (head === null) return null;
	const sources = await partsOf(partOf(file, head.contentAt, head.clip.bytes));
	const reader = sources === null ? null : await openParts(sources);
	return sources === null || reader === null ? null : { head, sources, reader };
}

async function answer<T>(reading: Reading<T>, sources: PartSources): Promise<T> {
	let step = reading.next();
	while (step.done !== true) step = reading.next(await read(sources, step.value));
	return step.value;
}

const read = (sources: PartSources, { part, offset, length }: ReadAsk): Promise<Uint8Array> =>
	sources[part].read(offset, length);
