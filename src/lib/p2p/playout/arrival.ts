/**
 * How irregularly packets arrive, and so how long a frame should wait before it is played. As in the delay manager
 * of WebRTC's NetEQ what counts is the delay against the fastest recent packet; but of every frame in a window that
 * ends, so that a bad patch is forgotten when it is over, and not a fixed share of them: what is saved by waiting
 * less is weighed against what then comes too late. Jitter ends somewhere, and is covered in full; of repairs of
 * repairs, far behind the rest, one in two hundred is let go.
 */
import { PLAYOUT_DELAY_MAX_MS } from '../wire/limits.ts';
import { createSlidingMinimum } from './sliding.ts';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from './units.ts';

/** The fastest packet is looked for in this window (NetEQ: 2 s); clock drift of 200 ppm moves it by 0.4 ms. */
const BASE_WINDOW_SLOTS = 20;
const BASE_SLOT_SAMPLES = 100 * SAMPLES_PER_MS;
/** The delay is chosen anew this often. */
const INTERVAL_SAMPLES = 500 * SAMPLES_PER_MS;
/** More than an interval brings, even behind a hold-up as long: the output stood still, and they tell nothing of the line. */
const INTERVAL_FRAMES_MAX = 50;
/** Of 10 s. NetEQ's forgetting leaves a bad patch in force for up to 90 s. */
const INTERVALS_KEPT = 20;
/**
 * As bad as a frame in a hundred made up is so much more delay: in the E-model (ITU-T G.107), beyond 177 ms, both
 * cost about five points (of a codec that conceals as well as Bpl 18 says). More of it keeps players behind a bad patch for longer than it spares them.
 */
const HUNDREDTH_SAMPLES = 50 * SAMPLES_PER_MS;
/** A way longer by this is another way, and no drifting clock. */
const LONGER_WAY_SAMPLES = 20 * SAMPLES_PER_MS;
/** On top of the latest frame that counts: sound may play this much before its time without being stretched. */
const MARGIN_MS = 5;
/** A sound card that renders in bursts of 10 ms must not empty the buffer. With 10 ms one frame in 200 was late. */
const DELAY_MIN_MS = 15;
/** Before the first half second is over nothing is known: neither wasteful nor reckless. */
const DELAY_START_MS = 20;

export interface Arrivals {
	/** A frame came for the first time. `seq` unwrapped, `now` in samples. */
	frame(seq: number, now: number): void;
	/** Anything else that was sent at tick `seq` came: it says how fast the way is, not how irregular. */
	marker(seq: number, now: number): void;
	/** Arrival time minus media time of the fastest recent packet, in samples; null before the first. */
	readonly base: number | null;
	/** How long after the fastest packet's arrival a frame should start to play, in samples. */
	readonly delay: number;
	reset(): void;
}

/** Offsets are arrival time minus media time, in samples. */
interface Interval {
	/** Offset of each frame. */
	readonly offsets: readonly number[];
	/** Offset of the fastest packet at the time. */
	readonly base: number;
}

export function createArrivals(): Arrivals {
	const fastest = createSlidingMinimum(BASE_SLOT_SAMPLES, BASE_WINDOW_SLOTS);
	let intervals: readonly Interval[] = [];
	let base: number | null = null;
	let delay = DELAY_START_MS * SAMPLES_PER_MS;
	let offsets: number[] = [];
	let intervalEndsAt: number | null = null;

	const marker = (seq: number, now: number): void => {
		base = fastest.add(now - seq * FRAME_SAMPLES, now);
	};
	const closeInterval = (now: number): void => {
		const told = offsets.length < INTERVAL_FRAMES_MAX ? offsets : [];
		intervals = [...intervals.slice(1 - INTERVALS_KEPT), { offsets: told, base: base ?? 0 }];
		delay = delayFor(intervals, base ?? 0);
		intervalEndsAt = now + INTERVAL_SAMPLES;
		offsets = [];
	};
	return {
		marker,
		frame(seq, now) {
			marker(seq, now);
			intervalEndsAt ??= now + INTERVAL_SAMPLES;
			// Frames that were held up together count in one interval, so it is closed before the first of them.
			if (now >= intervalEndsAt) closeInterval(now);
			if (offsets.length < INTERVAL_FRAMES_MAX) offsets.push(now - seq * FRAME_SAMPLES);
		},
		get base() {
			return base;
		},
		get delay() {
			return delay;
		},
		reset() {
			fastest.reset();
			intervals = [];
			base = intervalEndsAt = null;
			delay = DELAY_START_MS * SAMPLES_PER_MS;
			offsets = [];
		}
	};
}

/**
 * Lateness is told against the fastest packet of the time; where the way has become longer since, against that of
 * now: the two seconds until that is known would otherwise pass for a bad patch.
 */
function delayFor(intervals: readonly Interval[], base: number): number {
	const late = intervals
		.flatMap(({ offsets, base: then }) => {
			const from = base - then > LONGER_WAY_SAMPLES ? base : then;
			return offsets.map((offset) => offset - from);
		})
		.sort((a, b) => b - a);
	const perFrame = (100 * HUNDREDTH_SAMPLES) / late.length;
	let best = late[0] ?? 0;
	let leastCost = best;
	late.forEach((delay, later) => {
		const cost = delay + later * perFrame;
		if (cost >= leastCost) return;
		leastCost = cost;
		best = delay;
	});
	const delayMs = best / SAMPLES_PER_MS + MARGIN_MS;
	return Math.max(DELAY_MIN_MS, Math.min(PLAYOUT_DELAY_MAX_MS, delayMs)) * SAMPLES_PER_MS;
}
