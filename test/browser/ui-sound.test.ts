/** The dialog of sound: devices, the level, three seconds of oneself, a tone; all by the keyboard as well. */
import { userEvent } from 'vitest/browser';
import { describe, expect, it } from 'vitest';
import { FAKE_DEVICES } from '../lib/fake-sound.ts';
import { showDoor, showHome, showRoom, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });

async function openSound() {
	const { screen, app, room } = await showRoom('on-stage-muted');
	await button(screen, 'Sound').click();
	const dialog = screen.getByRole('dialog', { name: 'Sound' });
	await expect.element(dialog).toBeVisible();
	return { screen, app, room, dialog };
}

describe('sound', () => {
	it('is reached from the settings at home', async () => {
		const { screen } = await showHome();
		await button(screen, 'Settings').click();
		await button(screen, 'Sound').click();
		await expect.element(screen.getByRole('dialog', { name: 'Sound' })).toBeVisible();
		await userEvent.keyboard('{Escape}');
		await expect.element(screen.getByRole('dialog', { name: 'Settings' })).toBeVisible();
	});

	it('shows at once how loud the microphone is, where nobody has to be asked', async () => {
		const { dialog } = await openSound();
		const meter = dialog.getByRole('meter', { name: 'Level of the microphone' });
		await expect.element(meter).toHaveAttribute('aria-valuenow', '60');
		await expect.element(meter).toHaveAttribute('aria-valuetext', 'You are heard well.');
	});

	it('lists what is plugged in, and remembers the one that is chosen by keyboard', async () => {
		const { app, dialog } = await openSound();
		const picker = dialog.getByRole('combobox', { name: 'Which microphone' });
		await expect
			.element(picker.getByRole('option', { name: 'Built-in microphone' }))
			.toBeInTheDocument();
		(picker.element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
		await expect.element(picker).toHaveValue('built-in');
		expect(app.sound.desk.choice.microphone).toEqual({
			id: 'built-in',
			label: 'Built-in microphone'
		});
		await dialog.getByRole('combobox', { name: 'Which loudspeaker' }).selectOptions('Screen');
		expect(app.sound.desk.choice.speaker?.id).toBe('screen');
	});

	it('keeps showing a chosen device that is unplugged, as not there', async () => {
		const { app, dialog } = await openSound();
		const picker = dialog.getByRole('combobox', { name: 'Which microphone' });
		await picker.selectOptions('Built-in microphone');
		app.sound.setDevices({ ...FAKE_DEVICES, microphones: FAKE_DEVICES.microphones.slice(0, 1) });
		await expect
			.element(picker.getByRole('option', { name: 'Built-in microphone (not there)' }))
			.toBeInTheDocument();
		await expect.element(picker).toHaveValue('built-in');
	});

	it('says what it does while it takes down three seconds and plays them', async () => {
		const { app, dialog } = await openSound();
		await expect.element(dialog.getByRole('meter')).toBeVisible();
		await dialog.getByRole('button', { name: 'Record three seconds and hear yourself' }).click();
		await expect.element(dialog.getByText(/^Speak now/)).toBeVisible();
		app.sound.goOn();
		await expect.element(dialog.getByText('This is how others hear you.')).toBeVisible();
		app.sound.goOn();
		await expect.element(dialog.getByText('This is how others hear you.')).not.toBeInTheDocument();
		await dialog.getByRole('button', { name: 'Play a test tone' }).click();
		await expect.element(dialog.getByText('Two notes are playing.')).toBeVisible();
		expect(app.calls.slice(1)).toEqual(['sound listen', 'sound take', 'sound tone']);
	});

	it('says what is wrong, and what to do', async () => {
		const { app, dialog } = await openSound();
		await expect.element(dialog.getByRole('meter')).toBeVisible();
		app.sound.loseMicrophone();
		await expect.element(dialog.getByText('The microphone is gone')).toBeVisible();
		app.sound.answer('refused');
		await dialog.getByRole('button', { name: 'Try the microphone' }).click();
		await expect.element(dialog.getByText('The microphone is blocked')).toBeVisible();
	});

	it('ends what it takes down where the microphone goes away, and can be tried again', async () => {
		const { app, dialog } = await openSound();
		await expect.element(dialog.getByRole('meter')).toBeVisible();
		await dialog.getByRole('button', { name: 'Record three seconds and hear yourself' }).click();
		await expect.element(dialog.getByText(/^Speak now/)).toBeVisible();
		app.sound.loseMicrophone();
		await expect.element(dialog.getByText('The microphone is gone')).toBeVisible();
		await expect.element(dialog.getByText(/^Speak now/)).not.toBeInTheDocument();
		await dialog.getByRole('button', { name: 'Record three seconds and hear yourself' }).click();
		await expect.element(dialog.getByText(/^Speak now/)).toBeVisible();
	});

	it('opens no microphone where it was closed while that still loaded', async () => {
		const { screen, app } = await showRoom('on-stage-muted');
		const done = app.sound.loadLater();
		await button(screen, 'Sound').click();
		await expect.element(screen.getByRole('dialog', { name: 'Sound' })).toBeVisible();
		await screen.getByRole('button', { name: 'Try the microphone' }).click();
		await userEvent.keyboard('{Escape}');
		await expect.element(screen.getByRole('dialog', { name: 'Sound' })).not.toBeInTheDocument();
		done();
		await button(screen, 'Sound').click();
		// Of the second dialog; the first would have listened before.
		await expect.poll(() => app.calls).toContain('sound listen');
		expect(app.calls.filter((call) => call === 'sound listen')).toHaveLength(1);
	});

	it('goes by the microphone that was chosen last, whatever comes of the one before', async () => {
		const { app, dialog } = await openSound();
		await expect.element(dialog.getByRole('meter')).toBeVisible();
		const answers = app.sound.answerLater();
		await dialog.getByRole('switch', { name: 'Music mode' }).click();
		await dialog
			.getByRole('combobox', { name: 'Which microphone' })
			.selectOptions('Built-in microphone');
		await expect.poll(() => answers.length).toBe(2);
		answers[0]?.('taken-away');
		await expect.element(dialog.getByText(/^Waiting for your microphone/)).toBeVisible();
		answers[1]?.(true);
		await expect.element(dialog.getByRole('meter')).toBeVisible();
		expect(dialog.getByText('The microphone is gone').elements()).toEqual([]);
	});

	it('has noise suppression on from the beginning, with a switch', async () => {
		const { app, dialog } = await openSound();
		const processing = dialog.getByRole('switch', { name: 'Suppress noise and echo' });
		await expect.element(processing).toBeChecked();
		await processing.click();
		expect(app.sound.desk.choice.processing).toBe(false);
	});
});

it('a device that took the place of another is told, aloud and in sight', async () => {
	const { screen, room, app } = await showRoom('on-stage-muted');
	const words = 'You are heard by “Webcam” now: the microphone you chose is not there.';
	room.set({ soundNews: { type: 'microphone-instead', label: 'Webcam' } });
	await expect.poll(() => screen.getByText(words).elements().length).toBe(2);
	const assertive = document.querySelector('[aria-live="assertive"]');
	expect(assertive?.textContent).toContain(words);
	await button(screen, 'All right').click();
	await expect.poll(() => screen.getByText(words).elements().length).toBe(1);
	// Somewhere else in the app, and back.
	await screen.unmount();
	const again = (await showDoor(app)).screen;
	await expect.element(button(again, 'Unmute')).toBeVisible();
	expect(again.getByText(words).elements()).toEqual([]);
	room.set({ soundNews: { type: 'speaker-instead', label: '' } });
	await expect.element(again.getByText(/^The loudspeaker you chose/).first()).toBeVisible();
});
