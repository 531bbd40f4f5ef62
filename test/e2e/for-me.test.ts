/**
 * What a listener does without a word: it reacts, for all to see; it mutes somebody for itself alone, whose voice it
 * passes on all the same; it saves a report of what was said, which anybody can check.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	bringOnStage,
	diagnosticsOf,
	eventually,
	joinRoom,
	listen,
	startRoom,
	unmute,
	type Person
} from './drive.ts';
import { HEARD_DBFS, SILENT_DBFS, tonesAt } from './ear.ts';
import { settled } from './gone.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { verify } from './verify.ts';
import { goertzelDb } from '../lib/sound.ts';

const [HANNA_HZ, SAM_HZ] = [523, 811];
const SETUP_MS = 180_000;
/** Pages are busy, and it is said by a live region. */
const SOON = { state: 'attached', timeout: 2_000 } as const;

let scene: Scene;
let hanna: Person;
let sam: Person;
/** Below the host, and carries Ben. */
let ada: Person;
let ben: Person;
let folder: string;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'grapevine-report-'));
	scene = await openScene();
	[hanna, sam] = await Promise.all([
		scene.speaker('Hanna', HANNA_HZ, 1),
		scene.speaker('Sam', SAM_HZ, 0)
	]);
	const key = await startRoom(hanna, 'For me');
	await joinRoom(sam, key);
	await bringOnStage(hanna, sam);
	ada = await scene.listener('Ada', key, 1);
	const { me } = await attached(ada);
	ben = await scene.listener('Ben', key, 0);
	await eventually(
		'Ben hears by Ada',
		() => diagnosticsOf(ben),
		({ parent }) => parent === me
	);
	await unmute(hanna);
	await hears(ben, HANNA_HZ);
	await unmute(sam);
	await hears(ben, HANNA_HZ, SAM_HZ);
}, SETUP_MS);

afterAll(async () => {
	await scene.close();
	rmSync(folder, { recursive: true, force: true });
});

const attached = (who: Person) =>
	eventually(
		`${who.name} is attached`,
		() => diagnosticsOf(who),
		({ parent }) => parent != null
	);

const press = ({ page }: Person, name: string): Promise<void> =>
	page.getByRole('button', { name, exact: true }).click();

const lacks = (who: Person, hz: number): Promise<number[]> =>
	eventually(
		`${who.name} does not hear ${hz} Hz`,
		() => tonesAt(who.page, [hz]),
		([level = 0]) => level < SILENT_DBFS
	);

/** By way of Ada, over her link. */
async function framesOfSamAtBen(): Promise<number> {
	const [below, above] = await Promise.all([diagnosticsOf(ben), diagnosticsOf(ada)]);
	const heard = below.speakers?.find(({ name }) => name === 'Sam');
	return heard?.from[above.me] ?? 0;
}

describe('a reaction', () => {
	it('of a listener two hops down is on every screen within two seconds, with its name', async () => {
		await press(ben, 'React');
		const others = [hanna, sam, ada];
		const applause = ben.page.getByRole('button', { name: 'Applause', exact: true });
		await applause.waitFor();
		// Pages that have just come still compile, and time would tell of that.
		await Promise.all([ben, ...others].map(({ page }) => settled(page)));
		const seen = others.map(({ page }) => page.getByText('Ben: Applause.').waitFor(SOON));
		// At once: until a busy page's button holds still for a pointer may take a second of the two.
		const pressed = applause.evaluate((button: HTMLElement) => button.click());
		await Promise.all([...seen, pressed]);
		// These pages want no motion: in its place there is the count.
		for (const { page } of others) await page.getByText('👏 1').waitFor(SOON);
		// Diagnostics are a moment behind the screen.
		const counts = await eventually(
			'each has counted one, and holds the same log as the others',
			() => Promise.all(others.map(diagnosticsOf)),
			(all) =>
				all.every(({ reactions }) => reactions?.signed === 1) &&
				new Set(all.map(({ log }) => log?.events)).size === 1
		);
		expect(counts.map(({ log }) => log?.events)).not.toContain(undefined);
	});
});

