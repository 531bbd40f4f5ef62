/** The files of one recording while it goes on: opened anew or taken up again, appended to, and closed. */
import {
	fileSource,
	INDEX,
	LOG,
	META,
	openFolder,
	soundFile,
	soundFiles
} from '#lib/io/disk/recording-files.ts';
import type { Disk, Store } from '#lib/io/ports.ts';
import {
	EARLY_FRAMES_MAX,
	INDEX_BYTES_MAX,
	LOG_BYTES_MAX,
	SEGMENT_BYTES_MAX,
	SEGMENTS_MAX
} from '#lib/p2p/archive/limits.ts';
import { encodeLogEntry, type LogEntry, type Mark } from '#lib/p2p/archive/log-entry.ts';
import { encodeMeta, readMeta, type RecordingMeta } from '#lib/p2p/archive/meta.ts';
import type { OpenRecording } from '#lib/p2p/archive/reader.ts';
import { createTape, type HeardFrame, type Tape, type Written } from '#lib/p2p/archive/tape.ts';
import type { Taping } from '#lib/p2p/peer/taping.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import {
	streamOf,
	type EventId,
	type PeerId,
	type RecordingId,
	type RoomId,
	type StreamId
} from '#lib/p2p/wire/ids.ts';
import type { RecordingState } from '#lib/p2p/wire/recording.ts';
import { isKind, type RoomEvent } from '#lib/p2p/wire/event.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { eraseIn, eraseInSound, forgetHeads } from './reel-erasing.ts';
import {
	appendAll,
	closeFiles,
	cutTorn,
	forgetWords,
	openFiles,
	type ReelFiles
} from './reel-files.ts';
import { noteAnswer, peopleNow, withdrawnBy, type AnswersTaped } from './consents.ts';
import { saveRecordingKeys } from './recording-keys.ts';

export interface ReelParts {
	readonly disk: Disk;
	readonly store: Store;
	readonly room: RoomId;
	readonly hostKey: Uint8Array;
	readonly newId: () => RecordingId;
	readonly taping: Taping;
	readonly nowMs: number;
}

export interface Reel {
	readonly id: RecordingId;
	/** Of all files. */
	readonly bytes: number;
	/** Pauses left out. */
	readonly recordedMs: number;
	/** It has ended or was left: nothing more is taken. */
	readonly over: boolean;
	hear(heard: HeardFrame): void;
	text(author: PeerId, envelope: Uint8Array, saidAtMs: number): void;
	/** Writes what was heard and what is new in the room, and flushes it. Closes where recording is off. */
	follow(taping: Taping, nowMs: number): Promise<void>;
	/** Over, with everything written. */
	end(nowMs: number): Promise<void>;
	/** Closed for now: the next one to open this room's goes on. */
	leave(nowMs: number): Promise<void>;
	/** Lets go of the files as they are. */
	abandon(): Promise<void>;
}

interface Running {
	readonly parts: ReelParts;
	readonly files: ReelFiles;
	readonly tape: Tape;
	meta: RecordingMeta;
	/** Bytes of the head as it was written last, to tell whether it is another. */
	written: Uint8Array;
	/** Events that stand in the log. */
	readonly logged: Set<EventId>;
	/** Texts and events on their way into the log, in order. */
	waiting: LogEntry[];
	taping: Taping;
	nowMs: number;
	recording: boolean;
	over: boolean;
	/** Of the time before this one, and since when it goes on. */
	recordedMs: number;
	sinceMs: number;
	/** Files of sound that are full. */
	fullBytes: number;
	/** Seats that stand in the log, by who took them. */
	readonly seats: Map<PeerId, Set<StreamId>>;
	readonly answers: AnswersTaped;
	/** Lamport time of the last of the host's words on recording that stands in the log. */
	decidedAt: number;
	/** Of those who were taken out: what still comes of them is not heard. */
	readonly declined: Set<StreamId>;
	/** What was said since the room began to record again, until the reel follows; at most EARLY_FRAMES_MAX. */
	early: HeardFrame[];
}

/** The recording of this room that was not ended, or a new one. */
export async function openReel(parts: ReelParts): Promise<Reel> {
	const before = await unended(parts);
	const run = before === null ? await begin(parts) : await resume(parts, before);
	return reelOf(run);
}

async function unended({ disk, room }: ReelParts): Promise<string | null> {
	for (const folder of await disk.folders()) {
		const file = await fileSource(disk, folder, META);
		const meta = readMeta(await file.read(0, file.size));
		if (meta?.room === room && meta.endedAtMs === null) return folder;
	}
	return null;
}

async function begin(parts: ReelParts): Promise<Running> {
	const { room, hostKey, taping, nowMs, newId } = parts;
	const meta: RecordingMeta = {
		id: newId(),
		room,
		hostKey,
		title: taping.title,
		startedAtMs: Math.floor(nowMs),
		endedAtMs: null,
		keptAtMs: null,
		sealed: taping.locked,
		people: taping.people
	};
	const files = await openFiles(parts.disk, meta.id, 1);
	const run = newRun(parts, files, { meta, soundBytes: 0 });
	for (const event of taping.events) {
		note(run, event);
		log(run, { type: 'event', atMs: 0, envelope: event.bytes });
	}
	mark(run, 'on', nowMs);
	return run;
}

