/** Recording on the screen: the host's switches, what everybody sees, the question to speakers, the list. */
import { describe, expect, it } from 'vitest';
import { fakeTold } from '../lib/fake-commons.ts';
import { showHome, showRecordings, showRoom, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });
const answer = (screen: Screen, name: string) =>
	screen.getByRole('region', { name: 'The host records this room' }).getByRole('button', { name });

describe('the host', () => {
	it('begins a recording, and is told whether the browser keeps it', async () => {
		const { screen, room, app } = await showRoom('moderating');
		await button(screen, 'Desk').click();
		await button(screen, 'Record this room').click();
		expect(room.calls).toEqual(['moderate recording on false']);
		await expect.poll(() => app.calls).toContain('askToPersist');
		room.setView({ recording: { state: 'on', kept: false } });
		await expect.element(screen.getByText(/keeps recordings even when/)).toBeVisible();
	});

	it('pauses it, goes on, keeps it, and stops after one question', async () => {
		const { screen, room } = await showRoom('recording');
		await button(screen, 'Desk').click();
		await expect.element(screen.getByText(/12:34, 4.2/)).toBeVisible();
		const desk = screen.getByRole('dialog', { name: 'Desk' });
		await expect.element(desk.getByRole('alert').getByText(/Space is running out/)).toBeVisible();
		await expect.element(screen.getByText('has not answered: not recorded').first()).toBeVisible();
		await button(screen, 'Pause').click();
		room.setView({ recording: { state: 'paused', kept: false } });
		await button(screen, 'Go on recording').click();
		await screen.getByRole('switch', { name: 'Keep it for longer than 30 days' }).click();
		await button(screen, 'Stop…').click();
		await expect.element(screen.getByText('Stop the recording?')).toHaveFocus();
		await button(screen, 'Stop for good').click();
		expect(room.calls).toEqual([
			'moderate recording paused false',
			'moderate recording on false',
			'moderate recording paused true',
			'moderate recording off false'
		]);
	});

	it('is told what became of a recording that had to stop', async () => {
		const { screen, room } = await showRoom('recording');
		const note = screen.getByRole('alert').getByText(/The disk is nearly full/);
		const { recorder } = room.state();
		room.set({ recorder: { ...recorder!, problem: 'full' } });
		await expect.element(note).toBeVisible();
		await button(screen, 'All right').click();
		await expect.element(note).not.toBeInTheDocument();
		await button(screen, 'Desk').click();
		await expect.element(note).toBeVisible();
	});

	it('can have a room recorded from its beginning', async () => {
		const { screen, app } = await showHome();
		await button(screen, 'Start a room').click();
		await screen.getByRole('textbox', { name: 'Room title' }).fill('Tea');
		await screen.getByRole('switch', { name: 'Record it from the beginning' }).click();
		await button(screen, 'Open room').click();
		await expect.poll(() => app.calls).toContain('openRoom Tea recorded');
	});
});

describe('the list of recordings', () => {
	it('says before one is kept that those who spoke are told, and then who knows', async () => {
		const { screen, app } = await showRecordings();
		await button(screen, 'Keep').first().click();
		await expect.element(screen.getByText(/They are told that you keep it/)).toBeVisible();
		await button(screen, 'Keep').first().click();
		expect(app.calls.at(-1)).toMatch(/^keep 0+1 true$/);
		app.commons.setTold([fakeTold('Yves'), fakeTold('Nora', { state: 'waiting' })]);
		await expect.element(screen.getByText('Told that you keep it: Yves.')).toBeVisible();
		await expect.element(screen.getByText(/^Not told yet: Nora\./)).toBeVisible();
		app.commons.setTold([fakeTold('Yves', { kept: false, state: 'waiting' })]);
		await expect.element(screen.getByText(/no longer keep it: Yves/)).toBeVisible();
	});
});

describe('everybody in a room', () => {
	it('sees that it is recorded, paused, kept, and no more', async () => {
		const { screen, room } = await showRoom('moderated');
		const told = screen.getByText(/being recorded/);
		await expect.element(told).not.toBeInTheDocument();
		room.setView({ recording: { state: 'on', kept: false } });
		await expect.element(told).toBeVisible();
		room.setView({ recording: { state: 'paused', kept: true } });
		await expect.element(screen.getByText(/is paused\. The host keeps it/)).toBeVisible();
		room.setView({ recording: { state: 'off', kept: false } });
		await expect.element(screen.getByText(/is paused/)).not.toBeInTheDocument();
	});

	it('is told that nothing is recorded while the host is away', async () => {
		const { screen, room } = await showRoom('moderated');
		room.setView({ recording: { state: 'on', kept: false }, hostAway: true });
		const away = screen.getByText('Not being recorded: the host is away');
		await expect.element(away).toBeVisible();
		room.setView({ hostAway: false });
		await expect.element(screen.getByText(/being recorded/)).toBeVisible();
		await expect.element(away).not.toBeInTheDocument();
	});

	it('is asked nothing while only listening', async () => {
		const { screen, room } = await showRoom('moderated');
		room.setView({ recording: { state: 'on', kept: false } });
		await expect.element(screen.getByText(/being recorded/)).toBeVisible();
		await expect.element(answer(screen, 'Do not record me')).not.toBeInTheDocument();
	});
});

