/** All that one listener hears: a stream for each speaker, mixed. Lives in the AudioWorklet, knows nothing of it. */
import type { StreamId } from '../wire/ids.ts';
import { putNewest } from '../wire/bounded.ts';
import { STREAMS_MAX } from '../wire/limits.ts';
import type { FrameDecoder } from './decoder.ts';
import { createLimiter } from './limiter.ts';
import type { PlayoutInput, PlayoutReport, StreamReport } from './messages.ts';
import {
	createGlide,
	createVoicePlace,
	MIDDLE,
	turnBlock,
	type Ears,
	type Glide,
	type Place,
	type VoicePlace
} from './mix.ts';
import { createPlayoutStream, type PlayoutStream } from './stream.ts';

/**
 * Of full scale. Music that is encoded at its loudest sticks out a little; of bytes that are no sound a decoder has made
 * 40,000, for which the limiter would turn everybody down for more than a second.
 */
const VOICE_PEAK_MAX = 2;

/** A stream's decoder with the means to let it go. */
export interface OwnedDecoder extends FrameDecoder {
	/** Calls that failed since it was made: a bad packet, a trap. */
	readonly failures: number;
	free(): void;
}

export interface Playout {
	/** `now` in samples of the output's clock. */
	handle(input: PlayoutInput, now: number): void;
	/** Fills both ears with what is heard from `now` on; `nowMs` is the epoch time of it. */
	pull(ears: Ears, now: number, nowMs: number): void;
	/** How loud all of it is to be, 0 to 1. */
	turn(gain: number): void;
	/** True where a stream was heard for the first time since the last report. */
	readonly news: boolean;
	report(): PlayoutReport;
}

interface Voice {
	readonly stream: PlayoutStream;
	readonly decoder: OwnedDecoder;
	readonly place: VoicePlace;
	/** When something last arrived, in samples. */
	touchedAt: number;
	heard: boolean;
}

interface State {
	readonly makeDecoder: () => OwnedDecoder;
	readonly voices: Map<StreamId, Voice>;
	/** By stream, those told last, as many as there are streams at most. */
	readonly places: Map<StreamId, Place>;
	readonly limit: ReturnType<typeof createLimiter>;
	readonly volume: Glide;
	/** One block of one voice. */
	mid: Float32Array;
	side: Float32Array;
	firstHeard: { stream: StreamId; atMs: number }[];
	failuresOfDropped: number;
}

export function createPlayout(makeDecoder: () => OwnedDecoder): Playout {
	const state: State = {
		makeDecoder,
		voices: new Map(),
		places: new Map(),
		limit: createLimiter(),
		volume: createGlide(1),
		mid: new Float32Array(0),
		side: new Float32Array(0),
		firstHeard: [],
		failuresOfDropped: 0
	};
	return {
		handle: (input, now) => handle(state, input, now),
		turn: (gain) => state.volume.to(gain),
		pull: (ears, now, nowMs) => pull(state, ears, { now, nowMs }),
		get news() {
			return state.firstHeard.length > 0;
		},
		report: () => reportOf(state)
	};
}

function handle(state: State, input: PlayoutInput, now: number): void {
	const { stream } = input;
	switch (input.type) {
		case 'frame':
			voiceOf(state, stream, now).stream.frame(input.seq, input.opus, now);
			return;
		case 'silence':
			voiceOf(state, stream, now).stream.silence(input.seq, input.ticks, now);
			return;
		case 'pause':
			state.voices.get(stream)?.stream.pause();
			return;
		case 'floor':
			voiceOf(state, stream, now).stream.floor(input.ms);
			return;
		case 'place':
			putNewest(state.places, stream, input.place, STREAMS_MAX);
			state.voices.get(stream)?.place.moveTo(input.place);
			return;
		case 'drop':
			drop(state, stream);
	}
}

function drop(state: State, id: StreamId): void {
	const voice = state.voices.get(id);
	state.failuresOfDropped += voice?.decoder.failures ?? 0;
	voice?.decoder.free();
	state.voices.delete(id);
}

function voiceOf(state: State, id: StreamId, now: number): Voice {
	const { voices, places, makeDecoder } = state;
	let voice = voices.get(id);
	if (voice === undefined) {
		if (voices.size >= STREAMS_MAX) drop(state, quietest(voices));
		const decoder = makeDecoder();
		const place = createVoicePlace(places.get(id) ?? MIDDLE);
		voice = { stream: createPlayoutStream(decoder), decoder, place, touchedAt: now, heard: false };
		voices.set(id, voice);
	}
	voice.touchedAt = now;
	return voice;
}

function pull(
	state: State,
	ears: Ears,
	{ now, nowMs }: { readonly now: number; readonly nowMs: number }
): void {
	const { left, right } = ears;
	left.fill(0);
	right.fill(0);
	if (state.mid.length !== left.length) {
		state.mid = new Float32Array(left.length);
		state.side = new Float32Array(left.length);
	}
	for (const [id, voice] of state.voices) {
		addVoice(state, voice, ears, now);
		if (voice.heard || voice.stream.report().played === 0) continue;
		voice.heard = true;
		state.firstHeard.push({ stream: id, atMs: nowMs });
	}
	const turned = state.volume.next();
	turnBlock(left, turned);
	turnBlock(right, turned);
	state.limit(left, right);
}

function addVoice({ mid, side }: State, { stream, place }: Voice, ears: Ears, now: number): void {
	mid.fill(0);
	side.fill(0);
	stream.pull(mid, now, side);
	tame(mid);
	tame(side);
	place.add(mid, stream.stereo ? side : null, ears);
}

/** What a speaker signs may be anything, of which a decoder makes what it likes. */
function tame(block: Float32Array): void {
	for (let i = 0; i < block.length; i++) {
		const sample = block[i] ?? 0;
		if (Number.isNaN(sample)) block[i] = 0;
		else if (Math.abs(sample) > VOICE_PEAK_MAX) block[i] = Math.sign(sample) * VOICE_PEAK_MAX;
	}
}

function reportOf(state: State): PlayoutReport {
	const { voices, firstHeard } = state;
	state.firstHeard = [];
	const streams = Object.fromEntries(
		[...voices].map(([id, voice]) => [id, voice.stream.report()])
	) as Record<StreamId, StreamReport>;
	const failures = [...voices.values()].map((voice) => voice.decoder.failures);
	const decoderFailures = failures.reduce((sum, n) => sum + n, state.failuresOfDropped);
	return { type: 'report', streams, firstHeard, decoderFailures };
}

/** The stream from which nothing has come for the longest time. */
function quietest(voices: ReadonlyMap<StreamId, Voice>): StreamId {
	const [first, ...others] = voices;
	if (first === undefined) throw new Error('There is no stream to choose from.');
	return others.reduce((a, b) => (b[1].touchedAt < a[1].touchedAt ? b : a), first)[0];
}