async function resume(parts: ReelParts, folder: string): Promise<Running> {
	const segments = await soundFiles(parts.disk, folder);
	const files = await openFiles(parts.disk, folder, Math.max(1, segments.length));
	try {
		return await takeUp(parts, folder, files);
	} catch (error) {
		await closeFiles(files);
		throw error;
	}
}

/** What a crash left half written is cut off first: behind it nothing would be found again. */
async function takeUp(parts: ReelParts, folder: string, files: ReelFiles): Promise<Running> {
	const { disk, nowMs } = parts;
	for (const [name, file] of [
		[META, files.meta],
		[LOG, files.log],
		[INDEX, files.index],
		[soundFile(files.segment), files.sound]
	] as const) {
		await cutTorn(disk, folder, name, file);
	}
	const opened = await openFolder(disk, folder);
	if (opened === null) throw new Error('A recording cannot be read any more.');
	const { recording } = opened;
	await forgetWords(disk, folder);
	const run = newRun(parts, files, {
		meta: recording.meta,
		soundBytes: recording.sizes.sound
	});
	run.fullBytes = recording.sizes.sound - files.sound.size;
	run.recordedMs = recording.durationMs;
	for (const { event } of recording.events) note(run, event);
	const lastMs = recording.lastMs;
	const backMs = Math.max(lastMs, timeOf(run, nowMs));
	const wasOpen = lastMark(recording) === 'on' || lastMark(recording) === 'back';
	log(run, { type: 'mark', mark: 'back', atMs: backMs, lastMs });
	if (wasOpen) {
		run.recording = true;
		run.sinceMs = nowMs;
	} else mark(run, 'on', nowMs);
	return run;
}

const lastMark = ({ log: entries }: OpenRecording): Mark | null =>
	entries.reduce<Mark | null>((last, entry) => (entry.type === 'mark' ? entry.mark : last), null);

function newRun(
	parts: ReelParts,
	files: ReelFiles,
	{ meta, soundBytes }: { readonly meta: RecordingMeta; readonly soundBytes: number }
): Running {
	return {
		parts,
		files,
		tape: createTape({ startedAtMs: meta.startedAtMs, soundBytes }),
		meta,
		written: new Uint8Array(0),
		logged: new Set(),
		waiting: [],
		taping: parts.taping,
		nowMs: parts.nowMs,
		recording: false,
		over: false,
		recordedMs: 0,
		sinceMs: parts.nowMs,
		fullBytes: 0,
		seats: new Map(),
		answers: new Map(),
		decidedAt: 0,
		declined: new Set(),
		early: []
	};
}

function reelOf(run: Running): Reel {
	const { files, meta } = run;
	return {
		id: meta.id,
		get bytes() {
			const { meta: head, log: events, index, sound } = files;
			return head.size + events.size + index.size + sound.size + run.fullBytes;
		},
		get recordedMs() {
			const now = run.recording ? Math.max(0, run.nowMs - run.sinceMs) : 0;
			return run.recordedMs + now;
		},
		get over() {
			return run.over;
		},
		hear(heard) {
			if (run.declined.has(heard.frame.stream)) return;
			if (run.recording) run.tape.hear(heard);
			else if (run.early.length < EARLY_FRAMES_MAX) run.early.push(heard);
		},
		text(author, envelope, saidAtMs) {
			const agrees = run.meta.people.some(({ peer }) => peer === author);
			if (agrees) log(run, { type: 'text', atMs: timeOf(run, saidAtMs), signed: envelope });
		},
		follow: (taping, nowMs) => follow(run, taping, nowMs),
		end: (nowMs) => close(run, nowMs, 'off'),
		leave: (nowMs) => close(run, nowMs, 'paused'),
		abandon: () => closeFiles(files)
	};
}

/** By the recording's clock. */
const timeOf = ({ meta }: Running, atMs: number): number =>
	Math.max(0, Math.round(atMs - meta.startedAtMs));

function log(run: Running, entry: LogEntry): void {
	run.waiting.push(entry);
}

function mark(run: Running, what: Exclude<Mark, 'back'>, nowMs: number): void {
	const atMs = timeOf(run, nowMs);
	log(run, { type: 'mark', mark: what, atMs, lastMs: atMs });
	if (run.recording) run.recordedMs += Math.max(0, nowMs - run.sinceMs);
	run.recording = what === 'on';
	run.sinceMs = nowMs;
}

