/** What became of a known sound on its way through a buffer: how late, how broken, how true. */
import { crossCorrelationDelay, levelDb, logSpectralDistance, median, RATE } from '../lib/sound.ts';
import type { TimedSound } from './timed-sound.ts';

export interface Figures {
	/** From the arrival of a packet in time to the play of its sound, median of quarters of a second. */
	readonly delayMs: number;
	/** Mean log-spectral distance from the source over all quarters in which something is said. */
	readonly spectralDb: number;
	/** Median likeness of the quarters; 1 is the same sound. */
	readonly correlation: number;
	/** The longest time in which something should have been heard and nothing was. */
	readonly gapMs: number;
}

export interface Source {
	/** Said over and over. */
	readonly samples: Float32Array;
	readonly startMs: number;
	readonly paceMs: number;
}

const SAMPLES_PER_MS = RATE / 1000;
const QUARTER = RATE / 4;
const SAID_DBFS = -40;
const LAG_MAX = 800 * SAMPLES_PER_MS;
/** Delay seldom moves further between two quarters; what is this alike is not looked for elsewhere. */
const MOVE_MAX = 60 * SAMPLES_PER_MS;
const LIKENESS_SURE = 0.6;
/** Below this a lag is a guess: the place is taken from the quarter before. */
const LIKENESS_MIN = 0.3;
/** Pieces of 10 ms, 20 dB weaker than the loudest of the source around, are a hole. */
const PIECE = 10 * SAMPLES_PER_MS;
const HOLE_DB = 20;

interface Quarter {
	readonly lag: number;
	readonly correlation: number;
	readonly spectralDb: number;
	readonly holes: readonly boolean[];
}

export function figuresOf(source: Source, heard: TimedSound): Figures {
	const quarters: Quarter[] = [];
	let last = 0;
	const first = Math.ceil((heard.startMs - source.startMs) / (12.5 * source.paceMs));
	for (let index = Math.max(0, first); ; index++) {
		const dueMs = source.startMs + index * 12.5 * source.paceMs;
		const at = Math.round((dueMs - heard.startMs) * SAMPLES_PER_MS);
		if (at + QUARTER + LAG_MAX > heard.samples.length) break;
		const said = pieceOf(source.samples, index * QUARTER, QUARTER);
		if (levelDb(said) < SAID_DBFS) continue;
		const came = heard.samples.subarray(at, at + QUARTER + LAG_MAX);
		const quarter = quarterOf(said, came, last);
		last = quarter.lag;
		quarters.push(quarter);
	}
	const sure = quarters.filter((quarter) => quarter.correlation >= LIKENESS_MIN);
	return {
		delayMs: median(sure.map((quarter) => quarter.lag)) / SAMPLES_PER_MS,
		spectralDb: mean(quarters.map((quarter) => quarter.spectralDb)),
		correlation: median(quarters.map((quarter) => quarter.correlation)),
		gapMs: 10 * longestRun(quarters.flatMap((quarter) => quarter.holes))
	};
}

function quarterOf(said: Float32Array, came: Float32Array, last: number): Quarter {
	const low = Math.max(0, last - MOVE_MAX);
	const near = crossCorrelationDelay(said, came.subarray(low), 2 * MOVE_MAX);
	const found =
		last > 0 && near.correlation >= LIKENESS_SURE
			? { samples: low + near.samples, correlation: near.correlation }
			: crossCorrelationDelay(said, came, LAG_MAX);
	const lag = found.correlation >= LIKENESS_MIN ? found.samples : last;
	const aligned = came.subarray(lag, lag + said.length);
	return {
		lag,
		correlation: found.correlation,
		spectralDb: logSpectralDistance(said, aligned),
		holes: holesIn(said, aligned)
	};
}

function holesIn(said: Float32Array, came: Float32Array): boolean[] {
	const count = said.length / PIECE;
	const levels = Array.from({ length: count }, (_, i) => levelAround(said, i));
	return levels.map((level, i) => {
		const heard = levelDb(came.subarray(i * PIECE, (i + 1) * PIECE));
		return level > SAID_DBFS && heard < level - HOLE_DB;
	});
}

/** The weakest of three pieces: where stretching has moved the end of a word, nothing is missing. */
function levelAround(said: Float32Array, piece: number): number {
	const first = Math.max(0, piece - 1);
	const last = Math.min(said.length / PIECE - 1, piece + 1);
	const levels = Array.from({ length: last - first + 1 }, (_, i) =>
		levelDb(said.subarray((first + i) * PIECE, (first + i + 1) * PIECE))
	);
	return Math.min(...levels);
}

function longestRun(holes: readonly boolean[]): number {
	let run = 0;
	return holes.reduce((longest, hole) => Math.max(longest, (run = hole ? run + 1 : 0)), 0);
}

function pieceOf(samples: Float32Array, from: number, length: number): Float32Array {
	return Float32Array.from({ length }, (_, i) => samples[(from + i) % samples.length] ?? 0);
}

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
