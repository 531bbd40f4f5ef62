/** Cuts speech into phrases, by what is told of each piece of sound: how likely it is that somebody speaks in it. */

/** Sound is looked at in pieces of 32 ms. */
export const PIECE_SAMPLES = 512;
const SAMPLE_RATE = 16_000;

/** A phrase begins where speech is this likely, and goes on for as long as it does not fall below the other. */
const BEGINS_AT = 0.5;
const GOES_ON_AT = 0.35;
/** What lay just before the first speech belongs to it: soft beginnings of words (320 ms). */
const LEAD_PIECES = 10;
/** A phrase is over after so long a silence (480 ms)... */
const END_PIECES = 15;
/** ...once it has gone on for 7 s, at any breath (96 ms)... */
const LONG_PIECES = 220;
const BREATH_PIECES = 3;
/** ...and after 10 s in the middle of a word: the model hears no more at once. */
const LONGEST_PIECES = 310;
/** Less speech than this (256 ms) is a cough. */
const LEAST_PIECES = 8;

export interface Phrase {
	readonly samples: Float32Array<ArrayBuffer>;
	/** Counted from the first sample that was heard. */
	readonly fromSample: number;
	readonly toSample: number;
}

export type PhraseStep =
	| 'silence'
	/** Somebody has begun to speak. */
	| 'begun'
	| 'goes-on'
	/** It was too short to be speech. */
	| 'nothing'
	| { readonly ended: Phrase };

export interface Phrases {
	/** The next piece of PIECE_SAMPLES; `speech` is how likely it is that somebody speaks in it, 0..1. */
	hear(piece: Float32Array, speech: number): PhraseStep;
	/** Enough of the current phrase is there to be put into words, and its last piece was speech. */
	readonly isSpeaking: boolean;
	/** The phrase that goes on, as far as it is known; null where there is none. */
	soFar(): Phrase | null;
	/** Ends it now: nothing follows. Null where there was nothing. */
	end(): Phrase | null;
}

export function createPhrases(): Phrases {
	let heard = 0;
	/** Pieces before a phrase, or of it. */
	let pieces: Float32Array[] = [];
	let isPhrase = false;
	let speech = 0;
	let silent = 0;

	const cut = (): Phrase => {
		const samples = new Float32Array(pieces.length * PIECE_SAMPLES);
		pieces.forEach((piece, i) => samples.set(piece, i * PIECE_SAMPLES));
		const toSample = heard * PIECE_SAMPLES;
		return { samples, fromSample: toSample - samples.length, toSample };
	};
	const begin = (): PhraseStep => {
		isPhrase = true;
		speech = 1;
		silent = 0;
		return 'begun';
	};
	/** `kept`: how many of its pieces may be the beginning of the next one. */
	const finish = (kept: number): Phrase | null => {
		const phrase = isPhrase && speech >= LEAST_PIECES ? cut() : null;
		isPhrase = false;
		pieces = kept === 0 ? [] : pieces.slice(-kept);
		speech = silent = 0;
		return phrase;
	};
	const wait = (likely: number): PhraseStep => {
		if (likely >= BEGINS_AT) return begin();
		pieces = pieces.slice(-LEAD_PIECES);
		return 'silence';
	};

	return {
		hear(piece, likely) {
			heard++;
			pieces.push(piece);
			if (!isPhrase) return wait(likely);
			if (likely >= BEGINS_AT) speech++;
			silent = likely >= GOES_ON_AT ? 0 : silent + 1;
			const isQuiet = silent >= END_PIECES;
			const isBreath = pieces.length >= LONG_PIECES && silent >= BREATH_PIECES;
			if (!isQuiet && !isBreath && pieces.length < LONGEST_PIECES) return 'goes-on';
			const phrase = finish(isQuiet ? LEAD_PIECES : Math.max(1, silent));
			return phrase === null ? 'nothing' : { ended: phrase };
		},
		get isSpeaking() {
			return isPhrase && speech >= LEAST_PIECES && silent === 0;
		},
		soFar: () => (isPhrase ? cut() : null),
		end: () => finish(0)
	};
}

/** Milliseconds of 16 kHz sound. */
export const millisecondsOf = (samples: number): number => (samples * 1000) / SAMPLE_RATE;
