/**
 * One speaker's sound as it is heard: a state machine in sample time between what arrives (intake) and what
 * the sound card pulls. It never plays a frame twice, and never waits for one that silence explains.
 */
import { PLAYOUT_DELAY_MAX_MS } from '../wire/limits.ts';
import { createConcealment, type Concealment } from './conceal.ts';
import type { FrameDecoder } from './decoder.ts';
import { createIntake, type Intake } from './intake.ts';
import type { StreamReport } from './messages.ts';
import { createSampleLine, HISTORY_SAMPLES, type SampleLine } from './sample-line.ts';
import { joinedSide, sideEnding } from './side.ts';
import {
	bestJoin,
	crossFade,
	JOIN_SAMPLES,
	stretch,
	stretchAlike,
	type StretchWish
} from './stretch.ts';
import { FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS } from './units.ts';

export interface PlayoutStream {
	/** `seq` u32, `now` in samples of the output's clock. */
	frame(seq: number, opus: Uint8Array, now: number): void;
	silence(seq: number, ticks: number, now: number): void;
	pause(): void;
	/** Frames wait at least `ms` after the fastest way; 0 is no floor, more than we ever wait for is cut. */
	floor(ms: number): void;
	/**
	 * Adds the next `out.length` samples, the mean of left and right, onto `out`, which is heard from `now` on; onto `side` by
	 * how much left is above it and right below, where there is anything to add.
	 */
	pull(out: Float32Array, now: number, side?: Float32Array): void;
	/** Whether left and right have differed so far. */
	readonly stereo: boolean;
	report(): StreamReport;
}

/** Delay beyond the wanted one that is squeezed out, and below it that is stretched in. */
const EXCESS_MIN_SAMPLES = 6 * SAMPLES_PER_MS;
const DEFICIT_MIN_SAMPLES = 4 * SAMPLES_PER_MS;
/** Beyond this a conversation suffers: squeeze in each frame, and join rather than wait for a good place. */
const EXCESS_URGENT_SAMPLES = 60 * SAMPLES_PER_MS;
/** Beyond this squeezing takes too long: frames are left out until the urgent amount is left. */
const EXCESS_SKIP_SAMPLES = 500 * SAMPLES_PER_MS;
/** Frames between two jumps while there is no hurry, so that the ear does not notice (NetEQ: 50 ms). */
const JUMP_EVERY_FRAMES = 3;
/** A lowered floor sinks by a tenth of the time, slow enough that no jump is ever in a hurry because of it. */
const FLOOR_SINKS_SAMPLES = FRAME_SAMPLES / 10;
/** Likeness of the sound on both sides of a jump (NetEQ: 0.9), and when in a hurry (its fast accelerate: 0.5). */
const LIKENESS_MIN = 0.85;
const LIKENESS_URGENT = 0.5;
/**
 * Who mutes wants to be silent: 120 ms of what waits are still played, the end of a word on a good line. On a bad
 * one, where more waits, the rest is left out: on a slow machine the way here alone takes most of the half second
 * after which a muted voice has to be gone.
 */
const PAUSE_PLAYS_MAX_FRAMES = 6;
/** A gap longer than this was no loss worth counting: we were not meant to hear, or not there. */
const GAP_COUNTED_MAX_FRAMES = 100;

type Mode =
	/** Nothing is owed to the listener until the next frame is due. */
	| 'resting'
	/** Frame follows frame. */
	| 'playing'
	/** The next frame is missing and so is everything after it: made-up sound, our place kept. */
	| 'starved';

interface State {
	readonly decoder: FrameDecoder;
	readonly intake: Intake;
	readonly line: SampleLine;
	readonly concealment: Concealment;
	mode: Mode;
	/** The tick to play next; null before the first frame and after a new count. */
	next: number | null;
	/** Made-up frames in a row while starved. */
	starved: number;
	/** We rest because sound was lost, not because it ended. */
	restsByLoss: boolean;
	paused: boolean;
	/** The least delay asked for, and the one in force, which follows it; in samples. */
	floorWanted: number;
	floor: number;
	sinceJump: number;
	anchors: number;
	played: number;
	concealed: number;
	/** Frames left out because the backlog was too long. */
	skipped: number;
	/** In samples; negative where sound was shortened. */
	stretched: number;
}

export function createPlayoutStream(decoder: FrameDecoder): PlayoutStream {
	const state: State = {
		decoder,
		intake: createIntake(),
		line: createSampleLine(),
		concealment: createConcealment(decoder),
		mode: 'resting',
		next: null,
		starved: 0,
		restsByLoss: false,
		paused: false,
		floorWanted: 0,
		floor: 0,
		sinceJump: 0,
		anchors: 0,
		played: 0,
		concealed: 0,
		skipped: 0,
		stretched: 0
	};
	return {
		frame: (seq, opus, now) => {
			state.intake.frame(seq, opus, now);
		},
		silence: (seq, ticks, now) => {
			state.intake.silence(seq, ticks, now);
		},
		pause: () => {
			pause(state);
		},
		floor: (ms) => {
			const floorMs = Math.max(0, Math.min(PLAYOUT_DELAY_MAX_MS, ms));
			state.floorWanted = floorMs * SAMPLES_PER_MS;
		},
		pull(out, now, side) {
			followAnchor(state);
			if (state.mode === 'starved') resumeEarly(state);
			while (state.line.pending < out.length) {
				produce(state, now + state.line.pending, out.length - state.line.pending);
			}
			state.line.addTo(out, side);
			state.intake.passed(state.next);
		},
		get stereo() {
			return state.line.pastSide() !== null;
		},
		report: () => reportOf(state)
	};
}

