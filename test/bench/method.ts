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
	await page.evaluate((knownMs) => {
		const { delay } = window as unknown as { delay: DelayNode };
		delay.delayTime.value = knownMs / 1000;
	}, KNOWN_MS);
	const delayed = await through(page, effort.recordS / 2);
	await close();
	return {
		title: 'The method itself',
		notes: [
			'A delay line of the browser between microphone and output of one page.',
			'Clocks of a worklet count whole milliseconds: nothing here is known to better than 1 ms.'
		],
		rows: [
			info(
				`${KNOWN_MS} ms of delay are measured as`,
				ms(delayed.throughGraph - without.throughGraph)
			),
			info(
				'until Web Audio has read a microphone',
				`${ms(without.capture)}, then ${ms(delayed.capture)}`
			)
		]
	};
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

interface Delays {
	readonly capture: number;
	readonly throughGraph: number;
}

async function through(page: Page, seconds: number): Promise<Delays> {
	const [said, captured, came] = await Promise.all([
		record(page, 'mouth', seconds),
		record(page, 'capture', seconds),
		record(page, 'ear', seconds)
	]);
	return {
		capture: median(passage(said, captured, LAG_MAX_MS).delaysMs),
		throughGraph: median(passage(captured, came, LAG_MAX_MS).delaysMs)
	};
}
