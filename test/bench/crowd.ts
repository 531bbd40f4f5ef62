/**
 * A hundred Node listeners and five in Chromium in one room, all on this machine: everybody hears the host, who waits
 * until they have come, as one does.
 */
import { melody, stepsOf } from '../e2e/melody.ts';
import { diagnosticsOf } from '../e2e/drive.ts';
import { pause, type Bench } from './bench.ts';
import { openBrowser, type BenchBrowser } from './browsers.ts';
import { cpuSeconds, idleSeconds } from './cpu.ts';
import { startCrowd, type Crowd, type CrowdReport } from './crowd-processes.ts';
import { MELODY_ROUNDS } from './kill-scene.ts';
import { info, percentiles, quantile, say, type Row, type Table } from './report.ts';
import { comeListen, fallSilent, openRoom, speakUp, type Guest, type Room } from './room.ts';
import { record } from './timed-sound.ts';

interface Size {
	readonly pages: number;
	/** Listeners in all at which the room is looked at; the pages come first. */
	readonly looks: readonly number[];
	readonly processes: number;
}

const FULL_SIZE: Size = { pages: 5, looks: [5, 15, 25, 35, 50, 75, 105], processes: 2 };
const SHORT_SIZE: Size = { pages: 2, looks: [2, 10, 22], processes: 2 };
const HOST_FANOUT = 4;
const PAGE_FANOUT = 4;
/** After the last has come and the host speaks: who looks for better backups has found them, and introductions are over. */
const REST_MS = 30_000;
/** Of one step to the next size. Who has not come by then will not: the machine is full. */
const GROWTH_MAX_MS = 240_000;
/** Arrivals between two lines that tell of them. */
const ARRIVALS_TOLD = 10;
const RECORD_S = 3;
const NOTES_PER_S = 50;
/** Whoever hears less of the melody than this does not really hear it. */
const HEARD_SHARE_MIN = 0.8;
/** Flat, up to what heartbeats and the log come and go with. */
const UPLINK_GROWTH_MAX = 1.1;

/** The room at one size. */
interface Look {
	readonly listeners: number;
	/** Shares of the melody that were heard, of each. */
	readonly heard: readonly number[];
	readonly reports: readonly CrowdReport[];
	readonly depths: readonly (number | null)[];
	readonly cost: Cost;
}

