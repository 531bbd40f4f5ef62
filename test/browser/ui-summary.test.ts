/** What the host looks back at. */
import { describe, expect, it } from 'vitest';
import { showRoom } from '../lib/screen.ts';

describe('the summary of a room', () => {
	it('is there for the host when the room is over: numbers, a chart, who spoke for how long', async () => {
		const { screen, room } = await showRoom('moderating');
		room.setView({ phase: 'ended' });
		await screen.getByRole('button', { name: 'Listeners and speaking times' }).click();
		const dialog = screen.getByRole('dialog', { name: 'How it went' });
		await expect.element(dialog.getByText('Most listeners at once')).toBeVisible();
		await expect
			.element(dialog.getByRole('img', { name: /^Listeners from .+ at most 48$/ }))
			.toBeVisible();
		const rows = [...screen.container.querySelectorAll('dialog section dl div')].map(
			(row) => row.textContent
		);
		expect(rows.map((row) => row.replace(/\s+/g, ' ').trim())).toEqual([
			'Ana 21:52',
			'Béla 12:25',
			'Chidi 1:01'
		]);
		await expect
			.element(dialog.getByRole('button', { name: 'Save as a table (CSV)' }))
			.toBeVisible();
	});

	it('is not there for anybody else', async () => {
		const { screen } = await showRoom('ended');
		await expect.element(screen.getByText(/lime tree/)).toBeVisible();
		expect(screen.container.querySelectorAll('button')).not.toHaveLength(0);
		expect(screen.container.textContent).not.toContain('Listeners and speaking times');
	});
});
