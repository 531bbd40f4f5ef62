/** The settings that are not of a room: network, storage, and erasing it all; and the language at home. */
import { describe, expect, it } from 'vitest';
import { showHome, type Screen } from '../lib/screen.ts';

async function openSettings() {
	const { screen, app } = await showHome();
	await screen.getByRole('button', { name: 'Settings' }).click();
	const dialog = screen.getByRole('dialog', { name: 'Settings' });
	await expect.element(dialog).toBeVisible();
	return { screen, app, dialog };
}

async function openNetwork() {
	const opened = await openSettings();
	await opened.dialog.getByText('Network', { exact: true }).click();
	return opened;
}

const last = (calls: readonly string[]): unknown =>
	JSON.parse(calls.at(-1)?.replace(/^network /, '') ?? 'null');
const add = async (dialog: ReturnType<Screen['getByRole']>, nth: number): Promise<void> =>
	dialog.getByRole('button', { name: 'Add', exact: true }).nth(nth).click();

describe('the network', () => {
	it('tells which seeds are used, takes another one, and goes back to those of the app', async () => {
		const { app, dialog } = await openNetwork();
		await expect.element(dialog.getByText('home.example')).toBeVisible();
		await dialog.getByRole('textbox', { name: 'Add a seed' }).fill('garden.example');
		await add(dialog, 0);
		await expect.element(dialog.getByText('garden.example')).toBeVisible();
		expect((last(app.calls) as { seeds: string[] }).seeds).toHaveLength(2);
		await dialog.getByRole('button', { name: 'Remove home.example' }).click();
		await expect.element(dialog.getByText('home.example')).not.toBeInTheDocument();
		await expect.element(dialog.getByText(/^This holds when the app starts again/)).toBeVisible();
		await dialog.getByRole('button', { name: 'Use those of this app again' }).click();
		await expect.element(dialog.getByText('home.example')).toBeVisible();
		expect(last(app.calls)).toEqual({ seeds: null });
	});

	it('says where there is no seed', async () => {
		const { dialog } = await openNetwork();
		await dialog.getByRole('textbox', { name: 'Add a seed' }).fill('nowhere.test');
		await add(dialog, 0);
		await expect.element(dialog.getByText('There is no seed at that address.')).toBeVisible();
	});

	it.each(['stun:stun.example:99999', 'stun:{stun.example}:3478'])(
		'does not take %s, with which the browser would connect to nobody',
		async (url) => {
			const { app, dialog } = await openNetwork();
			const server = dialog.getByRole('textbox', { name: 'Add a server' });
			await server.fill(url);
			await add(dialog, 1);
			await expect.element(dialog.getByText(/no address of a STUN or TURN server/)).toBeVisible();
			expect(app.calls).toEqual([]);
			await server.fill('stun:stun.example:3478');
			await add(dialog, 1);
			await expect.element(dialog.getByText('stun:stun.example:3478')).toBeVisible();
		}
	);

	it('hides the address only behind a TURN server, and says why not without', async () => {
		const { app, dialog } = await openNetwork();
		const hide = dialog.getByRole('switch', { name: 'Hide my address from other people' });
		await expect.element(hide).toBeDisabled();
		await expect.element(dialog.getByText(/none is set: without one, whoever/)).toBeVisible();
		const server = dialog.getByRole('textbox', { name: 'Add a server' });
		await server.fill('turn:turn.example:3478');
		await add(dialog, 1);
		await expect.element(dialog.getByText(/wants a name and a password as well/)).toBeVisible();
		await dialog.getByRole('textbox', { name: 'User name' }).fill('mira');
		await dialog.getByLabelText('Password').fill('secret');
		await add(dialog, 1);
		await expect.element(dialog.getByText('turn:turn.example:3478')).toBeVisible();
		await hide.click();
		expect(last(app.calls)).toEqual({ relayOnly: true });
		await dialog.getByRole('button', { name: 'Remove turn:turn.example:3478' }).click();
		await expect.element(hide).toBeDisabled();
		await expect.element(hide).not.toBeChecked();
	});

	it('tells what rooms took this month', async () => {
		const { dialog } = await openNetwork();
		await expect.element(dialog.getByText(/rooms took 1[.,]\d+ GB sent and 310 MB/)).toBeVisible();
	});
});

describe('all that is kept here', () => {
	it('is told', async () => {
		const { dialog } = await openSettings();
		await expect.element(dialog.getByText(/recordings? (is|are) kept here/)).toBeVisible();
	});

	it('is erased after one question, with a copy of who I am offered before', async () => {
		const { app, dialog } = await openSettings();
		await dialog.getByRole('button', { name: 'Erase everything…' }).click();
		await expect.element(dialog.getByText(/are deleted here, for good/)).toBeVisible();
		expect(app.calls).not.toContain('erase');
		await dialog.getByText('Make a copy of who you are first').click();
		await expect.element(dialog.getByLabelText('Passphrase')).toBeVisible();
		await dialog.getByRole('button', { name: 'Erase everything', exact: true }).click();
		expect(app.calls).toContain('erase');
		await expect
			.element(dialog.getByText(/Not everything could be erased: The files\./))
			.toBeVisible();
	});
});

it('the language is changed at home', async () => {
	const { screen } = await showHome();
	await screen.getByRole('combobox', { name: 'Language of the app' }).selectOptions('Français');
	await expect.element(screen.getByRole('button', { name: 'Ouvrir un salon' })).toBeVisible();
	await screen.getByRole('combobox', { name: 'Langue de l’app' }).selectOptions('English');
	await expect.element(screen.getByRole('button', { name: 'Start a room' })).toBeVisible();
});
