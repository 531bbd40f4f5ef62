/** How much a real page gives follows its network and its person, and the panel shows the real tree. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { openBrowsers, type Browsers } from './browsers.ts';
import { diagnosticsOf, enterApp, eventually, joinRoom, startRoom, type Person } from './drive.ts';
import { startSeedForFile, type SharedSeed } from './seed.ts';

let seed: SharedSeed;
let browsers: Browsers;

beforeAll(async () => {
	seed = await startSeedForFile();
	browsers = openBrowsers();
});

afterAll(async () => {
	await browsers.close();
	await seed.end();
});

/** A page that believes to be connected by `type`. */
async function open(name: string, type: string): Promise<Person> {
	const page = await browsers.page(await browsers.silent());
	await page.addInitScript((first) => {
		const connection = Object.assign(new EventTarget(), { type: first, effectiveType: '4g' });
		Object.defineProperty(navigator, 'connection', { value: connection });
	}, type);
	return enterApp(page, seed.url, name);
}

function moveTo(page: Page, type: string): Promise<void> {
	return page.evaluate((next) => {
		const { connection } = navigator as unknown as { connection: EventTarget };
		Object.assign(connection, { type: next });
		connection.dispatchEvent(new Event('change'));
	}, type);
}

const fanoutOf = async (person: Person): Promise<number | undefined> =>
	(await diagnosticsOf(person)).fanout;

it('gives nothing on mobile data, unless it speaks or the person says so', async () => {
	const host = await open('Hanna', 'cellular');
	const key = await startRoom(host, 'On the train');
	await eventually(
		'who speaks carries two',
		() => fanoutOf(host),
		(children) => children === 2
	);

	const listener = await open('Lena', 'wifi');
	await joinRoom(listener, key);
	await eventually(
		'four at home',
		() => fanoutOf(listener),
		(children) => children === 4
	);
	await moveTo(listener.page, 'cellular');
	await eventually(
		'nobody on the way',
		() => fanoutOf(listener),
		(children) => children === 0
	);
	await eventually(
		'it hears all the same',
		() => diagnosticsOf(listener),
		(d) => d.depth === 1
	);

	await listener.page.getByRole('button', { name: 'Network', exact: true }).click();
	const panel = listener.page.getByRole('dialog', { name: 'Network' });
	await panel.getByText('The sound reaches you by Hanna → you', { exact: true }).waitFor();
	await panel.getByText('You only listen: you are on mobile or metered data.').waitFor();
	await panel.getByRole('combobox', { name: 'Pass the sound on' }).selectOption('3');
	await eventually(
		'three by choice',
		() => fanoutOf(listener),
		(children) => children === 3
	);
	const rows = panel.getByRole('table', { name: 'Connected to you' }).getByRole('rowheader');
	expect(await rows.allInnerTexts()).toEqual([expect.stringMatching(/^Hanna\s+passes the sound/)]);
});
