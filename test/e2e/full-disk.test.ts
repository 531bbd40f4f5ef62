/**
 * The host's disk fills up, to its last byte, in the middle of a recording: the host is warned and it goes on, then it
 * stops with everything so far, and the room does not notice. Where this system lets us mount no disk, nothing is tried.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bursts } from './browsers.ts';
import { bringOnStage, enterApp, eventually, joinRoom, unmute, type Person } from './drive.ts';
import { installMediaEar } from './ear.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { openSmallDisk, type SmallDisk } from './small-disk.ts';
import { soundOf, tapedBy, toneIn } from './taped.ts';
import { verify } from './verify.ts';

/** Chromium gives half of it to an origin, and the app and a recording need some of that. */
const DISK_MEGABYTES = 128;
const HOST_HZ = 523;
const GUEST_HZ = 811;
const SETUP_MS = 120_000;
const SECOND_MS = 1_000;
/** Somebody who is recorded is above this. */
const THERE_DBFS = -40;

let reason = '';
const small = openSmallDisk(DISK_MEGABYTES, (why) => (reason = why));
if (small === null) console.warn(`No full disk is tried: ${reason}`);

describe.skipIf(small === null)('a recording whose disk fills up', () => {
	const disk = small as SmallDisk;
	let scene: Scene;
	let host: Person;
	let guest: Person;

	beforeAll(async () => {
		scene = await openScene();
		const context = await scene.browsers.onDisk(disk.folder, bursts(HOST_HZ));
		host = await enterApp(await scene.browsers.page(context), scene.seed.url, 'Hanna');
		guest = await scene.speaker('Gus', GUEST_HZ);
		const { page } = host;
		await page.getByRole('button', { name: 'Start a room' }).click();
		await page.getByRole('textbox', { name: 'Room title' }).fill('Full house');
		await page.getByRole('switch', { name: 'Record it from the beginning' }).check();
		await page.getByRole('button', { name: 'Open room' }).click();
		await page.getByText('This room is being recorded.').waitFor();
		await joinRoom(guest, (await page.evaluate(() => window.grapevine.roomKey))!);
		await bringOnStage(host, guest);
		await unmute(host);
		await guest.page.getByRole('button', { name: 'Unmute' }).click();
		await guest.page.getByRole('button', { name: 'You may record me' }).click();
		await hears(host, GUEST_HZ);
		await hears(guest, HOST_HZ);
	}, SETUP_MS);

	afterAll(async () => {
		try {
			await scene.close();
		} finally {
			disk.close();
		}
	});

	const recordedMs = async (): Promise<number> => (await tapedBy(host.page)).recording.durationMs;

	it('goes on for a while, and its host is told to make room', async () => {
		await eventually('it records', recordedMs, (ms) => ms > 5 * SECOND_MS);
		disk.fill();
		await host.page.getByText('Space is running out').waitFor();
		const beforeMs = await recordedMs();
		await eventually('it records', recordedMs, (ms) => ms > beforeMs + 2 * SECOND_MS);
	});

	it('stops where there is no more room, says so, and the room goes on', async () => {
		const beforeMs = await recordedMs();
		disk.fill();
		await host.page.getByText('The recording has stopped').waitFor();
		await host.page.getByText(/Everything so far is kept. Make room, then record again/).waitFor();
		await guest.page.getByText('This room is being recorded.').waitFor({ state: 'hidden' });
		await hears(host, GUEST_HZ);
		await hears(guest, HOST_HZ);
		const taped = await tapedBy(host.page);
		const { meta, durationMs, seats } = taped.recording;
		expect(meta.endedAtMs).not.toBeNull();
		expect(durationMs).toBeGreaterThanOrEqual(beforeMs);
		const lastS = Math.floor(durationMs / SECOND_MS) - 1;
		const levels = await Promise.all(
			seats.map(async ({ stream, peer }) => {
				const samples = (await soundOf(taped, stream)).subarray(48_000 * (lastS - 1));
				return { peer, levels: [HOST_HZ, GUEST_HZ].map((hz) => toneIn(samples, hz)) };
			})
		);
		for (const at of [0, 1]) {
			expect(Math.max(...levels.map((one) => one.levels[at]!))).toBeGreaterThan(THERE_DBFS);
		}
	});

	it('is played, and saved with every signature, while the disk is full', async () => {
		const { page } = host;
		await page.getByRole('button', { name: 'Leave', exact: true }).click();
		await page.goto(new URL('recordings', scene.seed.url).href);
		await page.getByRole('link', { name: 'Listen and save' }).click();
		await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
		await page.evaluate(installMediaEar);
		await page.getByRole('button', { name: 'Next words of Gus' }).click();
		await page.getByRole('button', { name: 'Play', exact: true }).click();
		await hears(host, HOST_HZ, GUEST_HZ);
		await page.evaluate(() => {
			Object.assign(window, { showSaveFilePicker: undefined });
		});
		const [download] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('button', { name: 'Signed original' }).click()
		]);
		const { code, text } = await verify(await download.path());
		expect(text).toContain('Every signature in this recording holds');
		expect(code).toBe(0);
	});
});
