/** A recording made without captions, put into words afterwards on its page: by the real models, on real speech. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACK_CACHE } from '#lib/io/captions/pack-store.ts';
import { replayApp } from '../lib/replay-app.ts';
import { showReplay, type Screen } from '../lib/screen.ts';
import { SENTENCES, wordErrorRate } from '../lib/speech.ts';
import { spoken, textOf } from '../lib/spoken.ts';
import { onThisDisk } from '../lib/tape-on-disk.ts';
import { makeTape, type MadeTape } from '../lib/tape-maker.ts';
import { packetsOf } from '../lib/tone-tape.ts';

const FRAME = 960;
/** Models load and warm up on a busy machine. */
const PATIENCE = 90_000;
/** The first says the first sentence and the last, the second the one between. */
const WHO = [0, 1, 0];

let tape: MadeTape;
let remove = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
	await caches.delete(PACK_CACHE);
	const said = await Promise.all(
		SENTENCES.map(async (name) => {
			const samples = await spoken(name);
			return packetsOf(
				Float32Array.from(samples.subarray(0, samples.length - (samples.length % FRAME)))
			);
		})
	);
	// One after the other, with half a second between.
	let next = 25;
	const turns = said.map((packets, i) => {
		const from = next;
		next = from + packets.length + 25;
		return { who: WHO[i]!, from, packets };
	});
	const packetAt = (who: number, tick: number): Uint8Array | undefined =>
		turns.flatMap((turn) => (turn.who === who ? (turn.packets[tick - turn.from] ?? []) : []))[0];
	tape = await makeTape({
		seconds: Math.ceil(next / 50),
		speakers: 2,
		talks: (who, tick) => packetAt(who, tick) !== undefined,
		opus: (who, tick) => packetAt(who, tick)!
	});
	remove = await onThisDisk(tape);
});
afterAll(() => remove());

const show = async (): Promise<Screen> => (await showReplay(tape.meta.id, replayApp(tape))).screen;
const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });

const linesOn = (screen: Screen): string[] =>
	[...screen.container.querySelectorAll('section[aria-label="What was said"] li')].map((line) =>
		line.textContent.replace(/\s+/g, ' ').trim()
	);

describe('a recording without captions', () => {
	it('says so where nothing understands its language', async () => {
		const screen = await show();
		await screen.getByRole('combobox', { name: 'They speak' }).selectOptions('French');
		await button(screen, 'Put it into words').click();
		await expect
			.element(screen.getByText('There is nothing here that understands French'))
			.toBeVisible();
		await expect.element(screen.getByText(/What can be put into words: English/)).toBeVisible();
	});

	it('is put into words on this device, and keeps them', { timeout: PATIENCE }, async () => {
		const screen = await show();
		await screen.getByRole('combobox', { name: 'They speak' }).selectOptions('English');
		await button(screen, 'Put it into words').click();
		await button(screen, 'Load 25 MB').click();
		await expect.element(button(screen, 'Cancel'), { timeout: 10_000 }).toBeVisible();
		await expect
			.element(screen.getByText(/All of it was put into words/), { timeout: PATIENCE })
			.toBeVisible();
		const lines = linesOn(screen);
		for (const who of [0, 1]) {
			const mine = lines.filter((line) => line.includes(`Real ${who + 1}`));
			const written = mine.map((line) => line.replace(/^.*?Real \d /, '')).join(' ');
			const said = SENTENCES.filter((_, i) => WHO[i] === who)
				.map(textOf)
				.join(' ');
			expect(wordErrorRate(said, written), written).toBeLessThanOrEqual(0.15);
		}
		await expect.element(button(screen, 'WebVTT')).toBeVisible();
		await expect.element(button(screen, 'Put it into words')).not.toBeInTheDocument();
		await screen.unmount();
		const again = await show();
		await expect.element(button(again, 'SRT')).toBeVisible();
		expect(linesOn(again)).toEqual(lines);
		await again.getByRole('searchbox').fill(lines.at(-1)!.split(' ').at(-1)!);
		await expect.element(again.getByText(/Lines found: [12]/)).toBeVisible();
	});
});
