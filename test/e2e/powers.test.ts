/**
 * The law of the room through the screens, with sound: three speakers of a tone each, two listeners of whom one is a
 * peer in Node, and somebody whose app ignores the law. One room for all of it, and one thing after the other.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator } from 'playwright';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import {
	bringOnStage,
	carryIn,
	carryOut,
	diagnosticsOf,
	eventually,
	joinRoom,
	listen,
	mute,
	startRoom,
	unmute,
	type Person
} from './drive.ts';
import { SILENT_DBFS, tonesAt } from './ear.ts';
import { timesUntilGone } from './gone.ts';
import { encodedTone, joinLawless, type Lawless } from './lawless.ts';
import { hearsInNode, joinHeadless, tonesInNode, type Headless } from './headless.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { median } from '../lib/sound.ts';

const [HANNA_HZ, SAM_HZ, CORA_HZ, REX_HZ] = [523, 811, 1277, 1699];
/** "A removed speaker's sound is gone from every listener's output within 500 ms." */
const GONE_MAX_MS = 500;
/** The host is away after 6 s without a link; a killed page's link is noticed before that. */
const AWAY_MAX_MS = 30_000;
const SETUP_MS = 180_000;
const PASSPHRASE = 'five grapes on a vine';

let scene: Scene;
let key: string;
/** Hanna's, encrypted. */
let identity: string;
let hanna: Person;
let sam: Person;
let cora: Person;
let ada: Person;
let ben: Headless;
let rex: Lawless | null = null;

beforeAll(async () => {
	scene = await openScene();
	[hanna, sam, cora] = await Promise.all([
		scene.speaker('Hanna', HANNA_HZ, 2),
		scene.speaker('Sam', SAM_HZ, 1),
		scene.speaker('Cora', CORA_HZ, 2)
	]);
	identity = await carryOut(hanna, PASSPHRASE);
	key = await startRoom(hanna, 'Law and order');
	for (const guest of [sam, cora]) {
		await joinRoom(guest, key);
		await bringOnStage(hanna, guest);
	}
	ada = await scene.listener('Ada', key, 1);
	ben = await joinHeadless(scene.seed.url, key, 'Ben', 1);
	for (const who of [hanna, sam, cora]) await unmute(who);
	await hears(ada, HANNA_HZ, SAM_HZ, CORA_HZ);
	await hearsInNode(ben, HANNA_HZ, SAM_HZ, CORA_HZ);
	// Three voices in four pages fill two cores: from here on those speak whom it is about.
	for (const who of [hanna, cora]) await mute(who);
}, SETUP_MS);

afterAll(async () => {
	await rex?.stop();
	await scene.close();
	await ben.peer.stop();
});

const button = ({ page }: Person, name: string): Locator =>
	page.getByRole('button', { name, exact: true });
const sees = ({ page }: Person, words: string | RegExp): Promise<void> =>
	page.getByText(words).first().waitFor();

async function menuOf(who: Person, about: string): Promise<void> {
	await button(who, `More about ${about}`).click();
}

const benKnows = (what: string, met: (view: RoomView) => boolean): Promise<RoomView | null> =>
	eventually(
		`Ben knows ${what}`,
		() => Promise.resolve(ben.view()),
		(view) => view !== null && met(view)
	);

/** Opens the desk, does something at it, and closes it. */
async function atDesk(who: Person, act: (desk: Locator) => Promise<void>): Promise<void> {
	await button(who, 'Desk').click();
	const desk = who.page.getByRole('dialog', { name: 'Desk' });
	await act(desk);
	await desk.getByRole('button', { name: 'Close' }).click();
}

/** Presses, and sees to it that the tone is gone everywhere in time. */
async function silences(press: Locator, listeners: readonly Person[], hz: number): Promise<void> {
	const times = await timesUntilGone(press, listeners, hz);
	process.stdout.write(`${hz} Hz gone after ${times.map(Math.round).join(', ')} ms.\n`);
	expect(Math.max(...times), times.join()).toBeLessThan(GONE_MAX_MS);
}

