/** Captions on the screen: what is asked of a speaker, what is read, how it looks, and what can be taken along. */
import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import type { CaptionNews } from '#lib/p2p/peer/io.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { fakePeer } from '../lib/fake-session.ts';
import { showRoom, type RoomOnScreen, type Screen } from '../lib/screen.ts';

const said = (name: string, start: number, text: string, final = true): CaptionNews => ({
	by: { peer: fakePeer(name), name },
	stream: '0123456789abcdef' as StreamId,
	start,
	ticks: 100,
	final,
	language: 'en',
	text,
	saidAtMs: 1_790_000_000_000 + 20 * start
});

const linesOf = (screen: Screen): string[] =>
	[...screen.container.querySelectorAll('.captions p')].map((line) =>
		line.textContent.replace(/\s+/g, ' ').trim()
	);

const press = (screen: Screen, name: string): Promise<void> =>
	screen.getByRole('button', { name, exact: true }).click();

/** The room of a listener, or of somebody on stage, in which captions are on. */
async function captioned(scene: 'listening' | 'on-stage-muted'): Promise<RoomOnScreen> {
	const shown = await showRoom(scene);
	shown.room.setView({ captions: true });
	return shown;
}

describe('captions in the room', () => {
	it('show who says what, partial words first, and nothing of whom I do not hear', async () => {
		const { screen, room } = await captioned('listening');
		room.tellCaptions(said('Ana', 1, 'Good eve', false));
		await expect.poll(() => linesOf(screen)).toEqual(['Ana Good eve']);
		room.set({ quieted: [{ peer: fakePeer('Chidi'), name: 'Chidi', how: 'muted' }] });
		room.tellCaptions(said('Ana', 1, 'Good evening.'), said('Chidi', 2, 'Unheard.'));
		await expect.poll(() => linesOf(screen)).toEqual(['Ana Good evening.']);
		const lines = screen.container.querySelector('.captions');
		expect(lines?.getAttribute('aria-live')).toBe('off');
		await press(screen, 'Captions');
		expect(screen.container.querySelectorAll('dialog ol li')).toHaveLength(1);
	});

	it('look as each reader chooses, or are not shown', async () => {
		const { screen, room, app } = await captioned('listening');
		room.tellCaptions(said('Ana', 1, 'Good evening.'));
		await press(screen, 'Captions');
		await screen.getByLabelText('Size').selectOptions('Very large');
		await screen.getByLabelText('Colours').selectOptions('Yellow on black');
		await screen.getByLabelText('Position').selectOptions('At the top');
		const lines = screen.container.querySelector('.captions');
		expect(lines?.parentElement?.className).toContain('captions-top');
		const style = lines === null ? null : getComputedStyle(lines);
		expect(style?.color).toBe('rgb(255, 255, 0)');
		expect(style?.fontSize).toBe('32px');
		expect(app.calls.at(-1)).toContain('"size":"huge","colours":"yellow-on-black","place":"top"');
		await screen.getByRole('switch', { name: 'Show captions' }).click();
		await expect.poll(() => linesOf(screen)).toEqual([]);
	});

	it('are turned on at the desk', async () => {
		const { screen, room } = await showRoom('hosting');
		await press(screen, 'Desk');
		await screen.getByRole('switch', { name: 'Captions for everybody' }).click();
		expect(room.calls).toEqual(['moderate captions true']);
	});

	it.each([390, 1280])('leave the room usable at %i pixels', async (width) => {
		await page.viewport(width, 800);
		const { screen, room } = await captioned('on-stage-muted');
		const long =
			'Unless to be rather cold-hearted and rather selfish is to be ill-disposed. '.repeat(3);
		room.tellCaptions(...[1, 2, 3].map((start) => said('Ana', start, long)));
		await expect.poll(() => linesOf(screen)).toHaveLength(3);
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
		const box = screen.container.querySelector('.captions');
		const { height = NaN, bottom = NaN } = box?.getBoundingClientRect() ?? {};
		expect(height).toBeLessThanOrEqual(0.4 * window.innerHeight + 1);
		expect(box?.lastElementChild?.getBoundingClientRect().bottom).toBeLessThanOrEqual(bottom);
		await press(screen, 'Unmute');
		expect(room.calls).toEqual(['unmute']);
	});
});

