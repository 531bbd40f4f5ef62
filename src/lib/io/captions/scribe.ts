/**
 * From the microphone's frames to words for them, one piece of sound after the other. Kept at all times:
 * 1. words name the frames they were said in, whatever was left out before;
 * 2. nothing is told of a phrase after its final words; who was told partial ones is told final ones, empty where the
 *    model does not trust its own;
 * 3. no more sound waits than `pace` lets wait.
 */
import { createFrameCutter } from '#lib/p2p/voice/frame-cutter.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import { seqAdd, seqDistance } from '#lib/p2p/wire/seq.ts';
import type { CaptionerNews } from '../ports.ts';
import type { TappedSound } from './messages.ts';
import type { Recogniser } from './moonshine.ts';
import { createPace, type Lag } from './pace.ts';
import {
	createPhrases,
	millisecondsOf,
	PIECE_SAMPLES,
	type Phrase,
	type Phrases
} from './phrases.ts';
import { createTo16kHz } from './to-16-khz.ts';
import type { VoiceDetector } from './voice-detector.ts';

/** 20 ms at 16 kHz. */
const TICK_SAMPLES = 320;
/** A pause without frames that is taken for silence, 600 ms: a phrase is over by then, by itself. */
const PAUSE_MAX_TICKS = 30;
/** Partial words have to be so much surer of themselves: they stand on half a sentence. */
const PARTIAL_GATE_MORE = 0.05;
const LAG_AGAIN_MS = 1_000;
const SECOND_PIECES = 32;

export interface ScribeParts {
	readonly detector: VoiceDetector;
	readonly recogniser: Recogniser;
	/** Least confidence of words that are told. */
	readonly gate: number;
	readonly unhurried: boolean;
	readonly nowMs: () => number;
	readonly tell: (news: CaptionerNews) => void;
}

export interface Scribe {
	take(sound: TappedSound): void;
	/** Resolves once all that was taken is put into words. */
	idle(): Promise<void>;
}

/** Frames that follow each other, with pauses of a moment at most. */
interface Run {
	readonly from: number;
	/** The number that follows. */
	next: number;
	readonly phrases: Phrases;
	readonly cut: (samples: Float32Array) => void;
}

type Waiting =
	| { readonly type: 'piece'; readonly run: Run; readonly piece: Float32Array }
	| { readonly type: 'end'; readonly run: Run };

interface Desk {
	readonly parts: ScribeParts;
	readonly pace: ReturnType<typeof createPace>;
	run: Run | null;
	waiting: Waiting[];
	/** What was made of the phrase that goes on. */
	draft: readonly number[];
	/** Partial words that were told of it; empty where none were. */
	told: string;
	lagToldMs: number;
	isLagging: boolean;
	isWeak: boolean;
	piecesHeard: number;
	working: Promise<void> | null;
}

export function createScribe(parts: ScribeParts): Scribe {
	const desk: Desk = {
		parts,
		pace: createPace(),
		run: null,
		waiting: [],
		draft: [],
		told: '',
		lagToldMs: -Infinity,
		isLagging: false,
		isWeak: false,
		piecesHeard: 0,
		working: null
	};
	return {
		take(sound) {
			if (desk.isWeak) return;
			if (sound.type === 'closed') endRun(desk);
			else takeFrame(desk, sound);
			work(desk);
		},
		async idle() {
			while (desk.working !== null) await desk.working;
		}
	};
}

function takeFrame(desk: Desk, { seq, samples }: Extract<TappedSound, { type: 'heard' }>): void {
	if (desk.run !== null) pass(desk, desk.run, seq);
	desk.run ??= newRun(desk, seq);
	desk.run.next = seqAdd(seq, 1);
	desk.run.cut(samples);
}

/** A recording has nothing of a pause between two words: who cuts there leaves the model halves of a sentence. */
function pass(desk: Desk, run: Run, seq: number): void {
	const missing = seqDistance(seq, run.next);
	if (missing < 0 || missing > PAUSE_MAX_TICKS) {
		endRun(desk);
		return;
	}
	for (let i = 0; i < missing; i++) run.cut(new Float32Array(FRAME_SAMPLES));
}

function newRun(desk: Desk, from: number): Run {
	const to16kHz = createTo16kHz();
	const cut = createFrameCutter(PIECE_SAMPLES, (piece) => {
		desk.waiting.push({ type: 'piece', run, piece });
	});
	const run: Run = {
		from,
		next: from,
		phrases: createPhrases(),
		cut: (samples) => cut(to16kHz(samples))
	};
	return run;
}

function endRun(desk: Desk): void {
	if (desk.run === null) return;
	desk.waiting.push({ type: 'end', run: desk.run });
	desk.run = null;
}

function work(desk: Desk): void {
	desk.working ??= workOn(desk).finally(() => {
		desk.working = null;
		// What came in the very moment in which the work seemed done.
		if (desk.waiting.length > 0) work(desk);
	});
}