interface Cost {
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

const hearing = ({ heard }: Look): number =>
	heard.filter((share) => share >= HEARD_SHARE_MIN).length;
const allHear = (look: Look): boolean => hearing(look) === look.listeners;

export async function crowd(bench: Bench): Promise<Table> {
	const size = bench.effort.rounds > 1 ? FULL_SIZE : SHORT_SIZE;
	const speaking = await openBrowser(melody(MELODY_ROUNDS));
	const room = await openRoom(bench.seedUrl, speaking, HOST_FANOUT);
	const nodes = startCrowd(bench.seedUrl, room.key, size.processes);
	try {
		const pages: Guest[] = [];
		while (pages.length < size.pages) {
			pages.push(await comeListen(room, bench.listening, PAGE_FANOUT));
		}
		const looks: Look[] = [];
		for (const wanted of size.looks) {
			await growTo(nodes, wanted - size.pages);
			await speakUp(room);
			await pause(nodes.size > 0 ? REST_MS : bench.effort.settleMs);
			const look = await lookAt(bench, { room, speaking, nodes, pages });
			looks.push(look);
			say(`  ${hearing(look)} of ${look.listeners} hear: ${JSON.stringify(look.cost)}`);
			if (look.listeners < wanted || !allHear(look)) break;
			await fallSilent(room);
		}
		await Promise.all(pages.map((page) => page.close()));
		return tableOf(Math.max(...size.looks), looks);
	} finally {
		await nodes.end();
		await speaking.close();
	}
}

/** By steps, so that it shows how far a machine came that cannot do it. */
async function growTo(nodes: Crowd, wanted: number): Promise<void> {
	const startMs = Date.now();
	const untilMs = startMs + GROWTH_MAX_MS;
	while (nodes.size < wanted && Date.now() < untilMs) {
		await nodes.grow(Math.min(wanted, nodes.size + ARRIVALS_TOLD), untilMs);
		say(`  ${nodes.size} Node peers, ${((Date.now() - startMs) / 1000).toFixed(0)} s`);
	}
}

interface Everything {
	readonly room: Room;
	readonly speaking: BenchBrowser;
	readonly nodes: Crowd;
	readonly pages: readonly Guest[];
}

async function lookAt(bench: Bench, all: Everything): Promise<Look> {
	const { nodes, pages } = all;
	await nodes.count();
	const cost = await costOf(bench, all);
	const byPages = await Promise.all(pages.map(({ page }) => heardShare(page)));
	const states = await Promise.all(pages.map(({ person }) => diagnosticsOf(person)));
	const reports = await nodes.report();
	return {
		listeners: pages.length + nodes.size,
		heard: [...byPages, ...reports.map(heardByNode)],
		reports,
		depths: [...states.map(({ depth }) => depth ?? null), ...reports.map(({ depth }) => depth)],
		cost
	};
}

async function costOf(
	{ effort, listening }: Bench,
	{ room, speaking, nodes }: Everything
): Promise<Cost> {
	const { page, person } = room.host;
	const read = async () => ({
		up: (await page.evaluate(() => window.tap.transportBytes())).up,
		hostCpuS: cpuSeconds(speaking.pid) ?? NaN,
		pagesCpuS: cpuSeconds(listening.pid) ?? NaN,
		idleS: idleSeconds(),
		nodesCpuS: nodes.pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? NaN), 0)
	});
	const [before, startMs] = [await read(), Date.now()];
	await pause(1000 * effort.countS);
	const [after, seconds] = [await read(), (Date.now() - startMs) / 1000];
	return {
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

function tableOf(wanted: number, looks: readonly Look[]): Table {
	// Of the largest room in which everybody hears; where there was none, of the smallest.
	const best = looks.filter(allHear).at(-1) ?? looks[0]!;
	const { reports, heard, depths } = best;
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
	const most = allHear(best) ? best.listeners : 0;
	return {
		title: `Pages and Node peers listen, ${wanted} if the machine can`,
		notes: [
			'All on this machine, seed, host and browsers beside them. The host plays a melody of 20 ms notes.',
			'It waits until all have come; the room grows until somebody does not hear, or does not get in.',
			'Hearing: at least 80 % of the notes of 1.5 s (Node: decoded) or 3 s (pages: as played) follow one another.'
		],
		rows: [
			{
				what: 'the largest room in which all hear',
				ours: String(most),
				baseline: '',
				target: String(wanted),
				met: most === wanted
			},
			info('  share of notes heard, least / median', range(heard)),
			info('  frames received since the last look, least / most', extremes(frames)),
			info('  frames that came twice, of all', `${(100 * twice).toFixed(0)} %`),
			info(
				'  times a backup stood in, for each',
				(sum(({ standIns }) => standIns) / Math.max(1, reports.length)).toFixed(1)
			),
			info('  join, libp2p included', percentiles(joins, 'ms')),
			info('    the last ones of each process', percentiles(late, 'ms')),
			info('  depths', histogram(depths)),
			...looks.flatMap(lookRows),
			uplinkRow(looks.filter(allHear))
		]
	};
}

/** Once its places are taken, more listeners cost the host nothing. */
function uplinkRow(looks: readonly Look[]): Row {
	const [full, all] = looks.slice(-2).map(({ cost }) => cost.hostUp);
	const growth = (all ?? NaN) / (full ?? NaN);
	return {
		what: "growth of the host's uplink between the last two in which all hear",
		ours: growth.toFixed(2),
		baseline: '',
		target: `at most ${UPLINK_GROWTH_MAX}`,
		met: growth <= UPLINK_GROWTH_MAX
	};
}

function lookRows(look: Look): Row[] {
	const { hostUp, children, hostCpu, pagesCpu, nodesCpu, idle } = look.cost;
	const shares = [hostCpu, pagesCpu, nodesCpu].map((share) => share.toFixed(0)).join(' / ');
	return [
		info(
			`with ${look.listeners} listeners: hear; host's uplink`,
			`${hearing(look)}; ${hostUp.toFixed(1)} kB/s to ${children} children`
		),
		info(
			'  CPU of the host / all pages / all Node peers; idle',
			`${shares} % of a core; ${idle?.toFixed(0) ?? '?'} %`
		)
	];
}

const range = (values: readonly number[]): string =>
	`${Math.min(...values).toFixed(2)} / ${quantile(values, 0.5).toFixed(2)}`;
const extremes = (values: readonly number[]): string =>
	values.length === 0 ? 'none' : `${Math.min(...values)} / ${Math.max(...values)}`;

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
