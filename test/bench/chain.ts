/** Six listeners, each below the one before: what a hop costs, against re-adding the received track at each. */
import type { Page } from 'playwright';
import { diagnosticsOf } from '../e2e/drive.ts';
import { median } from '../lib/sound.ts';
import { pause, type Bench } from './bench.ts';
import type { BenchPage } from './browsers.ts';
import { joinCounting, type CountingPeer } from './counting-peer.ts';
import { info, spread, type Row, type Table } from './report.ts';
import { comeListen, openRoom, speakUp, type Guest } from './room.ts';
import { passage, record, type Passage } from './timed-sound.ts';

const HOPS = 6;
const PER_HOP_MAX_MS = 6;
/** Re-adding takes some 50 ms a hop on a quiet machine. */
const LAG_MAX_MS = 1_000;

interface Ends {
	readonly first: Passage;
	readonly last: Passage;
}

interface Ours extends Ends {
	readonly bytes: Bytes;
	/** What the jitter buffers at both ends aim for. */
	readonly targetsMs: readonly [number, number];
}

interface Bytes {
	/** Frames that came both to the first and to the sixth hop. */
	readonly compared: number;
	readonly different: number;
}

export async function chain(bench: Bench): Promise<Table> {
	const ours: Ours[] = [];
	const plain: Ends[] = [];
	for (let round = 0; round < bench.effort.rounds; round++) {
		ours.push(await oursOnce(bench));
		plain.push(await plainOnce(bench));
	}
	return {
		title: `A chain of ${HOPS} hops`,
		notes: [
			`Baseline: simple-peer, the received track added to the next connection. ${bench.effort.rounds} rounds each, in turns.`
		],
		rows: [
			...delayRows(ours, plain),
			...targetRows(ours),
			...qualityRows(ours, plain),
			bytesRow(ours)
		]
	};
}

function delayRows(ours: readonly Ends[], plain: readonly Ends[]): Row[] {
	const at = (ends: readonly Ends[], which: keyof Ends): string =>
		spread(
			ends.flatMap((one) => one[which].delaysMs),
			'ms'
		);
	const perHop = ours.map(addedPerHop);
	return [
		info('delay at hop 1', at(ours, 'first'), at(plain, 'first')),
		info(`delay at hop ${HOPS}`, at(ours, 'last'), at(plain, 'last')),
		{
			what: 'added by each hop',
			ours: spread(perHop, 'ms', 1),
			baseline: spread(plain.map(addedPerHop), 'ms', 1),
			target: `at most ${PER_HOP_MAX_MS} ms`,
			met: median(perHop) <= PER_HOP_MAX_MS
		}
	];
}

function targetRows(ours: readonly Ours[]): Row[] {
	return [1, HOPS].map((hop, end) => {
		const targets = ours.map(({ targetsMs }) => targetsMs[end === 0 ? 0 : 1]);
		return info(`jitter buffer target at hop ${hop}`, spread(targets, 'ms'));
	});
}

function addedPerHop({ first, last }: Ends): number {
	return (median(last.delaysMs) - median(first.delaysMs)) / (HOPS - 1);
}

function qualityRows(ours: readonly Ends[], plain: readonly Ends[]): Row[] {
	return (['first', 'last'] as const).flatMap((which) => {
		const hop = which === 'first' ? 1 : HOPS;
		const [a, b] = [ours.map((one) => one[which]), plain.map((one) => one[which])];
		return [
			info(
				`correlation with the source, hop ${hop}`,
				spread(
					a.map((one) => one.correlation),
					'',
					3
				),
				spread(
					b.map((one) => one.correlation),
					'',
					3
				)
			),
			info(
				`spectral distance from it, hop ${hop}`,
				spread(
					a.map((one) => one.spectralDb),
					'dB',
					1
				),
				spread(
					b.map((one) => one.spectralDb),
					'dB',
					1
				)
			)
		];
	});
}

