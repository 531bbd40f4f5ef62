/** Which frames of which stream were here before: each is played and passed on once. */
import { SEEN_WINDOW_TICKS, STALE_RUN_MAX, STREAMS_MAX } from '../wire/limits.ts';
import { seqDistance } from '../wire/seq.ts';
import type { StreamId } from '../wire/ids.ts';

export interface Seen {
	/** True the first time; false for a frame seen before and for one too old to tell. */
	isNew(stream: StreamId, seq: number): boolean;
	/** It was here, and is remembered. */
	has(stream: StreamId, seq: number): boolean;
	/** It was no frame of its speaker's: the true one is still to come. */
	forget(stream: StreamId, seq: number): void;
	/** Forgets streams that are on no seat any more. */
	keep(streams: readonly StreamId[]): void;
}

interface Window {
	highest: number;
	/** One flag for each of the last SEEN_WINDOW_TICKS numbers, at `seq` modulo its length. */
	readonly flags: Uint8Array;
	staleRun: number;
}

export function createSeen(): Seen {
	const windows = new Map<StreamId, Window>();
	return {
		isNew(stream, seq) {
			const window = windows.get(stream);
			if (window !== undefined) return mark(window, seq);
			if (windows.size >= STREAMS_MAX) return false;
			windows.set(stream, openWindow(seq));
			return true;
		},
		has(stream, seq) {
			const window = windows.get(stream);
			if (window === undefined) return false;
			const back = seqDistance(window.highest, seq);
			return back >= 0 && back < SEEN_WINDOW_TICKS && window.flags[seq % SEEN_WINDOW_TICKS] === 1;
		},
		forget(stream, seq) {
			const window = windows.get(stream);
			if (window === undefined) return;
			const back = seqDistance(window.highest, seq);
			if (back >= 0 && back < SEEN_WINDOW_TICKS) window.flags[seq % SEEN_WINDOW_TICKS] = 0;
		},
		keep(streams) {
			for (const stream of windows.keys()) if (!streams.includes(stream)) windows.delete(stream);
		}
	};
}

function openWindow(seq: number): Window {
	const window = { highest: seq, flags: new Uint8Array(SEEN_WINDOW_TICKS), staleRun: 0 };
	window.flags[seq % SEEN_WINDOW_TICKS] = 1;
	return window;
}

function mark(window: Window, seq: number): boolean {
	const ahead = seqDistance(seq, window.highest);
	if (ahead <= -SEEN_WINDOW_TICKS) return isRestart(window, seq);
	window.staleRun = 0;
	if (ahead > 0) advance(window, seq, ahead);
	const slot = seq % SEEN_WINDOW_TICKS;
	if (window.flags[slot] === 1) return false;
	window.flags[slot] = 1;
	return true;
}

function advance(window: Window, seq: number, ahead: number): void {
	if (ahead >= SEEN_WINDOW_TICKS) window.flags.fill(0);
	else for (let i = 0; i < ahead; i++) window.flags[(seq - i + 2 ** 32) % SEEN_WINDOW_TICKS] = 0;
	window.highest = seq;
}

/** A clock that was set back, or one absurd number that once led us astray: after a run of them, believe it. */
function isRestart(window: Window, seq: number): boolean {
	window.staleRun++;
	if (window.staleRun < STALE_RUN_MAX) return false;
	window.flags.fill(0);
	window.highest = seq;
	window.staleRun = 0;
	window.flags[seq % SEEN_WINDOW_TICKS] = 1;
	return true;
}
