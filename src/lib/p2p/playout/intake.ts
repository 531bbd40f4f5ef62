/**
 * The door of one stream: tells new frames from late ones, copies and strays, and notices when the speaker
 * has begun to count anew. What passes is in the queue; sequence numbers inside are unwrapped.
 */
import {
	OPUS_BYTES_MAX,
	PLAYOUT_STRAYS_MAX,
	PLAYOUT_STRAY_MS,
	PLAYOUT_UNPULLED_MAX_FRAMES
} from '../wire/limits.ts';
import { seqDistance } from '../wire/seq.ts';
import { createArrivals, type Arrivals } from './arrival.ts';
import { createFrameQueue, type FrameQueue } from './queue.ts';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from './units.ts';

/** More than the ticks between the oldest frame told as a copy and the newest that may wait: 2 s each way. */
const SEEN_RING = 512;
/** This many strays that agree with each other, over at least this time, are the stream's new count. */
const STRAYS_TO_ANCHOR = 5;
const STRAYS_SPAN_SAMPLES = 60 * SAMPLES_PER_MS;
/** How far strays may lie apart and still agree. A flushed queue fails this: its frames come all at once. */
const STRAYS_AGREE_SAMPLES = 100 * SAMPLES_PER_MS;
const STRAY_SAMPLES = PLAYOUT_STRAY_MS * SAMPLES_PER_MS;
/** Keeps unwrapped numbers positive when a stream goes a little back from its first frame. */
const FIRST_TURN = 2 ** 32;

export interface Intake {
	/** `seq` u32, `now` in samples. */
	frame(seq: number, opus: Uint8Array, now: number): void;
	silence(seq: number, ticks: number, now: number): void;
	/** Nothing of what was said so far is to be heard any more, should it still come. */
	end(): void;
	/** The last tick that was ended; null where nothing was. */
	readonly ended: number | null;
	/** The player has finished with everything before `next`, and pulls. */
	passed(next: number | null): void;
	readonly queue: FrameQueue;
	readonly arrivals: Arrivals;
	readonly late: number;
	readonly duplicate: number;
	/** Grows by one each time everything known was thrown away for a new count. */
	readonly anchors: number;
}

interface Stray {
	readonly seq: number;
	readonly opus: Uint8Array;
	readonly now: number;
	readonly offset: number;
}

interface State {
	readonly queue: FrameQueue;
	readonly arrivals: Arrivals;
	readonly seen: Float64Array;
	strays: readonly Stray[];
	/** Unwrapped tick that incoming numbers are unwrapped against; null before the first. */
	latest: number | null;
	/** Ticks before this are over; null while nothing was played. */
	next: number | null;
	/** What was said up to then is over; null while nothing was ended. */
	ended: number | null;
	late: number;
	duplicate: number;
	anchors: number;
	unpulled: number;
}

export function createIntake(): Intake {
	const state: State = {
		queue: createFrameQueue(),
		arrivals: createArrivals(),
		seen: new Float64Array(SEEN_RING).fill(-1),
		strays: [],
		latest: null,
		next: null,
		ended: null,
		late: 0,
		duplicate: 0,
		anchors: 0,
		unpulled: 0
	};
	return {
		frame: (seq, opus, now) => {
			takeFrame(state, { seq, opus, now });
		},
		silence: (seq, ticks, now) => {
			takeSilence(state, { seq, ticks, now });
		},
		end() {
			state.ended = state.latest;
		},
		get ended() {
			return state.ended;
		},
		passed(next) {
			if (next !== null && next !== state.next) state.queue.forgetBefore(next);
			state.next = next;
			state.unpulled = 0;
		},
		queue: state.queue,
		arrivals: state.arrivals,
		get late() {
			return state.late;
		},
		get duplicate() {
			return state.duplicate;
		},
		get anchors() {
			return state.anchors;
		}
	};
}

interface Arrived {
	readonly seq: number;
	readonly opus: Uint8Array;
	readonly now: number;
}

function takeFrame(state: State, arrived: Arrived): void {
	const { opus, now } = arrived;
	if (opus.length === 0 || opus.length > OPUS_BYTES_MAX) return;
	const seq = unwrap(state, arrived.seq);
	if (isStray(state, seq, now)) {
		takeStray(state, { seq, opus, now, offset: now - seq * FRAME_SAMPLES });
		return;
	}
	const slot = seq % SEEN_RING;
	if (state.seen[slot] === seq) {
		state.duplicate++;
		return;
	}
	state.seen[slot] = seq;
	state.strays = [];
	state.latest = Math.max(state.latest ?? seq, seq);
	state.arrivals.frame(seq, now);
	const isOver = (state.next !== null && seq < state.next) || seq <= (state.ended ?? -1);
	if (isOver) state.late++;
	else enqueue(state, seq, opus);
}

/** Frames that pile up while nobody pulls are what was said while the sound was off: only the newest count. */
function enqueue(state: State, seq: number, opus: Uint8Array): void {
	state.queue.put(seq, opus);
	state.unpulled++;
	if (state.unpulled <= PLAYOUT_UNPULLED_MAX_FRAMES) return;
	const first = state.queue.firstFrame();
	if (first !== null) state.queue.take(first);
}

function takeSilence(
	state: State,
	marker: { readonly seq: number; readonly ticks: number; readonly now: number }
): void {
	const seq = unwrap(state, marker.seq);
	if (isStray(state, seq, marker.now)) return;
	state.latest = Math.max(state.latest ?? seq, seq);
	state.arrivals.marker(seq, marker.now);
	if (state.next !== null && seq < state.next) return;
	state.queue.putSilence(seq - Math.max(1, marker.ticks) + 1, seq);
}

function unwrap(state: State, seq: number): number {
	return state.latest === null
		? FIRST_TURN + seq
		: Math.max(0, state.latest + seqDistance(seq, state.latest));
}

function isStray(state: State, seq: number, now: number): boolean {
	const { base } = state.arrivals;
	return base !== null && Math.abs(now - seq * FRAME_SAMPLES - base) > STRAY_SAMPLES;
}

function takeStray(state: State, stray: Stray): void {
	const first = state.strays[0];
	const agrees =
		first !== undefined &&
		state.strays.length < PLAYOUT_STRAYS_MAX &&
		Math.abs(stray.offset - first.offset) <= STRAYS_AGREE_SAMPLES;
	if (!agrees) state.strays = [stray];
	else if (state.strays.some((other) => other.seq === stray.seq)) state.duplicate++;
	else state.strays = [...state.strays, stray];
	const start = state.strays[0]?.now ?? stray.now;
	const long = stray.now - start >= STRAYS_SPAN_SAMPLES;
	if (long && state.strays.length >= STRAYS_TO_ANCHOR) anchor(state);
}

/** The speaker counts anew: forget the old count and begin with the strays. */
function anchor(state: State): void {
	const strays = state.strays;
	state.anchors++;
	state.queue.clear();
	state.arrivals.reset();
	state.seen.fill(-1);
	state.latest = state.next = state.ended = null;
	state.strays = [];
	for (const { seq, opus, now } of strays) {
		takeFrame(state, { seq: seq % FIRST_TURN, opus, now });
	}
}
