/** What has to hold for every screen in every state: for those who cannot see it, and for those who enlarge it. */
import { page } from 'vitest/browser';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { complaints } from '../lib/complaints.ts';
import { OPENED } from '../lib/opened.ts';
import { SCENES } from '../lib/scenes.ts';
import { showScene } from '../lib/screen.ts';

vi.mock('$app/paths', () => import('../pictures/paths.ts'));

const PHONE = [390, 844] as const;
const NARROWEST = [320, 640] as const;
const DESKTOP = [1280, 800] as const;

afterEach(() => {
	document.documentElement.removeAttribute('style');
});

/** What sticks out to the right: it could be read only by scrolling in two directions. */
function tooWide(): string[] {
	const { scrollWidth, clientWidth } = document.documentElement;
	if (scrollWidth <= clientWidth) return [];
	const out = [...document.querySelectorAll('main *, dialog *')].filter(
		(one) => one.getBoundingClientRect().right > clientWidth
	);
	return out.map((one) => `${one.tagName} ${one.getAttribute('class') ?? ''}`);
}

/** Some are loaded only when they are wanted. */
const dialogs = (): number => document.querySelectorAll('dialog[open]').length;

const STATES: readonly (readonly [string, string])[] = [
	...SCENES.map((scene) => [scene, ''] as const),
	...OPENED
];

describe.each(STATES)('%s %s', (name, presses) => {
	it('has nothing that shuts anybody out, light or dark, in either language', async () => {
		await page.viewport(...PHONE);
		const { screen, speak } = await showScene(name);
		for (const press of presses.split(' > ').filter((word) => word !== '')) {
			const button = screen.getByRole('button', { name: press, exact: true }).first();
			await expect.element(button).toBeInTheDocument();
			const opens = button.element().getAttribute('aria-haspopup') === 'dialog';
			const before = dialogs();
			await button.click();
			if (opens) await expect.poll(dialogs).toBe(before + 1);
		}
		document.documentElement.style.colorScheme = 'light';
		expect.soft(await complaints()).toEqual([]);
		document.documentElement.style.colorScheme = 'dark';
		await speak('fr');
		expect.soft(await complaints()).toEqual([]);
		await page.viewport(...NARROWEST);
		expect.soft(tooWide()).toEqual([]);
		// Letters alone twice as large, as browsers and systems can be told.
		await page.viewport(...DESKTOP);
		document.documentElement.style.fontSize = '200%';
		expect.soft(tooWide()).toEqual([]);
	});
});