function pause(state: State): void {
	const { queue } = state.intake;
	state.paused = true;
	state.intake.end();
	const next = state.mode === 'resting' ? queue.firstFrame() : state.next;
	if (next !== null) state.skipped += queue.forgetAfter(next + PAUSE_PLAYS_MAX_FRAMES - 1);
}

function reportOf(state: State): StreamReport {
	const { intake, line } = state;
	return {
		played: state.played,
		concealed: state.concealed,
		late: intake.late + state.skipped,
		duplicate: intake.duplicate,
		bufferMs: line.pending / SAMPLES_PER_MS + intake.queue.frames * FRAME_MS,
		targetMs: delayOf(state) / SAMPLES_PER_MS + FRAME_MS,
		stretchedMs: state.stretched / SAMPLES_PER_MS
	};
}

/** After the speaker began to count anew, our place in the old count means nothing. */
function followAnchor(state: State): void {
	if (state.anchors === state.intake.anchors) return;
	state.anchors = state.intake.anchors;
	if (state.mode !== 'resting') fadeOut(state);
	state.mode = 'resting';
	state.restsByLoss = false;
	state.next = null;
}

/** Appends at least one sample, heard from `at` on. `need` samples are missing now. */
function produce(state: State, at: number, need: number): void {
	switch (state.mode) {
		case 'resting':
			rest(state, at, need);
			return;
		case 'playing':
			play(state, at);
			return;
		case 'starved':
			starve(state, at);
	}
}

/** Each spurt begins at its ideal time, so that the delay is set anew in every silence. */
function rest(state: State, at: number, need: number): void {
	const { queue } = state.intake;
	state.floor = state.floorWanted;
	const first = state.decoder.ready ? queue.firstFrame() : null;
	const early = first === null ? need : dueAt(state, first) - at;
	if (first === null || early > 0) {
		state.line.appendZeros(Math.max(1, Math.min(need, Math.ceil(early))));
		return;
	}
	if (state.restsByLoss) countGap(state, first);
	state.mode = 'playing';
	state.next = first;
	state.starved = 0;
	state.restsByLoss = false;
	// The last words before a muting may have holes; only what was said after it ends the pause.
	state.paused &&= first <= (state.intake.ended ?? -1);
	play(state, at);
}

function play(state: State, at: number): void {
	const { queue } = state.intake;
	state.floor = Math.max(state.floorWanted, state.floor - FLOOR_SINKS_SAMPLES);
	skipBacklog(state, at);
	const next = state.next ?? 0;
	const opus = queue.take(next);
	const silentUntil = queue.silentUntil(next);
	if (opus !== null) playFrame(state, opus, at);
	else if (silentUntil !== null) {
		state.next = silentUntil + 1;
		goToRest(state, false);
	} else if (state.paused) {
		// What was left out is no loss: nothing is made up in its place.
		goToRest(state, false);
	} else if (queue.firstKnown(next) !== null) passLost(state, next);
	else starve(state, at);
}

function playFrame(state: State, opus: Uint8Array, at: number): void {
	const next = state.next ?? 0;
	const samples = state.decoder.decode(opus);
	state.next = next + 1;
	if (samples === null) {
		makeUp(state);
		return;
	}
	const { line } = state;
	const side = joinedSide(state.decoder.side ?? null, line.pastSide(), samples.length);
	if (state.concealment.join(samples)) line.append(samples, side);
	else inTime(state, { samples, side }, excessOf(state, at, next));
	sounded(state);
}

/**
 * By how much a frame is late; what has nothing waiting behind it is no backlog: squeezed, it would be missing a moment
 * later.
 */
function excessOf(state: State, at: number, seq: number): number {
	const excess = at - dueAt(state, seq);
	return excess <= (waitingAfter(state, seq) + 1) * FRAME_SAMPLES ? excess : Math.min(excess, 0);
}

/** Ticks from `seq` to the newest frame that has come. */
function waitingAfter({ intake }: State, seq: number): number {
	return (intake.queue.lastFrame() ?? seq) - seq;
}

function sounded(state: State): void {
	state.mode = 'playing';
	state.played++;
	state.starved = 0;
}

/** The frame for tick `next` will not come in time: something later is here already. */
function passLost(state: State, next: number): void {
	if (state.concealment.over) {
		goToRest(state, true);
		return;
	}
	state.next = next + 1;
	makeUp(state);
}

