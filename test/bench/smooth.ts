/**
 * How smoothly a room is drawn with all seats taken, all of them speaking and reactions falling; and how long its page
 * is ever held up while sound plays.
 */
import type { Page } from 'playwright';
import { servePictures } from '../pictures/serve.ts';
import { pause, type Bench } from './bench.ts';
import { info, quantile, type Table } from './report.ts';
import { comeListen, openRoom, speakUp } from './room.ts';

const FPS_MIN = 58;
const HELD_UP_MAX_MS = 50;
/** Half a frame late of 60 a second. */
const LATE_FRAME_MS = 25;
const WINDOW = { width: 390, height: 844 };

interface Drawn {
	/** Between one frame and the next. */
	readonly gapsMs: readonly number[];
	/** Tasks of the page that took longer than 50 ms, as the browser tells them. */
	readonly longMs: readonly number[];
}

export async function smooth(bench: Bench): Promise<Table> {
	const [full, still] = await drawFakes(bench);
	const listening = await drawListening(bench);
	const fps = fpsOf(full);
	return {
		title: 'A room on the screen',
		notes: [
			'Drawn on the processor, for this browser has no graphics card. Baseline: an empty page, in the same run.',
			`Eleven speak and twenty people react every 600 ms, from fakes, for ${bench.effort.countS} s; then a real listener.`
		],
		rows: [
			{
				what: 'frames a second, eleven speaking and reactions falling',
				ours: fps.toFixed(1),
				baseline: fpsOf(still).toFixed(1),
				target: `at least ${FPS_MIN}`,
				met: fps >= FPS_MIN
			},
			info('frames that came late', lateOf(full), lateOf(still)),
			info('longest without a frame', longest(full.gapsMs), longest(still.gapsMs)),
			info('tasks of more than 50 ms', `${full.longMs.length}`, `${still.longMs.length}`),
			{
				what: 'page of a real listener held up, at most',
				ours: longest(listening.longMs),
				baseline: '',
				target: `never over ${HELD_UP_MAX_MS} ms`,
				met: listening.longMs.length === 0
			},
			info('its frames a second', fpsOf(listening).toFixed(1))
		]
	};
}

const fpsOf = ({ gapsMs }: Drawn): number =>
	gapsMs.length / (gapsMs.reduce((all, one) => all + one, 0) / 1000);

const lateOf = ({ gapsMs }: Drawn): string =>
	`${((100 * gapsMs.filter((ms) => ms > LATE_FRAME_MS).length) / gapsMs.length).toFixed(1)} %`;

const longest = (all: readonly number[]): string =>
	all.length === 0 ? 'never' : `${Math.round(quantile(all, 1))} ms`;

async function drawFakes({ listening, effort }: Bench): Promise<readonly [Drawn, Drawn]> {
	const server = await servePictures();
	const base = server.resolvedUrls?.local[0] ?? '';
	const { page, close } = await listening.page();
	await page.setViewportSize(WINDOW);
	await page.goto(`${base}?scene=singing`);
	await page.locator('h1').first().waitFor();
	await pause(effort.settleMs);
	const full = await watch(page, effort.countS);
	await page.goto('about:blank');
	const still = await watch(page, effort.countS);
	await close();
	await server.close();
	return [full, still];
}

async function drawListening({ seedUrl, speaking, listening, effort }: Bench): Promise<Drawn> {
	const room = await openRoom(seedUrl, speaking, 4);
	await speakUp(room);
	const guest = await comeListen(room, listening, 4);
	await pause(effort.settleMs);
	const drawn = await watch(guest.page, effort.countS);
	await guest.close();
	await room.close();
	return drawn;
}

function watch(page: Page, forS: number): Promise<Drawn> {
	return page.evaluate(async (untilMs) => {
		const longMs: number[] = [];
		const gapsMs: number[] = [];
		const observer = new PerformanceObserver((list) => {
			for (const { duration } of list.getEntries()) longMs.push(duration);
		});
		observer.observe({ type: 'longtask' });
		const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
		const startMs = await frame();
		for (let lastMs = startMs; lastMs - startMs < untilMs;) {
			const nowMs = await frame();
			gapsMs.push(nowMs - lastMs);
			lastMs = nowMs;
		}
		observer.disconnect();
		return { gapsMs, longMs };
	}, forS * 1000);
}
