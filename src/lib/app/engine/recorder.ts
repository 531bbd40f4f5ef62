/**
 * Records a room on its host's device: what the core gives out to be recorded goes to the disk within a second, and goes
 * on as one recording after a reload or a crash. Kept at all times:
 * 1. what is on the disk is whole up to its last second, whatever happens to us;
 * 2. nobody's voice is written who does not agree to it now;
 * 3. a disk that is nearly full stops the recording, with everything so far intact.
 */
import { isDiskFull } from '#lib/io/disk/disk-full.ts';
import type { Clock, Disk, Store } from '#lib/io/ports.ts';
import type { CaptionNews, PeerOutput } from '#lib/p2p/peer/io.ts';
import type { Taping } from '#lib/p2p/peer/taping.ts';
import { BLOCK_MS, EARLY_FRAMES_MAX } from '#lib/p2p/archive/limits.ts';
import type { HeardFrame } from '#lib/p2p/archive/tape.ts';
import type { PeerId, RecordingId, RoomId } from '#lib/p2p/wire/ids.ts';
import type { RecordingState } from '#lib/p2p/wire/recording.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { openReel, type Reel } from './reel.ts';
import { openReserve, sparing, type Reserve } from './reserve.ts';

/** Space is asked for this often: what eleven people say takes a minute for three megabytes. */
const SPACE_EVERY_MS = 10_000;
/** A page that was here a moment ago may still hold the files: so often it is tried, once a block. */
const OPEN_TRIES_MAX = 12;
/** Below this there is room for less than ten hours of one who speaks: time to say so. */
export const SPACE_LOW_BYTES = 150 * 1_024 * 1_024;
/** Below this it stops: what else the browser keeps, and the end of the recording, need some room as well. */
export const SPACE_FULL_BYTES = 20 * 1_024 * 1_024;

export type RecorderProblem =
	/** Too little space is left: it has stopped, and what was recorded is there. */
	| 'full'
	/** The disk could not be written: it has stopped, and what was recorded before is there. */
	| 'failed'
	/** This browser keeps no files for us. */
	| 'unsupported';

export interface RecorderStatus {
	/** Of the recording that goes on; null while there is none. */
	readonly id: RecordingId | null;
	readonly state: RecordingState;
	readonly bytes: number;
	/** Recorded so far, pauses left out. */
	readonly recordedMs: number;
	/** What may still be written at most; null where the browser does not tell, or is known to be wrong. */
	readonly leftBytes: number | null;
	/** It will have to stop soon. */
	readonly low: boolean;
	readonly problem: RecorderProblem | null;
}

export interface RecorderParts {
	readonly clock: Clock;
	/** Null where there is none. */
	readonly disk: Disk | null;
	/** Keys of locked rooms, apart from what they open. */
	readonly store: Store;
	readonly room: RoomId;
	readonly hostKey: Uint8Array;
	readonly newId: () => RecordingId;
	readonly taping: () => Taping | null;
	/** It had to stop: the room is to be told. */
	readonly onStopped: () => void;
	readonly note: (error: unknown) => void;
}

export interface Recorder {
	hear(output: Extract<PeerOutput, { type: 'record' }>): void;
	/** A caption as it was signed; partial ones are left out. */
	text(author: PeerId, envelope: Uint8Array, news: CaptionNews): void;
	readonly status: RecorderStatus;
	/** Resolves when what was begun has reached the disk. */
	idle(): Promise<void>;
	/** We leave the room: what is there is closed, and goes on when we come back. */
	stop(): Promise<void>;
}

interface Running {
	readonly parts: RecorderParts;
	reel: Reel | null;
	/** While there is a reel; null where there is no room for it. */
	reserve: Reserve | null;
	/** At most EARLY_FRAMES_MAX. */
	early: HeardFrame[];
	state: RecordingState;
	problem: RecorderProblem | null;
	/** What the last one stopped for, told until there is a next one. */
	told: RecorderProblem | null;
	leftBytes: number | null;
	openTries: number;
	spaceAtMs: number;
	/** One step after the other. */
	work: Promise<void>;
	busy: boolean;
	stopped: boolean;
	cancel: () => void;
}

export function createRecorder(parts: RecorderParts): Recorder {
	const run: Running = {
		parts,
		reel: null,
		reserve: null,
		early: [],
		state: 'off',
		problem: null,
		told: null,
		leftBytes: null,
		openTries: 0,
		spaceAtMs: -Infinity,
		work: Promise.resolve(),
		busy: false,
		stopped: false,
		cancel: () => undefined
	};
	schedule(run);
	return {
		hear(output) {
			if (run.problem !== null || run.stopped) return;
			if (run.reel !== null) run.reel.hear(output);
			else if (run.early.length < EARLY_FRAMES_MAX) run.early.push(output);
		},
		text(author, envelope, { final, text, saidAtMs }) {
			if (!final || text === '' || run.state !== 'on') return;
			run.reel?.text(author, envelope, saidAtMs);
		},
		get status() {
			return statusOf(run);
		},
		idle: () => run.work,
		async stop() {
			run.stopped = true;
			run.cancel();
			await run.work;
			// What was decided last, that the room is over for one, counts as well.
			await attempt(run, step(run));
			if (run.reel !== null) await attempt(run, run.reel.leave(run.parts.clock.nowMs()));
			await letGo(run);
		}
	};
}

