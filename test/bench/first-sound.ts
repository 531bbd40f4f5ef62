/** From opening the link, in a fresh profile of a warm browser, to the first sound that is played. */
import { MILESTONES, type TimelineMs } from '#lib/app/timeline.ts';
import { diagnosticsOf, eventually, listen, type Person } from '../e2e/drive.ts';
import type { Bench } from './bench.ts';
import { openBrowser } from './browsers.ts';
import { info, percentiles, quantile, type Table } from './report.ts';
import { openRoom, speakUp, type Room } from './room.ts';
import { steadyVoice } from './steady-voice.ts';

const READY_TO_SOUND_MAX_MS = 1_200;
const ATTACH_MAX_MS = 300;
const NAMES: Readonly<Record<keyof TimelineMs, string>> = {
	appReady: 'app ready',
	seedReached: 'seed reached',
	roomFound: 'room found',
	attached: 'attached',
	firstSound: 'first sound'
};

interface Visit {
	readonly times: TimelineMs;
	/** From navigation to the first loud sample that left the page. */
	readonly heardMs: number;
}

export async function firstSound(bench: Bench): Promise<Table> {
	const speaking = await openBrowser(steadyVoice());
	const room = await openRoom(bench.seedUrl, speaking, 4);
	await speakUp(room);
	const speaker = await bench.plain.page(speaking, 'star');
	await speaker.page.evaluate(() => window.plain.speak());
	const visits: Visit[] = [];
	const plain: number[] = [];
	for (let visit = 0; visit < bench.effort.visits; visit++) {
		visits.push(await visitOnce(bench, room));
		plain.push(await plainOnce(bench, visit));
	}
	await speaking.close();
	return tableOf(visits, plain);
}

function tableOf(visits: readonly Visit[], plain: readonly number[]): Table {
	const between = (from: keyof TimelineMs, to: keyof TimelineMs): number[] =>
		visits.map(({ times }) => (times[to] ?? NaN) - (times[from] ?? NaN));
	const readyToSound = between('appReady', 'firstSound');
	const attaching = between('roomFound', 'attached');
	const p50 = (values: readonly number[]): number => quantile(values, 0.5);
	return {
		title: 'From the link to the first sound',
		notes: [
			`${visits.length} visits each, in turns, a fresh profile each. Lines with a name count from navigation.`,
			'Baseline: a page of a simple-peer star that is loaded and has its signalling open, from asking to first sound.'
		],
		rows: [
			...MILESTONES.map((name) =>
				info(
					NAMES[name],
					percentiles(
						visits.map(({ times }) => times[name] ?? NaN),
						'ms'
					)
				)
			),
			info(
				'first loud sample in the output',
				percentiles(
					visits.map((one) => one.heardMs),
					'ms'
				)
			),
			{
				what: 'app ready to first sound',
				ours: percentiles(readyToSound, 'ms'),
				baseline: percentiles(plain, 'ms'),
				target: `p50 under ${READY_TO_SOUND_MAX_MS} ms`,
				met: p50(readyToSound) < READY_TO_SOUND_MAX_MS
			},
			{
				what: 'room found to attached',
				ours: percentiles(attaching, 'ms'),
				baseline: percentiles(plain, 'ms'),
				target: `p50 under ${ATTACH_MAX_MS} ms`,
				met: p50(attaching) < ATTACH_MAX_MS
			},
			info('attached to first sound', percentiles(between('attached', 'firstSound'), 'ms'))
		]
	};
}

async function visitOnce({ listening }: Bench, room: Room): Promise<Visit> {
	const { page, close } = await listening.page();
	await page.goto(room.link, { waitUntil: 'commit' });
	const person = { name: 'Visitor', page };
	const [heardMs, times] = await Promise.all([
		page.evaluate(async () => (await window.tap.firstSoundMs()) - performance.timeOrigin),
		listen(person).then(() => untilSound(person))
	]);
	await close();
	return { times, heardMs };
}

async function untilSound(person: Person): Promise<TimelineMs> {
	const { timeline } = await eventually(
		'the first sound',
		() => diagnosticsOf(person),
		({ timeline: now }) => MILESTONES.every((name) => now[name] !== null)
	);
	return timeline;
}

async function plainOnce({ plain, listening }: Bench, visit: number): Promise<number> {
	const { page, close } = await plain.page(listening, `visitor-${visit}`);
	const tookMs = await page.evaluate(async () => {
		const askedMs = performance.timeOrigin + performance.now();
		await window.plain.hear('star');
		return (await window.tap.firstSoundMs()) - askedMs;
	});
	await close();
	return tookMs;
}
