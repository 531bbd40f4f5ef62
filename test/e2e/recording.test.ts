/**
 * A room is recorded: by those who agree, through two crashes of the host's page, up to less than a second before each.
 * Then it is listened to, its signed original is saved, which anybody can check, and others fetch it by a link, also of each
 * other.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex, publicKeyOf, toHex, type PeerId } from '#lib/p2p/wire/ids.ts';
import { bringOnStage, diagnosticsOf, eventually, joinRoom, unmute, type Person } from './drive.ts';
import { installMediaEar, SILENT_DBFS, tonesAt } from './ear.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { readOggOpus } from '../lib/ogg.ts';
import { RATE } from '../lib/sound.ts';
import { probed } from './probed.ts';
import { soundOf, tapedBy, toneIn } from './taped.ts';
import { verify } from './verify.ts';

const HOST_HZ = 523;
const YES_HZ = 811;
/** Far from all multiples of the others and from their sums: what a codec and echo control add to those lies there. */
const NO_HZ = 2_281;
const SETUP_MS = 120_000;
/** Somebody who is recorded is above the first; of who is not there is nothing above the second. */
const THERE_DBFS = -40;
const ABSENT_DBFS = -60;
const SECOND_MS = 1_000;
/** Three seconds of voice. */
const PAUSED_FRAMES = 150;
/** A block of sound has a few thousand bytes. */
const PLACE_BYTES_MAX = 8_000;

let scene: Scene;
let host: Person;
let yes: Person;
let no: Person;
let address: string;
/** The signed original, where it was saved. */
let original: string;
let ids: { host: PeerId; yes: PeerId; no: PeerId };

const mine = async (who: Person): Promise<PeerId> => (await diagnosticsOf(who)).me;

beforeAll(async () => {
	scene = await openScene();
	host = await scene.speaker('Hanna', HOST_HZ);
	yes = await scene.speaker('Yves', YES_HZ);
	no = await scene.speaker('Nora', NO_HZ);
	const { page } = host;
	await page.getByRole('button', { name: 'Start a room' }).click();
	await page.getByRole('textbox', { name: 'Room title' }).fill('On tape');
	await page.getByRole('switch', { name: 'Record it from the beginning' }).check();
	await page.getByRole('button', { name: 'Open room' }).click();
	await page.getByText('This room is being recorded.').waitFor();
	const key = (await page.evaluate(() => window.grapevine.roomKey))!;
	address = new URL(`r/${key}`, scene.seed.url).href;
	for (const guest of [yes, no]) {
		await joinRoom(guest, key);
		await bringOnStage(host, guest);
	}
	ids = { host: await mine(host), yes: await mine(yes), no: await mine(no) };
}, SETUP_MS);

afterAll(() => scene.close());

/** The page that asks before it lets somebody speak. */
async function answer(who: Person, words: string): Promise<void> {
	await who.page.getByText('This room is being recorded.').waitFor();
	await who.page.getByRole('button', { name: 'Unmute' }).click();
	await who.page.getByText('Before you speak: this room is recorded').waitFor();
	await who.page.getByRole('button', { name: words }).click();
	await who.page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
}

/** The renderer dies at once; gives when, and opens the room anew in a new page of the same browser. */
async function crash(): Promise<number> {
	const { page } = host;
	const context = page.context();
	const devtools = await context.newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	const atMs = Date.now();
	devtools.send('Page.crash').catch(() => undefined);
	await crashed;
	const next = await scene.browsers.page(context);
	host = { ...host, page: next };
	await page.close();
	await next.goto(address);
	await next.getByRole('button', { name: 'Unmute' }).waitFor();
	return atMs;
}

/** By the page of the link: what it is, and then all of it. */
async function fetchWhole({ page }: Person, link: string): Promise<void> {
	await page.goto(link);
	await page.getByRole('heading', { name: 'On tape' }).waitFor();
	await page.getByText('From Hanna').waitFor();
	await page.getByRole('button', { name: 'Fetch it' }).click();
	await page.getByText(/every piece of it is as Hanna signed it/).waitFor();
}

