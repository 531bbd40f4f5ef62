/**
 * Does what we play come back in at our microphone? Told by two signs: the loudness of the microphone goes up and down with
 * that of the output, a little later (others hear themselves); or both hold the same tone and it does not go away (it howls).
 * Of pairs that have nothing to do with each other, which most are, it says nothing.
 */
import type { FrameSound } from './frame-sound.ts';

export type Feedback = 'echo' | 'howl';

export interface FeedbackWatch {
	/** What was played; the last of `frames` ended at `untilTick`. Ticks of 20 ms of one clock, for both. */
	played(frames: readonly FrameSound[], untilTick: number): void;
	/** What the microphone heard then, while it may be heard by others. Gives what there is to warn of now. */
	captured(frame: FrameSound, tick: number): Feedback | null;
	/** The microphone is closed: nothing is known any more. */
	rest(): void;
}

/** Looked at together: 4 s, a sentence or two. */
const WINDOW_TICKS = 200;
/** From being played to being heard: buffers of the devices, the way through the air, and clocks that do not quite agree. */
const LAG_MIN_TICKS = -3;
const LAG_MAX_TICKS = 30;
/** What is played is told twice a second: until then the newest of it is not known. */
const TOLD_LATE_TICKS = 30;
const RING_TICKS = 512;
/** Looked at twice a second. */
const LOOK_EVERY_TICKS = 25;
/** Softer than this is silence, for both. */
const FLOOR_DBFS = -55;
/** Both have to be this loud at their loudest (the eighth part that is): what is softer nobody hears on the other side. */
const LOUD_DBFS = -45;
/** Speech goes up and down by more than this; an even noise correlates with anything. */
const SPREAD_MIN_DB = 5;
/** Envelopes of two people who have nothing to do with each other reach 0.6 by chance, at some lag of so many. */
const LIKENESS_MIN = 0.8;
/** So many of the last looks have to say so. */
const LOOKS = 5;
const LOOKS_MIN = 4;
/** A warning stays for 10 s after the last sign, or it would come and go with each sentence. */
const STAYS_TICKS = 500;
/** A tone that both hold for 0.8 s within 3 % is nobody's voice. */
const HOWL_TICKS = 40;
const SAME_TONE_SHARE = 0.03;
/** A loop does not get softer by itself. */
const HOWL_FALLS_DB = 6;
const HOWL_MIN_DBFS = -40;

interface Howl {
	readonly ticks: number;
	/** As it was heard last. */
	readonly hz: number;
	readonly loudestDbfs: number;
}

interface State {
	readonly played: Float32Array;
	readonly playedHz: Float32Array;
	readonly playedAt: Int32Array;
	readonly heard: Float32Array;
	readonly heardAt: Int32Array;
	looks: boolean[];
	lookAtTick: number;
	/** The tone that is heard now, as it was played; null while there is none. */
	howl: Howl | null;
	warns: { readonly what: Feedback; readonly untilTick: number } | null;
}

export function createFeedbackWatch(): FeedbackWatch {
	const state: State = {
		played: new Float32Array(RING_TICKS).fill(FLOOR_DBFS),
		playedHz: new Float32Array(RING_TICKS),
		playedAt: new Int32Array(RING_TICKS).fill(-1),
		heard: new Float32Array(RING_TICKS).fill(FLOOR_DBFS),
		heardAt: new Int32Array(RING_TICKS).fill(-1),
		looks: [],
		lookAtTick: 0,
		howl: null,
		warns: null
	};
	return {
		played(frames, untilTick) {
			frames.forEach(({ dbfs, hz }, i) => {
				const tick = untilTick - (frames.length - 1 - i);
				const at = placeOf(tick);
				state.played[at] = Math.max(FLOOR_DBFS, dbfs);
				state.playedHz[at] = hz ?? 0;
				state.playedAt[at] = tick | 0;
			});
		},
		captured(frame, tick) {
			const at = placeOf(tick);
			state.heard[at] = Math.max(FLOOR_DBFS, frame.dbfs);
			state.heardAt[at] = tick | 0;
			if (howls(state, frame, tick)) warn(state, 'howl', tick);
			if (tick >= state.lookAtTick) {
				state.lookAtTick = tick + LOOK_EVERY_TICKS;
				state.looks = [...state.looks, isEcho(state, tick)].slice(-LOOKS);
				if (state.looks.filter(Boolean).length >= LOOKS_MIN) warn(state, 'echo', tick);
			}
			if (state.warns !== null && tick > state.warns.untilTick) state.warns = null;
			return state.warns?.what ?? null;
		},
		rest() {
			state.looks = [];
			state.lookAtTick = 0;
			state.howl = null;
			state.warns = null;
			state.heardAt.fill(-1);
		}
	};
}

