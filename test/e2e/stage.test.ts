/**
 * Who gets on stage, through the screens: hands that are declined, everyone let up and no longer, who was heard least seen
 * first. And who does not get in: somebody who was blocked, in every later room of the same host, until it is taken back.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator } from 'playwright';
import {
	diagnosticsOf,
	eventually,
	goHome,
	joinRoom,
	listen,
	startRoom,
	unmute,
	type Person
} from './drive.ts';
import { HEARD_DBFS, SILENT_DBFS, tonesAt } from './ear.ts';
import { bursts } from './browsers.ts';
import {
	holdMicrophone,
	installTwoEars,
	plugInSecondMicrophone,
	stereoWave,
	twoEarsOf
} from './microphones.ts';
import { goertzelDb } from '../lib/sound.ts';
import { hears, openScene, type Scene } from './scene.ts';

const [HANNA_HZ, SAM_HZ] = [523, 811];
/** Of a second microphone of Sam's, which has two channels. */
const [LEFT_HZ, RIGHT_HZ] = [1277, 1790];
/** By so much a tone is louder in the ear it belongs to. */
const APART_DB = 20;
const SETUP_MS = 120_000;

let scene: Scene;
let hanna: Person;
let sam: Person;
let ada: Person;

beforeAll(async () => {
	scene = await openScene();
	[hanna, sam] = await Promise.all([
		scene.speaker('Hanna', HANNA_HZ, 4),
		scene.speaker('Sam', SAM_HZ)
	]);
	await hanna.page.evaluate(installTwoEars);
	const key = await startRoom(hanna, 'One at a time');
	await unmute(hanna);
	await joinRoom(sam, key);
	ada = await scene.listener('Ada', key);
}, SETUP_MS);

afterAll(async () => {
	await scene.close();
});

const button = ({ page }: Person, name: string): Locator =>
	page.getByRole('button', { name, exact: true });
const press = (who: Person, name: string): Promise<void> => button(who, name).click();
const sees = ({ page }: Person, words: string | RegExp): Promise<void> =>
	page.getByText(words).first().waitFor();

/** Names of the hands as `who` sees them, first the first. */
async function handsAt({ page }: Person): Promise<string[]> {
	const rows = page.getByRole('list', { name: 'Wants to speak' }).getByRole('listitem');
	return (await rows.locator('.name').allInnerTexts()).map((text) => text.split(/\s/)[0] ?? '');
}

const queueIs = (...names: readonly string[]): Promise<string[]> =>
	eventually(
		`the queue is ${names.join(', ')}`,
		() => handsAt(hanna),
		(now) => now.join() === names.join()
	);

async function letSpeak(choice: RegExp): Promise<void> {
	await press(hanna, 'Desk');
	await hanna.page.getByRole('radio', { name: choice }).check();
	await press(hanna, 'Close');
}

/**
 * In mid-sentence, and in music mode, to a second one, which is unplugged soon after: others hear it left and right, then the
 * first again.
 */
async function changesMicrophone(who: Person): Promise<void> {
	const { page } = who;
	const wave = stereoWave(bursts(LEFT_HZ), bursts(RIGHT_HZ)).toString('base64');
	await page.evaluate(plugInSecondMicrophone, wave);
	await press(who, 'Sound');
	await page.getByRole('switch', { name: 'Music mode' }).check();
	const picker = page.getByRole('combobox', { name: 'Which microphone' });
	await picker.selectOption('Fake Audio Input 2');
	await press(who, 'Close');
	await eventually(
		'Hanna hears left what was played left, and right what was played right',
		async () =>
			(await twoEarsOf(hanna)).map((ear) => [LEFT_HZ, RIGHT_HZ].map((hz) => goertzelDb(ear, hz))),
		([[ll = -99, lr = 0] = [], [rl = 0, rr = -99] = []]) =>
			Math.min(ll, rr) > HEARD_DBFS && Math.max(lr, rl) < Math.min(ll, rr) - APART_DB
	);
	await sees(who, 'You are heard by “Fake Default Audio Input” now');
	await hears(hanna, SAM_HZ);
	await button(who, 'Mute').waitFor();
	await press(who, 'Sound');
	await page.getByRole('switch', { name: 'Music mode' }).uncheck();
	await press(who, 'Close');
}

/** Everything on that device, while in a room: another person stands at home after it. */
async function eraseEverything(who: Person): Promise<void> {
	const { me } = await diagnosticsOf(who);
	await press(who, 'Settings');
	await press(who, 'Erase everything…');
	await press(who, 'Erase everything');
	await who.page.getByRole('button', { name: 'Start a room' }).waitFor();
	const after = await diagnosticsOf(who);
	expect(after.inRoom).toBe(false);
	expect(after.me).not.toBe(me);
	const name = await who.page.getByRole('textbox', { name: 'Your name' }).inputValue();
	expect(name).toMatch(/^Guest /);
}

async function bringsUp(host: Person, who: Person): Promise<void> {
	await press(host, `Invite ${who.name} to speak`);
	await press(who, 'Accept');
}

async function leave(who: Person): Promise<void> {
	await press(who, 'Leave');
	await goHome(who);
}

