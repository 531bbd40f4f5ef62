/** Drives the app by the names that its screens promise to keep. */
import type { Locator, Page } from 'playwright';
import type { Diagnostics, WindowGrapevine } from '#lib/app/window-grapevine.ts';

/** Nothing announces what is asked for. Each question costs the page some milliseconds, with five pages on two cores. */
const POLL_MS = 200;
/** With five pages on two cores even a local answer can take a while. */
const PATIENCE_MS = 30_000;
/** How long a page in trouble is asked for what it shows. */
const SHOWN_MAX_MS = 2_000;

export interface Person {
	readonly name: string;
	readonly page: Page;
}

/** Opens the app under a name of its own. */
export async function enterApp(page: Page, url: string, name: string): Promise<Person> {
	const trouble = troubleOf(page);
	await page.goto(url);
	try {
		await nameOneself(page, name);
	} catch (error) {
		throw new Error(`${name} does not get in. ${await trouble()}`, { cause: error });
	}
	return { name, page };
}

/** What went wrong in a page from now on, and what it shows instead: where an app does not open, only this tells why. */
function troubleOf(page: Page): () => Promise<string> {
	const lines: string[] = [];
	page.on('pageerror', (error) => lines.push(`threw ${error.message}`));
	page.on('console', (line) => {
		if (line.type() === 'error' || line.type() === 'warning') lines.push(line.text());
	});
	page.on('requestfailed', (request) =>
		lines.push(`${request.url()}: ${request.failure()?.errorText ?? 'failed'}`)
	);
	page.on('crash', () => lines.push('crashed'));
	const open = new Set<string>();
	page.on('request', (request) => open.add(request.url()));
	page.on('requestfinished', (request) => open.delete(request.url()));
	return async () => {
		return `Shown: ${await shownBy(page)}. Went wrong: ${lines.join('; ') || 'nothing'}. Unanswered: ${[...open].join(' ') || 'nothing'}.`;
	};
}

/** A page that crashed or hangs has no text to give. */
function shownBy(page: Page): Promise<string> {
	return Promise.race([
		page.locator('body').innerText().catch(String),
		new Promise<string>((resolve) => setTimeout(resolve, SHOWN_MAX_MS, '(no answer)'))
	]);
}

async function nameOneself(page: Page, name: string): Promise<void> {
	await page.getByRole('button', { name: 'Start a room' }).waitFor();
	const field = page.getByRole('textbox', { name: 'Your name' });
	await field.fill(name);
	await field.press('Enter');
}

/** Starts a room and gives its key. `listed`: lobbies show it. */
export async function startRoom({ page }: Person, title: string, listed = false): Promise<string> {
	await page.getByRole('button', { name: 'Start a room' }).click();
	await page.getByRole('textbox', { name: 'Room title' }).fill(title);
	if (listed) await page.getByRole('switch', { name: 'Show it in the list of rooms' }).check();
	await page.getByRole('button', { name: 'Open room' }).click();
	await controlsOf(page).getByRole('button', { name: 'Unmute' }).waitFor();
	const key = await page.evaluate(() => window.grapevine.roomKey);
	if (key === null) throw new Error('The room has no key.');
	return key;
}

/** Goes to the page of people, and gives the link of one's own card. */
export async function cardOf({ page }: Person): Promise<string> {
	await page.getByRole('link', { name: 'People' }).click();
	return page.getByRole('textbox', { name: 'Link of your card' }).inputValue();
}

/** On the page of people. */
export async function follow({ page }: Person, card: string, name: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Their card' }).fill(card);
	await page.getByRole('textbox', { name: 'The name you give them' }).fill(name);
	await page.getByRole('button', { name: 'Follow', exact: true }).click();
	await page.getByText(`You follow ${name} now.`).waitFor();
}

/** From home and back: the encrypted text of one's own identity. */
export async function carryOut(who: Person, passphrase: string): Promise<string> {
	const { page } = who;
	await page.getByRole('link', { name: 'People' }).click();
	await page.getByRole('button', { name: 'Make a copy' }).click();
	await page.getByLabel('Passphrase').fill(passphrase);
	await page.getByRole('button', { name: 'Encrypt' }).click();
	const text = await page.getByRole('textbox', { name: 'Your identity, encrypted' }).inputValue();
	await page.keyboard.press('Escape');
	await goHome(who);
	return text;
}

