/**
 * The browser's own jitter buffer (NetEQ) and ours, side by side in one page: the same Opus packets, handed to
 * both at the same moments, lost and late as a trace says.
 */
import { median, voiceLike } from '../lib/sound.ts';
import { pause, type Bench } from './bench.ts';
import type { BenchBrowser } from './browsers.ts';
import { figuresOf, type Figures } from './neteq-figures.ts';
import type { BufferCounts, Counts } from './neteq-page.ts';
import { startNeteqServer, type NeteqServer } from './neteq-server.ts';
import { makeTraces, type Trace } from './neteq-traces.ts';
import { info, type Row, type Table } from './report.ts';
import { record } from './timed-sound.ts';

const VOICE_S = 10;
const SEED = 3;
/** Beside the figures themselves nothing here is known to less than this. */
const SLACK_MS = 10;
const SLACK_SHARE = 0.01;
const SLACK_DB = 0.3;

export interface Passed extends Figures {
	readonly concealed: number;
}

export interface Pair {
	readonly ours: Passed;
	readonly native: Passed;
}

export async function neteq(bench: Bench): Promise<Table> {
	const { rounds, recordS, settleMs } = bench.effort;
	const count = Math.ceil((2 * settleMs + 1000 * recordS) / 20) + 100;
	const traces = makeTraces(count, SEED);
	const pairs = new Map<Trace, Pair[]>(traces.map((trace) => [trace, []]));
	const server = await startNeteqServer();
	const stage = { server, browser: bench.listening, voice: voiceLike(VOICE_S), recordS, settleMs };
	for (let round = 0; round < rounds; round++) {
		for (const trace of traces) {
			pairs.get(trace)?.push(await hear(stage, trace));
		}
	}
	await server.close();
	return {
		title: "The jitter buffer, beside the browser's own",
		notes: [
			'The same Opus packets at the same moments into both, in one page. Medians of the rounds.',
			'Delay: from the moment a packet in time arrives to the moment its sound is handed to the sound card.'
		],
		rows: traces.flatMap((trace) => rowsOf(trace, pairs.get(trace) ?? []))
	};
}

export interface Stage {
	readonly server: NeteqServer;
	readonly browser: BenchBrowser;
	readonly voice: Float32Array;
	readonly recordS: number;
	readonly settleMs: number;
}

/** One trace through both. */
export async function hear(stage: Stage, trace: Trace): Promise<Pair> {
	const { server, browser, voice, recordS, settleMs } = stage;
	const { page, close } = await server.page(browser);
	await page.evaluate((samples) => window.neteq.open(samples), [...voice]);
	if (trace.busyThreads > 0) {
		await page.evaluate((threads) => {
			window.neteq.keepBusy(threads);
		}, trace.busyThreads);
	}
	const { paceMs, lateMs } = trace;
	const startMs = await page.evaluate((sent) => window.neteq.deliver(sent), { paceMs, lateMs });
	await pause(settleMs);
	const before = await page.evaluate(() => window.neteq.counts());
	const recording = record(page, 'ear', recordS);
	await page.evaluate(() => {
		window.tap.playing = null;
	});
	const [native, ours] = await Promise.all([recording, record(page, 'ear', recordS)]);
	const after = await page.evaluate(() => window.neteq.counts());
	await close();
	const source = { samples: voice, startMs, paceMs };
	return {
		ours: { ...figuresOf(source, ours), concealed: concealedShare('ours', before, after) },
		native: { ...figuresOf(source, native), concealed: concealedShare('native', before, after) }
	};
}

function concealedShare(whose: 'ours' | 'native', before: Counts, after: Counts): number {
	const grown = (what: keyof BufferCounts): number => after[whose][what] - before[whose][what];
	return grown('concealedMs') / Math.max(1, grown('heardMs'));
}

function rowsOf(trace: Trace, pairs: readonly Pair[]): Row[] {
	const of = (whose: keyof Pair, what: keyof Passed): number =>
		median(pairs.map((pair) => pair[whose][what]));
	const row = (what: keyof Passed, name: string, show: (value: number) => string): Row =>
		info(`${trace.name}: ${name}`, show(of('ours', what)), show(of('native', what)));
	const judged = (made: Row, what: keyof Passed, slack: number): Row => ({
		...made,
		target: 'no worse than the baseline',
		met: of('ours', what) <= of('native', what) + slack
	});
	return [
		judged(
			row('delayMs', 'delay', (ms) => `${ms.toFixed(0)} ms`),
			'delayMs',
			SLACK_MS
		),
		judged(
			row('concealed', 'made up', (share) => `${(100 * share).toFixed(1)} %`),
			'concealed',
			SLACK_SHARE
		),
		judged(
			row('gapMs', 'longest gap', (ms) => `${ms.toFixed(0)} ms`),
			'gapMs',
			SLACK_MS
		),
		judged(
			row('spectralDb', 'spectral distance', (db) => `${db.toFixed(1)} dB`),
			'spectralDb',
			SLACK_DB
		)
	];
}
