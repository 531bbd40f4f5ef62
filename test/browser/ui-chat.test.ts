/** Chat on the screen: what is read and written, who takes back what, and how it is told that there is something new. */
import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { ChatNews } from '#lib/p2p/peer/io.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { fakePeer } from '../lib/fake-session.ts';
import { showDoor, showRoom, type Screen } from '../lib/screen.ts';

let number = 0;
const idOf = (at: number): EventId => at.toString(16).padStart(32, '0') as EventId;

const written = (name: string, text: string | null, at = ++number): ChatNews => ({
	id: idOf(at),
	by: { peer: fakePeer(name), name },
	text,
	seenAtMs: 1_790_000_000_000 + at
});

const press = (screen: Screen, name: string | RegExp): Promise<void> =>
	screen.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).click();

const texts = (screen: Screen): string[] =>
	[...screen.container.querySelectorAll('[role=log] .text')].map((one) => one.textContent.trim());

describe('the chat of a room', () => {
	it('tells how much is new, is read, and follows what comes', async () => {
		const { screen, room } = await showRoom('listening');
		room.tellChat(written('Ana', 'First'), written('Me', 'Mine'), written('Ben', 'Second'));
		await press(screen, 'Chat 2 new messages');
		await expect.poll(() => texts(screen)).toEqual(['First', 'Mine', 'Second']);
		room.tellChat(written('Ana', 'Third'));
		await expect.poll(() => texts(screen)).toContain('Third');
		await expect.element(screen.getByRole('button', { name: 'Chat', exact: true })).toBeVisible();
	});

	it('is read once, also by who looked at another page meanwhile', async () => {
		const { screen, room, app } = await showRoom('listening');
		room.tellChat(written('Ana', 'First'));
		await press(screen, 'Chat 1 new message');
		await expect.poll(() => texts(screen)).toEqual(['First']);
		await screen.unmount();
		const again = await showDoor(app);
		await expect
			.element(again.screen.getByRole('button', { name: 'Chat', exact: true }))
			.toBeVisible();
		room.tellChat(written('Ana', 'Second'));
		await press(again.screen, 'Chat 1 new message');
	});

	it('is written by keyboard alone, and what is refused is not lost', async () => {
		const { screen, room } = await showRoom('listening');
		await press(screen, 'Chat');
		const field = screen.getByRole('textbox', { name: 'Write to everybody' });
		await field.fill('Good evening');
		await userEvent.keyboard('{Enter}');
		await vi.waitFor(() => expect(room.calls).toContain('say Good evening'));
		await expect.element(field).toHaveValue('');
		room.setView({ refusal: 'too-fast' });
		await expect.element(field).toHaveValue('Good evening');
		await expect.element(screen.getByText(/^You are writing very fast/)).toBeVisible();
	});

	it('is not put back a second time, neither sent again nor taken out by hand', async () => {
		const { screen, room } = await showRoom('listening');
		await press(screen, 'Chat');
		const field = screen.getByRole('textbox', { name: 'Write to everybody' });
		await field.fill('Good evening');
		await userEvent.keyboard('{Enter}');
		room.setView({ refusal: 'too-fast' });
		await expect.element(field).toHaveValue('Good evening');
		await field.fill('');
		await expect.element(field).toHaveValue('');
		await field.fill('Good night');
		await userEvent.keyboard('{Enter}');
		await vi.waitFor(() => expect(room.calls).toContain('say Good night'));
		await expect.element(field).toHaveValue('');
		room.setView({ refusal: null });
		await expect.element(field).toHaveValue('');
	});

	it('says what is too long, and sends no more than fits', async () => {
		const { screen } = await showRoom('listening');
		await press(screen, 'Chat');
		await screen.getByRole('textbox', { name: 'Write to everybody' }).fill('x'.repeat(570));
		await expect.element(screen.getByText('10 letters too long')).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
	});

	it('lets everybody take back their own, and a listener nothing of others', async () => {
		const { screen, room } = await showRoom('listening');
		room.tellChat(written('Ana', 'Hers', 50), written('Me', 'Oops', 51));
		await press(screen, /^Chat/);
		await press(screen, 'Take back what you wrote');
		expect(room.calls).toContain(`unsay ${idOf(51)}`);
		expect(screen.container.querySelector('[aria-label="Remove what Ana wrote"]')).toBeNull();
		room.tellChat(written('Me', null, 51));
		await expect.poll(() => texts(screen)).toEqual(['Hers']);
	});

	it('lets the host remove any message, and turn the chat off', async () => {
		const { screen, room } = await showRoom('moderating');
		room.tellChat(written('Chidi', 'Buy this', 60));
		await press(screen, /^Chat/);
		await press(screen, 'Remove what Chidi wrote');
		expect(room.calls).toContain(`unsay ${idOf(60)}`);
		room.setView({ chat: false });
		await expect.element(screen.getByText('The chat is turned off.')).toBeVisible();
		expect(screen.container.querySelector('input[enterkeyhint=send]')).toBeNull();
	});

	it('shows nothing of whom I hide, and never markup', async () => {
		const { screen, room } = await showRoom('listening');
		room.set({ quieted: [{ peer: fakePeer('Ben'), name: 'Ben', how: 'hidden' }] });
		const nasty = '<img src=x onerror=alert(1)> https://\u0430pple.com/x javascript:alert(1)';
		room.tellChat(written('Ben', 'Hidden'), written('Ana', nasty));
		await press(screen, /^Chat/);
		await expect.poll(() => texts(screen)).toHaveLength(1);
		const log = screen.container.querySelector('[role=log]');
		expect(log?.querySelector('img')).toBeNull();
		const links = [...(log?.querySelectorAll('a') ?? [])];
		expect(links.map(({ href, textContent }) => [href, textContent])).toEqual([
			['https://xn--pple-43d.com/x', 'xn--pple-43d.com/x']
		]);
		expect(links[0]?.rel).toContain('noreferrer');
	});

	it('is as large as each reader chooses', async () => {
		const { screen, room } = await showRoom('listening');
		room.tellChat(written('Ana', 'Small print'));
		await press(screen, /^Chat/);
		await screen.getByLabelText('Text size').selectOptions('Very large');
		const log = screen.container.querySelector('[role=log]');
		await expect.poll(() => log && getComputedStyle(log).fontSize).toBe('26px');
	});

	it('stands beside the room where there is space, and over it on a phone', async () => {
		const { screen } = await showRoom('listening');
		await page.viewport(1_280, 800);
		await press(screen, 'Chat');
		await expect.element(screen.getByRole('log')).toBeVisible();
		expect(screen.container.querySelector('dialog')).toBeNull();
		await page.viewport(390, 700);
		await expect.poll(() => screen.container.querySelector('dialog[open]')).not.toBeNull();
	});
});
