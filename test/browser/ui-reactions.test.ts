/** Reactions on the screen: the bar and its keys, what floats, what is counted, what is said. */
import { describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { ReactionNews } from '#lib/p2p/peer/io.ts';
import { REACTIONS } from '#lib/p2p/wire/reaction.ts';
import { fakePeer } from '../lib/fake-session.ts';
import { showRoom, type Screen } from '../lib/screen.ts';

const by = (name: string, code: number): ReactionNews => ({
	by: { peer: fakePeer(name), name },
	code,
	count: 1
});

const press = (screen: Screen, name: string): Promise<void> =>
	screen.getByRole('button', { name, exact: true }).click();

const textOf = (screen: Screen, selector: string): string[] =>
	[...screen.container.querySelectorAll(selector)].map((one) => one.textContent.trim());

describe('the reaction bar', () => {
	it('opens and closes, and a press shows the reaction', async () => {
		const { screen, room } = await showRoom('listening');
		const opener = screen.getByRole('button', { name: 'React', exact: true });
		await expect.element(opener).toHaveAttribute('aria-expanded', 'false');
		await opener.click();
		await expect.element(opener).toHaveAttribute('aria-expanded', 'true');
		await press(screen, 'Laughter');
		expect(room.calls).toEqual([`react ${REACTIONS.indexOf('laugh')}`]);
		await opener.click();
		await expect.element(screen.getByRole('toolbar')).not.toBeInTheDocument();
	});

	it('is one stop of the keyboard, with arrows within', async () => {
		const { screen, room } = await showRoom('listening');
		await press(screen, 'React');
		const first = screen.getByRole('button', { name: 'Applause' });
		first.element().focus();
		await userEvent.keyboard('{ArrowRight}{ArrowRight}{Enter}{End}{Enter}{ArrowRight}{Enter}');
		expect(room.calls).toEqual(['react 2', `react ${REACTIONS.length - 1}`, 'react 0']);
		const stops = screen.getByRole('toolbar').getByRole('button').elements();
		expect(stops.filter((button) => button.tabIndex === 0)).toHaveLength(1);
	});

	it('tells how often each was shown lately', async () => {
		const { screen, room } = await showRoom('listening');
		await press(screen, 'React');
		room.tellReactions({ by: null, code: 0, count: 41 }, by('Ana', 0), by('Ana', 1));
		await expect.poll(() => textOf(screen, '.count')).toEqual(['42', '1']);
	});
});

describe('reactions of others', () => {
	it('float, and are shown at the face of who is on stage', async () => {
		const { screen, room } = await showRoom('full');
		room.tellReactions(by('Ana', 5), by('Noor', 1));
		await expect.poll(() => textOf(screen, '.floater')).toEqual(['🎉', '❤️']);
		const face = `[data-peer="${fakePeer('Ana')}"] .shown`;
		expect(textOf(screen, face)).toEqual(['🎉']);
		expect(textOf(screen, '.shown')).toHaveLength(1);
		// Decoration for who looks: nothing of it is read out or can be pressed.
		const sky = screen.container.querySelector('.sky');
		expect(sky?.getAttribute('aria-hidden')).toBe('true');
		expect(sky === null ? '' : getComputedStyle(sky).pointerEvents).toBe('none');
	});

	it('are said once in a while, in one sentence', async () => {
		const { screen, room } = await showRoom('listening');
		room.tellReactions(by('Ana', 0));
		await expect.poll(() => textOf(screen, '.reactions [role=status]')).toEqual(['Ana: Applause.']);
		room.tellReactions(by('Noor', 1), { by: null, code: 0, count: 12 });
		await expect.poll(() => textOf(screen, '.floater').length).toBeGreaterThan(2);
		expect(textOf(screen, '.reactions [role=status]')).toEqual(['Ana: Applause.']);
	});

	it('are counted for everybody where a crowd reacts', async () => {
		const { screen, room } = await showRoom('listening');
		room.tellReactions({ by: null, code: 3, count: 120 });
		await expect.poll(() => textOf(screen, '.tally')).toEqual(['👍 120']);
		await expect.element(screen.getByText('👍 120')).toBeVisible();
	});
});
