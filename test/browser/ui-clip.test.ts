/** A clip is cut on a recording's page, listened to, saved, and opened again by somebody who has nothing but its file. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bytesAsSource } from '#lib/io/disk/byte-sources.ts';
import { checkClip } from '#lib/io/disk/clip-check.ts';
import { encodeShareLink } from '#lib/p2p/archive/share-link.ts';
import { complaints } from '../lib/complaints.ts';
import { fakeLink } from '../lib/fake-sharing.ts';
import { replayApp } from '../lib/replay-app.ts';
import { catchSaved } from '../lib/saved-files.ts';
import { showClips, showReplay, type Screen } from '../lib/screen.ts';
import { heard, tonesAt, toneTape } from '../lib/tone-tape.ts';

/** A busy machine takes a moment to begin. */
const PLAYS = { timeout: 10_000 };

let made: Awaited<ReturnType<typeof toneTape>>;
beforeEach(async () => {
	made = await toneTape();
});
afterEach(() => made.remove());

const show = async (): Promise<Screen> =>
	(await showReplay(made.tape.meta.id, replayApp(made.tape))).screen;
const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });
const field = (screen: Screen, name: string) => screen.getByRole('spinbutton', { name });

/** From 2 s to 5 s of it: a second of the first tone, two of the second. */
async function cut(screen: Screen): Promise<void> {
	await field(screen, 'From, in seconds').fill('2');
	await field(screen, 'To, in seconds').fill('5');
	(field(screen, 'To, in seconds').element() as HTMLElement).blur();
	await expect.element(screen.getByText('0:02 to 0:05 · 3 sec')).toBeVisible();
}

describe('a clip', () => {
	it('is saved with its signatures, and opened by who has the file alone', async () => {
		const last = catchSaved();
		const screen = await show();
		await cut(screen);
		await button(screen, 'Save it with its signatures').click();
		await expect.element(screen.getByText(/^Saved: .*grapeclip$/)).toBeVisible();
		const file = await last();
		const { keys } = made.tape.speakers[0]!;
		const checked = await checkClip(bytesAsSource(file), (...what) => keys.verify(...what));
		expect(checked).toMatchObject({ faults: [], gaps: [] });
		expect(checked.clip).toMatchObject({ fromMs: 2_000, toMs: 5_000 });
		await screen.unmount();
		await made.remove();
		const { screen: there } = await showClips(replayApp(made.tape));
		const input = there.getByLabelText('The clip’s file', { exact: true });
		await input.upload(new File([file], 'it.grapeclip'));
		await expect
			.element(there.getByText('Said by Real 1 and Real 2: every signature holds'), PLAYS)
			.toBeVisible();
		await expect.element(there.getByText(/nothing is missing/)).toBeVisible();
		const position = there.getByRole('slider', { name: 'Position' });
		await button(there, 'Play').click();
		await expect
			.poll(() => (position.element() as HTMLInputElement).valueAsNumber, PLAYS)
			.toBeGreaterThan(300);
		expect(await complaints()).toEqual([]);
		const changed = file.slice();
		changed[changed.length - 2_000]! ^= 1;
		await input.upload(new File([changed], 'it.grapeclip'));
		await expect.element(there.getByText('This clip is not as it was signed')).toBeVisible();
		await input.upload(new File(['something'], 'else.txt'));
		await expect.element(there.getByText(/This is no clip/)).toBeVisible();
	});

	it('is saved as sound that plays anywhere, and listened to before', async () => {
		const last = catchSaved();
		const screen = await show();
		await cut(screen);
		await button(screen, 'Listen to the clip').click();
		await expect.element(button(screen, 'Pause')).toBeVisible();
		const position = screen.getByRole('slider', { name: 'Position' });
		const atMs = (): number => (position.element() as HTMLInputElement).valueAsNumber;
		// It stops by itself, at its end.
		await expect.element(button(screen, 'Play'), PLAYS).toBeVisible();
		expect(atMs()).toBeGreaterThan(4_900);
		expect(atMs()).toBeLessThan(6_000);
		await button(screen, 'Save its sound alone').click();
		await expect.element(screen.getByText(/^Saved: .*ogg$/)).toBeVisible();
		const samples = await heard(await last());
		expect(samples.length / 48_000).toBeCloseTo(3, 1);
		expect([0.6, 1.5, 2.5].map((atS) => tonesAt(samples, atS))).toEqual([[440], [660], [660]]);
	});

	it('is handed out by a link, on the terms that are chosen', async () => {
		const app = replayApp(made.tape);
		const { screen } = await showReplay(made.tape.meta.id, app);
		await cut(screen);
		await button(screen, 'Share it by a link…').click();
		await expect.element(screen.getByText(/nothing else of the recording/)).toBeVisible();
		await screen.getByRole('switch', { name: 'Others may pass it on' }).click();
		expect(app.calls).toEqual([]);
		await button(screen, 'Make a link').click();
		const link = `${location.origin}/shared#${encodeShareLink(fakeLink(7))}`;
		await expect.element(screen.getByLabelText('Link to the clip')).toHaveValue(link);
		expect(app.calls).toEqual(['shareClip true {"passedOn":false,"opened":false}']);
		await button(screen, 'Take it back…').click();
		await button(screen, 'Take it back').click();
		await expect.element(screen.getByText(/^You took it back/)).toBeVisible();
		await expect.element(button(screen, 'Make a link')).not.toBeInTheDocument();
	});

	it('ends with the recording where it was to end behind it', async () => {
		const screen = await show();
		await field(screen, 'From, in seconds').fill('2');
		await field(screen, 'To, in seconds').fill('900');
		(field(screen, 'To, in seconds').element() as HTMLElement).blur();
		await expect.element(screen.getByText(/^0:02 to 0:0\d · /)).toBeVisible();
	});

	it('of a recording that may not be passed on is not handed out', async () => {
		const app = replayApp(made.tape);
		app.sharing.setLeave({ share: false, open: false });
		const { screen } = await showReplay(made.tape.meta.id, app);
		await expect.element(screen.getByText(/does not let others pass it on/)).toBeVisible();
		await expect.element(button(screen, 'Share it by a link…')).not.toBeInTheDocument();
	});

	it('is chosen with a pointer on the wave, and where it stands', async () => {
		const screen = await show();
		await expect.element(field(screen, 'From, in seconds')).toBeVisible();
		const wave = screen.container.querySelector('.wave')!;
		const { left, width, top } = wave.getBoundingClientRect();
		const point = (type: string, share: number): boolean =>
			wave.dispatchEvent(
				new PointerEvent(type, {
					...{ pointerId: 1, bubbles: true, isPrimary: true },
					...{ clientX: left + share * width, clientY: top + 5 }
				})
			);
		vi.spyOn(wave, 'setPointerCapture').mockImplementation(() => undefined);
		onTestFinished(() => {
			vi.restoreAllMocks();
		});
		point('pointerdown', 3 / 9);
		point('pointermove', 6 / 9);
		point('pointerup', 6 / 9);
		await expect.element(screen.getByText('0:03 to 0:06 · 3 sec')).toBeVisible();
		point('pointermove', 8 / 9);
		await expect.element(screen.getByText('0:03 to 0:06 · 3 sec')).toBeVisible();
		await button(screen, 'Begin where it stands').click();
		await expect.element(screen.getByText('0:00 to 0:06 · 6 sec')).toBeVisible();
	});
});