async function letGo(run: Running): Promise<void> {
	const { reserve } = run;
	run.reel = null;
	run.reserve = null;
	await reserve?.close().catch((error: unknown) => run.parts.note(error));
}

function statusOf({ reel, reserve, state, problem, told, ...run }: Running): RecorderStatus {
	const short = reserve?.short === true;
	const leftBytes = short ? null : run.leftBytes;
	return {
		id: reel?.id ?? null,
		state: reel === null ? 'off' : state,
		bytes: reel?.bytes ?? 0,
		recordedMs: reel?.recordedMs ?? 0,
		leftBytes,
		low: reel !== null && (short || (leftBytes !== null && leftBytes < SPACE_LOW_BYTES)),
		problem: problem ?? told
	};
}

function schedule(run: Running): void {
	if (run.stopped) return;
	const { clock } = run.parts;
	run.cancel = clock.wake(clock.nowMs() + BLOCK_MS, () => {
		schedule(run);
		// A disk that is slower than this is waited for, and nothing is queued behind it.
		if (run.busy) return;
		run.busy = true;
		run.work = attempt(run, step(run)).finally(() => {
			run.busy = false;
		});
	});
}

/** What fails stops the recording, and is told: it may not pass for one that goes on. */
async function attempt(run: Running, work: Promise<void>): Promise<void> {
	try {
		await work;
	} catch (error) {
		run.parts.note(error);
		if (run.problem !== null) return;
		run.problem = isDiskFull(error) ? 'full' : 'failed';
		await run.reel?.abandon().catch((again: unknown) => run.parts.note(again));
		await letGo(run);
		run.early = [];
		run.parts.onStopped();
	}
}

async function step(run: Running): Promise<void> {
	const { parts } = run;
	const taping = parts.taping();
	const wanted = taping === null || taping.ended ? 'off' : taping.state;
	if (wanted === 'off') {
		// Whoever turns it off and on again after a failure tries anew; off it is by itself then.
		run.told = run.problem ?? run.told;
		run.problem = null;
		run.early = [];
		run.openTries = 0;
	} else run.told = null;
	const nowMs = parts.clock.nowMs();
	if (taping !== null && wanted === 'on' && run.reel === null && run.problem === null) {
		await open(run, taping, nowMs);
	}
	const { reel } = run;
	run.state = wanted;
	if (reel === null || taping === null) return;
	await reel.follow(taping, parts.clock.nowMs());
	if (reel.over) await letGo(run);
	else if (await isFull(run, nowMs)) await endFull(run, reel, nowMs);
}

async function open(run: Running, taping: Taping, nowMs: number): Promise<void> {
	const { disk, room, hostKey, newId, store, taping: tapingNow } = run.parts;
	if (disk === null) {
		run.problem = 'unsupported';
		run.early = [];
		run.parts.onStopped();
		return;
	}
	// It begins with the first that was said while nothing was open yet.
	// A frame comes when it is over.
	const sinceMs = Math.min(nowMs, (run.early[0]?.atMs ?? nowMs) - TICK_MS);
	// Room may have been made since the last one.
	run.spaceAtMs = -Infinity;
	run.reserve = await openReserve(disk, run.parts.note);
	const spared = sparing(disk, run.reserve);
	const files = { disk: spared, store, room, hostKey, newId, taping, nowMs: sinceMs };
	const reel = await openReel(files).catch(async (error: unknown) => {
		await letGo(run);
		if (++run.openTries >= OPEN_TRIES_MAX) throw error;
		run.parts.note(error);
		return null;
	});
	if (reel === null) return;
	run.openTries = 0;
	run.reel = reel;
	// Of those alone who still agree.
	const { streams } = tapingNow() ?? taping;
	for (const heard of run.early) if (streams.has(heard.frame.stream)) reel.hear(heard);
	run.early = [];
}

/** By what the browser says, and by what the disk takes. */
async function isFull(run: Running, nowMs: number): Promise<boolean> {
	const { disk } = run.parts;
	await run.reserve?.grow();
	if (run.reserve?.spent === true) return true;
	if (disk !== null && nowMs - run.spaceAtMs >= SPACE_EVERY_MS) {
		run.spaceAtMs = nowMs;
		run.leftBytes = (await disk.space()).left;
	}
	return run.leftBytes !== null && run.leftBytes < SPACE_FULL_BYTES;
}

async function endFull(run: Running, reel: Reel, nowMs: number): Promise<void> {
	await reel.end(nowMs);
	run.problem = 'full';
	await letGo(run);
	run.parts.onStopped();
}
