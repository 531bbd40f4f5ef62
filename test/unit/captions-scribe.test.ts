import { describe, expect, it } from 'vitest';
import type { CaptionerNews } from '#lib/io/ports.ts';
import { LAG_MAX_MS } from '#lib/io/captions/pace.ts';
import { createScribe } from '#lib/io/captions/scribe.ts';

const TICK_MS = 20;
const LOUD = 0.5;

interface Setup {
	/** How sure the model is of its words. */
	readonly confidence?: number;
	/** How long it takes for a phrase. */
	readonly tookMs?: number;
	readonly unhurried?: boolean;
}

/** Models that hear loud sound as speech, and in it as many words as there are tenths of a second. */
function setup({ confidence = 0.9, tookMs = 0, unhurried = false }: Setup = {}) {
	const news: CaptionerNews[] = [];
	const drafts: (readonly number[])[] = [];
	let nowMs = 0;
	let seq = 1_000;
	let sure = confidence;
	const scribe = createScribe({
		detector: {
			hear: (piece) => Promise.resolve(piece.some((sample) => Math.abs(sample) > 0.1) ? 1 : 0),
			forget: () => undefined
		},
		recogniser: {
			words(samples, draft) {
				drafts.push(draft);
				nowMs += tookMs;
				const pieces = Array.from({ length: Math.round(samples.length / 1_600) }, (_, i) => i);
				return Promise.resolve({ text: `${pieces.length} words`, pieces, confidence: sure });
			}
		},
		gate: 0.6,
		unhurried,
		nowMs: () => nowMs,
		tell: (one) => news.push(one)
	});
	/** So much sound, heard in its own time; `piled`: all at once. */
	const hear = async (forMs: number, level: number, piled = false): Promise<void> => {
		for (let ms = 0; ms < forMs; ms += TICK_MS) {
			if (!piled) nowMs += TICK_MS;
			const samples = Float32Array.from({ length: 960 }, (_, i) => level * Math.sin(i / 10));
			scribe.take({ type: 'heard', seq: seq++, samples });
			if (!piled) await scribe.idle();
		}
		await scribe.idle();
	};
	const words = () => news.filter((one) => one.type === 'words');
	return {
		scribe,
		news,
		drafts,
		hear,
		words,
		finals: () => words().filter(({ final }) => final),
		skip: (ticks: number) => {
			seq += ticks;
		},
		get seq() {
			return seq;
		},
		trust: (confidence: number) => {
			sure = confidence;
		}
	};
}

describe('a scribe', () => {
	it('tells partial words of a phrase that grows, then its final ones, for the frames they were said in', async () => {
		const { hear, words, finals, drafts } = setup();
		await hear(1_000, 0);
		await hear(3_000, LOUD);
		await hear(1_000, 0);
		expect(words().length).toBeGreaterThanOrEqual(4);
		expect(finals()).toHaveLength(1);
		const [last] = finals();
		// A third of a second before the first speech.
		expect(last?.start).toBeGreaterThanOrEqual(1_000 + 50 - 18);
		expect(last?.start).toBeLessThanOrEqual(1_000 + 50 - 14);
		expect(new Set(words().map(({ start }) => start)).size).toBe(1);
		expect(last?.ticks).toBeGreaterThanOrEqual(150 + 15 + 20);
		expect(last?.ticks).toBeLessThanOrEqual(150 + 18 + 28);
		// Each is a draft for the next.
		expect(drafts[0]).toEqual([]);
		expect(drafts.at(-1)?.length).toBeGreaterThan(20);
	});

	it('says nothing that it does not trust', async () => {
		const { hear, words } = setup({ confidence: 0.59 });
		await hear(2_000, LOUD);
		await hear(1_000, 0);
		expect(words()).toEqual([]);
	});

	it('trusts partial words less, and takes back what it told and does not trust in the end', async () => {
		const { hear, words, trust } = setup({ confidence: 0.63 });
		await hear(1_500, LOUD);
		expect(words()).toEqual([]);
		trust(0.7);
		await hear(1_500, LOUD);
		expect(words().length).toBeGreaterThan(0);
		trust(0.3);
		await hear(1_000, 0);
		expect(words().at(-1)).toMatchObject({ final: true, text: '' });
	});

	it('ends a phrase when the microphone closes, and where many frames are missing', async () => {
		const { scribe, hear, finals, skip } = setup();
		await hear(1_000, LOUD);
		scribe.take({ type: 'closed' });
		await scribe.idle();
		expect(finals()).toHaveLength(1);
		skip(500);
		await hear(1_000, LOUD);
		skip(31);
		await hear(1_000, LOUD);
		scribe.take({ type: 'closed' });
		await scribe.idle();
		expect(finals().map(({ start }) => start)).toEqual([1_000, 1_550, 1_631]);
	});

	it('hears a few missing frames as the pause that they are', async () => {
		const { scribe, hear, finals, skip } = setup({ unhurried: true });
		await hear(1_000, LOUD);
		skip(12);
		await hear(1_000, LOUD);
		skip(30);
		await hear(1_000, LOUD);
		scribe.take({ type: 'closed' });
		await scribe.idle();
		const [first, second] = finals();
		expect(finals()).toHaveLength(2);
		// The first goes on over the short pause, and half a second into the long one.
		expect(first).toMatchObject({ start: 1_000, text: '28 words' });
		expect((second?.start ?? 0) + (second?.ticks ?? 0)).toBeGreaterThanOrEqual(1_000 + 192 - 2);
	});

	it('says that it lags, lets go of what is too late, and gives up the second time', async () => {
		const { hear, news } = setup();
		await hear(6_000, LOUD, true);
		expect(news.some((one) => one.type === 'lag' && one.behindMs >= 5_000)).toBe(true);
		await hear(1_000, 0);
		expect(news).toContainEqual({ type: 'lag', behindMs: 0 });
		await hear(LAG_MAX_MS + 500, LOUD, true);
		expect(news.map(({ type }) => type)).toContain('let-go');
		await hear(LAG_MAX_MS + 500, LOUD, true);
		expect(news.at(-1)).toEqual({ type: 'weak' });
		const before = news.length;
		await hear(2_000, LOUD);
		expect(news).toHaveLength(before);
	});

	it('says that all is well again also where it let go without having lagged before', async () => {
		const { hear, news } = setup();
		await hear(LAG_MAX_MS + 500, LOUD, true);
		const told = news.map(({ type }) => type);
		expect(told).toContain('let-go');
		await hear(3_000, LOUD);
		expect(news.at(-1)?.type).not.toBe('weak');
		expect(news).toContainEqual({ type: 'lag', behindMs: 0 });
	});

	it('unhurried, lets nothing go, makes no partial words, and tells how far it is', async () => {
		const { scribe, hear, news, words, finals } = setup({ unhurried: true, tookMs: 60_000 });
		await hear(20_000, LOUD, true);
		scribe.take({ type: 'closed' });
		await scribe.idle();
		expect(words()).toEqual(finals());
		const ticks = finals().reduce((sum, one) => sum + one.ticks, 0);
		expect(ticks).toBeGreaterThanOrEqual(990);
		expect(news.at(-1)).toEqual({ type: 'heard', seq: 2_000 });
	});
});