const placeOf = (tick: number): number => ((tick % RING_TICKS) + RING_TICKS) % RING_TICKS;

/** What howls is told as that, though it is an echo as well. */
function warn(state: State, what: Feedback, tick: number): void {
	if (what === 'echo' && state.warns?.what === 'howl') return;
	state.warns = { what, untilTick: tick + STAYS_TICKS };
}

function howls(state: State, frame: FrameSound, tick: number): boolean {
	state.howl = howlWith(state, frame, tick);
	return state.howl !== null && state.howl.ticks >= HOWL_TICKS;
}

/** The tone goes on, or begins; null where this frame is no part of one. */
function howlWith(state: State, { dbfs, hz }: FrameSound, tick: number): Howl | null {
	if (hz === null || dbfs <= HOWL_MIN_DBFS) return null;
	const before = state.howl ?? { ticks: 0, hz, loudestDbfs: dbfs };
	const goesOn = isNear(hz, before.hz) && dbfs > before.loudestDbfs - HOWL_FALLS_DB;
	if (!goesOn || !isPlayed(state, hz, tick)) return null;
	return { ticks: before.ticks + 1, hz, loudestDbfs: Math.max(before.loudestDbfs, dbfs) };
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= SAME_TONE_SHARE * b;

/** That tone was played shortly before: of what has been told so far, most of the newest frames. */
function isPlayed({ playedHz, playedAt }: State, hz: number, tick: number): boolean {
	let [same, known] = [0, 0];
	for (let back = 0; back < TOLD_LATE_TICKS + LAG_MAX_TICKS; back++) {
		const at = placeOf(tick - back);
		if (playedAt[at] !== ((tick - back) | 0)) continue;
		known++;
		if (isNear(playedHz[at] ?? 0, hz)) same++;
	}
	return known > 0 && same > known / 2;
}

/** The microphone follows the output, at one of the lags it can have. */
function isEcho(state: State, tick: number): boolean {
	const until = tick - TOLD_LATE_TICKS;
	const heard = stretch(state.heard, state.heardAt, until);
	const beside = stretch(state.played, state.playedAt, until);
	if (heard === null || !isLively(heard) || beside === null || !isLively(beside)) return false;
	for (let lag = LAG_MIN_TICKS; lag <= LAG_MAX_TICKS; lag++) {
		const played = stretch(state.played, state.playedAt, until - lag);
		if (played !== null && likeness(played, heard) >= LIKENESS_MIN) return true;
	}
	return false;
}

/** The window that ends there; null where not all of it is known. */
function stretch(of: Float32Array, at: Int32Array, until: number): Float32Array | null {
	const out = new Float32Array(WINDOW_TICKS);
	for (let i = 0; i < WINDOW_TICKS; i++) {
		const tick = until - (WINDOW_TICKS - 1 - i);
		const place = placeOf(tick);
		if (at[place] !== (tick | 0)) return null;
		out[i] = of[place] ?? FLOOR_DBFS;
	}
	return out;
}

function isLively(window: Float32Array): boolean {
	const sorted = window.toSorted();
	if ((sorted[Math.floor((7 * WINDOW_TICKS) / 8)] ?? FLOOR_DBFS) < LOUD_DBFS) return false;
	const { mean, spread } = spreadOf(window);
	return mean > FLOOR_DBFS && spread >= SPREAD_MIN_DB;
}

function spreadOf(window: Float32Array): { mean: number; spread: number } {
	const mean = window.reduce((sum, x) => sum + x, 0) / window.length;
	const square = window.reduce((sum, x) => sum + (x - mean) ** 2, 0) / window.length;
	return { mean, spread: Math.sqrt(square) };
}

function likeness(a: Float32Array, b: Float32Array): number {
	const [one, other] = [spreadOf(a), spreadOf(b)];
	let sum = 0;
	for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - one.mean) * ((b[i] ?? 0) - other.mean);
	return sum / (a.length * one.spread * other.spread);
}
