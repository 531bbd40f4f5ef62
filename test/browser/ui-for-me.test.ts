/** What everybody can do about anybody for themselves: mute, hide, report; and how they take it back. */
import { describe, expect, it } from 'vitest';
import type { QuietPerson } from '#lib/app/quiet-list.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import { fakePeer, fakeSession } from '../lib/fake-session.ts';
import { ROOM_SCENES } from '../lib/room-scenes.ts';
import { showDoor, showRoom, type Screen } from '../lib/screen.ts';

const chidi = fakePeer('Chidi');
const quiet = (how: QuietPerson['how'], name = 'Chidi'): QuietPerson => ({
	peer: fakePeer(name),
	name,
	how
});

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });

async function menuOf(name: string) {
	const shown = await showRoom('listening');
	await button(shown.screen, `More about ${name}`).click();
	return shown;
}

describe('a menu for everybody about anybody', () => {
	it('is there for all but ourselves', async () => {
		const { screen } = await showRoom('listening');
		for (const name of ['Ana', 'Béla', 'Kaja']) {
			await expect.element(button(screen, `More about ${name}`)).toBeVisible();
		}
		expect(screen.getByRole('button', { name: 'More about Mira' }).elements()).toEqual([]);
	});

	it.each([
		['Mute for me', 'quiet', 'muted'],
		['Hide for me', 'quiet', 'hidden']
	])('%s calls %s', async (name, call, how) => {
		const { screen, room } = await menuOf('Chidi');
		await button(screen, name).click();
		expect(room.calls).toEqual([`${call} ${chidi} ${how}`]);
		await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
	});

	it('takes it back', async () => {
		const { screen, room } = await menuOf('Chidi');
		room.set({ quieted: [quiet('muted')] });
		// The room beneath says it as well, with a button of its own.
		const menu = screen.getByRole('dialog');
		await menu.getByRole('button', { name: 'Hear again', exact: true }).click();
		expect(room.calls).toEqual([`unquiet ${chidi}`]);
	});
});

describe('somebody muted or hidden', () => {
	it('is marked as such on stage, and of somebody hidden only the place is left', async () => {
		const { screen, room } = await showRoom('listening');
		const face = screen.container.querySelector(`[data-peer="${chidi}"]`);
		room.set({ quieted: [quiet('muted')] });
		await expect.poll(() => face?.textContent).toContain('muted for you');
		expect(face?.textContent).toContain('Chidi');
		room.set({ quieted: [quiet('hidden'), quiet('hidden', 'Kaja')] });
		await expect.poll(() => face?.textContent).toContain('Hidden person');
		expect(face?.textContent).not.toContain('Chidi');
		expect(screen.getByText('Kaja').elements()).toEqual([]);
	});

	it('is told of while speaking unheard', async () => {
		const { screen, room } = await showRoom('listening');
		room.set({ quieted: [quiet('muted')], levels: new Map([[chidi, 0.6]]) });
		const note = screen.getByText('Chidi, whom you muted for yourself, is speaking.');
		await expect.element(note).toBeVisible();
		await button(screen, 'Hear again').click();
		expect(room.calls).toEqual([`unquiet ${chidi}`]);
		room.set({ quieted: [] });
		await expect.element(note).not.toBeInTheDocument();
	});

	it('is told of where we have blocked them from our own rooms, and can be muted there', async () => {
		const { screen, room } = await showRoom('listening');
		room.set({ blocked: [chidi], levels: new Map([[chidi, 0.6]]) });
		const words = 'Chidi, whom you blocked from your rooms, is speaking.';
		await expect.element(screen.getByText(words)).toBeVisible();
		await button(screen, 'Mute for me').click();
		expect(room.calls).toEqual([`quiet ${chidi} muted`]);
	});

	it('shows no reactions to us', async () => {
		const { screen, room } = await showRoom('listening');
		room.set({ quieted: [quiet('hidden')] });
		room.tellReactions(
			{ by: { peer: chidi, name: 'Chidi' }, code: 0, count: 1 },
			{ by: { peer: fakePeer('Ana'), name: 'Ana' }, code: 1, count: 1 }
		);
		await expect.poll(() => screen.container.querySelectorAll('.floater').length).toBe(1);
		expect(screen.container.querySelectorAll('.shown')).toHaveLength(1);
	});

	it('is on a list in the settings, and taken off it there', async () => {
		const app = fakeGrapevine(fakeSession(ROOM_SCENES.listening()));
		await app.grapevine.quiet.put(quiet('hidden'));
		const { screen } = await showDoor(app);
		await button(screen, 'Settings').click();
		await expect.element(screen.getByText('You neither hear nor see them')).toBeVisible();
		await button(screen, 'Undo: hear and see Chidi again').click();
		await expect.element(button(screen, 'Undo: hear and see Chidi again')).not.toBeInTheDocument();
		expect(app.grapevine.quiet.people).toEqual([]);
	});
});

describe('a report', () => {
	const open = async () => {
		const shown = await menuOf('Chidi');
		await button(shown.screen, 'Report…').click();
		return shown;
	};

	it('shows what goes into it before it is saved', async () => {
		const { screen, room } = await open();
		expect(room.calls).toEqual([`beginReport ${chidi}`]);
		const mine = 'Chidi’s voice: 12 seconds of the last 29, signed by Chidi';
		const others = 'Ana’s voice: 3 seconds of the last 16, signed by Ana';
		await expect.element(screen.getByText(mine)).toBeVisible();
		expect(screen.getByText(others).elements()).toEqual([]);
		await screen.getByRole('checkbox', { name: /With what others said/ }).click();
		await expect.element(screen.getByText(others)).toBeVisible();
	});

	it('wants words, and is then signed and saved', async () => {
		const { screen, room } = await open();
		await button(screen, 'Save the file').click();
		await expect.element(screen.getByText('Say in your own words what happened.')).toBeVisible();
		await screen.getByRole('textbox', { name: 'What happened?' }).fill('Shouted at Ana');
		await button(screen, 'Save the file').click();
		await expect.element(screen.getByText(/^Saved\./)).toBeVisible();
		expect(room.calls).toEqual([`beginReport ${chidi}`, 'sign Shouted at Ana alone']);
	});

	it('lets go of what was held for it', async () => {
		const { screen, room } = await open();
		await expect.element(button(screen, 'Save the file')).toBeEnabled();
		await button(screen, 'Cancel').click();
		await expect.poll(() => room.calls).toEqual([`beginReport ${chidi}`, 'closeReport']);
	});
});
