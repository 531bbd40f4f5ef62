/** Home: what has to be loaded before it can be used, and how soon it can be on a middling phone that has the app. */
import type { Page } from 'playwright';
import type { Bench } from './bench.ts';
import { quantile, info, percentiles, spread, type Table } from './report.ts';

const SCRIPT_MAX_KB = 150;
const INTERACTIVE_MAX_MS = 1_500;
/** Lighthouse's phone: a processor four times slower, and a line they call slow 4G. */
const SLOWER = 4;
const SLOW_4G = {
	offline: false,
	latency: 150,
	downloadThroughput: (1.6 * 1024 * 1024) / 8,
	uploadThroughput: (750 * 1024) / 8
};

const START = 'Start a room';

interface Loaded {
	/** Of scripts, compressed: those asked for before home could be used, and all of them. */
	readonly neededKb: number;
	readonly allKb: number;
	readonly readyMs: number;
}

export async function home({ seedUrl, listening, effort }: Bench): Promise<Table> {
	const firsts: Loaded[] = [];
	const returns: Loaded[] = [];
	for (let visit = 0; visit < effort.visits; visit++) {
		const { page, close } = await listening.page();
		firsts.push(await visitHome(page, seedUrl));
		await page.evaluate(async () => {
			await navigator.serviceWorker.ready;
		});
		const again = await page.context().newPage();
		returns.push(await visitHome(again, seedUrl, 'slowly'));
		await close();
	}
	const needed = firsts.map((one) => one.neededKb);
	const ready = returns.map((one) => one.readyMs);
	return {
		title: 'Home',
		notes: [
			`${effort.visits} visits, a fresh profile each; usable is when "Start a room" is there to be pressed.`,
			'On a phone: a processor four times slower, 150 ms and 1.6 Mbit/s, and the app installed by one visit before.'
		],
		rows: [
			{
				what: 'scripts before home is usable, compressed',
				ours: spread(needed, 'kB', 1),
				baseline: '',
				target: `at most ${SCRIPT_MAX_KB} kB`,
				met: Math.max(...needed) <= SCRIPT_MAX_KB
			},
			info(
				'with what is loaded beside it',
				spread(
					firsts.map((one) => one.allKb),
					'kB',
					1
				)
			),
			{
				what: 'usable on a phone that has the app',
				ours: percentiles(ready, 'ms'),
				baseline: '',
				target: `p50 under ${INTERACTIVE_MAX_MS} ms`,
				met: quantile(ready, 0.5) < INTERACTIVE_MAX_MS
			},
			info(
				'usable at the first visit, on this machine',
				percentiles(
					firsts.map((one) => one.readyMs),
					'ms'
				)
			)
		]
	};
}

async function visitHome(page: Page, url: string, slowly?: 'slowly'): Promise<Loaded> {
	if (slowly !== undefined) await slowDown(page);
	await page.addInitScript(noteStanding, START);
	await page.goto(url, { waitUntil: 'commit' });
	await page.getByRole('button', { name: START }).waitFor();
	await page.waitForLoadState('networkidle');
	return page.evaluate(() => {
		const [standing] = performance.getEntriesByName('standing');
		const readyMs = standing?.startTime ?? Infinity;
		const scripts = (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
			.filter(({ name }) => new URL(name).pathname.endsWith('.js'))
			.map(({ startTime, encodedBodySize }) => ({ startTime, kb: encodedBodySize / 1000 }));
		const sum = (some: typeof scripts): number => some.reduce((all, { kb }) => all + kb, 0);
		const needed = scripts.filter(({ startTime }) => startTime < readyMs);
		return { neededKb: sum(needed), allKb: sum(scripts), readyMs };
	});
}

async function slowDown(page: Page): Promise<void> {
	const line = await page.context().newCDPSession(page);
	await line.send('Network.enable');
	await line.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
	await line.send('Network.emulateNetworkConditions', SLOW_4G);
}

/** Runs in the page, before all else in it: marks when the button is there that is pressed first. */
function noteStanding(start: string): void {
	const observer = new MutationObserver(() => {
		const buttons = [...document.querySelectorAll('button')];
		if (!buttons.some((one) => one.textContent.trim() === start)) return;
		observer.disconnect();
		performance.mark('standing');
	});
	observer.observe(document, { childList: true, subtree: true });
}
