/** Is the ruler straight? Chromium's own delay line, measured by the same taps as everything else. */
import type { Page } from 'playwright';
import { median } from '../lib/sound.ts';
import type { Bench } from './bench.ts';
import { info, type Table } from './report.ts';
import { passage, record } from './timed-sound.ts';

const KNOWN_MS = 100;
const LAG_MAX_MS = 300;

/** The microphone over a delay line to the output, first without delay, then with `KNOWN_MS`. */
export async function method({ plain, speaking, effort }: Bench): Promise<Table> {
	const { page, close } = await plain.page(speaking, 'method');
	await page.evaluate(async () => {
		const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
		const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
		const delay = context.createDelay();
		context.createMediaStreamSource(stream).connect(delay).connect(context.destination);
		Object.assign(window, { delay });
	});
	const without = await through(page, effort.recordS / 2);
	await page.evaluate((ms) => {
		const { delay } = window as unknown as { delay: DelayNode };
		delay.delayTime.value = ms / 1000;
	}, KNOWN_MS);
	const delayed = await through(page, effort.recordS / 2);
	await close();
	return {
		title: 'The method itself',
		notes: ['A delay line of the browser between microphone and output of one page.'],
		rows: [
			info(`${KNOWN_MS} ms of delay are measured as`, `${(delayed - without).toFixed(1)} ms`),
			info('microphone to output without it', `${without.toFixed(1)} ms`)
		]
	};
}

async function through(page: Page, seconds: number): Promise<number> {
	const [said, came] = await Promise.all([
		record(page, 'mouth', seconds),
		record(page, 'ear', seconds)
	]);
	return median(passage(said, came, LAG_MAX_MS).delaysMs);
}
