/**
 * `npm run bench -- [--short] [--seeds=n] [names]`: what Grapevine does, in figures, beside what the usual way does on the
 * same machine in the same run. It judges no figure by its exit code: that is 0 unless something broke.
 */
import { cpus, loadavg } from 'node:os';
import { startSeedForFile } from '../e2e/seed.ts';
import { voiceLike } from '../lib/sound.ts';
import { FULL, pause, SHORT, type Bench, type Effort, type Measurement } from './bench.ts';
import { openBrowser } from './browsers.ts';
import { calibrate } from './calibrate.ts';
import { captions } from './captions.ts';
import { chain } from './chain.ts';
import { crowd } from './crowd.ts';
import { firstSound } from './first-sound.ts';
import { hiddenTab } from './hidden-tab.ts';
import { home } from './home.ts';
import { kill } from './kill.ts';
import { method } from './method.ts';
import { mouthToEar } from './mouth-to-ear.ts';
import { neteq } from './neteq.ts';
import { nodeLinks } from './node-links.ts';
import { startPlainServer } from './plain.ts';
import { recording, recordingKill } from './recording.ts';
import { replay } from './replay.ts';
import { relayCost } from './relay-cost.ts';
import { printSummary, printTable, say, type Table } from './report.ts';
import { sframe } from './sframe.ts';
import { smooth } from './smooth.ts';
import { signatures } from './signatures.ts';
import { throughput } from './throughput.ts';
import { tree } from './tree.ts';
import { turn } from './turn.ts';
import { SCENARIOS } from './tree-scenarios.ts';

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
	method,
	'mouth-to-ear': mouthToEar,
	chain,
	neteq,
	'first-sound': firstSound,
	'relay-cost': relayCost,
	kill,
	crowd,
	calibrate,
	'node-links': nodeLinks,
	throughput,
	signatures,
	sframe,
	captions,
	recording,
	replay,
	'recording-kill': recordingKill,
	home,
	smooth,
	'hidden-tab': hiddenTab,
	turn
};
const VOICE_S = 30;
/** Who has not closed by then never will; browsers end with this program in any case. */
const CLOSE_MAX_MS = 10_000;
const EXIT_BROKE = 1;
const EXIT_USAGE = 2;

/** The simulated tree, all of it or one scenario: takes most of an hour, and no browser. Measured where it is named. */
const TREE = 'tree';
const isSimulated = (name: string): boolean => name === TREE || name in SCENARIOS;

const words = process.argv.slice(2);
const effort = words.includes('--short') ? SHORT : FULL;
const names = words.filter((word) => !word.startsWith('--'));
const unknown = names.find((name) => !(name in MEASUREMENTS) && !isSimulated(name));

if (unknown !== undefined) {
	const known = [...Object.keys(MEASUREMENTS), TREE, ...Object.keys(SCENARIOS)].join(', ');
	process.stderr.write(
		`There is no measurement "${unknown}". There are: ${known}. --short takes less time.\n`
	);
	process.exitCode = EXIT_USAGE;
} else {
	// Threads of WebRTC in Node may outlive their connections; what counts is closed by then.
	process.exit(await run(names.length > 0 ? names : Object.keys(MEASUREMENTS), effort));
}

async function run(wanted: readonly string[], thorough: Effort): Promise<number> {
	say(
		`Load ${load()} on ${cpus().length} processors. Other work on this machine makes all figures worse.`
	);
	const simulated = wanted.filter(isSimulated);
	const real = wanted.filter((name) => !isSimulated(name));
	const tables = real.length > 0 ? await measureReal(real, thorough) : [];
	const complete = tables.length === real.length;
	if (simulated.length > 0) {
		const scenarios = simulated.includes(TREE) ? [] : simulated;
		const table = await tree(scenarios, { short: thorough === SHORT, ...seedsAsked() });
		printTable(table);
		tables.push(table);
	}
	printSummary(tables);
	return complete ? 0 : EXIT_BROKE;
}

/** `--seeds=5`: so many of each scenario of the simulated tree. */
function seedsAsked(): { readonly seeds?: number } {
	const seeds = Number(words.find((word) => word.startsWith('--seeds='))?.slice('--seeds='.length));
	return seeds >= 1 ? { seeds } : {};
}

async function measureReal(wanted: readonly string[], thorough: Effort): Promise<Table[]> {
	const { bench, close } = await setUp(thorough);
	const tables: Table[] = [];
	for (const name of wanted) {
		const table = await measure(name, bench);
		if (table !== null) tables.push(table);
	}
	await close();
	return tables;
}

/** Null, with the reason printed, where it broke: the others are worth having all the same. */
async function measure(name: string, bench: Bench): Promise<Table | null> {
	const startMs = Date.now();
	try {
		const table = (await MEASUREMENTS[name]?.(bench)) ?? null;
		if (table !== null) printTable(table);
		say('', `  took ${Math.round((Date.now() - startMs) / 1000)} s, load after it ${load()}`);
		return table;
	} catch (error) {
		say(
			'',
			`${name} broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
		);
		// What it left open would disturb the next one.
		await Promise.all([bench.speaking.closePages(), bench.listening.closePages()]);
		return null;
	}
}

async function setUp(
	thorough: Effort
): Promise<{ readonly bench: Bench; readonly close: () => Promise<void> }> {
	const [seed, plain, speaking, listening] = await Promise.all([
		startSeedForFile(),
		startPlainServer(),
		openBrowser(voiceLike(VOICE_S)),
		openBrowser(null)
	]);
	const bench: Bench = { effort: thorough, seedUrl: seed.url, plain, speaking, listening };
	let closing: Promise<void> | null = null;
	const close = (): Promise<void> =>
		(closing ??= Promise.race([
			Promise.all([speaking.close(), listening.close(), plain.close(), seed.end()]),
			pause(CLOSE_MAX_MS)
		]).then(() => undefined));
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.once(signal, () => {
			void close().finally(() => process.exit(EXIT_BROKE));
		});
	}
	return { bench, close };
}

function load(): string {
	return loadavg()[0]?.toFixed(1) ?? '?';
}
