/** Home: opening a room, finding one by its key, and who I am. */
import { userEvent } from 'vitest/browser';
import { describe, expect, it } from 'vitest';
import { encodeShareLink } from '#lib/p2p/archive/share-link.ts';
import { fakeLink } from '../lib/fake-sharing.ts';
import { FAKE_KEY } from '../lib/fake-session.ts';
import { showHome, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });
const textbox = (screen: Screen, name: string) =>
	screen.getByRole('textbox', { name, exact: true });

describe('starting a room', () => {
	it('asks for a title with the focus in it, opens the room and goes there', async () => {
		const { screen, app, entered } = await showHome();
		await button(screen, 'Start a room').click();
		await expect.element(textbox(screen, 'Room title')).toHaveFocus();
		await userEvent.keyboard('Tea   at five{Enter}');
		await expect.poll(() => entered).toEqual([FAKE_KEY]);
		expect(app.calls).toEqual(['openRoom Tea at five']);
	});

	it('opens with the button too', async () => {
		const { screen, entered } = await showHome();
		await button(screen, 'Start a room').click();
		await textbox(screen, 'Room title').fill('Tea');
		await button(screen, 'Open room').click();
		await expect.poll(() => entered).toEqual([FAKE_KEY]);
	});

	it.each([
		['   ', 'Give the room a title first.'],
		['ü'.repeat(101), 'That is too long: take away some letters.']
	])('refuses the title "%s" in place', async (title, words) => {
		const { screen, app } = await showHome();
		await button(screen, 'Start a room').click();
		await textbox(screen, 'Room title').fill(title);
		await button(screen, 'Open room').click();
		await expect.element(textbox(screen, 'Room title')).toHaveAccessibleDescription(words);
		expect(app.calls).toEqual([]);
	});

	it('says that it could not be opened, and keeps the title', async () => {
		const { screen, app, entered } = await showHome();
		app.breakDown();
		await button(screen, 'Start a room').click();
		await textbox(screen, 'Room title').fill('Tea');
		await button(screen, 'Open room').click();
		await expect.element(screen.getByRole('alert')).toMatchTextContent(/could not be opened/);
		await expect.element(textbox(screen, 'Room title')).toHaveValue('Tea');
		expect(entered).toEqual([]);
	});
});

describe('joining a room', () => {
	it.each([FAKE_KEY, `https://rooms.example/r/${FAKE_KEY}?fanout=2`, `  “${FAKE_KEY}”. `])(
		'finds the key in %s',
		async (text) => {
			const { screen, entered } = await showHome();
			await textbox(screen, 'Room key or link').fill(text);
			await button(screen, 'Join').click();
			expect(entered).toEqual([FAKE_KEY]);
		}
	);

	it('takes what is pasted, and Enter', async () => {
		const { screen, entered } = await showHome();
		await textbox(screen, 'Your name').fill(FAKE_KEY);
		await userEvent.tripleClick(textbox(screen, 'Your name'));
		await userEvent.copy();
		await textbox(screen, 'Room key or link').click();
		await userEvent.paste();
		await userEvent.keyboard('{Enter}');
		expect(entered).toEqual([FAKE_KEY]);
	});

	it.each([
		['', /Paste a room key or a link first/],
		[`${FAKE_KEY.slice(0, 9)}0${FAKE_KEY.slice(10)}`, /“0”, the character at place 10/],
		[FAKE_KEY.slice(0, -3), /too short: 3 letters are missing/],
		[FAKE_KEY.slice(0, -1), /too short: 1 letter is missing/],
		[`${FAKE_KEY}22`, /too long by 2 letters/],
		[swapped(FAKE_KEY), /at least one letter was changed/],
		['https://rooms.example/about', /leads to no Grapevine room/],
		['hello world', /not a Grapevine room key/]
	])('says of "%s" exactly what is wrong, in place', async (text, words) => {
		const { screen, entered } = await showHome();
		await textbox(screen, 'Room key or link').fill(text);
		await button(screen, 'Join').click();
		const field = textbox(screen, 'Room key or link');
		await expect.element(field).toHaveAttribute('aria-invalid', 'true');
		await expect.element(field).toHaveAccessibleDescription(words);
		expect(entered).toEqual([]);
	});

	it('goes to what is shared where it is given a link to that, and tells where a part of it is missing', async () => {
		const { screen, entered, shared } = await showHome();
		const link = encodeShareLink(fakeLink(1));
		const field = textbox(screen, 'Room key or link');
		const said = `Listen to this: https://seed.example/shared#${link.slice(0, -2)}`;
		await field.fill(said);
		await userEvent.keyboard('{Enter}');
		await expect.element(field).toHaveAccessibleDescription(/A part of this link was lost/);
		expect(shared).toEqual([]);
		await field.fill(`${said}${link.slice(-2)} — you will like it.`);
		await userEvent.keyboard('{Enter}');
		expect(shared).toEqual([link]);
		expect(entered).toEqual([]);
	});

	it('takes its complaint back while the key is mended', async () => {
		const { screen } = await showHome();
		await button(screen, 'Join').click();
		await textbox(screen, 'Room key or link').fill('G');
		await expect
			.element(textbox(screen, 'Room key or link'))
			.toHaveAttribute('aria-invalid', 'false');
	});
});

describe('who I am', () => {
	it('keeps a new name and says so', async () => {
		const { screen, app } = await showHome();
		await textbox(screen, 'Your name').fill(' Mira  B ');
		await userEvent.keyboard('{Enter}');
		await expect.element(screen.getByText('Saved')).toBeVisible();
		expect(app.calls).toEqual(['rename Mira B']);
		await expect.element(textbox(screen, 'Your name')).toHaveValue('Mira B');
	});

	it.each([
		['', 'Type a name first.'],
		['é'.repeat(41), 'That is too long: take away some letters.']
	])('refuses the name "%s" in place', async (name, words) => {
		const { screen, app } = await showHome();
		await textbox(screen, 'Your name').fill(name);
		await userEvent.keyboard('{Enter}');
		await expect.element(textbox(screen, 'Your name')).toHaveAccessibleDescription(words);
		expect(app.calls).toEqual([]);
	});

	it('says when the browser refuses to keep it', async () => {
		const { screen, app } = await showHome();
		app.breakDown();
		await textbox(screen, 'Your name').fill('Nobody');
		await userEvent.keyboard('{Enter}');
		await expect
			.element(textbox(screen, 'Your name'))
			.toHaveAccessibleDescription(/could not be saved/);
	});
});

/** Two neighbouring letters in each other's place: the length is right, the checksum is not. */
function swapped(key: string): string {
	return key.slice(0, 12) + key.charAt(13) + key.charAt(12) + key.slice(14);
}
