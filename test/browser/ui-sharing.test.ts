/** Recordings handed out and fetched, as they are pressed for: nothing is fetched, opened or taken back by itself. */
import { describe, expect, it } from 'vitest';
import { encodeShareLink } from '#lib/p2p/archive/share-link.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import { fakeCopy, fakeLink, fakeManifest } from '../lib/fake-sharing.ts';
import { fakeClip } from '../lib/replay-scenes.ts';
import { fakeRecording } from '../lib/fake-shelf.ts';
import { showRecordings, showShared } from '../lib/screen.ts';

const found = (changes = {}) => ({
	found: { manifest: fakeManifest(1, changes), signed: new Uint8Array(0) },
	alone: false
});
const { id } = fakeLink(1);
const own = fakeRecording(1).id;

describe('the page of a link', () => {
	it('says that nobody is there, then what it is, and fetches only when that is pressed', async () => {
		const app = fakeGrapevine();
		app.sharing.tell({ found: null, alone: true });
		const { screen } = await showShared(fakeLink(1), app);
		app.sharing.tell({ found: null, alone: true });
		await expect.element(screen.getByText(/^Nobody who has it is online now/)).toBeVisible();
		app.sharing.tell(found());
		await expect.element(screen.getByRole('heading', { name: 'Moths of the city' })).toBeVisible();
		await expect.element(screen.getByText('From Hanna')).toBeVisible();
		await expect.element(screen.getByText(/1:02:03 · 12/)).toBeVisible();
		await expect.element(screen.getByText(/in 1[12] days/)).toBeVisible();
		expect(app.calls).toEqual([]);
		await screen.getByRole('button', { name: 'Fetch it' }).click();
		expect(app.calls).toEqual([`fetch ${id}`]);
		await expect.element(screen.getByText('25 % fetched')).toBeVisible();
		await expect.element(screen.getByText('Coming from 2 devices')).toBeVisible();
	});

	it('pauses, goes on, tells of those who gave something else, and ends where it can be heard', async () => {
		const app = fakeGrapevine();
		app.sharing.setCopy(id, fakeCopy(1, { dropped: 1 }));
		const { screen } = await showShared(fakeLink(1), app);
		await expect
			.element(screen.getByText('Left because they gave something else: 1'))
			.toBeVisible();
		await screen.getByRole('button', { name: 'Pause' }).click();
		await screen.getByRole('button', { name: 'Go on' }).click();
		expect(app.calls).toEqual([`pause ${id}`, `resume ${id}`]);
		app.sharing.setCopy(id, fakeCopy(1, { sources: 0, alone: true }));
		await expect.element(screen.getByText(/^Nobody who has the rest is online now/)).toBeVisible();
		app.sharing.setCopy(id, fakeCopy(1, { state: 'paused', problem: 'disk-full' }));
		await expect.element(screen.getByText(/^There is too little space/)).toBeVisible();
		app.sharing.setCopy(id, fakeCopy(1, { state: 'whole' }));
		await expect.element(screen.getByText(/every piece of it is as Hanna signed it/)).toBeVisible();
		await expect
			.element(screen.getByRole('link', { name: 'Listen and save' }))
			.toHaveAttribute('href', `/recordings/${id}`);
		await screen.getByRole('button', { name: 'Delete my copy' }).click();
		await screen.getByRole('button', { name: 'Delete my copy' }).click();
		expect(app.calls.at(-1)).toBe(`remove ${id}`);
	});

	it('says that it was taken back, or is over, and offers nothing', async () => {
		const app = fakeGrapevine();
		app.sharing.tell(found({ state: 'withdrawn' }));
		const { screen } = await showShared(fakeLink(1), app);
		app.sharing.tell(found({ state: 'withdrawn' }));
		await expect.element(screen.getByText(/^Hanna took it back/)).toBeVisible();
		app.sharing.tell(found({ expiresAtMs: Date.now() - 1 }));
		await expect.element(screen.getByText(/^Its time is over/)).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Fetch it' })).not.toBeInTheDocument();
	});
});