/** How much has been recorded, by what the host's desk would show. */
const recordedMs = async (): Promise<number> => (await tapedBy(host.page)).recording.durationMs;

async function recordFor(ms: number): Promise<void> {
	const beforeMs = await recordedMs();
	await eventually('it records', recordedMs, (now) => now - beforeMs > ms);
}

/** Frames of somebody's voice in what is on the disk. */
async function framesOf(peer: PeerId): Promise<number> {
	const taped = await tapedBy(host.page);
	const { seats } = taped.recording;
	const streams = new Set(seats.filter((seat) => seat.peer === peer).map(({ stream }) => stream));
	let count = 0;
	for await (const some of taped.frames(0, streams)) {
		count += some.filter(({ frame }) => frame.kind === 'voice').length;
	}
	return count;
}

/** What there is of somebody's last seat. */
async function soundIn(peer: PeerId): Promise<Float32Array> {
	const taped = await tapedBy(host.page);
	return soundOf(taped, taped.recording.seats.findLast((seat) => seat.peer === peer)!.stream);
}

/** What a press of that button gives. */
async function savedBy({ page }: Person, name: string): Promise<string> {
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.getByRole('button', { name }).click()
	]);
	return download.path();
}

describe('a recorded room', () => {
	it('asks before anybody speaks, and records who agrees', async () => {
		await unmute(host);
		await answer(yes, 'You may record me');
		await answer(no, 'Do not record me');
		await hears(host, YES_HZ, NO_HZ);
		await recordFor(4 * SECOND_MS);
		await host.page.getByRole('button', { name: 'Desk' }).click();
		await host.page.getByText('is recorded', { exact: true }).waitFor();
		await host.page.getByText('is not recorded', { exact: true }).waitFor();
		await host.page.getByRole('button', { name: 'Close' }).click();
	});

	it('goes on as one after the page crashed, twice, and has lost less than a second of each', async () => {
		for (let time = 1; time <= 2; time++) {
			const atMs = await crash();
			const { recording } = await tapedBy(host.page);
			const spans = recording.spans.map(({ toMs }) => recording.meta.startedAtMs + toMs);
			// The page that came back may have begun its own by now: the one before is the last but one.
			const untilMs = spans.filter((endMs) => endMs < atMs + SECOND_MS / 2).at(-1) ?? 0;
			expect(atMs - untilMs).toBeLessThan(SECOND_MS);
			await unmute(host);
			await hears(host, YES_HZ);
			await recordFor(3 * SECOND_MS);
		}
		const { recording } = await tapedBy(host.page);
		expect(recording.spans.map(({ after }) => after)).toEqual([null, 'cut-off', 'cut-off']);
	});

	it('leaves out what is said while it is paused, and has what is said before and after', async () => {
		const { page } = host;
		await page.getByRole('button', { name: 'Desk' }).click();
		await page.getByRole('button', { name: 'Pause', exact: true }).click();
		await yes.page.getByText(/recording is paused/i).waitFor();
		const before = await framesOf(ids.yes);
		const received = async (): Promise<number> =>
			(await diagnosticsOf(host)).speakers?.find(({ peer }) => peer === ids.yes)?.received ?? 0;
		const heardBefore = await received();
		await eventually('Yves is heard in it', received, (now) => now - heardBefore > PAUSED_FRAMES);
		await hears(host, YES_HZ);
		await yes.page.getByRole('button', { name: 'Mute', exact: true }).click();
		await yes.page.getByRole('button', { name: 'Unmute' }).waitFor();
		await page.getByRole('button', { name: 'Go on recording' }).click();
		await page.getByRole('button', { name: 'Close' }).click();
		const hostBefore = await framesOf(ids.host);
		await recordFor(2 * SECOND_MS);
		expect((await framesOf(ids.host)) - hostBefore).toBeGreaterThan(PAUSED_FRAMES / 3);
		// What was on its way when it was pressed.
		expect((await framesOf(ids.yes)) - before).toBeLessThan(PAUSED_FRAMES / 3);
		const { recording } = await tapedBy(host.page);
		const { after, playMs } = recording.spans.at(-1)!;
		expect(after).toBe('paused');
		// All since it goes on: what was said last may not be on the disk yet.
		const samples = (await soundIn(ids.host)).subarray(Math.floor((playMs / SECOND_MS) * RATE));
		expect(toneIn(samples, HOST_HZ)).toBeGreaterThan(THERE_DBFS);
	});

	it('ends, and holds the host and who agreed, and nothing of who did not', async () => {
		await host.page.getByRole('button', { name: 'Desk' }).click();
		await host.page.getByRole('button', { name: 'Stop…' }).click();
		await host.page.getByRole('button', { name: 'Stop for good' }).click();
		const taped = await eventually(
			'it has ended',
			() => tapedBy(host.page),
			({ recording }) => recording.meta.endedAtMs !== null
		);
		const { seats, meta } = taped.recording;
		expect(new Set(seats.map(({ peer }) => peer))).toEqual(new Set([ids.host, ids.yes]));
		expect(meta.people.map(({ peer }) => peer).sort()).toEqual([ids.host, ids.yes].sort());
		const levels = { host: -Infinity, yes: -Infinity, no: -Infinity };
		for (const { stream } of seats) {
			const samples = await soundOf(taped, stream);
			levels.host = Math.max(levels.host, toneIn(samples, HOST_HZ));
			levels.yes = Math.max(levels.yes, toneIn(samples, YES_HZ));
			levels.no = Math.max(levels.no, toneIn(samples, NO_HZ));
		}
		expect(levels.host).toBeGreaterThan(THERE_DBFS);
		expect(levels.yes).toBeGreaterThan(THERE_DBFS);
		expect(levels.no).toBeLessThan(ABSENT_DBFS);
		// Neither the key nor the name of who said no is anywhere in the files.
		const traces = [publicKeyOf(ids.no)!, new TextEncoder().encode(no.name)];
		const whole = toHex(taped.whole);
		for (const trace of traces) expect(whole.includes(toHex(trace))).toBe(false);
		expect(whole.includes(toHex(publicKeyOf(ids.yes)!))).toBe(true);
		expect(fromHex(meta.id)).toHaveLength(16);
	});

	it('is in the list, with the day it goes', async () => {
		await host.page.getByRole('button', { name: 'Close' }).click();
		await host.page.getByRole('link', { name: 'Recordings' }).click();
		await host.page.getByRole('heading', { name: 'On tape' }).waitFor();
		await host.page.getByText(/^Will be deleted on /).waitFor();
	});

	it('is listened to on a page of its own, and there too nothing is heard of who did not agree', async () => {
		const { page } = host;
		await page.getByRole('link', { name: 'Listen and save' }).click();
		await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
		// Anew, so that nothing but the recording is heard: the page has been in the room.
		await page.reload();
		await page.evaluate(installMediaEar);
		await page.getByRole('button', { name: 'Next words of Yves' }).click();
		await page.getByRole('button', { name: 'Play', exact: true }).click();
		await hears(host, HOST_HZ, YES_HZ);
		const [level = 0] = await tonesAt(page, [NO_HZ]);
		expect(level).toBeLessThan(SILENT_DBFS);
		await page.getByRole('button', { name: 'Pause', exact: true }).click();
	});

	it('is saved as it was signed, and who checks it is told who speaks in it', async () => {
		const { page } = host;
		// As in browsers that cannot ask where a file goes.
		await page.evaluate(() => {
			Object.assign(window, { showSaveFilePicker: undefined });
		});
		const [download] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('button', { name: 'Signed original' }).click()
		]);
		original = await download.path();
		const { code, text } = await verify(original);
		expect(text).toContain('Every signature in this recording holds');
		expect(code).toBe(0);
		expect(text).toContain(`Recorded by ${ids.host}`);
		for (const [name, id] of [
			[host.name, ids.host],
			[yes.name, ids.yes]
		]) {
			expect(text).toMatch(new RegExp(`“${name}” \\(${id}\\): [1-9][\\d.]* s of voice`));
		}
		for (const trace of [no.name, ids.no]) expect(text).not.toContain(trace);
	});

	it('is saved as files that others’ programs read: everybody in one, and each alone, as long as that', async () => {
		const mix = await savedBy(host, 'Everybody in one file');
		await host.page.getByText(/^Saved: /).waitFor();
		const track = await savedBy(host, 'Yves alone');
		const read = [mix, track].map((path) => readOggOpus(readFileSync(path)));
		const { durationMs } = (await tapedBy(host.page)).recording;
		for (const { durationMs: ms, packets } of read) {
			expect(Math.abs(ms - durationMs)).toBeLessThan(50);
			expect(packets.length).toBeGreaterThan(durationMs / 21);
		}
		expect(read[0]!.comments.get('TITLE')).toBe('On tape');
		for (const path of [mix, track]) {
			const told = await probed(path);
			if (told === null) continue;
			expect(told.codec).toBe('opus');
			expect(Math.abs(told.durationMs - durationMs)).toBeLessThan(50);
		}
	});

	it('is handed out by a link, and comes from who has it when its host is gone', async () => {
		const { page } = host;
		await page.getByRole('button', { name: 'Share…' }).click();
		await page.getByRole('button', { name: 'Make a link' }).click();
		const link = await page.getByLabel('Link to the recording').inputValue();
		await fetchWhole(yes, link);
		await page.getByText(/those who did say: 1$/).waitFor();
		// Its app is closed.
		await page.goto('about:blank');
		await fetchWhole(no, link);
		await no.page.evaluate(installMediaEar);
		await no.page.getByRole('link', { name: 'Listen and save' }).click();
		await no.page.getByRole('button', { name: 'Next words of Yves' }).click();
		await no.page.getByRole('button', { name: 'Play', exact: true }).click();
		await hears(no, HOST_HZ, YES_HZ);
		await no.page.getByRole('button', { name: 'Pause', exact: true }).click();
		await page.goto(new URL('recordings', scene.seed.url).href);
		await page.getByRole('button', { name: 'Share…' }).click();
		// Who fetched it meanwhile says so.
		await page.getByText(/those who did say: 2$/).waitFor();
		await page.getByRole('button', { name: 'Close' }).click();
	});

	it('is refused where a bit of it was changed afterwards, by the place', async () => {
		const bytes = readFileSync(original);
		const at = Math.floor(bytes.length / 2);
		bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
		writeFileSync(original, bytes);
		const { code, text } = await verify(original);
		expect(text).toMatch(/^REFUSED/);
		expect(code).toBe(1);
		const places = [...text.matchAll(/Bytes (\d+) to (\d+): /g)].map(([, from, to]) => ({
			from: Number(from),
			to: Number(to)
		}));
		const near = places.filter(({ from, to }) => from <= at && at <= to);
		expect(Math.min(...near.map(({ from, to }) => to - from))).toBeLessThan(PLACE_BYTES_MAX);
	});

	it('is gone for good when its host says so', async () => {
		await host.page.getByRole('button', { name: 'Delete now' }).click();
		await host.page.getByRole('button', { name: 'Delete for good' }).click();
		await host.page.getByText(/^No recordings yet/).waitFor();
		// So it is wherever it was fetched to.
		for (const { page } of [yes, no]) await page.getByText(/Hanna took it back/).waitFor();
	});
});
