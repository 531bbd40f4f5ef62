/** Everything that a stranger can fill is text: markup in it is seen, and never done. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakePeer } from '../lib/fake-session.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { SCENES } from '../lib/scenes.ts';
import { drawScene, showPeople, showRoom, type Screen } from '../lib/screen.ts';

vi.mock('$app/paths', () => import('../pictures/paths.ts'));

/** Out of an attribute, out of a text, and by itself. */
const HOSTILE =
	`"'><img src="data:," data-injected onerror="globalThis.injected = true">` +
	`<script data-injected>globalThis.injected = true</script>{@html 1}&lt;b data-injected&gt;`;

/** What others say of themselves and of their rooms, wherever it stands. */
const TEXTS = new Set([
	...['name', 'byName', 'fromName', 'hostName', 'title', 'text', 'ending', 'note'],
	...['language', 'topics']
]);

/** The same with HOSTILE in every text of others. */
function poisoned<T>(value: T, key = ''): T {
	if (typeof value === 'string') return (TEXTS.has(key) ? `${value}${HOSTILE}` : value) as T;
	if (Array.isArray(value)) return value.map((one: unknown) => poisoned(one, key)) as T;
	if (!isPlain(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [name, poisoned(inner as unknown, name)])
	) as T;
}

const isPlain = (value: unknown): value is object =>
	typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** What came to life of it. */
function injected(): string[] {
	const alive = document.querySelectorAll('[data-injected], [onerror], a[href^="javascript:"]');
	const ran = 'injected' in globalThis ? ['a script ran'] : [];
	return [...[...alive].map((one) => one.outerHTML), ...ran];
}

afterEach(() => {
	Reflect.deleteProperty(globalThis, 'injected');
});

const press = (screen: Screen, name: string | RegExp): Promise<void> =>
	screen.getByRole('button', { name }).first().click();

describe('what strangers fill in', () => {
	it.each(SCENES)('is text: %s', async (name) => {
		const { screen } = await drawScene(name, poisoned);
		await expect.element(screen.getByRole('heading', { level: 1 })).toBeInTheDocument();
		expect(injected()).toEqual([]);
	});

	it('is text in dialogs as well, and is seen as it was written', async () => {
		const { screen } = await drawScene('moderating', poisoned);
		for (const opener of ['Desk', 'Who did what', /^More about Chidi/, /^More about Noor/]) {
			await press(screen, opener);
			await expect.element(screen.getByRole('dialog')).toBeVisible();
			expect(injected()).toEqual([]);
			if (opener instanceof RegExp) {
				const heading = screen.getByRole('dialog').getByRole('heading').first();
				await expect.poll(() => heading.element().textContent).toContain(HOSTILE);
			}
			await press(screen, 'Close');
		}
	});

	it('is text where it is said and shown', async () => {
		const { screen, room } = await showRoom('listening');
		const by = { peer: fakePeer('Chidi'), name: HOSTILE };
		room.setView({ captions: true });
		room.tellReactions({ by, code: 1, count: 1 });
		room.tellCaptions({
			by,
			stream: '0123456789abcdef' as StreamId,
			...{ start: 1, ticks: 100, final: true, language: HOSTILE, text: HOSTILE, saidAtMs: 0 }
		});
		await expect.element(screen.getByText(HOSTILE).first()).toBeVisible();
		expect(injected()).toEqual([]);
	});

	it('is text in the card that a link brings', async () => {
		const { screen } = await showPeople(undefined, HOSTILE);
		await expect.element(screen.getByRole('heading', { level: 1 })).toBeVisible();
		expect(injected()).toEqual([]);
	});

	it('would be found if it were not', () => {
		const place = document.createElement('div');
		place.innerHTML = HOSTILE;
		document.body.append(place);
		expect(injected().length).toBeGreaterThan(1);
		place.remove();
	});
});
