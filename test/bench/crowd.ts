/** A hundred Node listeners and five in Chromium in one room, all on this machine: everybody hears the host. */
import { melody, stepsOf } from '../e2e/melody.ts';
import { diagnosticsOf } from '../e2e/drive.ts';
import { pause, type Bench } from './bench.ts';
import { openBrowser, type BenchBrowser } from './browsers.ts';
import { cpuSeconds, idleSeconds } from './cpu.ts';
import { startCrowd, type Crowd, type CrowdReport } from './crowd-processes.ts';
import { MELODY_ROUNDS } from './kill-scene.ts';
import { info, percentiles, quantile, say, type Row, type Table } from './report.ts';
import { comeListen, openRoom, speakUp, type Guest, type Room } from './room.ts';
import { record } from './timed-sound.ts';

interface Size {
	readonly pages: number;
	readonly nodes: number;
	/** Listeners in all at which the host's uplink is looked at; the pages come first. */
	readonly looks: readonly number[];
	readonly processes: number;
}

const FULL_SIZE: Size = { pages: 5, nodes: 100, looks: [5, 50, 105], processes: 2 };
const SHORT_SIZE: Size = { pages: 2, nodes: 20, looks: [2, 10, 22], processes: 2 };
const HOST_FANOUT = 4;
const PAGE_FANOUT = 4;
/** After the last has come: who looks for better backups has found them, and introductions are over. */
const REST_MS = 30_000;
/** Who has not come by then will not: the machine is full, and it is told how many it carries. */
const GROWTH_MAX_MS = 240_000;
/** Arrivals between two lines that tell of them. */
const ARRIVALS_TOLD = 10;
const RECORD_S = 3;
const NOTES_PER_S = 50;
/** Whoever hears less of the melody than this does not really hear it. */
const HEARD_SHARE_MIN = 0.8;
/** Flat, up to what heartbeats and the log come and go with. */
const UPLINK_GROWTH_MAX = 1.1;

interface Look {
	readonly listeners: number;
	/** On the wire, all the host's connections, in kB/s. */
	readonly hostUp: number;
	readonly children: number;
	/** Shares of a core, in percent. */
	readonly hostCpu: number;
	readonly pagesCpu: number;
	readonly nodesCpu: number;
	/** Of the whole machine, which others may use as well; null where it does not tell. */
	readonly idle: number | null;
}

export async function crowd(bench: Bench): Promise<Table> {
	const size = bench.effort.rounds > 1 ? FULL_SIZE : SHORT_SIZE;
	const speaking = await openBrowser(melody(MELODY_ROUNDS));
	const room = await openRoom(bench.seedUrl, speaking, HOST_FANOUT);
	await speakUp(room);
	const nodes = startCrowd(bench.seedUrl, room.key, size.processes);
	try {
		const pages: Guest[] = [];
		while (pages.length < size.pages) {
			pages.push(await comeListen(room, bench.listening, PAGE_FANOUT));
		}
		const looks: Look[] = [];
		const untilMs = Date.now() + GROWTH_MAX_MS;
		for (const wanted of size.looks) {
			await growTo(nodes, wanted - size.pages, untilMs);
			const listeners = size.pages + nodes.size;
			await pause(listeners > size.pages ? REST_MS : bench.effort.settleMs);
			looks.push(await lookAt(bench, { room, speaking, nodes, listeners }));
			say(`  ${JSON.stringify(looks.at(-1))}`);
			if (listeners < wanted) break;
		}
		const heard = await Promise.all(pages.map(({ page }) => heardShare(page)));
		const depths = await Promise.all(pages.map(({ person }) => diagnosticsOf(person)));
		const reports = await nodes.report();
		await Promise.all(pages.map((page) => page.close()));
		return tableOf({
			wanted: size.pages + size.nodes,
			looks,
			reports,
			heard,
			depths: depths.map(({ depth }) => depth ?? null)
		});
	} finally {
		await nodes.end();
		await speaking.close();
	}
}

/** By steps, so that it shows how far a machine came that cannot do it. */
async function growTo(nodes: Crowd, wanted: number, untilMs: number): Promise<void> {
	const startMs = Date.now();
	while (nodes.size < wanted && Date.now() < untilMs) {
		await nodes.grow(Math.min(wanted, nodes.size + ARRIVALS_TOLD), untilMs);
		say(`  ${nodes.size} Node peers, ${((Date.now() - startMs) / 1000).toFixed(0)} s`);
	}
}

interface Everything {
	readonly room: Room;
	readonly speaking: BenchBrowser;
	readonly nodes: Crowd;
	readonly listeners: number;
}