describe('the host', () => {
	it('mutes one, who is told by whom and can unmute again', async () => {
		const times: number[] = [];
		// Four pages that have just come stumble now and then: the median of three says how it is.
		for (let turn = 0; turn < 3; turn++) {
			await menuOf(hanna, 'Sam');
			const press = button(hanna, 'Mute').last();
			times.push(Math.max(...(await timesUntilGone(press, [ada, cora], SAM_HZ))));
			await sees(sam, 'Hanna muted you');
			await unmute(sam);
			await hears(ada, SAM_HZ);
		}
		expect(median(times), times.join()).toBeLessThan(GONE_MAX_MS);
	});

	it('mutes everybody and holds the floor: who is no co-host stays muted until it is free', async () => {
		await menuOf(hanna, 'Cora');
		await button(hanna, 'Make co-host…').click();
		await button(hanna, 'Make co-host').click();
		await sees(cora, 'Hanna named you co-host');
		await unmute(cora);
		await hears(ada, SAM_HZ, CORA_HZ);
		await button(hanna, 'Desk').click();
		await hanna.page.getByRole('switch', { name: 'Hold the floor' }).click();
		await sees(ada, /The floor is held/);
		await silences(button(hanna, 'Mute everybody'), [ada, cora, hanna], SAM_HZ);
		await sees(sam, /stays muted until it is free/);
		await button(sam, 'Unmute').click();
		await sees(sam, /The host holds the floor/);
		await unmute(cora);
		await hears(ada, CORA_HZ);
		expect((await tonesAt(ada.page, [SAM_HZ]))[0]).toBeLessThan(SILENT_DBFS);
		await hanna.page.getByRole('switch', { name: 'Hold the floor' }).click();
		await button(hanna, 'Close').click();
		await unmute(sam);
		await hears(ada, SAM_HZ, CORA_HZ);
		await mute(cora);
	});

	it('takes the microphone back, and gives it again', async () => {
		await menuOf(hanna, 'Sam');
		await silences(button(hanna, 'Take the microphone back'), [ada, cora, hanna], SAM_HZ);
		await sees(sam, 'Hanna took the microphone back');
		await button(sam, 'Ask to speak').click();
		await bringOnStage(hanna, sam);
		await unmute(sam);
		await hears(ada, SAM_HZ);
	});

	it('pins something that everybody sees, and changes what the room is called', async () => {
		await atDesk(hanna, async (desk) => {
			await desk.getByRole('textbox', { name: 'Note' }).fill('Bring a lamp');
			await desk.getByRole('button', { name: 'Pin', exact: true }).click();
			await desk.getByRole('textbox', { name: 'Title' }).fill('Order and law');
			await desk.getByRole('button', { name: 'Save' }).click();
		});
		for (const who of [ada, sam]) await sees(who, 'Bring a lamp');
		await benKnows('the pin', ({ pins }) => pins.some(({ text }) => text === 'Bring a lamp'));
		await ada.page.getByRole('heading', { name: 'Order and law' }).waitFor();
	});

	it('removes a speaker whose app ignores it: nobody hears it any more', async () => {
		rex = await joinLawless(scene.seed.url, key, 'Rex');
		await button(hanna, 'Invite Rex to speak').click();
		await rex.speak(await encodedTone(ada.page, REX_HZ, 50));
		for (const who of [ada, sam]) await hears(who, REX_HZ);
		await hearsInNode(ben, REX_HZ);
		// It came after the pin.
		expect(rex.view()?.pins.map(({ text }) => text)).toEqual(['Bring a lamp']);
		await menuOf(hanna, 'Rex');
		await button(hanna, 'Remove…').click();
		await silences(button(hanna, 'Remove'), [ada, sam, cora], REX_HZ);
		// It has been told, has not listened, and goes on as before.
		await eventually(
			'Rex has been told',
			() => Promise.resolve(rex?.ignored() ?? 0),
			(count) => count > 0
		);
		expect(rex.view()?.stage.some((seat) => seat.me && !seat.muted)).toBe(true);
		expect(rex.view()?.removed).toEqual([]);
		const links = await eventually(
			'everybody has dropped Rex',
			() => Promise.resolve(rex?.peer.engine.diagnostics().links ?? []),
			(now) => now.every(({ open }) => !open)
		);
		expect(links.filter(({ open }) => open)).toEqual([]);
		expect((await tonesAt(ada.page, [REX_HZ]))[0]).toBeLessThan(SILENT_DBFS);
		// Of Rex nothing more reaches Ben, who hears the others.
		ben.forgetSound();
		await unmute(cora);
		await hears(ada, SAM_HZ, CORA_HZ);
		await hearsInNode(ben, SAM_HZ, CORA_HZ);
		expect((await tonesInNode(ben, REX_HZ))[0]).toBeLessThan(SILENT_DBFS);
		await mute(cora);
		await button(hanna, 'All right').click();
	});

	it('removes a speaker for good: the tone is gone, and coming back is refused', async () => {
		await menuOf(hanna, 'Sam');
		await button(hanna, 'Remove…').click();
		await silences(button(hanna, 'Remove'), [ada, cora, hanna], SAM_HZ);
		await sees(sam, 'You were removed from “Order and law”');
		await sees(sam, /Hanna decided that/);
		await button(sam, 'Try again').click();
		await sees(sam, /Hanna decided that/);
		await sam.page.reload();
		await sees(sam, /Hanna decided that/);
		await button(ada, 'Who did what').click();
		await sees(ada, 'Removed: Sam');
		await button(ada, 'Close').click();
	});
});