function bytesRow(ours: readonly { readonly bytes: Bytes }[]): Row {
	const compared = ours.reduce((sum, { bytes }) => sum + bytes.compared, 0);
	const different = ours.reduce((sum, { bytes }) => sum + bytes.different, 0);
	return {
		what: `frames at hop ${HOPS} that differ from hop 1`,
		ours: `${different} of ${compared}`,
		baseline: '',
		target: 'none',
		met: compared > 0 && different === 0
	};
}

/**
 * The host carries a Node peer and the first listener; each listener the next; the fifth a Node peer beside the
 * sixth. So both Node peers sit where frames are compared, and no page does more than it would without them.
 *
 * Nobody speaks until all are there: five browsers that start beside the first listener would teach its jitter
 * buffer a caution that it keeps for a minute, and that has nothing to do with hops.
 */
async function oursOnce(bench: Bench): Promise<Ours> {
	const room = await openRoom(bench.seedUrl, bench.speaking, 2);
	const near = await joinCounting(bench.seedUrl, room.key, 0);
	const guests: Guest[] = [];
	for (let hop = 1; hop <= HOPS; hop++) {
		const fanout = hop === HOPS ? 0 : hop === HOPS - 1 ? 2 : 1;
		const guest = await comeListen(room, bench.listening, fanout);
		await mustBeAt(hop, (await diagnosticsOf(guest.person)).depth);
		guests.push(guest);
	}
	const far = await joinCounting(bench.seedUrl, room.key, 0);
	await mustBeAt(1, near.depth());
	await mustBeAt(HOPS, far.depth());
	await speakUp(room);
	await pause(bench.effort.settleMs);
	const ends = await compareEnds(bench, room.host.page, endsOf(guests));
	const targetsMs = [await targetOf(guests[0]), await targetOf(guests.at(-1))] as const;
	const bytes = compareBytes(near, far);
	await Promise.all([near.stop(), far.stop(), ...guests.map((guest) => guest.close())]);
	await room.close();
	return { ...ends, bytes, targetsMs };
}

/** A chain that is none would be measured as if it were one. */
function mustBeAt(hop: number, depth: number | null | undefined): Promise<void> {
	return depth === hop
		? Promise.resolve()
		: Promise.reject(new Error(`Hop ${hop} of the chain sits at depth ${String(depth)}.`));
}

function compareBytes(near: CountingPeer, far: CountingPeer): Bytes {
	const both = [...far.frames].filter(([name]) => near.frames.has(name));
	const different = both.filter(([name, bytes]) => near.frames.get(name) !== bytes);
	return { compared: both.length, different: different.length };
}

async function plainOnce(bench: Bench): Promise<Ends> {
	const speaker = await bench.plain.page(bench.speaking, 'hop-0');
	await speaker.page.evaluate(() => window.plain.speak());
	const pages: BenchPage[] = [];
	for (let hop = 1; hop <= HOPS; hop++) {
		const listener = await bench.plain.page(bench.listening, `hop-${hop}`);
		await listener.page.evaluate((before) => window.plain.hear(before), `hop-${hop - 1}`);
		pages.push(listener);
	}
	await pause(bench.effort.settleMs);
	const ends = await compareEnds(bench, speaker.page, endsOf(pages));
	await Promise.all([speaker, ...pages].map((page) => page.close()));
	return ends;
}

function endsOf(pages: readonly BenchPage[]): readonly [Page, Page] {
	const [first, last] = [pages[0]?.page, pages.at(-1)?.page];
	if (!first || !last) throw new Error('The chain has no ends.');
	return [first, last];
}

/** What its jitter buffer aims for, in milliseconds. */
async function targetOf(guest: Guest | undefined): Promise<number> {
	const speaker = guest && (await diagnosticsOf(guest.person)).speakers?.[0];
	return speaker?.targetMs ?? NaN;
}

async function compareEnds(
	{ effort }: Bench,
	mouth: Page,
	[first, last]: readonly [Page, Page]
): Promise<Ends> {
	const [said, near, far] = await Promise.all([
		record(mouth, 'mouth', effort.recordS),
		record(first, 'ear', effort.recordS),
		record(last, 'ear', effort.recordS)
	]);
	return { first: passage(said, near, LAG_MAX_MS), last: passage(said, far, LAG_MAX_MS) };
}
