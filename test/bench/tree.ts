/**
 * The relay tree in figures, from the simulator: every scenario under many seeds, medians and the worst, beside what
 * others reach. Opens no browser and no connection.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { median } from '../lib/sound.ts';
import { THREAD_LIMITS } from '../sim/parallel/story.ts';
import { say, type Row, type Table } from './report.ts';
import { openLedger, type Ledger } from './tree-ledger.ts';
import { SCENARIOS } from './tree-scenarios.ts';
import type { Aim, Figures, Scenario } from './tree-scenario.ts';
import type { Job, Told } from './tree-worker.ts';

/** Two threads are what the machines this is measured on have. */
const THREADS_MAX = 2;
export interface TreeEffort {
	readonly short: boolean;
	/** Instead of each scenario's own number of seeds. */
	readonly seeds?: number;
}

/** Too long to be told unless they are asked for by name. */
const ASKED_FOR = ['tree-scale-20000', 'tree-uplink-10000'];

/** `names` of scenarios; all but the longest two where there are none. */
export async function tree(names: readonly string[], effort: TreeEffort): Promise<Table> {
	const wanted =
		names.length > 0 ? names : Object.keys(SCENARIOS).filter((name) => !ASKED_FOR.includes(name));
	const rows: Row[] = [];
	for (const name of wanted) {
		const scenario = SCENARIOS[name];
		if (scenario !== undefined) rows.push(...(await measure(name, scenario, effort)));
	}
	return {
		title: 'The relay tree, simulated',
		notes: [
			'Real cores in virtual time. Median of all seeds, and the worst of them in brackets.',
			...(effort.short
				? ['Short: fewer seeds and smaller crowds than the rows say. For a quick look only.']
				: [])
		],
		rows
	};
}

async function measure(
	name: string,
	scenario: Scenario,
	{ short, seeds }: TreeEffort
): Promise<Row[]> {
	const startMs = Date.now();
	const count = seeds ?? (short ? scenario.seeds.short : scenario.seeds.full);
	const jobs = Array.from({ length: count }, (_, i): Job => ({
		scenario: name,
		seed: i + 1,
		short
	}));
	const atOnce = Math.floor(THREADS_MAX / (scenario.threads ?? 1));
	const told = await tellAll(jobs, atOnce, scenario.timed === true ? null : openLedger());
	const broken = told.filter((one) => one.figures === null);
	for (const { job, reason } of broken) say(`  ${name}, seed ${job.seed}, broke: ${reason}`);
	const figures = told.flatMap((one) => (one.figures === null ? [] : [one.figures]));
	const seconds = Math.round((Date.now() - startMs) / 1000);
	const rows = scenario.aims.map((aim) => rowOf(name, aim, figures));
	say(
		`${name}: ${count} seeds in ${seconds} s`,
		...rows.map((row) => `    ${row.what}: ${row.ours}`)
	);
	const failed = broken.length > 0 ? `, ${broken.length} of ${count} seeds broke` : '';
	const title = `${scenario.title} (${count} ${count === 1 ? 'seed' : 'seeds'}${failed})`;
	return [{ what: title, ours: '', baseline: '', target: '', met: null }, ...rows];
}

function rowOf(name: string, aim: Aim, all: readonly Figures[]): Row {
	const values = all.flatMap((figures) => figures[aim.figure] ?? []);
	const lowIsWorse = aim.worse === 'less' || (aim.reach !== null && 'atLeast' in aim.reach);
	const worst = lowIsWorse ? Math.min(...values) : Math.max(...values);
	const middle = values.length === 0 ? NaN : median(values);
	return {
		what: `  ${name.replace('tree-', '')}: ${aim.what.trim()}`,
		ours: values.length === 0 ? 'none' : `${show(middle, aim)} (${show(worst, aim)})`,
		baseline: aim.reference,
		target: aim.reach === null ? '' : targetOf(aim),
		met: aim.reach === null ? null : isMet(aim.reach, middle)
	};
}

const isMet = (reach: NonNullable<Aim['reach']>, value: number): boolean =>
	'atMost' in reach ? value <= reach.atMost : value >= reach.atLeast;

function targetOf(aim: Aim): string {
	if (aim.reach === null) return '';
	return 'atMost' in aim.reach
		? `<= ${show(aim.reach.atMost, aim)}`
		: `>= ${show(aim.reach.atLeast, aim)}`;
}

function show(value: number, { as }: Aim): string {
	if (!Number.isFinite(value)) return 'never';
	switch (as) {
		case 'share':
			return `${(100 * value).toFixed(2)} %`;
		case 'ms':
			return `${Math.round(value)} ms`;
		case 'ratio':
			return value.toFixed(3);
		case 'kbit/s':
			return `${Math.round(value)} kbit/s`;
		case 'count':
			return String(Math.round(10 * value) / 10);
	}
}

/** Each thread takes the next job as soon as it is done with one. */
async function tellAll(
	jobs: readonly Job[],
	atOnce: number,
	ledger: Ledger | null
): Promise<Told[]> {
	const told = jobs.flatMap((job): Told | [] => {
		const figures = ledger?.read(job) ?? null;
		return figures === null ? [] : { job, figures, reason: '' };
	});
	if (told.length > 0) say(`  ${told.length} of ${jobs.length} seeds were told before`);
	const left = jobs.filter((job) => !told.some((one) => one.job === job));
	const threads = Math.min(atOnce, availableParallelism(), left.length);
	const run = async (): Promise<void> => {
		let worker = startWorker();
		for (let job = left.shift(); job !== undefined; job = left.shift()) {
			const one = await ask(worker, job);
			told.push(one);
			if (one.figures !== null) {
				ledger?.write(job, one.figures);
				continue;
			}
			// Out of memory or broken: the next story gets a thread that is neither.
			await worker.terminate();
			worker = startWorker();
		}
		await worker.terminate();
	};
	await Promise.all(Array.from({ length: threads }, run));
	return told.sort((a, b) => a.job.seed - b.job.seed);
}

const startWorker = (): Worker =>
	new Worker(new URL('./tree-worker.ts', import.meta.url), {
		resourceLimits: THREAD_LIMITS
	});

function ask(worker: Worker, job: Job): Promise<Told> {
	return new Promise((resolve) => {
		const fail = (error: Error): void => resolve({ job, figures: null, reason: error.message });
		worker.once('error', fail);
		worker.once('message', (told: Told) => {
			worker.off('error', fail);
			resolve(told);
		});
		worker.postMessage(job);
	});
}
