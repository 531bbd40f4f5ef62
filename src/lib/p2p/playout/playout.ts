/** All that one listener hears: a stream for each speaker, mixed. Lives in the AudioWorklet, knows nothing of it. */
import type { StreamId } from '../wire/ids.ts';
import { STREAMS_MAX } from '../wire/limits.ts';
import type { FrameDecoder } from './decoder.ts';
import { createLimiter } from './limiter.ts';
import type { PlayoutInput, PlayoutReport, StreamReport } from './messages.ts';
import { createPlayoutStream, type PlayoutStream } from './stream.ts';

/** A stream's decoder with the means to let it go. */
export interface OwnedDecoder extends FrameDecoder {
	/** Calls that failed since it was made: a bad packet, a trap. */
	readonly failures: number;
	free(): void;
}

export interface Playout {
	/** `now` in samples of the output's clock. */
	handle(input: PlayoutInput, now: number): void;
	/** Fills `out` with what is heard from `now` on; `nowMs` is the epoch time of it. */
	pull(out: Float32Array, now: number, nowMs: number): void;
	/** True where a stream was heard for the first time since the last report. */
	readonly news: boolean;
	report(): PlayoutReport;
}

interface Voice {
	readonly stream: PlayoutStream;
	readonly decoder: OwnedDecoder;
	/** When something last arrived, in samples. */
	touchedAt: number;
	heard: boolean;
}

export function createPlayout(makeDecoder: () => OwnedDecoder): Playout {
	const voices = new Map<StreamId, Voice>();
	const limit = createLimiter();
	let firstHeard: { stream: StreamId; atMs: number }[] = [];
	let failuresOfDropped = 0;

	const drop = (id: StreamId): void => {
		const voice = voices.get(id);
		failuresOfDropped += voice?.decoder.failures ?? 0;
		voice?.decoder.free();
		voices.delete(id);
	};
	const voiceOf = (id: StreamId, now: number): Voice => {
		let voice = voices.get(id);
		if (voice === undefined) {
			if (voices.size >= STREAMS_MAX) drop(quietest(voices));
			const decoder = makeDecoder();
			voice = { stream: createPlayoutStream(decoder), decoder, touchedAt: now, heard: false };
			voices.set(id, voice);
		}
		voice.touchedAt = now;
		return voice;
	};
	return {
		handle(input, now) {
			switch (input.type) {
				case 'frame':
					voiceOf(input.stream, now).stream.frame(input.seq, input.opus, now);
					return;
				case 'silence':
					voiceOf(input.stream, now).stream.silence(input.seq, input.ticks, now);
					return;
				case 'pause':
					voices.get(input.stream)?.stream.pause();
					return;
				case 'floor':
					voiceOf(input.stream, now).stream.floor(input.ms);
					return;
				case 'drop':
					drop(input.stream);
			}
		},
		pull(out, now, nowMs) {
			out.fill(0);
			for (const [id, voice] of voices) {
				voice.stream.pull(out, now);
				if (voice.heard || voice.stream.report().played === 0) continue;
				voice.heard = true;
				firstHeard.push({ stream: id, atMs: nowMs });
			}
			limit(out);
		},
		get news() {
			return firstHeard.length > 0;
		},
		report() {
			const news = firstHeard;
			firstHeard = [];
			const streams = Object.fromEntries(
				[...voices].map(([id, voice]) => [id, voice.stream.report()])
			) as Record<StreamId, StreamReport>;
			const failures = [...voices.values()].map((voice) => voice.decoder.failures);
			const decoderFailures = failures.reduce((sum, n) => sum + n, failuresOfDropped);
			return { type: 'report', streams, firstHeard: news, decoderFailures };
		}
	};
}

/** The stream from which nothing has come for the longest time. */
function quietest(voices: ReadonlyMap<StreamId, Voice>): StreamId {
	const [first, ...others] = voices;
	if (first === undefined) throw new Error('There is no stream to choose from.');
	return others.reduce((a, b) => (b[1].touchedAt < a[1].touchedAt ? b : a), first)[0];
}
