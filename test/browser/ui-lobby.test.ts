import { describe, expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { FAKE_NOW_MS, fakeListed } from '../lib/fake-commons.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import { FAKE_KEY } from '../lib/fake-session.ts';
import { showHome } from '../lib/screen.ts';

const HOUR_MS = 3_600_000;

async function setup() {
	const app = fakeGrapevine();
	const figs = fakeListed(1, { title: 'Figs', people: 34, topics: ['gardens'], hostName: 'Hanna' });
	const vins = fakeListed(2, { title: 'Élevage du vin', people: 5, language: 'fr' });
	const later = fakeListed(3, {
		title: 'Soil and seeds',
		state: 'announced',
		startsAtMs: FAKE_NOW_MS + 30 * HOUR_MS,
		people: 0
	});
	app.commons.setLobby({ rooms: [figs, vins, later] });
	const home = await showHome(app);
	const row = (title: string) => home.screen.getByRole('listitem').filter({ hasText: title });
	return { ...home, row, figs, later };
}

describe('the lobby', () => {
	it('shows open rooms with their host, people, language and topics, and leads into them', async () => {
		const { screen, row, entered, figs } = await setup();
		await expect.element(row('Figs')).toMatchTextContent(/by Hanna · 34 people there/);
		await expect.element(row('Figs')).toMatchTextContent(/gardens/);
		await expect.element(row('Élevage du vin')).toMatchTextContent(/French/);
		await screen.getByRole('button', { name: 'Join “Figs”' }).click();
		expect(entered).toEqual([figs.roomKey]);
	});

	it('finds by words of title, topic and host, without accents', async () => {
		const { screen, row } = await setup();
		const search = screen.getByRole('searchbox', { name: 'Search' });
		await search.fill('hanna GARDEN');
		await expect.element(row('Élevage')).not.toBeInTheDocument();
		await expect.element(row('Figs')).toBeVisible();
		await search.fill('elevage');
		await expect.element(row('Élevage')).toBeVisible();
		await search.fill('nothing like that');
		await expect.element(screen.getByText('No room fits what you look for.')).toBeVisible();
	});

	it('can be narrowed to a kind and a language', async () => {
		const { screen, row } = await setup();
		await screen.getByRole('combobox', { name: 'Show' }).selectOptions('Announced');
		await expect.element(row('Figs')).not.toBeInTheDocument();
		await expect.element(row('Soil and seeds')).toBeVisible();
		await screen.getByRole('combobox', { name: 'Show' }).selectOptions('All rooms');
		await screen.getByRole('combobox', { name: 'Language', exact: true }).selectOptions('French');
		await expect.element(row('Soil and seeds')).not.toBeInTheDocument();
		await expect.element(row('Élevage')).toBeVisible();
	});

	it('reminds of an announced room, and no longer when pressed again', async () => {
		const { screen, app } = await setup();
		const remind = screen.getByRole('button', { name: 'Remind me: “Soil and seeds”' });
		await expect.element(remind).toHaveAttribute('aria-pressed', 'false');
		await remind.click();
		await expect.element(remind).toHaveAttribute('aria-pressed', 'true');
		await remind.click();
		await expect.element(remind).toHaveAttribute('aria-pressed', 'false');
		expect(app.calls).toEqual(['remind Soil and seeds', 'remindNot']);
	});

	it('gives a calendar file of an announced room', async () => {
		const { screen } = await setup();
		const click = vi
			.spyOn(HTMLAnchorElement.prototype, 'click')
			.mockImplementation(() => undefined);
		const made = vi.spyOn(URL, 'createObjectURL');
		await screen.getByRole('button', { name: 'Add “Soil and seeds” to your calendar' }).click();
		await expect.poll(() => click.mock.contexts.length).toBe(1);
		expect((click.mock.contexts[0] as HTMLAnchorElement).download).toMatch(/^G.*\.ics$/);
		const text = await (made.mock.calls[0]?.[0] as Blob).text();
		vi.restoreAllMocks();
		expect(text).toContain('SUMMARY:Soil and seeds\r\n');
		expect(text).toContain('DTSTART:20261129T150000Z\r\n');
	});

	it('says when nothing is listed, when it asks, and when no seed answers', async () => {
		const app = fakeGrapevine();
		const { screen } = await showHome(app);
		await expect
			.element(screen.getByText('No room is listed just now', { exact: false }))
			.toBeVisible();
		app.commons.setLobby({ state: 'asking' });
		await expect.element(screen.getByText('Asking who is there…')).toBeVisible();
		app.commons.setLobby({ state: 'no-seed' });
		await expect.element(screen.getByText('No seed answers', { exact: false })).toBeVisible();
		app.commons.setLobby({ rooms: [fakeListed(1, { title: 'Figs' })] });
		await expect.element(screen.getByText('may be out of date', { exact: false })).toBeVisible();
	});
});

describe('starting a room', () => {
	it('listed, shows it to all', async () => {
		const app = fakeGrapevine();
		const { screen, entered } = await showHome(app);
		await screen.getByRole('button', { name: 'Start a room' }).click();
		await screen.getByRole('textbox', { name: 'Room title' }).fill('Tea');
		await screen.getByRole('switch', { name: 'Show it in the list of rooms' }).click();
		await screen.getByRole('combobox', { name: 'Language spoken' }).selectOptions('French');
		await screen.getByRole('button', { name: 'Open room' }).click();
		await expect.poll(() => entered).toEqual([FAKE_KEY]);
		expect(app.calls).toEqual(['openRoom Tea listed']);
	});

	it('later, announces it; without a time, or with one that has passed, it says so', async () => {
		const app = fakeGrapevine();
		const { screen } = await showHome(app);
		await screen.getByRole('button', { name: 'Start a room' }).click();
		await screen.getByRole('textbox', { name: 'Room title' }).fill('Tea');
		await screen.getByRole('switch', { name: 'Announce it for later' }).click();
		const announce = screen.getByRole('button', { name: 'Announce', exact: true });
		await announce.click();
		await expect.element(screen.getByText('Say when it begins.')).toBeVisible();
		const when = screen.getByLabelText('When');
		await when.fill('2020-01-01T10:00');
		await announce.click();
		await expect.element(screen.getByText('That time has passed.')).toBeVisible();
		await when.fill('2090-01-01T10:00');
		await announce.click();
		await expect.element(screen.getByText('more than two weeks', { exact: false })).toBeVisible();
		const tomorrow = new Date(Date.now() + 24 * HOUR_MS).toISOString().slice(0, 16);
		await when.fill(tomorrow);
		await announce.click();
		await expect
			.element(screen.getByText('Announced. It is in the list', { exact: false }))
			.toBeVisible();
		expect(app.calls).toEqual(['announce Tea']);
		await screen.getByRole('button', { name: 'Open now: “Tea”' }).click();
		await expect.poll(() => app.calls).toEqual(['announce Tea', 'openRoom Tea listed']);
		await screen.getByRole('button', { name: 'Call off “Tea”' }).click();
		await expect.element(screen.getByText('Rooms you announced')).not.toBeInTheDocument();
	});

	it('works from the keyboard alone', async () => {
		const app = fakeGrapevine();
		const { screen } = await showHome(app);
		(screen.getByRole('button', { name: 'Start a room' }).element() as HTMLElement).focus();
		await userEvent.keyboard('{Enter}');
		await expect.element(screen.getByRole('textbox', { name: 'Room title' })).toHaveFocus();
		await userEvent.keyboard('Tea{Tab}{Tab}{Tab}{Tab} ');
		await expect
			.element(screen.getByRole('switch', { name: 'Show it in the list of rooms' }))
			.toBeChecked();
	});
});