describe('a clip by link', () => {
	const clip = fakeManifest(1, { clip: true, durationMs: 42_000, bytes: 170_000 });

	it('is heard on the page of its link once it is here, with what it proves', async () => {
		const app = fakeGrapevine();
		Object.assign(app.grapevine, { openClip: () => Promise.resolve(fakeClip()) });
		app.sharing.setCopy(id, fakeCopy(1, { manifest: clip }));
		const { screen } = await showShared(fakeLink(1), app);
		await expect.element(screen.getByText('A clip, cut from a recording.')).toBeVisible();
		app.sharing.setCopy(id, fakeCopy(1, { manifest: clip, state: 'whole' }));
		await expect.element(screen.getByText(/every signature holds/)).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Save its file' })).toBeVisible();
		await expect
			.element(screen.getByRole('link', { name: 'Listen and save' }))
			.not.toBeInTheDocument();
		const gone = { ...clip, state: 'withdrawn' } as const;
		app.sharing.setCopy(id, fakeCopy(1, { manifest: gone, state: 'withdrawn' }));
		await expect.element(screen.getByText(/^Hanna took it back/)).toBeVisible();
		await expect.element(screen.getByText(/every signature holds/)).not.toBeInTheDocument();
	});

	it('is in the list, ours with how often it was fetched, to be taken back there', async () => {
		const app = fakeGrapevine();
		app.sharing.putClip({});
		app.sharing.setCopy(id, fakeCopy(1, { manifest: clip, state: 'whole' }));
		const { screen } = await showRecordings(app);
		const clips = screen.getByRole('region', { name: 'Clips' });
		await expect.element(clips.getByText(/^Clip that you share: 0:42.*: 2$/)).toBeVisible();
		await expect.element(clips.getByText(/^Clip: 0:42.*from Hanna$/)).toBeVisible();
		await clips.getByRole('button', { name: 'Share…' }).click();
		await screen.getByRole('button', { name: 'Take it back…' }).click();
		await screen.getByRole('button', { name: 'Take it back', exact: true }).click();
		expect(app.calls).toEqual([`withdraw ${fakeLink(7).id}`]);
		await expect.element(clips.getByText(/^Clip that you share/)).not.toBeInTheDocument();
	});
});

describe('a recording of our own', () => {
	it('is shared when that is pressed, on the terms that are chosen, and taken back after a question', async () => {
		const app = fakeGrapevine();
		const { screen } = await showRecordings(app);
		await screen.getByRole('button', { name: 'Share…' }).first().click();
		expect(app.calls).toEqual([]);
		await screen.getByRole('switch', { name: 'Others may pass it on' }).click();
		await screen.getByRole('button', { name: 'Make a link' }).click();
		expect(app.calls).toEqual([`share ${own} {"passedOn":false,"opened":false}`]);
		const link = `${location.origin}/shared#${encodeShareLink(fakeLink(1))}`;
		await expect.element(screen.getByRole('textbox', { name: /^Link/ })).toHaveValue(link);
		await expect.element(screen.getByText(/those who did say: 0/)).toBeVisible();
		await screen.getByRole('switch', { name: 'Others may pass it on' }).click();
		expect(app.calls.at(-1)).toBe(`share ${own} {"passedOn":true,"opened":false}`);
		await screen.getByRole('button', { name: 'Take it back…' }).click();
		await screen.getByRole('button', { name: 'Take it back', exact: true }).click();
		expect(app.calls.at(-1)).toBe(`withdraw ${own}`);
		await expect.element(screen.getByText(/^You took it back/)).toBeVisible();
	});

	it('of a locked room stays sealed until its host opens it, which says what that means', async () => {
		const app = fakeGrapevine();
		app.sharing.setShared(own, {
			link: encodeShareLink(fakeLink(1)),
			...{ state: 'shared', clip: false, sealed: true, passedOn: true, opened: false, fetched: 2 }
		});
		const { screen } = await showRecordings(app);
		await expect.element(screen.getByText('Shared by link.')).toBeVisible();
		await screen.getByRole('button', { name: 'Share…' }).first().click();
		await expect
			.element(screen.getByText(/^Only people who were in the locked room/))
			.toBeVisible();
		await expect.element(screen.getByText(/it cannot be taken back from those/)).toBeVisible();
		await screen.getByRole('switch', { name: 'Open it for everybody with the link' }).click();
		expect(app.calls.at(-1)).toBe(`share ${own} {"passedOn":true,"opened":true}`);
	});
});
