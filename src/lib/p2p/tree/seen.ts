/** Which frames of which stream were here before: each is played and passed on once. */
import { KEPT_TICKS, SEEN_WINDOW_TICKS, STALE_RUN_MAX, STREAMS_MAX } from '../wire/limits.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';
import type { StreamId } from '../wire/ids.ts';

export interface Seen {
	/** True the first time; false for a frame seen before, for one too old to tell, and for one too far ahead. */
	isNew(stream: StreamId, seq: number): boolean;
	/**
	 * Its speaker has vouched for this number. From the first time on a stream's numbers are believed only near one
	 * so vouched for, and they never go back: nobody can lead us astray with an absurd one.
	 */
	trust(stream: StreamId, seq: number): void;
	/** The same by its author's own link, where that is needed to believe it: it says nothing of other numbers. */
	vouch(stream: StreamId, seq: number): void;
	/** Too far ahead of what is vouched for: to be taken only with a proof that holds. */
	isFar(stream: StreamId, seq: number): boolean;
	/**
	 * So far behind what is vouched for that nobody waits for it any more; among what is kept it would take the place of
	 * something newer.
	 */
	isStale(stream: StreamId, seq: number): boolean;
	/** It was here, and is remembered. */
	has(stream: StreamId, seq: number): boolean;
	/** Of the numbers `seq - i` for each bit i that is set, those that are not here or not remembered. */
	absent(stream: StreamId, seq: number, bits: number): number;
	/** Nobody has proven it: should its speaker's come as well, that is new, but it is not missed. */
	release(stream: StreamId, seq: number): void;
	/** It was no frame of its speaker's: the true one is still to come. */
	forget(stream: StreamId, seq: number): void;
	/** Forgets streams that are on no seat any more. */
	keep(streams: readonly StreamId[]): void;
}

interface Window {
	highest: number;
	/** One of the states below for each of the last SEEN_WINDOW_TICKS numbers, at `seq` modulo its length. */
	readonly flags: Uint8Array;
	staleRun: number;
	/** The newest number that was vouched for; null before the first. */
	trusted: number | null;
}

const ABSENT = 0;
const HERE = 1;
const RELEASED = 2;

/** Half the window, so that what comes from behind a stranger's highest number is never too old to tell. */
const FAR_TICKS = SEEN_WINDOW_TICKS / 2;

export const createSeen = (): Seen => new SeenFrames();

/** A class, for it is asked some ten times for each frame: functions that each peer has of its own lie all over memory. */
class SeenFrames implements Seen {
	readonly #windows = new Map<StreamId, Window>();

	isNew(stream: StreamId, seq: number): boolean {
		const window = this.#windows.get(stream);
		if (window !== undefined) return mark(window, seq);
		if (this.#windows.size >= STREAMS_MAX) return false;
		this.#windows.set(stream, openWindow(seq));
		return true;
	}

	trust(stream: StreamId, seq: number): void {
		const known = this.#windows.get(stream);
		const window = known ?? openWindow(seq);
		if (known === undefined) {
			if (this.#windows.size >= STREAMS_MAX) return;
			window.flags.fill(0);
			this.#windows.set(stream, window);
		}
		if (window.trusted !== null && seqDistance(seq, window.trusted) <= 0) return;
		window.trusted = seq;
		// Numbers that were believed before, and lie far from it, were no speaker's.
		if (Math.abs(seqDistance(window.highest, seq)) > FAR_TICKS) beginAt(window, seq);
	}

	vouch(stream: StreamId, seq: number): void {
		if (this.isFar(stream, seq)) this.trust(stream, seq);
	}

	isFar(stream: StreamId, seq: number): boolean {
		const window = this.#windows.get(stream);
		return window !== undefined && isFar(window, seq);
	}

	isStale(stream: StreamId, seq: number): boolean {
		const trusted = this.#windows.get(stream)?.trusted ?? null;
		return trusted !== null && seqDistance(trusted, seq) >= KEPT_TICKS;
	}

	has(stream: StreamId, seq: number): boolean {
		const window = this.#windows.get(stream);
		return window !== undefined && isHere(window, seq);
	}

	absent(stream: StreamId, seq: number, bits: number): number {
		const window = this.#windows.get(stream);
		if (window === undefined) return bits;
		let absent = 0;
		for (let left = bits; left !== 0; left &= left - 1) {
			const back = 31 - Math.clz32(left & -left);
			if (!isHere(window, seqAdd(seq, -back))) absent |= 1 << back;
		}
		return absent;
	}

	release(stream: StreamId, seq: number): void {
		change(this.#windows.get(stream), seq, RELEASED);
	}

	forget(stream: StreamId, seq: number): void {
		change(this.#windows.get(stream), seq, ABSENT);
	}

	keep(streams: readonly StreamId[]): void {
		const windows = this.#windows;
		for (const stream of windows.keys()) if (!streams.includes(stream)) windows.delete(stream);
	}
}

function openWindow(seq: number): Window {
	const window = {
		highest: seq,
		flags: new Uint8Array(SEEN_WINDOW_TICKS),
		staleRun: 0,
		trusted: null
	};
	window.flags[seq % SEEN_WINDOW_TICKS] = HERE;
	return window;
}

function change(window: Window | undefined, seq: number, state: number): void {
	if (window === undefined) return;
	const back = seqDistance(window.highest, seq);
	if (back >= 0 && back < SEEN_WINDOW_TICKS) window.flags[seq % SEEN_WINDOW_TICKS] = state;
}

function isHere(window: Window, seq: number): boolean {
	const back = seqDistance(window.highest, seq);
	return back >= 0 && back < SEEN_WINDOW_TICKS && window.flags[seq % SEEN_WINDOW_TICKS] !== ABSENT;
}

const isFar = ({ trusted }: Window, seq: number): boolean =>
	trusted !== null && seqDistance(seq, trusted) > FAR_TICKS;

/** Nothing was here before this number, nor it itself. */
function beginAt(window: Window, seq: number): void {
	window.flags.fill(0);
	window.highest = seq;
	window.staleRun = 0;
}

function mark(window: Window, seq: number): boolean {
	if (isFar(window, seq)) return false;
	const ahead = seqDistance(seq, window.highest);
	if (ahead <= -SEEN_WINDOW_TICKS) return isRestart(window, seq);
	window.staleRun = 0;
	if (ahead > 0) advance(window, seq, ahead);
	const slot = seq % SEEN_WINDOW_TICKS;
	if (window.flags[slot] === HERE) return false;
	window.flags[slot] = HERE;
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
	if (window.trusted !== null || window.staleRun < STALE_RUN_MAX) return false;
	beginAt(window, seq);
	window.flags[seq % SEEN_WINDOW_TICKS] = HERE;
	return true;
}
