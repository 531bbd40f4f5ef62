/** A long recording is opened, sought in and read; and one is recorded whose host's page dies, again and again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { openFolder } from '#lib/io/disk/recording-files.ts';
import { tapedBy, type Taped } from '../e2e/taped.ts';
import { median } from '../lib/sound.ts';
import { putParts } from '../lib/tape-files.ts';
import { makeTape } from '../lib/tape-maker.ts';
import { pause, type Bench } from './bench.ts';
import { info, spread, type Row, type Table } from './report.ts';

const MINUTES = 60;
const SPEAKERS = 6;
const OPEN_MAX_MS = 1_000;
const SEEK_MAX_MS = 200;
const HOUR_MAX_BYTES = 15_000_000;
const SEEKS = 20;
const ID = '0'.repeat(32);

/** Everybody talks half of the time, over each other: three voices at any moment. */
const babble = (speaker: number, tick: number): boolean => (tick / 50 + speaker * 7) % 14 < 7;

export async function recording({ effort }: Bench): Promise<Table> {
	const minutes = effort.rounds > 1 ? MINUTES : 5;
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
	try {
		const disk = createFsDisk(folder);
		const tape = { seconds: 60 * minutes, speakers: SPEAKERS, talks: babble, signed: false };
		const { parts } = await makeTape(tape);
		await putParts(disk, ID, parts);
		const bytes = Object.values(parts).reduce((sum, { length }) => sum + length, 0);
		return { ...ABOUT, rows: await rowsOf(folder, minutes, bytes) };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const ABOUT = {
	title: 'A long recording',
	notes: [
		`${SPEAKERS} speakers, each of whom talks half of the time, 76 bytes a frame on average, as of real speech; on a disk, in Node.`,
		'Seek: from asking to the first frame of that time.'
	]
};

async function rowsOf(folder: string, minutes: number, bytes: number): Promise<Row[]> {
	const disk = createFsDisk(folder);
	const opened: number[] = [];
	for (let i = 0; i < 5; i++) opened.push(await timed(() => openFolder(disk, ID)));
	const reader = await openFolder(disk, ID);
	if (reader === null) throw new Error('It does not open.');
	const { durationMs } = reader.recording;
	const seeks: number[] = [];
	for (let i = 0; i < SEEKS; i++) {
		seeks.push(await timed(() => reader.frames((durationMs * i) / SEEKS).next()));
	}
	const all = await timed(async () => {
		for await (const some of reader.frames(0)) if (some.length === 0) throw new Error('Empty.');
	});
	const spokenHours = (minutes / 60) * (SPEAKERS / 2);
	const open = Math.round(median(opened));
	const seek = Math.round(median(seeks));
	const hourBytes = bytes / spokenHours;
	return [
		target(`open ${minutes} minutes`, spread(opened, 'ms'), [open, OPEN_MAX_MS, 'ms']),
		target('seek', spread(seeks, 'ms'), [seek, SEEK_MAX_MS, 'ms']),
		size('size of an hour of somebody who speaks', hourBytes),
		size('the same, of one who is alone and never pauses', await lonelyHourBytes()),
		info('read all of it, in order', `${Math.round(all)} ms`)
	];
}

/** Nobody shares the blocks with them, and no pause is left out: it cannot be dearer. */
async function lonelyHourBytes(): Promise<number> {
	const tape = { seconds: 120, speakers: 1, talks: () => true, signed: false };
	const { parts } = await makeTape(tape);
	return Object.values(parts).reduce((sum, { length }) => sum + length, 0) * 30;
}

const size = (what: string, bytes: number): Row =>
	target(what, megabytes(bytes), [bytes / 1e6, HOUR_MAX_BYTES / 1e6, 'MB']);

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function timed(act: () => Promise<unknown>): Promise<number> {
	const startMs = performance.now();
	await act();
	return performance.now() - startMs;
}

const target = (
	what: string,
	ours: string,
	[value, most, unit]: [number, number, string]
): Row => ({
	what,
	ours,
	baseline: '',
	target: `<= ${most} ${unit}`,
	met: value <= most
});

const DEATHS = 10;
const LOST_MAX_MS = 1_000;

export async function recordingKill({ effort, seedUrl, speaking }: Bench): Promise<Table> {
	const deaths = effort.rounds > 1 ? DEATHS : 2;
	const { page: first, close } = await speaking.page();
	try {
		await first.goto(seedUrl);
		await first.getByRole('button', { name: 'Start a room' }).click();
		await first.getByRole('textbox', { name: 'Room title' }).fill('On tape');
		await first.getByRole('switch', { name: 'Record it from the beginning' }).check();
		await first.getByRole('button', { name: 'Open room' }).click();
		await first.getByRole('button', { name: 'Unmute' }).click();
		const key = await first.evaluate(() => window.grapevine.roomKey);
		let page = first;
		const lost: number[] = [];
		for (let i = 0; i < deaths; i++) {
			// At whatever moment of a block.
			await pause(2_000 + Math.random() * 3_000);
			const died = await die(page, new URL(`r/${key}`, seedUrl).href);
			page = died.next;
			lost.push(died.lostMs);
		}
		// The last return has something on the disk by then.
		await pause(3_000);
		const { recording: whole } = await tapedBy(page);
		const cuts = whole.spans.filter(({ after }) => after === 'cut-off').length;
		return {
			title: 'A host that records, and whose page dies',
			notes: [`${deaths} crashes of the renderer, each 2 to 5 s after the page came back.`],
			rows: [
				target('lost before a death, at most', spread(lost, 'ms'), [
					Math.max(...lost),
					LOST_MAX_MS,
					'ms'
				]),
				{
					what: 'taken up again as one recording',
					ours: `${cuts} of ${deaths}`,
					baseline: '',
					target: 'all',
					met: cuts === deaths
				},
				info('recorded in all', `${(whole.durationMs / 1_000).toFixed(1)} s`)
			]
		};
	} finally {
		await close();
	}
}

/** Crashes the renderer, and opens the room anew in a page of the same profile. */
async function die(page: Page, address: string): Promise<{ next: Page; lostMs: number }> {
	const context = page.context();
	const reading = await context.newPage();
	await reading.goto(new URL('/', address).href);
	const devtools = await context.newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	const atMs = Date.now();
	devtools.send('Page.crash').catch(() => undefined);
	await crashed;
	const lostMs = atMs - (await lastFrameMs(await tapedBy(reading)));
	await page.close();
	await reading.goto(address);
	await reading.getByRole('button', { name: 'Unmute' }).click();
	await reading.getByRole('button', { name: 'Mute', exact: true }).waitFor();
	return { next: reading, lostMs };
}

/** When the last frame that is there ended, epoch ms. */
async function lastFrameMs(taped: Taped): Promise<number> {
	let last = 0;
	for await (const some of taped.frames(0))
		for (const { atMs } of some) last = Math.max(last, atMs);
	return taped.recording.meta.startedAtMs + last + 20;
}
