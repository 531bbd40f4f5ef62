/** What it costs a listener to pass the sound on: CPU of its whole browser, bytes up and down. */
import { diagnosticsOf, eventually } from '../e2e/drive.ts';
import { pause, type Bench } from './bench.ts';
import { openBrowser, type BenchBrowser, type BenchPage } from './browsers.ts';
import { startChildren } from './children.ts';
import { cpuSeconds } from './cpu.ts';
import { info, type Row, type Table } from './report.ts';
import { comeListen, openRoom, speakUp } from './room.ts';

/** 0 is what listening alone costs. */
const CHILDREN = [0, 1, 4, 8] as const;
const CHILDREN_MAX = 8;

interface Cost {
	/** Share of one core, in percent; null where the system does not tell. */
	readonly cpu: number | null;
	/** On the wire, all connections of the page, in kB/s. */
	readonly up: number;
	readonly down: number;
}

interface Subject {
	readonly browser: BenchBrowser;
	readonly listener: BenchPage;
	/** Until this many children hang below it. */
	grow(children: number): Promise<void>;
	close(): Promise<void>;
}

export async function relayCost(bench: Bench): Promise<Table> {
	const [ours, plain] = [await oursWith(bench), await plainWith(bench)];
	const rows: Row[] = [];
	for (const children of CHILDREN) {
		await ours.grow(children);
		await plain.grow(children);
		await pause(bench.effort.settleMs);
		const a = await count(bench, ours);
		const b = await count(bench, plain);
		rows.push(
			info(`CPU of a core, ${children} children`, percent(a.cpu), percent(b.cpu)),
			info(`up / down, ${children} children`, traffic(a), traffic(b))
		);
	}
	await ours.close();
	await plain.close();
	return {
		title: 'What passing on costs',
		notes: [
			`One listener in a browser of its own, all processes of it, over ${bench.effort.countS} s each.`,
			'Baseline: the received track added to a simple-peer connection for each child.'
		],
		rows
	};
}

const percent = (cpu: number | null): string => (cpu === null ? 'unknown' : `${cpu.toFixed(1)} %`);
const traffic = ({ up, down }: Cost): string => `${up.toFixed(1)} / ${down.toFixed(1)} kB/s`;

async function count({ effort }: Bench, { browser, listener }: Subject): Promise<Cost> {
	const [before, bytesBefore, startMs] = [
		cpuSeconds(browser.pid),
		await bytesOf(listener),
		Date.now()
	];
	await pause(1000 * effort.countS);
	const seconds = (Date.now() - startMs) / 1000;
	const [after, bytesAfter] = [cpuSeconds(browser.pid), await bytesOf(listener)];
	return {
		cpu: before === null || after === null ? null : (100 * (after - before)) / seconds,
		up: (bytesAfter.up - bytesBefore.up) / 1000 / seconds,
		down: (bytesAfter.down - bytesBefore.down) / 1000 / seconds
	};
}

function bytesOf({ page }: BenchPage): Promise<{ readonly up: number; readonly down: number }> {
	return page.evaluate(() => window.tap.transportBytes());
}

async function oursWith(bench: Bench): Promise<Subject> {
	const room = await openRoom(bench.seedUrl, bench.speaking, 1);
	await speakUp(room);
	const browser = await openBrowser(null);
	const listener = await comeListen(room, browser, CHILDREN_MAX);
	const children = startChildren(bench.seedUrl, room.key);
	return {
		browser,
		listener,
		async grow(wanted) {
			await children.grow(wanted);
			await eventually(
				`the relay has ${wanted} children`,
				() => diagnosticsOf(listener.person),
				(now) => now.children?.length === wanted
			);
		},
		async close() {
			await children.end();
			await browser.close();
			await room.close();
		}
	};
}

async function plainWith(bench: Bench): Promise<Subject> {
	const speaker = await bench.plain.page(bench.speaking, 'root');
	await speaker.page.evaluate(() => window.plain.speak());
	const browser = await openBrowser(null);
	const listener = await bench.plain.page(browser, 'relay');
	await listener.page.evaluate(() => window.plain.hear('root'));
	const below = await bench.plain.page(bench.listening, 'below');
	let has = 0;
	return {
		browser,
		listener,
		async grow(wanted) {
			for (; has < wanted; has++) await below.page.evaluate(() => window.plain.take('relay'));
		},
		async close() {
			await Promise.all([below.close(), browser.close(), speaker.close()]);
		}
	};
}
