/** The room goes on while another page of the app is looked at. */
import { describe, expect, it } from 'vitest';
import type { RoomId } from '#lib/p2p/wire/ids.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import {
	FAKE_INVITATION,
	FAKE_KEY,
	FAKE_ROOM,
	fakePeer,
	fakeSession
} from '../lib/fake-session.ts';
import { ROOM_SCENES, type RoomScene } from '../lib/room-scenes.ts';
import { showDoor, showHome, type Screen } from '../lib/screen.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });
const place = (screen: Screen) => screen.getByRole('region', { name: 'The room you are in' });

async function elsewhere(scene: RoomScene) {
	const room = fakeSession(ROOM_SCENES[scene]());
	const app = fakeGrapevine(room);
	app.enter();
	const { screen } = await showHome(app);
	await expect.element(place(screen)).toBeVisible();
	return { screen, app, room };
}

describe('a room elsewhere', () => {
	it('leads back, says who speaks and how I am there', async () => {
		const { screen, room } = await elsewhere('listening');
		const back = screen.getByRole('link', { name: 'Return to the room: Evening garden talk' });
		await expect.element(back).toHaveAttribute('href', `/r/${FAKE_KEY}`);
		await expect.element(place(screen)).toMatchTextContent(/Listening · Chidi is speaking/);
		room.set({ levels: new Map([fakePeer('Ana'), fakePeer('Chidi')].map((peer) => [peer, 0.4])) });
		await expect.element(place(screen)).toMatchTextContent(/Ana and Chidi are speaking/);
		room.set({ levels: new Map() });
		await expect.element(place(screen)).toMatchTextContent(/nobody is speaking/);
		room.setView({ phase: 'reconnecting' });
		await expect.element(place(screen)).toMatchTextContent(/Connecting…/);
	});

	it('does not name whom I do not want to hear', async () => {
		const { screen, room } = await elsewhere('listening');
		room.set({ quieted: [{ peer: fakePeer('Chidi'), name: 'Chidi', how: 'muted' }] });
		await expect.element(place(screen)).toMatchTextContent(/nobody is speaking/);
	});

	it('is muted and left from there', async () => {
		const { screen, app, room } = await elsewhere('full');
		await button(screen, 'Mute').click();
		await button(screen, 'Leave').click();
		expect(room.calls).toEqual(['mute', 'leave']);
		app.leave();
		await expect.element(place(screen)).not.toBeInTheDocument();
	});

	it('says that I have silenced it, and is heard again', async () => {
		const { screen, room } = await elsewhere('listening');
		room.set({ silenced: true });
		await expect.element(place(screen)).toMatchTextContent(/You have silenced the room/);
		await button(screen, 'Hear the room again').click();
		expect(room.calls).toHaveLength(1);
	});

	it('wants an answer there, and says out loud what happens', async () => {
		const { screen, room } = await elsewhere('invited');
		await button(screen, 'Accept').click();
		expect(room.calls).toEqual([`accept ${FAKE_INVITATION}`]);
		room.setView({ phase: 'reconnecting' });
		await expect
			.element(screen.getByText('The connection broke. Finding another way in…'))
			.toBeInTheDocument();
	});

	it('asks before I speak what may be recorded of me', async () => {
		const { screen, room } = await elsewhere('recorded');
		await button(screen, 'Unmute').click();
		expect(room.calls).toEqual([]);
		await button(screen, 'You may record me').click();
		expect(room.calls).toEqual(['consent sound', 'unmute']);
	});

	it.each([
		['ended', '“Evening garden talk” has ended'],
		['removed', 'You were removed from “Evening garden talk”']
	] as const)('says that it is over for me (%s), until I have read it', async (phase, words) => {
		const { screen, app, room } = await elsewhere('listening');
		room.setView({ phase });
		app.leave();
		await expect.element(screen.getByText(words, { exact: true })).toBeVisible();
		await button(screen, 'All right').click();
		await expect.element(screen.getByText(words, { exact: true })).not.toBeInTheDocument();
	});

	it('is on its own page nowhere else', async () => {
		const room = fakeSession(ROOM_SCENES.listening());
		const { screen } = await showDoor(fakeGrapevine(room));
		await expect.element(button(screen, 'Ask to speak')).toBeVisible();
		await expect.element(place(screen)).not.toBeInTheDocument();
	});
});

describe('another room', () => {
	const OTHER = 'b2'.repeat(20) as RoomId;

	it('is not entered before I agree to leave the one I am in', async () => {
		const app = fakeGrapevine(fakeSession(ROOM_SCENES.listening()));
		app.enter();
		const { screen } = await showDoor(app, OTHER);
		await expect
			.element(screen.getByRole('heading', { name: 'You are in “Evening garden talk”' }))
			.toBeVisible();
		await expect
			.element(screen.getByRole('link', { name: 'Stay there' }))
			.toHaveAttribute('href', `/r/${FAKE_KEY}`);
		expect(app.calls).toEqual([]);
		await button(screen, 'Leave it and come in').click();
		await expect.poll(() => app.calls).toEqual([`enterRoom ${OTHER}`]);
	});

	it('is entered at once where I am in none, or come back', async () => {
		const app = fakeGrapevine();
		app.enter();
		await showDoor(app);
		expect(app.calls).toEqual([`enterRoom ${FAKE_ROOM}`]);
	});

	it('is told where I start one', async () => {
		const { screen } = await elsewhere('listening');
		await button(screen, 'Start a room').click();
		await expect
			.element(screen.getByText('You are in “Evening garden talk” now', { exact: false }))
			.toBeVisible();
	});
});

describe('what calls me elsewhere', () => {
	it('is switched off by kind in the settings, where notifications are asked for by a press', async () => {
		const app = fakeGrapevine();
		const { screen } = await showHome(app);
		await button(screen, 'Settings').click();
		await screen.getByText('When you are elsewhere').click();
		await screen.getByRole('switch', { name: 'With a short sound' }).click();
		await expect
			.poll(() => app.calls)
			.toEqual([
				'saveSettings {"signals":{"stage":true,"letters":true,"reminders":true,"kept":true,"sound":false}}'
			]);
		await button(screen, 'Allow notifications').click();
		await expect.element(screen.getByText('Allowed.', { exact: true })).toBeVisible();
	});
});
