/**
 * Captions: how wrong, how late, and at what price. The built worker with the packs that the seed serves hears real speech in its
 * own time, a frame every 20 ms, as it does in a room.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import { median, RATE } from '../lib/sound.ts';
import { FRENCH, samplesOfWave, SENTENCES, wordErrorRate } from '../lib/speech.ts';
import { pause, type Bench } from './bench.ts';
import { cpuSeconds } from './cpu.ts';
import { info, spread, type Table } from './report.ts';

const fixtures = new URL('../fixtures/speech/', import.meta.url);
const build = new URL('../../build/_app/immutable/', import.meta.url);
/** Between sentences: long enough for the last words to come. */
const GAP_MS = 3_000;
const WRONG_MAX = 0.15;

/** What the page told of one sentence. */
interface Heard {
	readonly text: string;
	readonly partials: number;
	/** From the last of its samples to its final words; NaN where there were none. */
	readonly lateMs: number;
}

export async function captions(bench: Bench): Promise<Table> {
	const { page, close } = await bench.listening.page();
	await page.goto(bench.seedUrl);
	const readyMs = await page.evaluate(loadCaptioner, {
		worker: addressOf('workers', /^caption\.worker.*\.js$/),
		glue: addressOf('assets', /^ort-wasm-simd-threaded.*\.mjs$/)
	});
	const idle = await cpuOf(bench, () => pause(GAP_MS));
	const rounds = Array.from({ length: bench.effort.rounds }, () => SENTENCES).flat();
	const heard: Heard[] = [];
	const costs: number[] = [];
	for (const name of rounds) {
		const samples = spoken(name);
		const cost = await cpuOf(bench, async () => {
			heard.push(await page.evaluate(sayToCaptioner, { samples, gapMs: GAP_MS }));
		});
		const wholeS = samples.length / RATE + GAP_MS / 1000;
		costs.push((cost - (idle / (GAP_MS / 1000)) * wholeS) / (samples.length / RATE));
	}
	const french = await page.evaluate(sayToCaptioner, { samples: spoken(FRENCH), gapMs: GAP_MS });
	await close();
	const wrong = heard.map(({ text }, i) => wordErrorRate(textOf(rounds[i] ?? ''), text));
	const mean = wrong.reduce((sum, rate) => sum + rate, 0) / wrong.length;
	return {
		title: 'Captions of real speech, live, on one thread',
		notes: [
			`${heard.length} sentences of LibriVox; late: from the last sample, which half a second of silence follows before a phrase ends.`,
			'CPU: of the whole browser, above what it takes while nothing is said.'
		],
		rows: [
			{
				what: 'words wrong',
				ours: `${(100 * mean).toFixed(1)} %`,
				baseline: '',
				target: `at most ${100 * WRONG_MAX} %`,
				met: mean <= WRONG_MAX
			},
			{
				what: 'words made of French',
				ours: french.text === '' ? 'none' : french.text,
				baseline: '',
				target: 'none',
				met: french.text === ''
			},
			info('end of the sentence to its last words', spread(latesOf(heard), 'ms')),
			info('CPU for a second of speech', spread(costs, 's', 2)),
			info('partial words a sentence', String(median(heard.map(({ partials }) => partials)))),
			info('from nothing to ready, over loopback', `${Math.round(readyMs)} ms`)
		]
	};
}

const latesOf = (heard: readonly Heard[]): number[] =>
	heard.map(({ lateMs }) => lateMs).filter((ms) => !Number.isNaN(ms));

const textOf = (name: string): string => readFileSync(new URL(`${name}.txt`, fixtures), 'utf8');

function spoken(name: string): number[] {
	const { samples, rate } = samplesOfWave(readFileSync(new URL(`${name}.wav`, fixtures)));
	return [...createResampler(rate, RATE)(samples)];
}

function addressOf(folder: string, name: RegExp): string {
	const found = readdirSync(new URL(`${folder}/`, build)).find((file) => name.test(file));
	if (found === undefined) throw new Error(`The build has no ${String(name)}.`);
	return `/_app/immutable/${folder}/${found}`;
}

/** NaN where it cannot be told. */
async function cpuOf({ listening }: Bench, act: () => Promise<void>): Promise<number> {
	const before = cpuSeconds(listening.pid);
	await act();
	const after = cpuSeconds(listening.pid);
	return before === null || after === null ? NaN : after - before;
}

interface PageCaptioner {
	readonly port: MessagePort;
	readonly words: { readonly final: boolean; readonly text: string; readonly atMs: number }[];
	seq: number;
}

/** Runs in the page and stands by itself. How long it took until it was ready. */
function loadCaptioner(at: { readonly worker: string; readonly glue: string }): Promise<number> {
	const beganMs = performance.now();
	const worker = new Worker(at.worker, { type: 'module' });
	const { port1, port2 } = new MessageChannel();
	const captioner: PageCaptioner = { port: port1, words: [], seq: 1 };
	Object.assign(window, { captioner });
	return new Promise((resolve, reject) => {
		worker.onmessage = ({ data }: MessageEvent<{ type: string; final: boolean; text: string }>) => {
			const { type, final, text } = data;
			if (type === 'words') captioner.words.push({ final, text, atMs: performance.now() });
			if (type === 'failed') reject(new Error(JSON.stringify(data)));
			if (type !== 'ready') return;
			worker.postMessage({ type: 'listen', port: port2 }, [port2]);
			resolve(performance.now() - beganMs);
		};
		const glue = new URL(at.glue, location.href).href;
		const base = new URL('/captions/', location.href).href;
		worker.postMessage({ type: 'load', base, path: 'en/pack.json', glue, unhurried: false });
	});
}

/** Runs in the page and stands by itself: says it in its own time, and then nothing. */
function sayToCaptioner(what: {
	readonly samples: readonly number[];
	readonly gapMs: number;
}): Promise<Heard> {
	const FRAME = 960;
	const FRAME_MS = 20;
	const { captioner } = window as unknown as { captioner: PageCaptioner };
	captioner.words.length = 0;
	const beganMs = performance.now();
	const frames = Math.ceil(what.samples.length / FRAME);
	const all = frames + Math.ceil(what.gapMs / FRAME_MS);
	let said = 0;
	let endMs = NaN;
	return new Promise((resolve) => {
		const timer = setInterval(() => {
			const due = Math.min(all, Math.floor((performance.now() - beganMs) / FRAME_MS));
			for (; said < due; said++) {
				const samples = new Float32Array(FRAME);
				samples.set(what.samples.slice(said * FRAME, (said + 1) * FRAME));
				captioner.port.postMessage({ type: 'heard', seq: captioner.seq++, samples });
				if (said === frames - 1) endMs = performance.now();
			}
			if (said < all) return;
			clearInterval(timer);
			const finals = captioner.words.filter(({ final }) => final);
			resolve({
				text: finals.map(({ text }) => text).join(' '),
				partials: captioner.words.length - finals.length,
				lateMs: (finals.at(-1)?.atMs ?? NaN) - endMs
			});
		}, FRAME_MS);
	});
}
