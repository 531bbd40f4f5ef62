/** The page of one recording: it plays, what is said is shown with it, and it can be looked through and saved. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { LogEntry } from '#lib/p2p/archive/log-entry.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { complaints } from '../lib/complaints.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import { replayApp } from '../lib/replay-app.ts';
import { catchSaved } from '../lib/saved-files.ts';
import { showReplay, type Screen } from '../lib/screen.ts';
import { heard, tonesAt, toneTape } from '../lib/tone-tape.ts';

let made: Awaited<ReturnType<typeof toneTape>>;

const words = ['Good evening', 'I have a question'];

beforeEach(async () => {
	made = await toneTape(async (sign) => {
		const log: LogEntry[] = [];
		for (const [speaker, text] of words.entries()) {
			const stream = '00'.repeat(8) as StreamId;
			const caption = { stream, start: speaker, ticks: 100, final: true, language: 'en', text };
			const { bytes } = await sign(speaker, { kind: 'caption', ...caption });
			log.push({ type: 'text', atMs: 3_000 * speaker, signed: bytes });
		}
		const pin = await sign(0, { kind: 'pin', text: 'Questions', link: '' });
		return [...log, { type: 'event', atMs: 3_000, envelope: pin.bytes }];
	});
});
afterEach(() => made.remove());

const show = async (): Promise<Screen> =>
	(await showReplay(made.tape.meta.id, replayApp(made.tape))).screen;
const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });
const slider = (screen: Screen) => screen.getByRole('slider', { name: 'Position' });
/** A busy machine takes a moment to begin. */
const PLAYS = { timeout: 10_000 };
const positionMs = (screen: Screen): number =>
	(slider(screen).element() as HTMLInputElement).valueAsNumber;

/** Files are saved to a place that takes each piece so, from now to the end of the test. */
function saveInto(write: () => Promise<void>) {
	const { showSaveFilePicker } = window as { showSaveFilePicker?: unknown };
	const [close, abort] = [vi.fn(() => Promise.resolve()), vi.fn(() => Promise.resolve())];
	const begun = new Promise<void>((resolve) => {
		const begin = (): Promise<void> => {
			resolve();
			return write();
		};
		const stream = { write: begin, close, abort };
		const handle = { createWritable: () => Promise.resolve(stream) };
		Object.assign(window, { showSaveFilePicker: () => Promise.resolve(handle) });
	});
	onTestFinished(() => void Object.assign(window, { showSaveFilePicker }));
	return { begun, close, abort };
}

describe('the page of a recording', () => {
	it('leaves Space to what it opens in a dialog above it', async () => {
		const screen = await show();
		await expect.element(button(screen, 'Play')).toBeVisible();
		await button(screen, 'Settings').click();
		const dialog = screen.getByRole('dialog', { name: 'Settings' });
		await expect.element(dialog).toBeVisible();
		const fold = dialog.element().querySelector('summary');
		const details = fold?.closest('details');
		expect(details?.open).toBe(false);
		fold?.focus();
		await userEvent.keyboard(' ');
		await expect.poll(() => details?.open).toBe(true);
		expect(button(screen, 'Pause').elements()).toEqual([]);
	});

	it('shuts nobody out, light or dark', async () => {
		const screen = await show();
		await expect.element(button(screen, 'Play')).toBeVisible();
		onTestFinished(() => document.documentElement.removeAttribute('style'));
		for (const scheme of ['light', 'dark']) {
			document.documentElement.style.colorScheme = scheme;
			expect(await complaints()).toEqual([]);
		}
	});

	it('plays, pauses, and goes on where a chapter, a word or a speaker is', async () => {
		const screen = await show();
		await button(screen, 'Play').click();
		await expect.poll(() => positionMs(screen), PLAYS).toBeGreaterThan(400);
		await expect
			.element(screen.getByRole('button', { name: /Good evening/ }))
			.toHaveAttribute('aria-current');
		await button(screen, 'Pause').click();
		await screen.getByRole('button', { name: '0:03 · Questions' }).click();
		await expect.poll(() => positionMs(screen)).toBe(3_000);
		await button(screen, 'Play').click();
		await expect.poll(() => positionMs(screen), PLAYS).toBeGreaterThan(3_200);
		await expect
			.element(screen.getByRole('button', { name: /question$/ }))
			.toHaveAttribute('aria-current');
		await button(screen, 'Pause').click();
		await button(screen, 'Next words of Real 3').click();
		await expect.poll(() => positionMs(screen)).toBe(6_000);
		await screen.getByRole('button', { name: /Good evening/ }).click();
		await expect.poll(() => positionMs(screen)).toBe(0);
	});

	it('is played by keys alone', async () => {
		const screen = await show();
		await expect.element(button(screen, 'Play')).toBeVisible();
		(slider(screen).element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowRight}');
		await expect.poll(() => positionMs(screen)).toBe(5_000);
		await userEvent.keyboard(' ');
		await expect.element(button(screen, 'Pause')).toBeVisible();
		await userEvent.keyboard(' ');
		await expect.element(button(screen, 'Play')).toBeVisible();
		await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
		await expect.poll(() => positionMs(screen)).toBe(0);
	});

	it('finds words', async () => {
		const screen = await show();
		await screen.getByRole('searchbox', { name: 'Search in it' }).fill('QUESTION');
		await expect.element(screen.getByText('Lines found: 1')).toBeVisible();
		await expect.element(screen.getByText('Good evening')).not.toBeInTheDocument();
	});

	it('saves everybody in one file, and says when it is there', async () => {
		const saved = catchSaved();
		const screen = await show();
		await button(screen, 'Everybody in one file').click();
		await expect.element(screen.getByText('Saved: Made for a test.ogg')).toBeVisible();
		const samples = await heard(await saved());
		expect([1.5, 4.5, 8.5].map((atS) => tonesAt(samples, atS))).toEqual([[440], [660], [440, 990]]);
	});

	it('shows how far it is, and leaves nothing of a file that is not wanted any more', async () => {
		const { begun, close, abort } = saveInto(() => new Promise(() => undefined));
		const screen = await show();
		await button(screen, 'Everybody in one file').click();
		await begun;
		await expect.element(screen.getByText('Saving Made for a test.ogg')).toBeVisible();
		await expect.element(screen.getByRole('progressbar')).toBeVisible();
		await expect.element(button(screen, 'Everybody in one file')).toBeDisabled();
		await button(screen, 'Cancel').click();
		await expect.element(button(screen, 'Everybody in one file')).toBeEnabled();
		expect(abort).toHaveBeenCalledOnce();
		expect(close).not.toHaveBeenCalled();
	});

	it('says that a file was not saved where the disk does not take it', async () => {
		const full = new DOMException('No space.', 'QuotaExceededError');
		const { close, abort } = saveInto(() => Promise.reject(full));
		const screen = await show();
		await button(screen, 'Everybody in one file').click();
		await expect
			.element(screen.getByText(/Made for a test\.ogg.* could not be saved/))
			.toBeVisible();
		expect(abort).toHaveBeenCalledOnce();
		expect(close).not.toHaveBeenCalled();
	});

	it('says where there is no recording', async () => {
		const { screen } = await showReplay(made.tape.meta.id, fakeGrapevine());
		await expect.element(screen.getByText(/There is no recording here/)).toBeVisible();
	});
});