/** At home: becomes the person of that copy, and stands at the page of people. */
export async function carryIn({ page }: Person, text: string, passphrase: string): Promise<void> {
	await page.getByRole('link', { name: 'People' }).click();
	await page.getByRole('button', { name: 'Bring one in' }).click();
	await page.getByRole('textbox', { name: 'Or paste its text' }).fill(text);
	await page.getByLabel('Passphrase').fill(passphrase);
	await page.getByRole('button', { name: 'Bring it in' }).click();
	await page.getByRole('button', { name: 'Start again' }).click();
	await page.getByRole('button', { name: 'Make a copy' }).waitFor();
}

export async function goHome({ page }: Person): Promise<void> {
	await page.getByRole('link', { name: 'Grapevine' }).click();
	await page.getByRole('button', { name: 'Start a room' }).waitFor();
}

export async function joinRoom({ page }: Person, key: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Room key or link' }).fill(key);
	await page.getByRole('button', { name: 'Join' }).click();
	await page.getByRole('button', { name: 'Leave', exact: true }).waitFor();
}

/** The host invites, the other accepts, and is on stage, muted. */
export async function bringOnStage(host: Person, guest: Person): Promise<void> {
	await host.page.getByRole('button', { name: `Invite ${guest.name} to speak` }).click();
	await guest.page.getByRole('button', { name: 'Accept' }).click();
	await guest.page.getByRole('button', { name: 'Unmute' }).waitFor();
}

/** On the room's own page. Until that stands, the small player has some of the same buttons for a moment. */
const controlsOf = (page: Page): Locator => page.getByRole('group', { name: 'Room controls' });

export async function unmute({ name, page }: Person): Promise<void> {
	await controlsOf(page).getByRole('button', { name: 'Unmute' }).click();
	try {
		await controlsOf(page).getByRole('button', { name: 'Mute', exact: true }).waitFor();
	} catch (error) {
		throw new Error(`${name} stays muted. Shown: ${await shownBy(page)}.`, { cause: error });
	}
}

export async function mute({ page }: Person): Promise<void> {
	await controlsOf(page).getByRole('button', { name: 'Mute', exact: true }).click();
	await controlsOf(page).getByRole('button', { name: 'Unmute' }).waitFor();
}

/** Taps where the browser wants a tap. */
export async function listen({ page }: Person): Promise<void> {
	const leave = page.getByRole('button', { name: 'Leave', exact: true });
	await leave.waitFor();
	const tap = page.getByRole('button', { name: 'Listen' });
	if (await tap.isVisible()) await tap.click();
}

export function diagnosticsOf({ page }: Person): Promise<Diagnostics> {
	return page.evaluate(() => window.grapevine.diagnostics());
}

/** Frames of all speakers that its ears were given. */
export const playedBy = ({ speakers = [] }: Diagnostics): number =>
	speakers.reduce((sum, { played }) => sum + played, 0);

/** Asks again until `met` accepts the answer; the last answer is in the error where it never does. */
export async function eventually<T>(
	what: string,
	ask: () => Promise<T>,
	met: (answer: T) => boolean,
	patienceMs = PATIENCE_MS
): Promise<T> {
	const endMs = Date.now() + patienceMs;
	for (;;) {
		const answer = await ask();
		if (met(answer)) return answer;
		if (Date.now() > endMs) throw new Error(`Waited for: ${what}. Last: ${JSON.stringify(answer)}`);
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}

/** Letters of what an app knows. */
const KNOWN_MAX = 4_000;

/** As `wait` ends; where that fails, what `ask` tells is in the error. */
export async function orTell<T>(wait: Promise<T>, ask: () => Promise<unknown>): Promise<T> {
	try {
		return await wait;
	} catch (cause) {
		const known = JSON.stringify(await ask().catch(String));
		throw new Error(`${(cause as Error).message} ${known.slice(0, KNOWN_MAX)}`, { cause });
	}
}

declare global {
	interface Window {
		readonly grapevine: WindowGrapevine;
	}
}
