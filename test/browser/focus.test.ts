/** By keyboard alone: nobody is dropped at the beginning of the page, and nothing that has the focus is hidden. */
import { page, userEvent } from 'vitest/browser';
import { describe, expect, it } from 'vitest';
import { showRecordings, showRoom, showScene, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) =>
	screen.getByRole('button', { name, exact: true }).first();

async function press(screen: Screen, name: string): Promise<void> {
	await expect.element(button(screen, name)).toBeVisible();
	(button(screen, name).element() as HTMLElement).focus();
	await userEvent.keyboard('{Enter}');
}

describe('a question that is asked once more', () => {
	it.each([
		['More about Chidi', 'Remove…', 'Remove Chidi?'],
		['More about Chidi', 'Make co-host…', 'Chidi as co-host'],
		['More about Béla', 'Take co-host powers back…', 'Take the powers of Béla back?'],
		['Desk', 'End the room…', 'End the room…']
	])('%s, %s: takes the keyboard along, and gives it back', async (menu, opener, question) => {
		const { screen } = await showRoom('moderating');
		await press(screen, menu);
		await press(screen, opener);
		await expect.element(screen.getByRole('heading', { name: question })).toHaveFocus();
		await press(screen, 'Cancel');
		await expect.element(button(screen, opener)).toHaveFocus();
	});

	it('leads to the words of a report, and back', async () => {
		const { screen } = await showRoom('listening');
		await press(screen, 'More about Chidi');
		await press(screen, 'Report…');
		await expect.element(screen.getByRole('textbox')).toHaveFocus();
		await press(screen, 'Cancel');
		await expect.element(button(screen, 'Report…')).toHaveFocus();
	});

	it('leads to the same of what is next once a recording is gone', async () => {
		const { screen } = await showRecordings();
		await press(screen, 'Delete now');
		await expect.element(screen.getByRole('heading', { name: /Delete/ })).toHaveFocus();
		await press(screen, 'Delete for good');
		await expect.poll(() => screen.getByRole('listitem').all().length).toBe(1);
		await expect.element(button(screen, 'Delete now')).toHaveFocus();
	});
});

describe('what goes away under the keyboard', () => {
	it('leaves it at the controls where an invitation was accepted', async () => {
		const { screen, room } = await showRoom('invited');
		await press(screen, 'Accept');
		room.setMe({ invitation: null, role: 'speaker' });
		await expect.element(button(screen, 'Unmute')).toHaveFocus();
	});

	it('leaves it with the person who was invited', async () => {
		const { screen, room } = await showRoom('hosting');
		await press(screen, 'Invite Noor to speak');
		const { listeners } = room.state().view;
		room.setView({
			listeners: listeners.map((one) => (one.name === 'Noor' ? { ...one, invited: true } : one))
		});
		await expect.element(button(screen, 'More about Noor')).toHaveFocus();
	});

	it('leads to the heading where the whole screen is another', async () => {
		const { screen, room } = await showRoom('listening');
		await press(screen, 'React');
		room.setView({ phase: 'ended' });
		await expect.element(screen.getByRole('heading', { level: 1 })).toHaveFocus();
	});
});

describe('the bar at the bottom', () => {
	it.each(['moderating', 'full', 'recording'])(
		'hides nothing that has the focus: %s',
		async (name) => {
			await page.viewport(390, 640);
			const { screen } = await showScene(name);
			await expect.element(button(screen, 'Leave')).toBeVisible();
			const hidden: string[] = [];
			const seen = new Set<Element>();
			for (let i = 0; i < 60; i++) {
				await userEvent.keyboard('{Tab}');
				const at = document.activeElement;
				if (at === null || at === document.body || seen.has(at)) break;
				seen.add(at);
				if (isCovered(at)) hidden.push(at.getAttribute('aria-label') ?? at.textContent);
			}
			expect(seen.size).toBeGreaterThan(10);
			expect(hidden).toEqual([]);
		}
	);
});

/** Something else is in front of its middle (WCAG 2.2, 2.4.11 asks that it is not wholly hidden). */
function isCovered(element: Element): boolean {
	const { left, top, width, height } = element.getBoundingClientRect();
	const front = document.elementFromPoint(left + width / 2, top + height / 2);
	return front === null || !(element.contains(front) || front.contains(element));
}