describe('a speaker', () => {
	it('answers before the microphone opens, which it then does', async () => {
		const { screen, room } = await showRoom('recorded');
		await button(screen, 'Unmute').click();
		expect(room.calls).toEqual([]);
		await expect.element(screen.getByText('Before you speak: this room is recorded')).toBeVisible();
		await expect.element(answer(screen, 'You may record me')).toHaveFocus();
		await answer(screen, 'Do not record me').click();
		expect(room.calls).toEqual(['consent none', 'unmute']);
	});

	it('opens no microphone later for a question that went away unanswered', async () => {
		const { screen, room } = await showRoom('recorded');
		const { recording } = room.state().view;
		await button(screen, 'Unmute').click();
		await expect.element(screen.getByText('Before you speak: this room is recorded')).toBeVisible();
		room.setView({ recording: { state: 'off', kept: false } });
		await expect.element(answer(screen, 'Do not record me')).not.toBeInTheDocument();
		room.setView({ recording });
		await answer(screen, 'Do not record me').click();
		expect(room.calls).toEqual(['consent none']);
	});

	it('answers without speaking, and may think better of it', async () => {
		const { screen, room } = await showRoom('recorded');
		await answer(screen, 'Captions only').click();
		expect(room.calls).toEqual(['consent captions']);
		room.setMe({ consent: 'captions' });
		await expect.element(answer(screen, 'Captions only')).not.toBeInTheDocument();
		await expect.element(screen.getByText(/Only your captions are recorded/)).toBeVisible();
		await button(screen, 'Change').click();
		await answer(screen, 'You may record me').click();
		expect(room.calls.at(-1)).toBe('consent sound');
	});
});

describe('the list of recordings', () => {
	it('says of each how long, how large, and when it goes', async () => {
		const { screen } = await showRecordings();
		await expect.element(screen.getByText(/1:02:03/).first()).toBeVisible();
		await expect.element(screen.getByText('Will be deleted on December 2, 2026.')).toBeVisible();
		await expect.element(screen.getByText('Kept until you delete it.')).toBeVisible();
		await expect.element(screen.getByText(/25 MB used by this app, 5 GB left/)).toBeVisible();
	});

	it('keeps one after a question, and lets it go again', async () => {
		const { screen, app } = await showRecordings();
		await button(screen, 'Keep').click();
		await expect.element(screen.getByText(/Keep “Talk 1” for longer/)).toBeVisible();
		expect(app.calls).toEqual([]);
		await button(screen, 'Keep').click();
		expect(app.calls).toEqual([`keep ${'1'.padStart(32, '0')} true`]);
		await expect.element(screen.getByText('Kept until you delete it.').nth(1)).toBeVisible();
		await button(screen, 'No longer keep').first().click();
		expect(app.calls.at(-1)).toMatch(/^keep \w+ false$/);
	});

	it('deletes one after one question', async () => {
		const { screen, app } = await showRecordings();
		await button(screen, 'Delete now').first().click();
		expect(app.calls).toEqual([]);
		await button(screen, 'Delete for good').click();
		expect(app.calls).toEqual([`remove ${'1'.padStart(32, '0')}`]);
		await expect.element(screen.getByText('Talk 1')).not.toBeInTheDocument();
	});

	it('asks the browser to keep them', async () => {
		const { screen, app } = await showRecordings();
		await button(screen, 'Ask the browser to keep them').click();
		expect(app.calls).toEqual(['askToPersist']);
		await expect.element(screen.getByText(/keeps recordings even when/)).toBeVisible();
	});

	it('says what did not work', async () => {
		const { screen, app } = await showRecordings();
		await expect.element(screen.getByText('Talk 1')).toBeVisible();
		app.breakDown();
		await button(screen, 'Delete now').first().click();
		await button(screen, 'Delete for good').click();
		await expect.element(screen.getByRole('alert').getByText(/did not work/)).toBeVisible();
		await expect.element(screen.getByText('Talk 1')).toBeVisible();
	});
});
