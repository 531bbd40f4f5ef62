/** The network panel: what it says and draws, by eye, by ear and by keyboard. */
import { page, userEvent } from 'vitest/browser';
import { afterEach, describe, expect, it } from 'vitest';
import type { GivingReason } from '#lib/app/giving.ts';
import { fakePeer, fakeState } from '../lib/fake-session.ts';
import {
	asDiagnostics,
	fakeReport,
	fakeSpeakerReport,
	NETWORK_SCENES,
	type NetworkSceneName
} from '../lib/network-scenes.ts';
import { showNetwork, type RoomOnScreen, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });

// As vitest has it for those who say nothing.
afterEach(() => page.viewport(414, 896));

async function open(scene: NetworkSceneName): Promise<RoomOnScreen> {
	const shown = await showNetwork(scene);
	await button(shown.screen, 'Network').click();
	await expect.element(shown.screen.getByRole('dialog', { name: 'Network' })).toBeVisible();
	return shown;
}

/** The rows of a table by its title, cells separated by bars. */
function rowsOf(screen: Screen, title: string): string[] {
	const table = screen.getByRole('table', { name: title }).element();
	return [...table.querySelectorAll('tbody tr')].map((row) =>
		[...row.querySelectorAll('.name, td')].map((cell) => cell.textContent.trim()).join(' | ')
	);
}

/** Who is drawn, as `standing name`; names by the titles that a pointer shows. */
const drawn = (): string[] =>
	[...document.querySelectorAll('.spot')].map(
		(spot) =>
			`${(spot as SVGElement).dataset['standing']} ${spot.querySelector('title')?.textContent}`
	);

describe('the network panel', () => {
	it('draws the way down to us, backups, and whom we carry', async () => {
		const { screen } = await open('network-listening');
		const picture = screen.getByRole('img', {
			name: 'Picture of the network around you. The sound reaches you by Chidi → Kaja → Noor → you'
		});
		await expect.element(picture).toBeVisible();
		const stranger = `Somebody ·${fakePeer('Nameless').slice(-4)}`;
		expect(drawn()).toEqual([
			'stage Ana',
			'stage Béla',
			'stage Chidi',
			'stage Dorothea',
			'relay Kaja',
			'relay Noor',
			'backup Luca',
			'me you',
			'child Priya',
			'child Quentin',
			`child ${stranger}`,
			'backup-child Rosa'
		]);
	});

	it('says in tables what the picture shows', async () => {
		const { screen } = await open('network-listening');
		await expect.element(screen.getByRole('table', { name: 'Who speaks' })).toBeVisible();
		expect(rowsOf(screen, 'Who speaks')).toEqual([
			'Ana | 4 | over 118 ms | –',
			'Bélamuted | 4 | – | –',
			'Chidi | 3 | 96 ms | –',
			'Dorothea | 4 | over 131 ms | –'
		]);
		expect(rowsOf(screen, 'Connected to you').slice(0, 4)).toEqual([
			'Noorpasses the sound to you | 48 ms | –',
			'Lucastands by for you | 48 ms | –',
			'Dorotheastands by for you | 76 ms | –',
			'Priyagets the sound from you | 55 ms | 0.4 %'
		]);
	});

	it('has its headings in order, and every cell under the name of its column', async () => {
		const { screen } = await open('network-listening');
		for (const name of ['Problems', 'Who speaks', 'Connected to you']) {
			await expect.element(screen.getByRole('heading', { level: 3, name })).toBeInTheDocument();
		}
		for (const table of screen.getByRole('table').elements()) {
			const columns = table.querySelectorAll('thead th').length;
			const rows = [...table.querySelectorAll('tbody tr')];
			expect(rows.map((row) => row.children.length)).toEqual(rows.map(() => columns));
			expect(rows.every((row) => row.firstElementChild?.matches('th[scope="row"]'))).toBe(true);
		}
	});

	it('follows the network, with rates from the second report on', async () => {
		const report = fakeReport({ speakers: [fakeSpeakerReport('Ana')] });
		const { screen, room } = await open('network-waiting');
		await expect.element(screen.getByText('Nothing to show yet')).toBeVisible();
		room.tellNetwork(asDiagnostics(report));
		await expect.element(screen.getByText('0 kbit/s').first()).toBeVisible();
		expect(drawn()).toEqual(['stage Ana', 'me you']);
		let sentBytes = 0;
		const tell = (): void => {
			sentBytes += 1_000_000;
			const engine = { ...report.engine, sentBytes };
			const path = ['Ana', 'Me'].map(fakePeer);
			room.tellNetwork(asDiagnostics({ ...report, engine, path, parent: fakePeer('Ana') }));
		};
		// Reports that come too fast are left out: the screen changes once a second.
		await expect
			.poll(
				() => {
					tell();
					return screen.getByText(/[1-9][\d,]* kbit\/s/).elements().length;
				},
				{ interval: 100, timeout: 5_000 }
			)
			.toBe(1);
		await expect.element(screen.getByText('The sound reaches you by Ana → you')).toBeVisible();
	});

	it('stops watching when it is closed', async () => {
		const { screen, room } = await open('network-listening');
		expect(room.watchers()).toBe(1);
		await button(screen, 'Close').click();
		await expect.poll(() => room.watchers()).toBe(0);
	});

	it('says who is on stage with us, and whose link is missing', async () => {
		const { screen } = await open('network-speaking');
		await expect
			.element(screen.getByText('You are on stage, directly linked with 3 others of 4.'))
			.toBeVisible();
		expect(rowsOf(screen, 'Who speaks').at(-1)).toBe('Dorothea | – | – | –');
		expect([...document.querySelectorAll('.spot.away title')].map((t) => t.textContent)).toEqual([
			'Dorothea'
		]);
	});

	it('says that there is no way to the sound yet', async () => {
		const { screen } = await open('network-lost');
		await expect.element(screen.getByText(/No way to the sound yet/)).toBeVisible();
		await expect.element(screen.getByText(/Nobody passes the sound to you/)).toBeVisible();
		await expect.element(screen.getByText('Nobody yet.')).toBeInTheDocument();
	});

	it('tells problems in words', async () => {
		const { screen } = await open('network-troubled');
		const section = screen.getByRole('region', { name: 'Problems' });
		for (const words of [
			'The link to Béla is being rebuilt.',
			'Turned away from Oskar: forged sound.',
			/Turned away from Somebody ·\w+: fell silent, 3 times\./,
			'7 false signatures under sound: it was not played.',
			'3 broken messages were thrown away.',
			/42 packets came late or uninvited/,
			'Something failed on this device: The disk is full.',
			'Missing frames of sound: 31, of which 30 repaired and 1 given up. 12 given to others.'
		]) {
			await expect.element(section.getByText(words)).toBeInTheDocument();
		}
	});

	it('says so where nothing is wrong', async () => {
		const { screen } = await open('network-listening');
		await expect.element(screen.getByText('None seen.')).toBeVisible();
	});

	it('shows names from strangers as text', async () => {
		const evil = '<img src=x onerror="document.title = 1">';
		const { screen, room } = await open('network-waiting');
		const speakers = [fakeSpeakerReport(evil)];
		room.tellNetwork(asDiagnostics(fakeReport({ speakers, children: [fakePeer(evil)] })));
		await expect.element(screen.getByRole('rowheader', { name: evil })).toBeVisible();
		expect(document.querySelector('img')).toBeNull();
	});
});

