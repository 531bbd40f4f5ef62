/** How people come together without a link: a room that is listed is found and entered, an invitation is heard. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardOf, follow, goHome, listen, startRoom, unmute, type Person } from './drive.ts';
import { HEARD_DBFS, SILENT_DBFS, tonesAt } from './ear.ts';
import { hears, openScene, type Scene } from './scene.ts';

const HOST_HZ = 523;
const SETUP_MS = 120_000;
const TEST_MS = 120_000;

let scene: Scene;
let host: Person;
let ada: Person;
let ben: Person;

beforeAll(async () => {
	scene = await openScene();
	host = await scene.speaker('Hanna', HOST_HZ, 4);
	[ada, ben] = await Promise.all([scene.visitor('Ada'), scene.visitor('Ben')]);
	// Hanna and Ben give each other their cards.
	const [cardOfHanna, cardOfBen] = [await cardOf(host), await cardOf(ben)];
	await follow(host, cardOfBen, 'My Ben');
	await follow(ben, cardOfHanna, 'My Hanna');
	await Promise.all([goHome(host), goHome(ben)]);
	await startRoom(host, 'Figs and vines', true);
	await unmute(host);
}, SETUP_MS);

afterAll(async () => {
	await scene.close();
});

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
		'are invited by somebody they follow, go there from the news on their screen, and hear it',
		async () => {
			await host.page.getByRole('button', { name: 'Share' }).click();
			await host.page
				.getByRole('button', { name: 'Invite My Ben to this room', exact: true })
				.click();
			await host.page.getByText('Delivered').waitFor();
			await host.page.keyboard.press('Escape');
			const news = ben.page.getByRole('status', { name: 'News for you' });
			await news.getByText('My Hanna invites you to “Figs and vines”').waitFor();
			await news.getByRole('link', { name: 'Go there' }).click();
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