async function follow(run: Running, taping: Taping, nowMs: number): Promise<void> {
	const wasKept = run.taping.kept;
	run.nowMs = nowMs;
	run.taping = taping;
	const erased = await eraseWhoDeclined(run, taping);
	for (const event of taping.events) {
		if (run.logged.has(event.id)) continue;
		note(run, event);
		log(run, { type: 'event', atMs: Math.max(1, timeOf(run, nowMs)), envelope: event.bytes });
	}
	const { title, kept, locked } = taping;
	const people = peopleNow(run.meta.people, taping, run.answers);
	const unkept = wasKept && !kept ? null : run.meta.keptAtMs;
	const keptAtMs = kept ? (run.meta.keptAtMs ?? Math.floor(nowMs)) : unkept;
	run.meta = { ...run.meta, title, people, keptAtMs, sealed: run.meta.sealed || locked };
	if (erased) await forgetHeads(run);
	const state = stateNow(run, taping);
	if (state === 'off') return close(run, nowMs, 'off');
	if (state === 'paused' && run.recording) {
		await write(run, run.tape.flush(nowMs));
		mark(run, 'paused', nowMs);
	}
	if (state === 'on' && !run.recording) goOn(run, nowMs);
	run.early = [];
	await saveRecordingKeys(run.parts.store, run.meta.id, taping.keys);
	await write(run, run.tape.flush(nowMs));
}

/** From the first that was said since, and never from before the pause. */
function goOn(run: Running, nowMs: number): void {
	// Of those alone who agree now.
	const heard = run.early.filter(({ frame }) => run.taping.streams.has(frame.stream));
	const sinceMs = Math.min(nowMs, (heard[0]?.atMs ?? nowMs) - TICK_MS);
	mark(run, 'on', Math.max(run.sinceMs, sinceMs));
	for (const one of heard) run.tape.hear(one);
}

/** After a return the room is learned anew: an older word than the last one here changes nothing. */
function stateNow({ decidedAt, recording }: Running, taping: Taping): RecordingState {
	if (taping.ended) return 'off';
	if (taping.decidedAt >= decidedAt) return taping.state;
	return recording ? 'on' : 'paused';
}

/** Whoever agreed, and does no more, is taken out of what there is. Whether there was anybody. */
async function eraseWhoDeclined(run: Running, taping: Taping): Promise<boolean> {
	for (const stream of taping.streams) run.declined.delete(stream);
	const { unheard, gone: people } = withdrawnBy(run.meta.people, taping, run.answers);
	const streams = new Set([...unheard].flatMap((peer) => [...(run.seats.get(peer) ?? [])]));
	if (streams.size === 0 && people.size === 0) return false;
	for (const stream of streams) {
		run.declined.add(stream);
		run.tape.drop(stream);
	}
	await write(run, { sound: [], index: [] });
	const erased = { streams, people };
	await eraseIn(run, LOG, run.files.log, erased);
	await eraseIn(run, INDEX, run.files.index, erased);
	await eraseInSound(run, erased);
	for (const who of people) {
		run.seats.delete(who);
		run.answers.delete(who);
	}
	// Who agrees anew is told of anew.
	run.logged.clear();
	const left = await openFolder(run.parts.disk, run.meta.id);
	for (const { event } of left?.recording.events ?? []) note(run, event);
	return true;
}

function note(run: Running, event: RoomEvent): void {
	run.logged.add(event.id);
	noteAnswer(run.answers, event);
	if (isKind(event, 'recording')) run.decidedAt = Math.max(run.decidedAt, event.lamport);
	if (!isKind(event, 'sit')) return;
	const seats = run.seats.get(event.author) ?? new Set<StreamId>();
	run.seats.set(event.author, seats.add(streamOf(event.id)));
}

async function close(run: Running, nowMs: number, what: 'off' | 'paused'): Promise<void> {
	const written = run.tape.finish(nowMs);
	if (run.recording || what === 'off') mark(run, what, nowMs);
	if (what === 'off') run.meta = { ...run.meta, endedAtMs: Math.floor(nowMs) };
	await write(run, written);
	await closeFiles(run.files);
	run.over = true;
}

/** Sound first: what the index and the log tell of is there by then. */
async function write(run: Running, { sound, index }: Written): Promise<void> {
	const { files, waiting } = run;
	for (const record of sound) {
		if (files.sound.size + record.length > SEGMENT_BYTES_MAX) await nextSegment(run);
		await files.sound.append(record);
	}
	if (sound.length > 0) await files.sound.flush();
	run.waiting = [];
	// What has grown too long is left out: the index is made anew from the sound, and events and marks are few.
	const isLong = files.log.size > LOG_BYTES_MAX / 2;
	const entries = isLong ? waiting.filter(({ type }) => type !== 'text') : waiting;
	await appendAll(files.log, entries.map(encodeLogEntry));
	if (files.index.size < INDEX_BYTES_MAX / 2) await appendAll(files.index, index);
	const head = encodeMeta(run.meta);
	if (sameBytes(head, run.written)) return;
	await appendAll(files.meta, [head]);
	run.written = head;
}

async function nextSegment(run: Running): Promise<void> {
	const { files, parts } = run;
	if (files.segment >= SEGMENTS_MAX) throw new Error('A recording has grown too long.');
	await files.sound.flush();
	await files.sound.close();
	run.fullBytes += files.sound.size;
	files.segment++;
	files.sound = await parts.disk.open(run.meta.id, soundFile(files.segment));
}