describe('how much we give, in the panel', () => {
	it('can be chosen there', async () => {
		const { screen, app } = await open('network-listening');
		await screen.getByRole('combobox', { name: 'Pass the sound on' }).selectOptions('Only listen');
		await expect.poll(() => app.grapevine.settings.fanout).toBe(0);
	});

	it.each([
		[4, 'automatic', 'You pass the sound on to 4 others at most: that suits this device.'],
		[1, 'uplink', /^You pass the sound on to 1 other at most: your connection could not send more/],
		[0, 'data-saver', 'You only listen: data saver is on.'],
		[0, 'metered', 'You only listen: you are on mobile or metered data.'],
		[0, 'only-listen', 'You only listen: as you chose.'],
		[7, 'chosen', /7 others at most: as you chose/],
		[9, 'address', /the address of this page says so/],
		[2, 'on-stage', /your voice has to start somewhere/],
		[1, 'slow-network', /the connection is slow/],
		[0, 'battery-empty', /the battery is nearly empty/],
		[2, 'battery-low', /the battery is low/],
		[2, 'hidden', /in the background for long/],
		[0, 'settling', /more again soon/]
	] satisfies [number, GivingReason, string | RegExp][])(
		'is %i, because: %s',
		async (children, reason, words) => {
			const { screen, room } = await open('network-waiting');
			room.set(fakeState({ giving: { children, reason } }));
			await expect.element(screen.getByText(words)).toBeVisible();
		}
	);
});

describe('the network panel by keyboard', () => {
	it('opens, is walked through, and gives the focus back', async () => {
		const { screen } = await showNetwork('network-listening');
		await expect.element(button(screen, 'Network')).toBeVisible();
		(button(screen, 'Network').element() as HTMLElement).focus();
		await userEvent.keyboard('{Enter}');
		await expect.element(button(screen, 'Close')).toHaveFocus();
		await userEvent.keyboard('{Tab}');
		const giving = screen.getByRole('combobox', { name: 'Pass the sound on' });
		await expect.element(giving).toHaveFocus();
		await userEvent.keyboard('{Shift>}{Tab}{/Shift}');
		await expect.element(button(screen, 'Close')).toHaveFocus();
		await userEvent.keyboard('{Escape}');
		await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
		await expect.element(button(screen, 'Network')).toHaveFocus();
	});

	it('scrolls to its end, with the way out in sight', async () => {
		await page.viewport(390, 600);
		const { screen } = await open('network-listening');
		const dialog = screen.getByRole('dialog').element();
		expect(dialog.scrollHeight).toBeGreaterThan(dialog.clientHeight);
		await userEvent.keyboard('{End}');
		await expect
			.poll(() => dialog.scrollHeight - dialog.clientHeight - dialog.scrollTop)
			.toBeLessThan(2);
		const close = button(screen, 'Close').element().getBoundingClientRect();
		const frame = dialog.getBoundingClientRect();
		expect(close.top).toBeGreaterThanOrEqual(frame.top);
		expect(close.bottom).toBeLessThanOrEqual(frame.bottom);
	});
});

describe('the network panel on screens of all sizes', () => {
	it.each([320, 390, 1280])('never scrolls sideways at %i px', async (width) => {
		await page.viewport(width, 800);
		for (const scene of Object.keys(NETWORK_SCENES) as NetworkSceneName[]) {
			const { screen } = await open(scene);
			const dialog = screen.getByRole('dialog').element();
			expect([scene, dialog.scrollWidth - dialog.clientWidth]).toEqual([scene, 0]);
			await screen.unmount();
		}
	});
});