/** Nothing is here. Keep our place, in case it only takes longer; give up when the guess has faded. */
function starve(state: State, at: number): void {
	const next = state.next ?? 0;
	const known = state.intake.queue.firstKnown(next);
	if (known !== null || state.paused) {
		state.mode = 'playing';
		state.next = Math.min(known ?? next, next + state.starved);
		state.starved = 0;
		play(state, at);
	} else if (state.concealment.over) goToRest(state, true);
	else {
		state.mode = 'starved';
		state.starved++;
		makeUp(state);
	}
}

/** The frame we starved for has come while made-up sound still waits: join it in where it fits best. */
function resumeEarly(state: State): void {
	const { queue } = state.intake;
	const next = state.next ?? 0;
	const first = queue.firstKnown(next);
	if (first === null || first >= next + state.starved) return;
	const opus = state.line.pending < JOIN_SAMPLES ? null : queue.take(first);
	const samples = opus === null ? null : state.decoder.decode(opus);
	if (samples === null) return;
	const { samples: ending, side: endingSide } = state.line.cut();
	const at = bestJoin(ending, samples);
	crossFade(ending.subarray(at, at + JOIN_SAMPLES), samples);
	state.line.append(ending.subarray(0, at), endingSide?.subarray(0, at));
	state.line.append(
		samples,
		joinedSide(state.decoder.side ?? null, state.line.pastSide(), samples.length)
	);
	state.next = first + 1;
	state.concealment.heard();
	sounded(state);
}

/** Leaves out what is hopelessly behind its time. */
function skipBacklog(state: State, at: number): void {
	const next = state.next ?? 0;
	const excess = at - dueAt(state, next);
	if (excess <= EXCESS_SKIP_SAMPLES) return;
	const tooLate = Math.ceil((excess - EXCESS_URGENT_SAMPLES) / FRAME_SAMPLES);
	// What has not come is no backlog: a microphone that stood still counts on from where it was.
	const ticks = Math.min(waitingAfter(state, next), tooLate);
	if (ticks <= 0) return;
	state.next = next + ticks;
	state.skipped += state.intake.queue.forgetBefore(state.next);
	state.stretched -= ticks * FRAME_SAMPLES;
	fadeOut(state);
}

/** Appends the frame, made a little shorter or longer where it plays `excess` samples later than it should. */
function inTime(
	state: State,
	{ samples, side }: { readonly samples: Float32Array; readonly side: Float32Array | null },
	excess: number
): void {
	const { line } = state;
	state.sinceJump++;
	const wish = wishFor(excess);
	const urgent = excess > EXCESS_URGENT_SAMPLES;
	const wanted = wish !== null && (urgent || state.sinceJump >= JUMP_EVERY_FRAMES);
	const stretched = wanted ? stretch(line.past(), samples, wish) : null;
	if (stretched === null) {
		line.append(samples, side);
		return;
	}
	state.sinceJump = 0;
	state.stretched += stretched.by;
	const pastSide = side === null ? null : line.pastSide();
	// What was mono until now has no past to be joined to.
	line.append(
		stretched.samples,
		side && stretchAlike(pastSide ?? new Float32Array(HISTORY_SAMPLES), side, stretched.by)
	);
}

/** Jumps may overshoot into the band of delays we leave alone: low voices have periods longer than it. */
function wishFor(excess: number): StretchWish | null {
	const likenessMin = excess > EXCESS_URGENT_SAMPLES ? LIKENESS_URGENT : LIKENESS_MIN;
	if (excess >= EXCESS_MIN_SAMPLES) {
		return { way: 'squeeze', lagMax: excess + DEFICIT_MIN_SAMPLES, likenessMin };
	}
	if (excess <= -DEFICIT_MIN_SAMPLES) {
		return { way: 'stretch', lagMax: EXCESS_MIN_SAMPLES - excess, likenessMin };
	}
	return null;
}

function makeUp(state: State): void {
	const made = state.concealment.frame(state.line.past());
	// What is made up has no sides: those of the past fade into it.
	state.line.append(made, sideEnding(state.line.pastSide(), made.length));
	state.concealed++;
}

function goToRest(state: State, byLoss: boolean): void {
	fadeOut(state);
	state.mode = 'resting';
	state.restsByLoss = byLoss;
	if (!byLoss) state.starved = 0;
}

/** Ends the sound without a click. */
function fadeOut(state: State): void {
	const ending = state.concealment.ending(state.line.past());
	if (ending === null) return;
	state.line.append(ending, sideEnding(state.line.pastSide(), ending.length));
}

/** Ticks that were lost while we rested; those made up before are counted already. */
function countGap(state: State, first: number): void {
	const gap = first - (state.next ?? first) - state.starved;
	if (gap > 0 && gap <= GAP_COUNTED_MAX_FRAMES) state.concealed += gap;
}

/** When the frame of tick `seq` should be heard, in samples. */
function dueAt(state: State, seq: number): number {
	return seq * FRAME_SAMPLES + (state.intake.arrivals.base ?? 0) + delayOf(state);
}

function delayOf(state: State): number {
	return Math.max(state.intake.arrivals.delay, state.floor);
}