async function lookAt({ effort, listening }: Bench, all: Everything): Promise<Look> {
	const { room, speaking, nodes, listeners } = all;
	const { page, person } = room.host;
	const read = async () => ({
		up: (await page.evaluate(() => window.tap.transportBytes())).up,
		hostCpuS: cpuSeconds(speaking.pid) ?? NaN,
		pagesCpuS: cpuSeconds(listening.pid) ?? NaN,
		idleS: idleSeconds(),
		nodesCpuS: nodes.pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? NaN), 0)
	});
	await nodes.count();
	const [before, startMs] = [await read(), Date.now()];
	await pause(1000 * effort.countS);
	const [after, seconds] = [await read(), (Date.now() - startMs) / 1000];
	return {
		listeners,
		hostUp: (after.up - before.up) / 1000 / seconds,
		children: (await diagnosticsOf(person)).children?.length ?? 0,
		hostCpu: (100 * (after.hostCpuS - before.hostCpuS)) / seconds,
		pagesCpu: (100 * (after.pagesCpuS - before.pagesCpuS)) / seconds,
		nodesCpu: (100 * (after.nodesCpuS - before.nodesCpuS)) / seconds,
		idle:
			before.idleS === null || after.idleS === null
				? null
				: (100 * (after.idleS - before.idleS)) / seconds
	};
}

/** The share of the melody's notes that is in what a page plays, one after the other. */
async function heardShare(page: Guest['page']): Promise<number> {
	const { samples } = await record(page, 'ear', RECORD_S);
	return stepsOf(samples).length / (RECORD_S * NOTES_PER_S);
}

const heardByNode = (one: CrowdReport): number =>
	one.seconds === 0 ? 0 : one.steps / (one.seconds * NOTES_PER_S);

interface Findings {
	/** How many were to come. */
	readonly wanted: number;
	readonly looks: readonly Look[];
	readonly reports: readonly CrowdReport[];
	/** Of each page. */
	readonly heard: readonly number[];
	readonly depths: readonly (number | null)[];
}

function tableOf({ wanted, looks, reports, heard, depths }: Findings): Table {
	const shares = [...heard, ...reports.map(heardByNode)];
	const hearing = shares.filter((share) => share >= HEARD_SHARE_MIN).length;
	const joins = reports.map((one) => one.joinMs);
	const late = joins.slice(-Math.ceil(joins.length / 4));
	const frames = reports.map((one) => one.frames);
	const sum = (of: (one: CrowdReport) => number): number =>
		reports.reduce((all, one) => all + of(one), 0);
	const twice =
		sum(({ duplicates }) => duplicates) /
		Math.max(
			1,
			sum(({ received }) => received)
		);
	return {
		title: `${heard.length} pages and ${reports.length} Node peers listen`,
		notes: [
			'All on this machine, seed, host and browsers beside them. The host plays a melody of 20 ms notes.',
			`Who has not come after ${GROWTH_MAX_MS / 1000} s is not waited for: then the machine is full.`,
			'Hearing: at least 80 % of the notes of 1.5 s (Node: decoded) or 3 s (pages: as played) follow one another.'
		],
		rows: [
			{
				what: `listeners that hear, of the ${shares.length} that came`,
				ours: String(hearing),
				baseline: '',
				target: `all ${wanted}`,
				met: hearing === wanted
			},
			info('  share of notes heard, least / median', range(shares)),
			info('  frames received since the last look, least / most', extremes(frames)),
			info('  frames that came twice, of all', `${(100 * twice).toFixed(0)} %`),
			info(
				'  times a backup stood in, for each',
				(sum(({ standIns }) => standIns) / reports.length).toFixed(1)
			),
			info('join, libp2p included', percentiles(joins, 'ms')),
			info('  the last ones of each process', percentiles(late, 'ms')),
			info('depths', histogram([...depths, ...reports.map(({ depth }) => depth)])),
			...looks.flatMap(lookRows),
			uplinkRow(looks)
		]
	};
}

/** Once its places are taken, more listeners cost the host nothing. */
function uplinkRow(looks: readonly Look[]): Row {
	const [full, all] = looks.slice(-2).map(({ hostUp }) => hostUp);
	const growth = (all ?? NaN) / (full ?? NaN);
	return {
		what: "growth of the host's uplink between the last two",
		ours: growth.toFixed(2),
		baseline: '',
		target: `at most ${UPLINK_GROWTH_MAX}`,
		met: growth <= UPLINK_GROWTH_MAX
	};
}

function lookRows(look: Look): Row[] {
	return [
		info(
			`host's uplink with ${look.listeners} listeners`,
			`${look.hostUp.toFixed(1)} kB/s to ${look.children} children`
		),
		info(
			'  CPU of the host / all pages / all Node peers; idle',
			`${look.hostCpu.toFixed(0)} / ${look.pagesCpu.toFixed(0)} / ${look.nodesCpu.toFixed(0)} % of a core; ${look.idle?.toFixed(0) ?? '?'} %`
		)
	];
}

const range = (values: readonly number[]): string =>
	`${Math.min(...values).toFixed(2)} / ${quantile(values, 0.5).toFixed(2)}`;
const extremes = (values: readonly number[]): string =>
	`${Math.min(...values)} / ${Math.max(...values)}`;

/** "1: 4, 2: 16": how many are at which depth. */
function histogram(depths: readonly (number | null)[]): string {
	const counts = new Map<string, number>();
	const sorted = [...depths].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
	for (const depth of sorted) {
		const name = depth === null ? 'none' : String(depth);
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}
	return [...counts].map(([depth, count]) => `${depth}: ${count}`).join(', ');
}