async function workOn(desk: Desk): Promise<void> {
	try {
		for (let next = desk.waiting.shift(); next !== undefined; next = desk.waiting.shift()) {
			if (!desk.parts.unhurried && !keepsUp(desk)) continue;
			if (next.type === 'piece') await hearPiece(desk, next.run, next.piece);
			else await hearEnd(desk, next.run);
		}
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		desk.isWeak = true;
		desk.waiting = [];
		desk.parts.tell({ type: 'failed', reason });
	}
}

const waitingMs = ({ waiting }: Desk): number => millisecondsOf(waiting.length * PIECE_SAMPLES);

/** False where what waits was let go. */
function keepsUp(desk: Desk): boolean {
	const { nowMs, tell } = desk.parts;
	const behindMs = waitingMs(desk);
	const lag: Lag = desk.pace.lag(nowMs(), behindMs);
	if (lag === 'lagging' && nowMs() - desk.lagToldMs >= LAG_AGAIN_MS) {
		desk.lagToldMs = nowMs();
		desk.isLagging = true;
		tell({ type: 'lag', behindMs });
	}
	if (lag === 'fine' && desk.isLagging && behindMs < LAG_AGAIN_MS) {
		desk.isLagging = false;
		tell({ type: 'lag', behindMs: 0 });
	}
	if (lag === 'fine' || lag === 'lagging') return true;
	letGo(desk);
	desk.isWeak = lag === 'weak';
	tell({ type: desk.isWeak ? 'weak' : 'let-go' });
	return false;
}

/** Of what goes on nothing more is known: its words end here. */
function letGo(desk: Desk): void {
	const [first] = desk.waiting;
	if (first !== undefined && desk.told !== '') {
		const phrase = first.run.phrases.soFar();
		if (phrase !== null) tellWords(desk, first.run, phrase, { final: true, text: desk.told });
	}
	desk.waiting = [];
	desk.run = null;
	// So that it is told when all is well again, also where it came about in one go.
	desk.isLagging = true;
	forgetPhrase(desk);
	desk.parts.detector.forget();
}

async function hearPiece(desk: Desk, run: Run, piece: Float32Array): Promise<void> {
	const { detector, unhurried, nowMs } = desk.parts;
	const step = run.phrases.hear(piece, await detector.hear(piece));
	if (unhurried) tellHeard(desk, run);
	if (typeof step === 'object') return finish(desk, run, step.ended);
	if (step === 'begun') desk.pace.begun(nowMs());
	if (step === 'nothing') forgetPhrase(desk);
	if (step !== 'goes-on' || unhurried || !run.phrases.isSpeaking) return;
	if (desk.pace.mayDraft(nowMs(), waitingMs(desk))) await draft(desk, run);
}

async function hearEnd(desk: Desk, run: Run): Promise<void> {
	const phrase = run.phrases.end();
	desk.parts.detector.forget();
	if (phrase === null) forgetPhrase(desk);
	else await finish(desk, run, phrase);
	if (desk.parts.unhurried) desk.parts.tell({ type: 'heard', seq: run.next });
}

function tellHeard(desk: Desk, run: Run): void {
	desk.piecesHeard++;
	if (desk.piecesHeard % SECOND_PIECES !== 0) return;
	const waiting = desk.waiting.filter(({ type }) => type === 'piece').length;
	const seq = seqAdd(run.next, -Math.ceil((waiting * PIECE_SAMPLES) / TICK_SAMPLES));
	desk.parts.tell({ type: 'heard', seq });
}

async function draft(desk: Desk, run: Run): Promise<void> {
	const phrase = run.phrases.soFar();
	if (phrase === null) return;
	const { recogniser, gate, nowMs } = desk.parts;
	const begunMs = nowMs();
	const words = await recogniser.words(phrase.samples, desk.draft);
	desk.pace.drafted(nowMs(), nowMs() - begunMs);
	desk.draft = words.pieces;
	const { text, confidence } = words;
	if (text === '' || text === desk.told || confidence < gate + PARTIAL_GATE_MORE) return;
	desk.told = text;
	tellWords(desk, run, phrase, { final: false, text });
}

async function finish(desk: Desk, run: Run, phrase: Phrase): Promise<void> {
	const { recogniser, gate } = desk.parts;
	const { text, confidence } = await recogniser.words(phrase.samples, desk.draft);
	const wasTold = desk.told !== '';
	forgetPhrase(desk);
	if (text !== '' && confidence >= gate) tellWords(desk, run, phrase, { final: true, text });
	else if (wasTold) tellWords(desk, run, phrase, { final: true, text: '' });
}

function forgetPhrase(desk: Desk): void {
	desk.draft = [];
	desk.told = '';
}

function tellWords(
	desk: Desk,
	run: Run,
	{ fromSample, toSample }: Phrase,
	words: { readonly final: boolean; readonly text: string }
): void {
	const start = seqAdd(run.from, Math.floor(fromSample / TICK_SAMPLES));
	const ticks = Math.ceil((toSample - fromSample) / TICK_SAMPLES);
	desk.parts.tell({ type: 'words', start, ticks, ...words });
}
