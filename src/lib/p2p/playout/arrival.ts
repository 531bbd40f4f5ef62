/**
 * How irregularly packets arrive, and so how long a frame should wait before it is played. After the delay
 * manager of WebRTC's NetEQ: relative delay against the fastest recent packet, a histogram with forgetting.
 */
import { PLAYOUT_DELAY_MAX_MS } from '../wire/limits.ts';
import { FRAME_SAMPLES, SAMPLES_PER_MS } from './units.ts';

/** The fastest packet is looked for in this window (NetEQ: 2 s); clock drift of 200 ppm moves it by 0.4 ms. */
const BASE_WINDOW_SLOTS = 20;
const BASE_SLOT_SAMPLES = 100 * SAMPLES_PER_MS;
/** Delays enter the histogram as the worst of each interval, so that one late packet in 25 counts in full. */
const INTERVAL_SAMPLES = 500 * SAMPLES_PER_MS;
const BUCKET_MS = 5;
const BUCKETS = PLAYOUT_DELAY_MAX_MS / BUCKET_MS;
/** Of the half seconds in memory 5 % may see a frame too late (as NetEQ). */
const QUANTILE = 0.95;
/** Quicker than NetEQ's 0.983: a rough patch is over a minute later, and conversation is worth the risk. */
const FORGET = 0.975;
const FORGET_START_WEIGHT = 2;
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

export function createArrivals(): Arrivals {
	const fastest = createSlidingMinimum();
	const histogram = createHistogram();
	let base: number | null = null;
	let delayMs = DELAY_START_MS;
	let worst = 0;
	let intervalEndsAt: number | null = null;

	const marker = (seq: number, now: number): void => {
		base = fastest.add(now - seq * FRAME_SAMPLES, now);
	};
	const closeInterval = (now: number): void => {
		if (intervalEndsAt !== null) {
			histogram.add(worst / SAMPLES_PER_MS / BUCKET_MS);
			delayMs = Math.max(DELAY_MIN_MS, (histogram.quantile(QUANTILE) + 1) * BUCKET_MS);
		}
		intervalEndsAt = now + INTERVAL_SAMPLES;
		worst = 0;
	};
	return {
		marker,
		frame(seq, now) {
			marker(seq, now);
			if (intervalEndsAt === null) intervalEndsAt = now + INTERVAL_SAMPLES;
			worst = Math.max(worst, now - seq * FRAME_SAMPLES - (base ?? 0));
			if (now >= intervalEndsAt) closeInterval(now);
		},
		get base() {
			return base;
		},
		get delay() {
			return delayMs * SAMPLES_PER_MS;
		},
		reset() {
			fastest.reset();
			histogram.reset();
			base = intervalEndsAt = null;
			delayMs = DELAY_START_MS;
			worst = 0;
		}
	};
}

/** The least value of the last two seconds, to a tenth of a second. */
function createSlidingMinimum(): { add(value: number, now: number): number; reset(): void } {
	const slots: { index: number; least: number }[] = [];
	return {
		add(value, now) {
			const index = Math.floor(now / BASE_SLOT_SAMPLES);
			while ((slots[0]?.index ?? index) <= index - BASE_WINDOW_SLOTS) slots.shift();
			const last = slots.at(-1);
			if (last?.index === index) last.least = Math.min(last.least, value);
			else slots.push({ index, least: value });
			return slots.reduce((least, slot) => Math.min(least, slot.least), value);
		},
		reset: () => {
			slots.length = 0;
		}
	};
}

interface Histogram {
	add(bucket: number): void;
	quantile(share: number): number;
	reset(): void;
}

/** Shares of a whole. The first entries weigh more, so that a new stream finds its delay within seconds. */
function createHistogram(): Histogram {
	const shares = new Float64Array(BUCKETS);
	let entries = 0;
	return {
		add(bucket) {
			const at = Math.min(BUCKETS - 1, Math.max(0, Math.floor(bucket)));
			const forget = Math.max(0, Math.min(FORGET, 1 - FORGET_START_WEIGHT / (entries + 1)));
			for (let i = 0; i < BUCKETS; i++) shares[i] = (shares[i] ?? 0) * forget;
			shares[at] = (shares[at] ?? 0) + 1 - forget;
			entries++;
		},
		quantile(share) {
			let sum = 0;
			const found = shares.findIndex((value) => (sum += value) >= share);
			return found < 0 ? BUCKETS - 1 : found;
		},
		reset() {
			shares.fill(0);
			entries = 0;
		}
	};
}