describe('captions of my own words', () => {
	it('are asked for with what is loaded, and can be refused', async () => {
		const { screen, room } = await captioned('on-stage-muted');
		room.set({ captioning: { state: 'ask', language: 'en', bytes: 25_000_000 } });
		await expect.element(screen.getByText(/it loads 25 MB once/)).toBeVisible();
		await press(screen, 'Load 25 MB');
		await press(screen, 'Not me');
		expect(room.calls).toEqual(['answerCaptions yes', 'answerCaptions no']);
	});

	it('are asked for once the question of recording is answered', async () => {
		const { screen, room } = await showRoom('asked-twice');
		const load = screen.getByRole('button', { name: 'Load 25 MB' });
		await expect.element(screen.getByText('The host records this room')).toBeVisible();
		await expect.element(load).not.toBeInTheDocument();
		room.setMe({ consent: 'none' });
		await expect.element(load).toBeVisible();
	});

	it('show how far they are loaded, and can be stopped', async () => {
		const { screen, room } = await captioned('on-stage-muted');
		room.set({ captioning: { state: 'loading', doneBytes: 5e6, totalBytes: 25e6 } });
		const bar = screen.getByRole('progressbar', { name: 'Loading captions' });
		await expect.element(bar).toHaveAttribute('value', '5000000');
		await press(screen, 'Cancel');
		expect(room.calls).toEqual(['answerCaptions no']);
	});

	it('say where there are none for my language, and offer those there are', async () => {
		const { screen, room } = await captioned('on-stage-muted');
		room.set({ captioning: { state: 'no-pack', language: 'fr', languages: ['en'] } });
		await expect.element(screen.getByText('There are no captions for French here')).toBeVisible();
		await press(screen, 'I speak English');
		expect(room.calls).toEqual(['speak en']);
		await press(screen, 'All right');
		await expect.element(screen.getByText(/There are no captions/)).not.toBeInTheDocument();
	});

	it('say what is wrong in plain words', async () => {
		const { screen, room } = await captioned('on-stage-muted');
		const on = { state: 'on', language: 'en', lagging: true, leftOut: false } as const;
		room.set({ captioning: on });
		await expect.element(screen.getByText('Your captions come late')).toBeVisible();
		room.set({ captioning: { ...on, leftOut: true } });
		await expect.element(screen.getByText(/Some of your words were left out/)).toBeVisible();
		room.set({ captioning: { state: 'weak' } });
		await expect.element(screen.getByText(/too slow for captions/)).toBeVisible();
		await press(screen, 'Try again');
		expect(room.calls).toEqual(['answerCaptions yes']);
	});
});

describe('what was said', () => {
	it('can be saved by who was on stage, after the room is over as well', async () => {
		const { screen, room } = await captioned('on-stage-muted');
		room.tellCaptions(said('Ana', 1, 'Good evening.'));
		room.setView({ phase: 'ended' });
		const blobs: Blob[] = [];
		const made = vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
			blobs.push(blob as Blob);
			return 'data:,';
		});
		for (const name of ['Text', 'WebVTT', 'SRT']) await press(screen, name);
		made.mockRestore();
		const [text, vtt, srt] = await Promise.all(blobs.map((blob) => blob.text()));
		expect(text).toBe('Evening garden talk\n\n[0:00:00] Ana: Good evening.\n');
		expect(vtt).toContain('00:00:00.000 --> 00:00:02.000\n<v Ana>Good evening.\n');
		expect(srt).toContain('1\n00:00:00,000 --> 00:00:02,000\nAna: Good evening.\n');
	});

	it('is read by listeners, and not theirs to save', async () => {
		const { screen, room } = await captioned('listening');
		room.tellCaptions(said('Ana', 1, 'Good evening.'));
		await press(screen, 'Captions');
		await expect.element(screen.getByText('Those who are on stage can save this.')).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'WebVTT' })).not.toBeInTheDocument();
	});
});
