/** Locked rooms on the screens: the lock, the link with its secret, the door from both sides. */
import { describe, expect, it } from 'vitest';
import { FAKE_ACCESS, FAKE_KEY, fakePeer } from '../lib/fake-session.ts';
import { showHome, showRoom, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });

describe('the lock', () => {
	it('can be chosen when a room is started', async () => {
		const { screen, app } = await showHome();
		await button(screen, 'Start a room').click();
		await screen.getByRole('textbox', { name: 'Room title' }).fill('Hedge');
		await screen.getByRole('switch', { name: 'Lock the room' }).click();
		await button(screen, 'Open room').click();
		await expect.poll(() => app.calls).toEqual(['openRoom Hedge locked']);
	});

	it('goes on at the desk of an open room, which says that it is for good', async () => {
		const { screen, room } = await showRoom('hosting');
		await button(screen, 'Desk').click();
		await expect.element(screen.getByText(/cannot be opened to all again/)).toBeVisible();
		await button(screen, 'Lock the room').click();
		expect(room.calls).toEqual(['lockRoom']);
	});

	it('is seen, and its door kept, at the desk of a locked one', async () => {
		const { screen, room } = await showRoom('keeping-door');
		await expect
			.element(screen.getByRole('heading', { level: 1 }))
			.toHaveTextContent('Locked room: Evening garden talk');
		await button(screen, 'Desk').click();
		const door = screen.getByRole('switch', { name: 'Newcomers wait at the door' });
		await expect.element(door).toBeChecked();
		await door.click();
		expect(room.calls).toEqual(['moderate door false']);
	});
});

describe('the link of a locked room', () => {
	it('holds the secret, and beside it the pass for relays, which does not', async () => {
		const { screen } = await showRoom('keeping-door');
		await button(screen, 'Share').click();
		const link = `${location.origin}/r/${FAKE_KEY}#${FAKE_ACCESS}`;
		await expect.element(screen.getByRole('textbox', { name: 'Link' })).toHaveValue(link);
		await expect.element(screen.getByText(`${FAKE_KEY}#${FAKE_ACCESS}`)).toBeVisible();
		const codes = [...document.querySelectorAll('dialog code')].map((code) => code.textContent);
		expect(codes).toHaveLength(2);
		expect(codes[1]).toMatch(new RegExp(`^${FAKE_KEY}#`));
		expect(codes[1]).not.toContain(FAKE_ACCESS);
	});
});

describe('the door', () => {
	it('shows who waits to whom may let in, and takes an answer for each', async () => {
		const { screen, room } = await showRoom('keeping-door');
		await expect.element(screen.getByRole('heading', { name: /At the door/ })).toBeVisible();
		await button(screen, 'Let in Quentin').click();
		await button(screen, 'Turn away Zoe').click();
		expect(room.calls).toEqual([
			`answerDoor ${fakePeer('Quentin')} in`,
			`answerDoor ${fakePeer('Zoe')} away`
		]);
	});

	it('is told to who waits before it, and that it stayed closed', async () => {
		const waiting = await showRoom('at-door');
		const heading = (screen: Screen, name: string) => screen.getByRole('heading', { name });
		await expect.element(heading(waiting.screen, 'You are at the door')).toBeVisible();
		await button(waiting.screen, 'Leave').click();
		expect(waiting.room.calls).toEqual(['leave']);
		await waiting.screen.unmount();
		const refused = await showRoom('turned-away');
		await expect.element(heading(refused.screen, 'You were not let in')).toBeVisible();
	});

	it('has a word for who comes without the secret', async () => {
		const { screen } = await showRoom('locked');
		await expect
			.element(screen.getByRole('heading', { name: 'This room is locked' }))
			.toBeVisible();
		await expect.element(screen.getByText(/everything behind the # sign/)).toBeVisible();
	});
});
