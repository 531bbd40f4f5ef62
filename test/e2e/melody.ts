/**
 * A sound in which every 20 ms can be told from all others near it: sixteen notes, over and over. Noise suppression
 * lets it through, for no frequency lasts; what is missing in a recording of it can be counted.
 */
import { goertzelDb, levelDb, RATE } from '../lib/sound.ts';

const NOTE_MS = 20;
/** Far enough apart for a window of one note to tell them from each other; in no order a filter would smear. */
const NOTES_HZ = [
	1000, 2400, 600, 3000, 1600, 400, 2000, 2800, 800, 1800, 3400, 1200, 2600, 1400, 3200, 2200
] as const;
const SAMPLES_PER_MS = RATE / 1000;
const NOTE_SAMPLES = NOTE_MS * SAMPLES_PER_MS;
const HOP_SAMPLES = NOTE_SAMPLES / 4;
/** Below this a window has no note in it. */
const NOTE_DBFS = -50;
/** Where two notes share a window neither is that much louder than the other. */
const CLEAR_DB = 3;
/** Blocks of 5 ms below this are silent. Concealment is above it until it has faded. */
const SILENT_DBFS = -55;

/** A whole number of rounds, so that it can be played over and over. */
export function melody(rounds: number): Float32Array<ArrayBuffer> {
	let phase = 0;
	return Float32Array.from({ length: rounds * NOTES_HZ.length * NOTE_SAMPLES }, (_, i) => {
		const hz = NOTES_HZ[Math.floor(i / NOTE_SAMPLES) % NOTES_HZ.length] ?? 0;
		phase += hz / RATE;
		return 0.25 * Math.sin(2 * Math.PI * phase);
	});
}

export interface Stretch {
	/** From the beginning of the recording. */
	readonly atMs: number;
	readonly ms: number;
}

/** The time from each place where a note is followed by its successor to the next such place. */
export function stepsOf(samples: Float32Array): Stretch[] {
	const steps: Stretch[] = [];
	let note: number | null = null;
	let lastMs = 0;
	for (let at = 0; at + NOTE_SAMPLES <= samples.length; at += HOP_SAMPLES) {
		const heard = noteOf(samples.subarray(at, at + NOTE_SAMPLES));
		if (heard === null || heard === note) continue;
		if (note !== null && heard === (note + 1) % NOTES_HZ.length) {
			const nowMs = at / SAMPLES_PER_MS;
			steps.push({ atMs: lastMs, ms: nowMs - lastMs });
			lastMs = nowMs;
		}
		note = heard;
	}
	// What is missing at the end was missed as well.
	steps.push({ atMs: lastMs, ms: samples.length / SAMPLES_PER_MS - lastMs });
	return steps;
}

/** Where nothing at all is heard. */
export function silencesOf(samples: Float32Array): Stretch[] {
	const silences: Stretch[] = [];
	let from: number | null = null;
	for (let at = 0; at <= samples.length; at += HOP_SAMPLES) {
		const block = samples.subarray(at, at + HOP_SAMPLES);
		const silent = block.length === HOP_SAMPLES && levelDb(block) < SILENT_DBFS;
		if (silent) from ??= at;
		else if (from !== null) {
			silences.push({ atMs: from / SAMPLES_PER_MS, ms: (at - from) / SAMPLES_PER_MS });
			from = null;
		}
	}
	return silences;
}

/** The longest of those that overlap the time between the two, in milliseconds; 0 where there is none. */
export function longest(stretches: readonly Stretch[], fromMs: number, toMs: number): number {
	const within = stretches.filter(({ atMs, ms }) => atMs + ms > fromMs && atMs < toMs);
	return Math.max(0, ...within.map(({ ms }) => ms));
}

/** The index of the note that fills the window; null where none does. */
function noteOf(window: Float32Array): number | null {
	let [best, second, note] = [-Infinity, -Infinity, 0];
	for (const [i, hz] of NOTES_HZ.entries()) {
		const level = goertzelDb(window, hz);
		if (level > best) [best, second, note] = [level, best, i];
		else if (level > second) second = level;
	}
	return best > NOTE_DBFS && best - second > CLEAR_DB ? note : null;
}