describe('a message in the chat', () => {
	it('of a listener two hops down is read by all, and gone from every screen when the host removes it', async () => {
		for (const { page } of [hanna, sam, ada, ben]) {
			await page.getByRole('button', { name: /^(Chat|Chat \d+ new messages?)$/ }).click();
		}
		const field = ben.page.getByRole('textbox', { name: 'Write to everybody' });
		await field.fill('Which page are we on?');
		await field.press('Enter');
		const others = [hanna, sam, ada];
		await Promise.all(
			others.map(({ page }) => page.getByRole('log').getByText('Which page are we on?').waitFor())
		);
		await press(hanna, 'Remove what Ben wrote');
		for (const { page } of [...others, ben]) {
			await page.getByText('Which page are we on?').waitFor({ state: 'detached' });
			await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
		}
	});
});

describe('a listener for itself', () => {
	it('mutes a voice, which its child hears on by it, and is told that somebody speaks unheard', async () => {
		for (const who of [ada, ben]) await hears(who, HANNA_HZ, SAM_HZ);
		await press(ada, 'More about Sam');
		await press(ada, 'Mute for me');
		await lacks(ada, SAM_HZ);
		await hears(ada, HANNA_HZ);
		await ada.page.getByText('Sam, whom you muted for yourself, is speaking.').waitFor();
		// A while later it is still so: gone here, there at the child, whose only parent is Ada.
		const before = await framesOfSamAtBen();
		await eventually(
			'Ben has heard Sam for a while',
			framesOfSamAtBen,
			(now) => now > before + 100
		);
		await lacks(ada, SAM_HZ);
		await hears(ben, HANNA_HZ, SAM_HZ);
		const [below, above] = await Promise.all([diagnosticsOf(ben), diagnosticsOf(ada)]);
		expect(below.parent).toBe(above.me);
	});

	it('has muted it on this device: over a reload, until it takes that back', async () => {
		await ada.page.reload();
		await listen(ada);
		await attached(ada);
		await hears(ada, HANNA_HZ);
		await lacks(ada, SAM_HZ);
		await press(ada, 'Hear again');
		await hears(ada, HANNA_HZ, SAM_HZ);
	});

	it('saves a report that anybody can check, with the sound in it', async () => {
		await eventually(
			'Ada has heard Sam for three seconds',
			() => diagnosticsOf(ada),
			({ speakers }) => (speakers?.find(({ name }) => name === 'Sam')?.received ?? 0) > 150
		);
		await press(ada, 'More about Sam');
		await press(ada, 'Report…');
		await ada.page.getByRole('textbox', { name: 'What happened?' }).fill('Sam beeped at us');
		const [download] = await Promise.all([
			ada.page.waitForEvent('download'),
			press(ada, 'Save the file')
		]);
		const file = join(folder, 'report.gvreport');
		await download.saveAs(file);
		const said = await verify(file, '--sound', folder);
		expect(said.text).toContain('Every signature in this report holds');
		expect(said.code).toBe(0);
		expect(said.text).toContain('Sam beeped at us');
		expect(said.text).toMatch(/Reporter: “Ada” \(12D3KooW/);
		expect(said.text).toMatch(/About: “Sam” \(12D3KooW/);
		const wave = /^(\S+\.wav): /m.exec(said.text)?.[1] ?? '';
		const samples = readWave(wave);
		expect(samples.length).toBeGreaterThan(48_000);
		expect(goertzelDb(samples, SAM_HZ)).toBeGreaterThan(HEARD_DBFS);
		expect(goertzelDb(samples, HANNA_HZ)).toBeLessThan(SILENT_DBFS);
	});

	it('cannot change what somebody said: any altered report is refused', async () => {
		const file = join(folder, 'altered.gvreport');
		const whole = readFileSync(join(folder, 'report.gvreport'));
		for (const share of [0, 0.01, 0.3, 0.6, 0.9, 0.999]) {
			const bytes = new Uint8Array(whole);
			const at = Math.floor(share * bytes.length);
			bytes[at] = (bytes[at] ?? 0) ^ 1;
			writeFileSync(file, bytes);
			const said = await verify(file);
			expect(said.text, `a bit at ${at} of ${bytes.length}`).toContain('REFUSED');
			expect(said.code).toBe(1);
		}
	});
});

function readWave(path: string): Float32Array {
	const bytes = readFileSync(path);
	const samples = new Float32Array((bytes.length - 44) / 2);
	return samples.map((_, i) => bytes.readInt16LE(44 + 2 * i) / 0x7fff);
}
