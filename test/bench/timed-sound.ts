/** Recordings with a place in time, and what becomes of a sound between two of them. */
import type { Page } from 'playwright';
import {
	crossCorrelationDelay,
	levelDb,
	logSpectralDistance,
	median,
	RATE,
	type Delay
} from '../lib/sound.ts';
import { recordRaw, type Place, type RawRecording } from './tap.ts';

export interface TimedSound {
	/** Mono, 48 kHz. */
	readonly samples: Float32Array;
	/** Epoch time at which the first sample was spoken, or is handed to the sound card. */
	readonly startMs: number;
}

export interface Passage {
	/** Mouth to ear of each quarter of a second in which something was said, in milliseconds. */
	readonly delaysMs: readonly number[];
	/** Likeness of the quarters, median; 1 is the same sound. */
	readonly correlation: number;
	/** Mean log-spectral distance in dB; 0 is the same sound. */
	readonly spectralDb: number;
}

/**
 * Sound cards ask for pieces in bursts; five bursts of 10 ms show the whole pattern. What an output has missed
 * by being late it plays later from then on (Chromium, PushPullFIFO), which no tap can see: on a busy machine
 * the app's output may be later than told, by 10 ms for each such miss.
 */
const BURSTS_MS = 50;
const SAMPLES_PER_MS = RATE / 1000;
const QUARTER_SAMPLES = RATE / 4;
/** Quieter quarters are pauses. */
const SAID_DBFS = -40;
/** Below this a lag is a guess and no measurement. */
const LIKENESS_MIN = 0.3;
/** Delay seldom moves further between two quarters, and what is this alike need not be looked for elsewhere. */
const MOVE_MAX = 60 * SAMPLES_PER_MS;
const LIKENESS_SURE = 0.9;

export async function record(page: Page, place: Place, seconds: number): Promise<TimedSound> {
	const raw = await recordRaw(page, place, seconds);
	return { samples: samplesOf(raw), startMs: place === 'mouth' ? spokenAt(raw) : heardAt(raw) };
}

/** Mono, 48 kHz. */
export function samplesOf(raw: RawRecording): Float32Array {
	const bytes = Buffer.from(raw.samples.slice(raw.samples.indexOf(',') + 1), 'base64');
	return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** The last sample of a piece is spoken when the piece is handed over; the quickest piece was not held up. */
function spokenAt({ pieces }: RawRecording): number {
	return Math.min(...pieces.map(([at, length, atMs]) => atMs - (at + length) / SAMPLES_PER_MS));
}

/** The first piece of a burst is played right after it is asked for; the quickest burst was not held up. */
function heardAt({ pieces, afterMs }: RawRecording): number {
	const firstMs = pieces[0]?.[2] ?? 0;
	const latest = new Map<number, number>();
	for (const [at, , atMs] of pieces) {
		const burst = Math.floor((atMs - firstMs) / BURSTS_MS);
		latest.set(burst, Math.max(latest.get(burst) ?? -Infinity, atMs - at / SAMPLES_PER_MS));
	}
	// The last window is cut off and may miss the piece that counts.
	return Math.min(...[...latest.values()].slice(0, -1)) + afterMs;
}

/** How `source` arrived in `heard`, which was recorded at the same time. `maxLagMs` bounds the search. */
export function passage(source: TimedSound, heard: TimedSound, maxLagMs: number): Passage {
	const startMs = Math.max(source.startMs, heard.startMs);
	const said = from(source, startMs);
	const came = from(heard, startMs);
	const maxLag = Math.round(maxLagMs * SAMPLES_PER_MS);
	const quarters = quartersOf(said, came, maxLag);
	const sure = quarters.filter((quarter) => quarter.correlation >= LIKENESS_MIN);
	return {
		delaysMs: sure.map((quarter) => quarter.lag / SAMPLES_PER_MS),
		correlation: median(quarters.map((quarter) => quarter.correlation)),
		spectralDb: mean(sure.map((quarter) => quarter.spectralDb))
	};
}

function from({ samples, startMs }: TimedSound, atMs: number): Float32Array {
	return samples.subarray(Math.round((atMs - startMs) * SAMPLES_PER_MS));
}

interface Quarter {
	readonly lag: number;
	readonly correlation: number;
	readonly spectralDb: number;
}

/** Short pieces, because playout may shorten or lengthen the sound between them. */
function quartersOf(said: Float32Array, came: Float32Array, maxLag: number): Quarter[] {
	const end = Math.min(said.length, came.length - maxLag) - QUARTER_SAMPLES;
	const quarters: Quarter[] = [];
	let last: Delay | null = null;
	for (let at = 0; at <= end; at += QUARTER_SAMPLES) {
		const source = said.subarray(at, at + QUARTER_SAMPLES);
		if (levelDb(source) < SAID_DBFS) continue;
		const heard = came.subarray(at, at + QUARTER_SAMPLES + maxLag);
		last = lagOf(source, heard, last);
		const { samples: lag, correlation } = last;
		const aligned = heard.subarray(lag, lag + QUARTER_SAMPLES);
		quarters.push({ lag, correlation, spectralDb: logSpectralDistance(source, aligned) });
	}
	return quarters;
}

/** Looks where the quarter before was found, and everywhere only if it is not there: a full look is slow. */
function lagOf(source: Float32Array, heard: Float32Array, last: Delay | null): Delay {
	const maxLag = heard.length - source.length;
	if (last !== null) {
		const low = Math.max(0, last.samples - MOVE_MAX);
		const near = crossCorrelationDelay(source, heard.subarray(low), 2 * MOVE_MAX);
		if (near.correlation >= LIKENESS_SURE) return { ...near, samples: low + near.samples };
	}
	return crossCorrelationDelay(source, heard, maxLag);
}

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;
