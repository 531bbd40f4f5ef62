import { describe, expect, it } from 'vitest';
import { createPace, LAG_MAX_MS, LAG_TOLD_MS } from '#lib/io/captions/pace.ts';
import { createPhrases, PIECE_SAMPLES, type Phrase } from '#lib/io/captions/phrases.ts';
import { createTo16kHz } from '#lib/io/captions/to-16-khz.ts';
import { goesInCircles, readVocabulary, textOf } from '#lib/io/captions/vocabulary.ts';
import { goertzelDb } from '../lib/sound.ts';

/** Pieces that are speech (1) or not (0), each filled with its number. */
function hear(likely: readonly number[]): { phrases: Phrase[]; steps: string[] } {
	const cutter = createPhrases();
	const phrases: Phrase[] = [];
	const steps = likely.map((speech, i) => {
		const step = cutter.hear(new Float32Array(PIECE_SAMPLES).fill(i), speech);
		if (typeof step === 'string') return step;
		phrases.push(step.ended);
		return 'ended';
	});
	return { phrases, steps };
}

const times = (count: number, speech: number): number[] =>
	Array.from({ length: count }, () => speech);

describe('phrases', () => {
	it('begin a third of a second before the first speech and end after half a second without', () => {
		const { phrases, steps } = hear([...times(20, 0), ...times(30, 1), ...times(20, 0)]);
		expect(steps.indexOf('begun')).toBe(20);
		expect(steps.indexOf('ended')).toBe(20 + 30 + 14);
		const [{ samples, fromSample, toSample }] = phrases as [Phrase];
		expect(fromSample / PIECE_SAMPLES).toBe(10);
		expect(toSample / PIECE_SAMPLES).toBe(65);
		expect(samples[0]).toBe(10);
		expect(samples.at(-1)).toBe(64);
	});

	it('are none where there is less than a quarter of a second of speech', () => {
		const { phrases, steps } = hear([...times(5, 0), ...times(7, 1), ...times(30, 0)]);
		expect(phrases).toEqual([]);
		expect(steps).toContain('nothing');
	});

	it('go on through soft sounds', () => {
		const soft = [...times(10, 1), ...times(40, 0.4), ...times(5, 1), ...times(20, 0)];
		expect(hear(soft).phrases).toHaveLength(1);
	});

	it('end at a breath where they are long, and anywhere after ten seconds, and lose no sound between them', () => {
		const speech = [...times(230, 1), ...times(3, 0), ...times(400, 1), ...times(20, 0)];
		const { phrases } = hear(speech);
		expect(phrases.map(({ samples }) => samples.length / PIECE_SAMPLES)).toEqual([233, 310, 109]);
		const seams = phrases.slice(1).map((phrase, i) => phrase.fromSample - phrases[i]!.toSample);
		expect(seams.every((seam) => seam <= 0 && seam >= -3 * PIECE_SAMPLES)).toBe(true);
	});

	it('can be looked at while they go on, from the same beginning, and ended at once', () => {
		const cutter = createPhrases();
		const piece = new Float32Array(PIECE_SAMPLES);
		for (const speech of [...times(12, 0), ...times(9, 1)]) cutter.hear(piece, speech);
		expect(cutter.isSpeaking).toBe(true);
		const sofar = cutter.soFar();
		cutter.hear(piece, 1);
		expect(cutter.soFar()?.fromSample).toBe(sofar?.fromSample);
		expect(cutter.end()?.toSample).toBe(22 * PIECE_SAMPLES);
		expect(cutter.end()).toBeNull();
	});
});

describe('the pace of captions', () => {
	it('makes partial words now and then, none while sound waits, and fewer where they take long', () => {
		const pace = createPace();
		pace.begun(0);
		expect(pace.mayDraft(699, 0)).toBe(false);
		expect(pace.mayDraft(700, 0)).toBe(true);
		expect(pace.mayDraft(700, 200)).toBe(false);
		pace.drafted(1_000, 700);
		expect(pace.mayDraft(2_900, 0)).toBe(false);
		expect(pace.mayDraft(3_001, 0)).toBe(true);
	});

	it('says when it lags, lets go of what is too late, and is too weak for a second time', () => {
		const pace = createPace();
		expect(pace.lag(0, LAG_TOLD_MS - 1)).toBe('fine');
		expect(pace.lag(0, LAG_TOLD_MS)).toBe('lagging');
		expect(pace.lag(0, LAG_MAX_MS)).toBe('let-go');
		expect(pace.lag(200_000, LAG_MAX_MS)).toBe('let-go');
		expect(pace.lag(300_000, LAG_MAX_MS)).toBe('weak');
	});
});

describe('sound at 16 kHz', () => {
	const tone = (hz: number): Float32Array =>
		Float32Array.from(
			{ length: 48_000 },
			(_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / 48_000)
		);
	const after = (hz: number): Float32Array => {
		const to = createTo16kHz();
		const all = Array.from({ length: 50 }, (_, i) => to(tone(hz).subarray(i * 960, i * 960 + 960)));
		expect(all.every(({ length }) => length === 320)).toBe(true);
		return Float32Array.from(all.flatMap((block) => [...block])).subarray(1_000);
	};

	it('is as loud as it was, block after block', () => {
		for (const hz of [200, 1_000, 6_000]) {
			expect(goertzelDb(after(hz), hz, 16_000)).toBeCloseTo(goertzelDb(tone(hz), hz), 0);
		}
	});

	it('has nothing of what it cannot hold', () => {
		for (const hz of [9_000, 12_000]) {
			expect(goertzelDb(after(hz), 16_000 - hz, 16_000)).toBeLessThan(-60);
		}
	});
});

describe('pieces of words', () => {
	const vocabulary = [
		'<unk>',
		'<s>',
		'</s>',
		'<0xC3>',
		'<0xA9>',
		'\u2581cold',
		'\u2581heart',
		'ed'
	];

	it('become text, letter by letter where the vocabulary has no better', () => {
		expect(textOf([1, 5, 6, 7, 2], vocabulary)).toBe('cold hearted');
		expect(textOf([6, 3, 4, 99], vocabulary)).toBe('heart\u00e9');
	});

	it('are read from a list of texts alone', () => {
		const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
		expect(readVocabulary(bytes(vocabulary))).toEqual(vocabulary);
		for (const wrong of [{}, [1, 2, 3, 4], ['<s>']])
			expect(readVocabulary(bytes(wrong))).toBeNull();
		expect(readVocabulary(Uint8Array.of(0x7b))).toBeNull();
	});

	it('that go in circles are found, and a word said twice is none', () => {
		expect(goesInCircles([9, 4, 4, 4, 4, 4, 4, 4, 4])).toBe(true);
		expect(goesInCircles([9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])).toBe(true);
		expect(goesInCircles([4, 4, 4, 4])).toBe(false);
		expect(goesInCircles([1, 2, 3, 1, 2, 3, 1, 2, 3])).toBe(false);
	});
});
