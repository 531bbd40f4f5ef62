/**
 * How people come together without a link: a room that is listed is found and entered; an invitation from another seed comes
 * as a notification of the system, and leads to the room.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	cardOf,
	enterApp,
	eventually,
	follow,
	goHome,
	listen,
	startRoom,
	unmute,
	type Person
} from './drive.ts';
import { HEARD_DBFS, SILENT_DBFS, tonesAt } from './ear.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { startSeedForFile, type SharedSeed } from './seed.ts';

const HOST_HZ = 523;
const SETUP_MS = 120_000;
const TEST_MS = 120_000;

let scene: Scene;
/** Joined to that of the scene; Ben knows no other. */
let seedOfBen: SharedSeed;
let host: Person;
let ada: Person;
let ben: Person;

beforeAll(async () => {
	scene = await openScene('whole');
	host = await scene.speaker('Hanna', HOST_HZ, 4);
	seedOfBen = await startSeedForFile('--join', scene.seed.url);
	[ada, ben] = await Promise.all([scene.visitor('Ada'), visitElsewhere('Ben')]);
	// Hanna and Ben give each other their cards.
	const [cardOfHanna, cardOfBen] = [await cardOf(host), await cardOf(ben)];
	await follow(host, cardOfBen, 'My Ben');
	await follow(ben, cardOfHanna, 'My Hanna');
	await Promise.all([goHome(host), goHome(ben)]);
	await startRoom(host, 'Figs and vines', true);
	await unmute(host);
}, SETUP_MS);

afterAll(async () => {
	await seedOfBen.end();
	await scene.close();
});

async function visitElsewhere(name: string): Promise<Person> {
	const context = await scene.browsers.silent();
	await context.grantPermissions(['notifications'], { origin: new URL(seedOfBen.url).origin });
	const page = await scene.browsers.page(context);
	await page.route('**/seed.json', async (route) => {
		const response = await route.fetch();
		const own: unknown = await response.json();
		await route.fulfill({ response, json: Object.assign({}, own, { seeds: [] }) });
	});
	return enterApp(page, seedOfBen.url, name);
}

/** Headless pages are never out of sight by themselves. */
const turnAway = ({ page }: Person): Promise<void> =>
	page.evaluate(() => {
		Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
	});

/** Its service worker runs, which shows notifications that outlive the page: some seconds after the app was opened. */
const isKept = ({ page }: Person): Promise<void> =>
	page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});

/** What the system was given to show. */
const shownTo = ({ page }: Person): Promise<string[]> =>
	page.evaluate(async () => {
		const worker = await navigator.serviceWorker.ready;
		return (await worker.getNotifications()).map(({ body }) => body);
	});

/** In the service worker, whose names this side does not know: as the system tells of a press on the one notification. */
const PRESS = `registration.getNotifications().then(([notification]) => {
	dispatchEvent(new NotificationEvent('notificationclick', { notification }));
})`;

async function pressNotification({ page }: Person): Promise<void> {
	const [worker] = page.context().serviceWorkers();
	if (worker === undefined) throw new Error('There is no service worker.');
	await worker.evaluate(PRESS);
}

describe('people without a link', () => {
	it(
		'find a listed room in the lobby, join it from there and hear it',
		async () => {
			const { page } = ada;
			const row = page.getByRole('listitem').filter({ hasText: 'Figs and vines' });
			await row.waitFor();
			expect(await row.textContent()).toContain('by Hanna');
			expect((await tonesAt(page, [HOST_HZ]))[0]).toBeLessThan(SILENT_DBFS);
			await row.getByRole('button', { name: 'Join “Figs and vines”' }).click();
			await listen(ada);
			const [level] = await hears(ada, HOST_HZ);
			expect(level).toBeGreaterThan(HEARD_DBFS);
		},
		TEST_MS
	);

	it(
		'are invited across seeds by somebody they follow, go there from a notification, and hear it',
		async () => {
			await isKept(ben);
			await turnAway(ben);
			await host.page.getByRole('button', { name: 'Share' }).click();
			await host.page
				.getByRole('button', { name: 'Invite My Ben to this room', exact: true })
				.click();
			await host.page.getByText('Delivered').waitFor();
			await host.page.keyboard.press('Escape');
			const words = 'My Hanna invites you to “Figs and vines”';
			await eventually(
				'the system shows it',
				() => shownTo(ben),
				([shown]) => shown === words
			);
			await pressNotification(ben);
			await listen(ben);
			const [level] = await hears(ben, HOST_HZ);
			expect(level).toBeGreaterThan(HEARD_DBFS);
		},
		TEST_MS
	);

	it(
		'come on stage by a raised hand where those the host follows may speak, and nobody else does',
		async () => {
			await host.page.getByRole('button', { name: 'Desk' }).click();
			await host.page.getByRole('radio', { name: 'Also everyone the host follows' }).check();
			await host.page.keyboard.press('Escape');
			await ada.page.getByRole('button', { name: 'Ask to speak' }).click();
			await ben.page.getByRole('button', { name: 'Ask to speak' }).click();
			await ben.page.getByRole('button', { name: 'Accept' }).click();
			await ben.page.getByRole('button', { name: 'Unmute' }).waitFor();
			// By the name that Hanna gave him.
			await host.page
				.getByRole('region', { name: /On stage/ })
				.getByText('My Ben')
				.waitFor();
			expect(await ada.page.getByRole('button', { name: 'Accept' }).count()).toBe(0);
		},
		TEST_MS
	);
});
