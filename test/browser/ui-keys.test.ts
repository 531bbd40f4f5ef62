/** The room by single keys, and choosing which. */
import { userEvent } from 'vitest/browser';
import { describe, expect, it } from 'vitest';
import { showHome, showRoom, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string | RegExp) =>
	screen.getByRole('button', { name, exact: true });
const drawn = (screen: Screen) => expect.element(button(screen, 'Leave')).toBeVisible();
/** Nothing on the page has the keyboard. */
const nowhere = (): void => {
	if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
};

describe('keys in a room', () => {
	it('M mutes, and Space is held to talk', async () => {
		const { screen, room } = await showRoom('on-stage-muted');
		await drawn(screen);
		nowhere();
		await userEvent.keyboard('{ >}');
		expect(room.calls).toEqual(['unmute']);
		room.setMe({ muted: false });
		await userEvent.keyboard('{/ }');
		expect(room.calls).toEqual(['unmute', 'mute']);
		room.setMe({ muted: true });
		await userEvent.keyboard('m');
		expect(room.calls).toEqual(['unmute', 'mute', 'unmute']);
		await expect.element(button(screen, 'Unmute')).toHaveAttribute('aria-keyshortcuts', 'M');
	});

	it('Space that is let go before the microphone is open leaves nobody heard', async () => {
		const { screen, room } = await showRoom('on-stage-muted');
		await drawn(screen);
		nowhere();
		await userEvent.keyboard('{ >}');
		room.set({ openingMicrophone: true });
		await userEvent.keyboard('{/ }');
		expect(room.calls).toEqual(['unmute', 'mute']);
	});

	it('H raises the hand', async () => {
		const { screen, room } = await showRoom('listening');
		await drawn(screen);
		await userEvent.keyboard('h');
		expect(room.calls).toEqual(['ask']);
	});

	it('R leads to the reactions, Escape back', async () => {
		const { screen, room } = await showRoom('listening');
		await drawn(screen);
		await userEvent.keyboard('r');
		await expect.element(button(screen, 'Applause')).toHaveFocus();
		await userEvent.keyboard('{ArrowRight}{Enter}');
		expect(room.calls).toEqual(['react 1']);
		await userEvent.keyboard('{Escape}');
		await expect.element(screen.getByRole('toolbar')).not.toBeInTheDocument();
		await expect.element(button(screen, 'React')).toHaveFocus();
	});

	it('? shows the list, under which only the microphone answers', async () => {
		const { screen, room } = await showRoom('on-stage-muted');
		await drawn(screen);
		await userEvent.keyboard('?');
		const dialog = screen.getByRole('dialog', { name: 'Keyboard' });
		await expect.element(dialog.getByText('Hold to talk')).toBeVisible();
		await userEvent.keyboard('r');
		await userEvent.keyboard('m');
		expect(room.calls).toEqual(['unmute']);
		await expect.element(screen.getByRole('toolbar')).not.toBeInTheDocument();
	});

	it('are not taken from who writes, nor Space from a button', async () => {
		const { screen, room } = await showRoom('moderating');
		await drawn(screen);
		await button(screen, 'Desk').click();
		const field = screen.getByRole('dialog').getByRole('textbox').first();
		await field.fill('');
		await userEvent.keyboard('hm mr?');
		await expect.element(field).toHaveValue('hm mr?');
		expect(room.calls).toEqual([]);
		await userEvent.keyboard('{Escape}');
		(button(screen, 'Share').element() as HTMLElement).focus();
		await userEvent.keyboard(' ');
		await expect.element(screen.getByRole('dialog', { name: 'Share this room' })).toBeVisible();
		expect(room.calls).toEqual([]);
	});
});

describe('choosing the keys', () => {
	it('gives one another key, and remembers it', async () => {
		const { screen, app } = await showHome();
		await button(screen, 'Settings').click();
		await button(screen, 'M: change the key for “Mute or unmute”').click();
		await expect.element(button(screen, 'Press a key…')).toHaveFocus();
		await userEvent.keyboard('h');
		await expect
			.element(screen.getByText('That key already does something else here.'))
			.toBeVisible();
		await userEvent.keyboard('x');
		await expect.element(button(screen, 'X: change the key for “Mute or unmute”')).toHaveFocus();
		expect(app.grapevine.settings.shortcuts.keys.mute).toBe('x');
		await button(screen, 'All keys as at first').click();
		expect(app.grapevine.settings.shortcuts.keys.mute).toBe('m');
	});

	it('is given up by Escape, which closes nothing then', async () => {
		const { screen, app } = await showHome();
		await button(screen, 'Settings').click();
		await button(screen, 'H: change the key for “Raise or lower your hand”').click();
		await userEvent.keyboard('{Escape}');
		await expect.element(screen.getByRole('dialog', { name: 'Settings' })).toBeVisible();
		await expect.element(button(screen, /^H: change/)).toBeVisible();
		expect(app.calls).toEqual([]);
	});

	it('switches them off', async () => {
		const { screen, room } = await showRoom('listening');
		await drawn(screen);
		await userEvent.keyboard('?');
		await screen.getByRole('switch', { name: 'Keys act at once' }).click();
		await userEvent.keyboard('{Escape}');
		await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
		await userEvent.keyboard('h?');
		await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
		expect(room.calls).toEqual([]);
		await expect.element(button(screen, 'Ask to speak')).not.toHaveAttribute('aria-keyshortcuts');
	});
});