/** Asks to be let in, and hears that nobody does that. */
async function isRefused(who: Person, key: string): Promise<void> {
	await who.page.getByRole('textbox', { name: 'Room key or link' }).fill(key);
	await press(who, 'Join');
	await sees(who, /You were removed from/);
}

describe('a hand', () => {
	it('is declined by the host, alone or with all the others, and its owner is told', async () => {
		await press(sam, 'Ask to speak');
		await queueIs('Sam');
		await press(ada, 'Ask to speak');
		await queueIs('Sam', 'Ada');
		await sees(ada, 'You are number 2 in the queue.');
		await press(hanna, 'More about Sam');
		await press(hanna, 'Decline the hand');
		await sees(sam, 'Hanna declined your hand');
		await queueIs('Ada');
		await press(sam, 'Ask to speak');
		await queueIs('Ada', 'Sam');
		await press(hanna, 'Decline all');
		for (const who of [sam, ada]) await sees(who, 'Hanna declined your hand');
		await queueIs();
	});

	it('brings its owner up at once while everyone may speak, and no longer', async () => {
		await letSpeak(/^Everyone/);
		await sees(sam, /Everyone may speak/);
		await press(sam, 'Ask to speak');
		await press(sam, 'Accept');
		await unmute(sam);
		for (const who of [hanna, ada]) await hears(who, SAM_HZ);
		await changesMicrophone(sam);
		await letSpeak(/^Whoever is invited/);
		await press(sam, 'Leave the stage');
		await sam.page.getByText('You are heard by').waitFor({ state: 'detached' });
		await press(sam, 'Ask to speak');
		await queueIs('Sam');
		await press(ada, 'Ask to speak');
		// It waits for the host: with both in the queue nobody has been asked up.
		await queueIs('Sam', 'Ada');
		await button(ada, 'Lower hand').waitFor();
		for (const who of [sam, ada]) expect(await button(who, 'Accept').count()).toBe(0);
	});

	it('is seen first whose owner has been heard least, where the host wants that', async () => {
		await hanna.page.getByRole('combobox', { name: 'Order' }).selectOption('heard least first');
		await queueIs('Ada', 'Sam');
		await sees(hanna, 'not heard yet');
		await sees(hanna, /spoke 0\.\d min/);
		await hanna.page.getByRole('combobox', { name: 'Order' }).selectOption('as they came');
		await queueIs('Sam', 'Ada');
	});
});

describe('somebody who was blocked', () => {
	it('is out, and does not get into a later room of the same host', async () => {
		await press(hanna, 'More about Sam');
		await press(hanna, 'Remove…');
		await press(hanna, 'Remove and block');
		await sees(sam, /Hanna decided that, and blocked you/);
		await Promise.all([leave(hanna), leave(ada)]);
		const key = await startRoom(hanna, 'The room after');
		await unmute(hanna);
		await joinRoom(ada, key);
		await listen(ada);
		await hears(ada, HANNA_HZ);
		await goHome(sam);
		await isRefused(sam, key);
		expect((await tonesAt(sam.page, [HANNA_HZ]))[0]).toBeLessThan(SILENT_DBFS);
	});

	it('is pointed out to who has blocked them, when they speak in the room of another', async () => {
		await Promise.all([leave(hanna), leave(ada), goHome(sam)]);
		const key = await startRoom(ada, 'A room of Ada’s');
		await joinRoom(sam, key);
		await bringsUp(ada, sam);
		await unmute(sam);
		await joinRoom(hanna, key);
		await listen(hanna);
		await hears(hanna, SAM_HZ);
		await sees(hanna, 'Sam, whom you blocked from your rooms, is speaking.');
		await press(hanna, 'Mute for me');
		await eventually(
			'Hanna hears Sam no more',
			() => tonesAt(hanna.page, [SAM_HZ]),
			([level = 0]) => level < SILENT_DBFS
		);
	});
});

describe('the browser’s question for the microphone', () => {
	it('may stay unanswered while its owner leaves the stage, and is good for whoever is back on it', async () => {
		await press(sam, 'Leave the stage');
		await sam.page.evaluate(holdMicrophone);
		await bringsUp(ada, sam);
		await press(sam, 'Unmute');
		await press(sam, 'Leave the stage');
		await bringsUp(ada, sam);
		await press(sam, 'Unmute');
		await sam.page.evaluate(() => window.answerMicrophone?.());
		await hears(ada, SAM_HZ);
		await button(sam, 'Mute').waitFor();
		expect(await sam.page.getByText('Your microphone is gone').count()).toBe(0);
	});
});

describe('somebody who is blocked no more', () => {
	it('gets in again', async () => {
		await Promise.all([leave(hanna), leave(sam)]);
		await press(hanna, 'Settings');
		await press(hanna, 'Unblock Sam');
		await press(hanna, 'Close');
		const key = await startRoom(hanna, 'Everybody again');
		await unmute(hanna);
		await joinRoom(sam, key);
		await listen(sam);
		await hears(sam, HANNA_HZ);
		await eraseEverything(sam);
	});
});
