/** People come back: a host and a speaker whose pages reload find their seats, and are heard again. */
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
import { SILENT_DBFS, tonesAt } from './ear.ts';
import { hears, openScene, type Scene } from './scene.ts';

const HOST_HZ = 523;
const SAM_HZ = 811;
const SETUP_MS = 120_000;

let scene: Scene;
let host: Person;
let sam: Person;
let ada: Person;

beforeAll(async () => {
	scene = await openScene();
	host = await scene.speaker('Hanna', HOST_HZ);
	sam = await scene.speaker('Sam', SAM_HZ);
	const key = await startRoom(host, 'Coming back');
	await joinRoom(sam, key);
	await bringOnStage(host, sam);
	ada = await scene.listener('Ada', key);
	await unmute(host);
	await unmute(sam);
	await hears(ada, HOST_HZ, SAM_HZ);
}, SETUP_MS);

afterAll(() => scene.close());

/** Reloads and waits until the page is on stage again, muted, as whoever it was. */
async function comeBack(who: Person, role: 'host' | 'speaker'): Promise<void> {
	const before = await diagnosticsOf(who);
	await who.page.reload();
	await who.page.getByRole('button', { name: 'Unmute' }).waitFor();
	const after = await eventually(
		`${who.name} is back`,
		() => diagnosticsOf(who),
		(now) => now.role === role && now.mesh?.length === 1
	);
	expect(after.me).toBe(before.me);
}

const lacks = (who: Person, hz: number): Promise<unknown> =>
	eventually(
		`${who.name} does not hear ${hz} Hz`,
		() => tonesAt(who.page, [hz]),
		([level = 0]) => level < SILENT_DBFS
	);

describe('people who come back', () => {
	it('a speaker has the seat, muted, and is heard after unmuting', async () => {
		await comeBack(sam, 'speaker');
		await unmute(sam);
		await hears(ada, HOST_HZ, SAM_HZ);
		await hears(sam, HOST_HZ);
	});

	it('the host is host again, and is heard after unmuting', async () => {
		await comeBack(host, 'host');
		await unmute(host);
		await hears(ada, HOST_HZ, SAM_HZ);
		await hears(host, SAM_HZ);
		const [a, b] = await Promise.all([diagnosticsOf(host), diagnosticsOf(ada)]);
		expect(a.log?.digest).toBe(b.log?.digest);
	});

	it('a listener who leaves, and joins again before it has gone, hears', async () => {
		const { page } = ada;
		await page.getByRole('button', { name: 'Leave', exact: true }).click();
		await page.getByRole('button', { name: 'Join again' }).click();
		await listen(ada);
		await hears(ada, HOST_HZ, SAM_HZ);
	});

	it('a speaker who looks at other pages goes on in the room, and mutes and returns from there', async () => {
		const { page } = sam;
		const wide = page.getByRole('region', { name: 'The room you are in' });
		await page.getByRole('link', { name: 'People' }).click();
		await wide.getByText('Live · Hanna is speaking').waitFor();
		await page.getByRole('link', { name: 'Recordings' }).click();
		await page.getByRole('heading', { name: 'Recordings', level: 1 }).waitFor();
		await hears(sam, HOST_HZ);
		await hears(ada, SAM_HZ);
		// Of the system's own buttons only the browser knows: what it was given is asked.
		expect(await page.evaluate(() => navigator.mediaSession.metadata?.title)).toBe('Coming back');
		await wide.getByRole('button', { name: 'Mute' }).click();
		await lacks(ada, SAM_HZ);
		await wide.getByRole('link', { name: 'Return to the room: Coming back' }).click();
		await unmute(sam);
		await hears(ada, SAM_HZ);
	});

	it('a speaker leaves the stage, hears on, and the seat is free', async () => {
		await sam.page.getByRole('button', { name: 'Leave the stage' }).click();
		await sam.page.getByRole('button', { name: 'Ask to speak' }).waitFor();
		await eventually(
			'Sam has a parent',
			() => diagnosticsOf(sam),
			(now) => now.parent != null
		);
		await hears(sam, HOST_HZ);
		// Invited while at home: called by the title of the tab, and accepted there.
		await sam.page.getByRole('link', { name: 'Grapevine' }).click();
		await host.page.getByRole('button', { name: 'Invite Sam to speak' }).click();
		await eventually(
			'Sam is called',
			() => sam.page.title(),
			(title) => title === '(1) Grapevine'
		);
		await sam.page.getByRole('button', { name: 'Decline' }).click();
		await eventually(
			'Sam is not called',
			() => sam.page.title(),
			(title) => title === 'Grapevine'
		);
		await eventually(
			'one on stage',
			() => diagnosticsOf(ada),
			(now) => now.speakers?.length === 1
		);
	});
});
