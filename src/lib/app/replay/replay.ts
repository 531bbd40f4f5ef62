/** A recording, opened to listen to and to save: what is in it, and the Worker that makes sound and files of it. */
import { blobAsSource } from '#lib/io/disk/byte-sources.ts';
import { checkClip, type CheckedClip } from '#lib/io/disk/clip-check.ts';
import { openFolder } from '#lib/io/disk/recording-files.ts';
import { openClipFile } from '#lib/io/disk/recording-reader.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import type { CaptionSource, Clock, Disk, Store } from '#lib/io/ports.ts';
import type { LaterWords } from '#lib/p2p/archive/later-words.ts';
import { CLIP_FILE_BYTES_MAX } from '#lib/p2p/archive/clip-head.ts';
import type { OpenRecording, RecordedSeat } from '#lib/p2p/archive/reader.ts';
import { createTranscript, type TranscriptLine } from '#lib/p2p/archive/transcript.ts';
import { createVault, EPOCH_KEY_BYTES, type Vault } from '#lib/p2p/lock/vault.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import { isKind } from '#lib/p2p/wire/event.ts';
import { peerIdOf, type PeerId, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX, PIN_TEXT_BYTES_MAX, TITLE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { findPack, type FoundPack } from '../captions/find-pack.ts';
import { loadRecordingKeys, type EpochKey } from '../engine/recording-keys.ts';
import { laterWordsOf, putIntoWords, type Wording } from './afterwards.ts';
import type { ExportWish } from './export.ts';
import { openJobs, readAhead, startReplayWorker, type Job, type JobEvents } from './jobs.ts';
import { lanesOf, type Lanes } from './lanes.ts';

export interface ReplayPerson {
	readonly peer: PeerId;
	/** Empty where it cannot be read. */
	readonly name: string;
}

export interface ReplayChapter {
	readonly atMs: number;
	readonly title: string;
}

export interface Replay {
	readonly id: RecordingId;
	readonly title: string;
	readonly startedAtMs: number;
	/** To listen to. */
	readonly durationMs: number;
	/** Who is heard, in the order they took their seats. */
	readonly people: readonly ReplayPerson[];
	readonly chapters: readonly ReplayChapter[];
	/** What was said, in words; times count from the beginning. */
	readonly lines: readonly TranscriptLine[];
	readonly lanes: Lanes;
	/** Whose voice is in it, and no word of what they said. */
	readonly wordless: readonly PeerId[];
	/** What the room said it speaks, BCP 47; empty where it did not say. */
	readonly language: string;
	/** Whether it can be put into words on this device. Rejects where nobody can be asked. */
	findPack(language: string): Promise<FoundPack>;
	/** Those of `wordless`: see afterwards.ts. */
	putIntoWords(wording: Omit<Wording, 'onWords'> & { onLines: OnLines }): Promise<void>;
	/** Of a locked room. */
	readonly sealed: boolean;
	/** Its sound can be heard: it is not sealed, or its keys are here. */
	readonly readable: boolean;
	/** Ours to sign: we recorded it. */
	readonly mine: boolean;
	start(wish: ExportWish, events: JobEvents): Job;
	/** Stops whatever plays and is saved. */
	close(): void;
}

/** What one person said, whole and kept. */
type OnLines = (peer: PeerId, lines: readonly TranscriptLine[]) => void;

export interface ReplayParts {
	readonly disk: Disk | null;
	readonly words: CaptionSource;
	readonly store: Store;
	readonly clock: Clock;
	readonly me: PeerId;
	readonly keySeed: Uint8Array;
}

export { warmReplayWorker } from './jobs.ts';

/** Null where there is none of that id. Signatures are not checked: it lies where we have put it. */
export async function openReplay(parts: ReplayParts, id: RecordingId): Promise<Replay | null> {
	return withWorker(async (worker) => {
		readAhead(worker, { id, clip: null });
		const { disk, store } = parts;
		const reader = disk === null ? null : await openFolder(disk, id);
		if (disk === null || reader === null) return null;
		const keys = await loadRecordingKeys(store, id);
		const later = await laterWordsOf(disk, id);
		return replayOf(parts, { worker, recording: reader.recording, keys, later, clip: null });
	});
}

/** It starts while the page still reads, and ends where nothing is opened. */
async function withWorker<T>(open: (worker: Worker) => Promise<T | null>): Promise<T | null> {
	const worker = startReplayWorker();
	let opened: T | null = null;
	try {
		opened = await open(worker);
	} finally {
		if (opened === null) worker.terminate();
	}
	return opened;
}

export interface ReplayClip {
	readonly replay: Replay;
	/** What it proves. */
	readonly checked: CheckedClip;
}

/**
 * Opens a clip's file, and checks every signature in it. Null for anything else. `shared`: by what id it was fetched, or is
 * handed out; null where it came as a file.
 */
export async function openClip(
	parts: ReplayParts,
	clip: Blob,
	shared: RecordingId | null
): Promise<ReplayClip | null> {
	return withWorker(async (worker) => {
		const file = blobAsSource(clip);
		const opened = clip.size > CLIP_FILE_BYTES_MAX ? null : await openClipFile(file);
		if (opened === null) return null;
		readAhead(worker, { id: opened.reader.recording.meta.id, clip });
		const checker = await createKeys(parts.keySeed);
		const checked = await checkClip(file, (...what) => checker.verify(...what));
		const { recording } = opened.reader;
		const own = await loadRecordingKeys(parts.store, recording.meta.id);
		const fetched = shared === null ? [] : await loadRecordingKeys(parts.store, shared);
		const keys = [...own, ...fetched];
		return { replay: replayOf(parts, { worker, recording, keys, later: [], clip }), checked };
	});
}

interface Opening {
	/** It is the replay's from now on. */
	readonly worker: Worker;
	readonly recording: OpenRecording;
	readonly keys: readonly EpochKey[];
	readonly later: readonly LaterWords[];
	/** Its file, where it is one. */
	readonly clip: Blob | null;
}

function replayOf(parts: ReplayParts, { worker, recording, keys, later, clip }: Opening): Replay {
	const { clock, keySeed } = parts;
	const { meta, durationMs, chapters } = recording;
	const { id, room } = meta;
	const vault = createVault(room, new Uint8Array(EPOCH_KEY_BYTES));
	for (const { epoch, key } of keys) vault.learn(epoch, key);
	const read = (text: string, max: number): string => cleanText(vault.openText(text) ?? '', max);
	const people = peopleIn(recording, (name) => read(name, NAME_BYTES_MAX));
	const live = linesIn(recording, vault, people);
	const jobs = openJobs(worker, { id, room, keys, keySeed, clip }, () => clock.nowMs());
	const asLines = linesFor(people);
	const lanes = lanesOf(recording);
	const wordless = people
		.map(({ peer }) => peer)
		.filter((peer) => ![...live, ...later].some((one) => one.peer === peer));
	return {
		...{ id, durationMs, people, lanes },
		title: read(meta.title, TITLE_BYTES_MAX),
		startedAtMs: meta.startedAtMs,
		chapters: chapters.map(({ playMs, text }) => ({
			atMs: playMs,
			title: read(text, PIN_TEXT_BYTES_MAX)
		})),
		lines: [...live, ...later.flatMap(asLines)].sort((a, b) => a.fromMs - b.fromMs),
		// What came as a file is not kept here, and so nothing beside it.
		wordless: clip === null ? wordless : [],
		language: languageOf(recording),
		findPack: (language) => findPack(parts.words, language),
		async putIntoWords({ onLines, ...wording }) {
			const { disk, words: source } = parts;
			if (disk === null || clip !== null) throw new Error('There is no place to keep them.');
			await putIntoWords(
				{ id, disk, lanes, source, start: (wish, on) => jobs.start(wish, on) },
				seatsOf(recording, wordless),
				{ ...wording, onWords: (one) => onLines(one.peer, asLines(one)) }
			);
		},
		sealed: meta.sealed,
		readable: !meta.sealed || keys.length > 0,
		mine: peerIdOf(meta.hostKey) === parts.me,
		start: (wish, on) => jobs.start(wish, on),
		close: () => jobs.close()
	};
}

/** One of each. */
const seatsOf = ({ seats }: OpenRecording, peers: readonly PeerId[]): RecordedSeat[] =>
	peers.flatMap((peer) => seats.find((seat) => seat.peer === peer) ?? []);

function peopleIn({ seats }: OpenRecording, read: (name: string) => string): ReplayPerson[] {
	const names = new Map<PeerId, string>();
	for (const { peer, name } of seats) names.set(peer, read(name) || (names.get(peer) ?? ''));
	return [...names].map(([peer, name]) => ({ peer, name }));
}

/** As its room was set up last. */
function languageOf({ events }: OpenRecording): string {
	const settings = events.map(({ event }) => event).filter((event) => isKind(event, 'settings'));
	return settings.at(-1)?.body.language ?? '';
}

const linesFor =
	(people: readonly ReplayPerson[]) =>
	({ peer, language, lines }: LaterWords): TranscriptLine[] => {
		const name = people.find((one) => one.peer === peer)?.name ?? '';
		return lines.map((line) => ({
			...{ ...line, peer, name, language, start: Math.round(line.fromMs / TICK_MS) }
		}));
	};

function linesIn(
	{ texts, meta }: OpenRecording,
	vault: Vault,
	people: readonly ReplayPerson[]
): readonly TranscriptLine[] {
	const transcript = createTranscript();
	const names = new Map(meta.people.map(({ peer, name }) => [peer, vault.openText(name) ?? '']));
	for (const { peer, name } of people) names.set(peer, name);
	for (const { signed, playMs } of texts) {
		const opened = openEnvelope(signed);
		if (!opened.ok || !isKind(opened.event, 'caption')) continue;
		const { author: peer, body } = opened.event;
		const text = vault.openText(body.text);
		if (text === null) continue;
		transcript.put({
			...{ peer, text, name: names.get(peer) ?? '', stream: body.stream, start: body.start },
			...{ fromMs: playMs, toMs: playMs + body.ticks * TICK_MS, language: body.language }
		});
	}
	return transcript.lines();
}
