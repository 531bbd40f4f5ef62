/** From one speaker's microphone to what another speaker's page plays, against a plain simple-peer track. */
import { diagnosticsOf } from '../e2e/drive.ts';
import { pause, type Bench } from './bench.ts';
import { info, spread, type Table } from './report.ts';
import { comeOnStage, openRoom, speakUp } from './room.ts';
import { passage, record, type Passage } from './timed-sound.ts';
import { median } from '../lib/sound.ts';

/** Longer than any delay seen here, shorter than it takes to be mistaken for an answer. */
const LAG_MAX_MS = 700;

interface Ours {
	readonly passage: Passage;
	readonly bufferMs: number;
	readonly targetMs: number;
	readonly estimateMs: number;
}

export async function mouthToEar(bench: Bench): Promise<Table> {
	const ours: Ours[] = [];
	const plain: Passage[] = [];
	for (let round = 0; round < bench.effort.rounds; round++) {
		ours.push(await oursOnce(bench));
		plain.push(await plainOnce(bench));
	}
	const [a, b] = [
		ours.flatMap((one) => one.passage.delaysMs),
		plain.flatMap((one) => one.delaysMs)
	];
	return {
		title: 'Mouth to ear, speaker to speaker',
		notes: [
			`Baseline: a microphone track over simple-peer into an audio element. ${bench.effort.rounds} rounds each, in turns.`,
			'From the sample the microphone hands over to the sample the sound card takes: devices come on top, for both.'
		],
		rows: [
			{
				what: 'delay',
				ours: spread(a, 'ms'),
				baseline: spread(b, 'ms'),
				target: 'no slower than the baseline',
				met: median(a) <= median(b)
			},
			info(
				'delay, median of each round',
				ours.map((one) => median(one.passage.delaysMs).toFixed(0)).join(' '),
				plain.map((one) => median(one.delaysMs).toFixed(0)).join(' ')
			),
			info(
				'correlation with the source',
				spread(
					ours.map((one) => one.passage.correlation),
					'',
					3
				),
				spread(
					plain.map((one) => one.correlation),
					'',
					3
				)
			),
			info(
				'spectral distance from the source',
				spread(
					ours.map((one) => one.passage.spectralDb),
					'dB',
					1
				),
				spread(
					plain.map((one) => one.spectralDb),
					'dB',
					1
				)
			),
			info(
				'jitter buffer, now',
				spread(
					ours.map((one) => one.bufferMs),
					'ms'
				)
			),
			info(
				'jitter buffer, target',
				spread(
					ours.map((one) => one.targetMs),
					'ms'
				)
			),
			info(
				'its own estimate, without devices',
				spread(
					ours.map((one) => one.estimateMs),
					'ms'
				)
			)
		]
	};
}

async function oursOnce(bench: Bench): Promise<Ours> {
	const room = await openRoom(bench.seedUrl, bench.speaking, 2);
	await speakUp(room);
	const guest = await comeOnStage(bench.seedUrl, room, bench.listening);
	await pause(bench.effort.settleMs);
	const [said, came] = await Promise.all([
		record(room.host.page, 'mouth', bench.effort.recordS),
		record(guest.page, 'ear', bench.effort.recordS)
	]);
	const speaker = (await diagnosticsOf(guest.person)).speakers?.[0];
	await guest.close();
	await room.close();
	return {
		passage: passage(said, came, LAG_MAX_MS),
		bufferMs: speaker?.bufferMs ?? NaN,
		targetMs: speaker?.targetMs ?? NaN,
		estimateMs: speaker?.mouthToEarMs ?? NaN
	};
}

async function plainOnce(bench: Bench): Promise<Passage> {
	const speaker = await bench.plain.page(bench.speaking, 'speaker');
	await speaker.page.evaluate(() => window.plain.speak());
	const listener = await bench.plain.page(bench.listening, 'listener');
	await listener.page.evaluate(() => window.plain.hear('speaker'));
	await pause(bench.effort.settleMs);
	const [said, came] = await Promise.all([
		record(speaker.page, 'mouth', bench.effort.recordS),
		record(listener.page, 'ear', bench.effort.recordS)
	]);
	await listener.close();
	await speaker.close();
	return passage(said, came, LAG_MAX_MS);
}
