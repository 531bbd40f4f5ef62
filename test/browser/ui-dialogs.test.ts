/** Dialogs by keyboard, sharing, and the settings. */
import { userEvent } from 'vitest/browser';
import { describe, expect, it, vi } from 'vitest';
import { FAKE_KEY, fakePeer } from '../lib/fake-session.ts';
import { render } from 'vitest-browser-svelte';
import LaterDialog from '#lib/ui/parts/LaterDialog.svelte';
import { showHome, showRoom, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });
const focus = (screen: Screen, name: string): void => {
	(button(screen, name).element() as HTMLElement).focus();
};

describe('the share dialog', () => {
	it('opens by keyboard, holds the focus, closes by Escape and gives the focus back', async () => {
		const { screen } = await showRoom('listening');
		await expect.element(button(screen, 'Share')).toBeVisible();
		focus(screen, 'Share');
		await userEvent.keyboard('{Enter}');
		const dialog = screen.getByRole('dialog', { name: 'Share this room' });
		await expect.element(dialog).toBeVisible();
		expect(dialog.element().contains(document.activeElement)).toBe(true);
		await userEvent.keyboard('{Escape}');
		await expect.element(dialog).not.toBeInTheDocument();
		await expect.element(button(screen, 'Share')).toHaveFocus();
	});

	it('closes by its button and by a press beside it', async () => {
		const { screen } = await showRoom('listening');
		const dialog = screen.getByRole('dialog');
		await button(screen, 'Share').click();
		await button(screen, 'Close').click();
		await expect.element(dialog).not.toBeInTheDocument();
		await button(screen, 'Share').click();
		dialog.element().dispatchEvent(new MouseEvent('click', { bubbles: true }));
		await expect.element(dialog).not.toBeInTheDocument();
	});

	it('shows the link, the key and the code of the link', async () => {
		const { screen } = await showRoom('listening');
		await button(screen, 'Share').click();
		const link = `${location.origin}/r/${FAKE_KEY}`;
		await expect.element(screen.getByRole('textbox', { name: 'Link' })).toHaveValue(link);
		await expect.element(screen.getByText(FAKE_KEY, { exact: true })).toBeVisible();
		await expect.element(screen.getByRole('img', { name: /QR code/ })).toBeVisible();
	});

	it('copies the link and says so', async () => {
		const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
		const { screen } = await showRoom('listening');
		await button(screen, 'Share').click();
		await button(screen, 'Copy').click();
		await expect.element(screen.getByText('Copied')).toBeVisible();
		expect(copied).toHaveBeenCalledExactlyOnceWith(`${location.origin}/r/${FAKE_KEY}`);
		copied.mockRestore();
	});

	it('says what to do where copying is forbidden', async () => {
		const copied = vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('no'));
		const { screen } = await showRoom('listening');
		await button(screen, 'Share').click();
		await button(screen, 'Copy').click();
		await expect.element(screen.getByText(/copy it yourself/)).toBeVisible();
		copied.mockRestore();
	});
});

describe('the settings', () => {
	it('keep how much to give: nothing, up to a number, or what suits the device', async () => {
		const { screen, app } = await showHome();
		await button(screen, 'Settings').click();
		const fanout = screen.getByRole('combobox', { name: 'Pass the sound on' });
		await expect.element(fanout).toHaveDisplayValue('Automatic');
		for (const [option, kept] of [
			['Only listen', 0],
			['To 1 other at most', 1],
			['To 12 others at most', 12],
			['Automatic', null]
		] as const) {
			await fanout.selectOptions(option);
			await expect.poll(() => app.grapevine.settings.fanout).toBe(kept);
			await expect.element(fanout).toHaveDisplayValue(option);
		}
	});

	it('say what giving costs', async () => {
		const { screen } = await showHome();
		await button(screen, 'Settings').click();
		const fanout = screen.getByRole('combobox', { name: 'Pass the sound on' });
		await expect.element(fanout).toHaveAccessibleDescription(/costs about as much upload/);
	});

	it('say when they could not be kept', async () => {
		const { screen, app } = await showHome();
		app.breakDown();
		await button(screen, 'Settings').click();
		await screen.getByRole('combobox', { name: 'Pass the sound on' }).selectOptions('3');
		await expect.element(screen.getByText(/could not be saved/)).toBeVisible();
	});

	it('show whom I have blocked as a host, and unblock them', async () => {
		const { screen, app } = await showHome();
		app.block({ peer: fakePeer('Zoe'), name: 'Zoe' });
		await button(screen, 'Settings').click();
		await expect.element(screen.getByText('They cannot enter the rooms you host.')).toBeVisible();
		await button(screen, 'Unblock Zoe').click();
		expect(app.calls).toEqual([`unblock ${fakePeer('Zoe')}`]);
		await expect.element(button(screen, 'Unblock Zoe')).not.toBeInTheDocument();
	});

	it('change the language in place, for the page and for screen readers', async () => {
		const { screen } = await showHome();
		await button(screen, 'Settings').click();
		await screen
			.getByRole('dialog')
			.getByRole('combobox', { name: 'Language of the app' })
			.selectOptions('Français');
		await expect.element(screen.getByRole('heading', { name: 'Réglages' })).toBeVisible();
		expect(document.documentElement.lang).toBe('fr');
		await screen
			.getByRole('dialog')
			.getByRole('combobox', { name: 'Langue de l’app' })
			.selectOptions('English');
		await expect.element(screen.getByRole('heading', { name: 'Settings' })).toBeVisible();
		expect(document.documentElement.lang).toBe('en');
	});
});

describe('a dialog that is loaded when it is wanted', () => {
	it('says so where it cannot be loaded, and closes', async () => {
		const onclose = vi.fn();
		const load = (): Promise<never> => Promise.reject(new TypeError('No network.'));
		const screen = await render(LaterDialog, { title: 'Settings', load, onclose });
		await expect.element(screen.getByRole('dialog', { name: 'Settings' })).toBeVisible();
		await expect.element(screen.getByText(/could not be loaded/)).toBeVisible();
		await userEvent.keyboard('{Escape}');
		expect(onclose).toHaveBeenCalledOnce();
	});
});