describe('without the host', () => {
	let before: string | undefined;

	it('everybody is told, the room goes on, and a co-host removes somebody', async () => {
		await unmute(cora);
		before = (await diagnosticsOf(hanna)).me;
		await crash(hanna);
		for (const who of [ada, cora]) {
			await who.page.getByText('Hanna has lost the connection').waitFor({ timeout: AWAY_MAX_MS });
		}
		await hears(ada, CORA_HZ);
		// Sam was removed before, and Hanna is muted.
		ben.forgetSound();
		await hearsInNode(ben, CORA_HZ);
		expect((await tonesInNode(ben, SAM_HZ))[0]).toBeLessThan(SILENT_DBFS);
		await menuOf(cora, 'Ben');
		await button(cora, 'Remove…').click();
		await button(cora, 'Remove').click();
		await benKnows('that Cora removed it', ({ phase }) => phase === 'removed');
		const { me } = await diagnosticsOf(cora);
		await eventually(
			'Ada hears by Cora, and by nobody else',
			() => diagnosticsOf(ada),
			({ parent }) => parent === me
		);
		await hears(ada, CORA_HZ);
	});

	it('the host returns on another device, is the same host, and lets in again whom it removed', async () => {
		hanna = await scene.speaker('Hanna’s telephone', HANNA_HZ, 2);
		await carryIn(hanna, identity, PASSPHRASE);
		await hanna.page.goto(new URL(`/r/${key}`, scene.seed.url).href);
		await button(hanna, 'Desk').waitFor();
		await eventually(
			'Hanna is host and on stage',
			() => diagnosticsOf(hanna),
			({ role, me, mesh }) => role === 'host' && me === before && mesh?.length === 1
		);
		await ada.page.getByText('Hanna has lost the connection').waitFor({ state: 'detached' });
		await unmute(hanna);
		await hears(ada, HANNA_HZ, CORA_HZ);
		await mute(cora);
		// All this time Sam's app has gone on knocking, and nobody has let it in.
		const { phase, parent, links } = await diagnosticsOf(sam);
		expect({ phase, parent }).toEqual({ phase: 'removed', parent: null });
		expect(links?.filter(({ open }) => open)).toEqual([]);
		expect((await tonesAt(sam.page, [HANNA_HZ]))[0]).toBeLessThan(SILENT_DBFS);
		await atDesk(hanna, (desk) => desk.getByRole('button', { name: 'Let in again: Sam' }).click());
		await listen(sam);
		await hears(sam, HANNA_HZ);
		const [one, other] = await Promise.all([hanna, ada].map(diagnosticsOf));
		expect(one?.log?.digest).toBe(other?.log?.digest);
	});

	it('ends the room for everybody, with a last message', async () => {
		await button(hanna, 'Desk').click();
		await button(hanna, 'End the room…').click();
		await hanna.page.getByRole('textbox', { name: 'Last message' }).fill('Good night, all');
		await silences(button(hanna, 'End for everybody'), [ada, cora, sam], HANNA_HZ);
		for (const who of [ada, cora, sam, hanna]) {
			await sees(who, '“Order and law” has ended');
			await sees(who, 'Good night, all');
		}
		await eventually(
			'the app has let go of the room',
			() => diagnosticsOf(ada),
			({ inRoom }) => !inRoom
		);
	});
});

/** The page dies in mid-sentence: no goodbye, no closed links. */
async function crash({ page }: Person): Promise<void> {
	const crashed = page.waitForEvent('crash');
	const devtools = await page.context().newCDPSession(page);
	// It never answers: who would.
	devtools.send('Page.crash').catch(() => undefined);
	await crashed;
}
