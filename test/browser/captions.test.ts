/** The real models, on real speech: what they hear is what was said, or nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaptioner } from '#lib/io/captions/captioner.ts';
import type { TappedSound } from '#lib/io/captions/messages.ts';
import { PACK_CACHE, PACK_FOLDER } from '#lib/io/captions/pack-store.ts';
import type { Captioner, CaptionerNews } from '#lib/io/ports.ts';
import { createFrameCutter } from '#lib/p2p/voice/frame-cutter.ts';
import { Dice } from '../sim/dice.ts';
import { RATE } from '../lib/sound.ts';
import { FRENCH, SENTENCES, wordErrorRate } from '../lib/speech.ts';
import { spoken, textOf } from '../lib/spoken.ts';

const FRAME_SAMPLES = 960;
/** Models load and warm up on a busy machine. */
const PATIENCE = 90_000;

const news: CaptionerNews[] = [];
let waiters: (() => void)[] = [];
let captioner: Captioner;
let port: MessagePort;
/** Numbers of frames go on over all that is said. */
let seq = 5_000;

const base = (): string => new URL(`/${PACK_FOLDER}`, location.href).href;

async function until<T extends CaptionerNews['type']>(
	type: T,
	from = 0
): Promise<Extract<CaptionerNews, { type: T }>> {
	for (;;) {
		const found = news.slice(from).find((one) => one.type === type || one.type === 'failed');
		if (found?.type === 'failed') throw new Error(found.reason);
		if (found !== undefined) return found as Extract<CaptionerNews, { type: T }>;
		await new Promise<void>((resolve) => waiters.push(resolve));
	}
}

/** Says it as fast as it is heard, and closes the microphone. The words it was put into. */
async function say(samples: Float32Array): Promise<Extract<CaptionerNews, { type: 'words' }>[]> {
	const from = news.length;
	const first = seq;
	const tell = (sound: TappedSound): void => port.postMessage(sound);
	const cut = createFrameCutter(FRAME_SAMPLES, (frame) => {
		tell({ type: 'heard', seq: seq++, samples: frame });
	});
	cut(samples);
	tell({ type: 'closed' });
	for (;;) {
		const told = news.slice(from);
		const isDone = told.some((one) => one.type === 'heard' && one.seq === seq);
		const words = told.filter((one) => one.type === 'words');
		for (const { start, ticks } of words) {
			expect(start).toBeGreaterThanOrEqual(first);
			expect(start + ticks).toBeLessThanOrEqual(seq + 2);
		}
		if (isDone) return words;
		await until('heard', news.length);
	}
}

beforeAll(async () => {
	await caches.delete(PACK_CACHE);
	captioner = createCaptioner({
		base: base(),
		path: 'en/pack.json',
		unhurried: true,
		onNews: (one) => {
			news.push(one);
			const now = waiters;
			waiters = [];
			for (const wake of now) wake();
		}
	});
	await until('ready');
	const channel = new MessageChannel();
	({ port1: port } = channel);
	captioner.listen(channel.port2);
}, PATIENCE);

afterAll(() => captioner.stop());

describe('captions of English', () => {
	it('tell how much of 25 MB is here while they load, and keep it', async () => {
		const progress = news.filter((one) => one.type === 'progress');
		expect(progress.length).toBeGreaterThan(1);
		const last = progress.at(-1)!;
		expect(last.doneBytes).toBe(last.totalBytes);
		expect(last.totalBytes / 1e6).toBeCloseTo(25, 0);
		const kept = await (await caches.open(PACK_CACHE)).keys();
		expect(
			kept
				.map(({ url }) =>
					url
						.replace(/-[0-9a-f]{8}/, '')
						.split('/')
						.pop()
				)
				.sort()
		).toEqual([
			'decoder.onnx',
			'encoder.onnx',
			'pack.json',
			'pack.json',
			'runtime.wasm',
			'vocabulary.json',
			'voiceActivity.onnx'
		]);
	});

	it('are at most 15 % wrong', { timeout: PATIENCE }, async () => {
		let wrong = 0;
		for (const name of SENTENCES) {
			const words = await say(await spoken(name));
			const written = words.map(({ text }) => text).join(' ');
			const rate = wordErrorRate(textOf(name), written);
			wrong += rate / SENTENCES.length;
			expect(rate, `${name}: ${written}`).toBeLessThanOrEqual(0.25);
		}
		expect(wrong).toBeLessThanOrEqual(0.15);
	});

	it('are silent about French, noise and silence', { timeout: PATIENCE }, async () => {
		const dice = new Dice(5);
		const noise = Float32Array.from({ length: 3 * RATE }, () => 0.2 * (dice.next() - 0.5));
		for (const sound of [await spoken(FRENCH), noise, new Float32Array(RATE)]) {
			const words = await say(sound);
			expect(words.map(({ text }) => text).filter((text) => text !== '')).toEqual([]);
		}
	});
});
