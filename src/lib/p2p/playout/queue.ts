/** What has arrived of one stream and is not played yet: frames by tick, and the ticks known to be silent. */
import { PLAYOUT_QUEUE_MAX_FRAMES, PLAYOUT_SILENCES_MAX } from '../wire/limits.ts';

export interface FrameQueue {
	/** Keeps a frame; where the queue is full the oldest frame goes. */
	put(seq: number, opus: Uint8Array): void;
	/** Notes ticks `first` to `last` as silent, unless a frame says otherwise. */
	putSilence(first: number, last: number): void;
	take(seq: number): Uint8Array | null;
	/** The tick of the oldest frame, or null. */
	firstFrame(): number | null;
	/** The tick of the newest frame, or null. */
	lastFrame(): number | null;
	/** The last tick of the silence that holds `seq`, or null where `seq` is not known to be silent. */
	silentUntil(seq: number): number | null;
	/** The first tick at or after `seq` of which anything is known, be it silence; null where nothing is. */
	firstKnown(seq: number): number | null;
	/** Forgets everything before `seq`; returns how many frames that were. */
	forgetBefore(seq: number): number;
	/** Forgets every frame after `seq`; returns how many that were. */
	forgetAfter(seq: number): number;
	clear(): void;
	readonly frames: number;
}

interface Span {
	readonly first: number;
	readonly last: number;
}

export function createFrameQueue(): FrameQueue {
	const frames = new Map<number, Uint8Array>();
	let silences: readonly Span[] = [];

	const firstFrame = (): number | null => {
		let first: number | null = null;
		for (const seq of frames.keys()) if (first === null || seq < first) first = seq;
		return first;
	};
	const forget = (unwanted: (seq: number) => boolean): number => {
		const gone = [...frames.keys()].filter(unwanted);
		for (const seq of gone) frames.delete(seq);
		return gone.length;
	};
	return {
		put(seq, opus) {
			frames.set(seq, opus);
			const oldest = frames.size > PLAYOUT_QUEUE_MAX_FRAMES ? firstFrame() : null;
			if (oldest !== null) frames.delete(oldest);
		},
		putSilence(first, last) {
			silences = withSpan(silences, { first, last }).slice(-PLAYOUT_SILENCES_MAX);
		},
		take(seq) {
			const opus = frames.get(seq) ?? null;
			frames.delete(seq);
			return opus;
		},
		firstFrame,
		lastFrame() {
			let last: number | null = null;
			for (const seq of frames.keys()) if (last === null || seq > last) last = seq;
			return last;
		},
		silentUntil: (seq) =>
			silences.find((span) => span.first <= seq && seq <= span.last)?.last ?? null,
		firstKnown(seq) {
			const ahead = silences.filter((span) => span.last >= seq).map((span) => span.first);
			const first = Math.min(firstFrame() ?? Infinity, ...ahead);
			return first === Infinity ? null : Math.max(seq, first);
		},
		forgetBefore(seq) {
			silences = silences.filter((span) => span.last >= seq);
			return forget((key) => key < seq);
		},
		forgetAfter: (seq) => forget((key) => key > seq),
		clear() {
			frames.clear();
			silences = [];
		},
		get frames() {
			return frames.size;
		}
	};
}

/** Adds a span, joined with those it touches; sorted by last tick. */
function withSpan(spans: readonly Span[], span: Span): Span[] {
	const touching = spans.filter((s) => s.first <= span.last + 1 && s.last >= span.first - 1);
	const apart = spans.filter((s) => !touching.includes(s));
	const joined = touching.reduce(
		(sum, s) => ({ first: Math.min(sum.first, s.first), last: Math.max(sum.last, s.last) }),
		span
	);
	return [...apart, joined].sort((a, b) => a.last - b.last);
}
