/** The room's screen: what can be seen and pressed in each state, and which verb a press calls. */
import { describe, expect, it } from 'vitest';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import {
	FAKE_INVITATION,
	FAKE_ROOM,
	fakeListener,
	fakePeer,
	fakeSeat
} from '../lib/fake-session.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import type { RoomScene } from '../lib/room-scenes.ts';
import { showDoor, showRoom, type Screen } from '../lib/screen.ts';

/** What every room ends with, and where it is set how it sounds. */
const BAR = ['React', 'Chat', 'Share', 'Leave'];
const LINE = ['Silence the room', 'Sound'];

const CONTROLS: Record<RoomScene, readonly string[]> = {
	finding: ['Leave'],
	attaching: ['Leave'],
	'nobody-there': ['Leave'],
	left: ['Join again'],
	removed: ['Try again'],
	'removed-told': ['Try again'],
	ended: [],
	'at-door': ['Leave'],
	'turned-away': ['Leave'],
	locked: ['Leave'],
	'keeping-door': [
		'Desk',
		'Decline all',
		'Invite Noor to speak',
		'Invite Oskar to speak',
		'Invite Kaja to speak',
		'Invite Luca to speak',
		'Invite Maximiliane von Hohenfels-Strauß to speak',
		...LINE,
		'Network',
		'Let in Quentin',
		'Turn away Quentin',
		'Let in Zoe',
		'Turn away Zoe',
		'Mute',
		...BAR
	],
	reconnecting: [...LINE, 'Network', 'Ask to speak', ...BAR],
	'new-host': ['Desk', ...LINE, 'Network', 'Unmute', ...BAR],
	moderating: [
		'Desk',
		'Unpin: Bring a lamp: we look for moths at ten',
		'Unpin: The list of plants',
		'Decline all',
		'Invite Noor to speak',
		'Invite Oskar to speak',
		'Invite Kaja to speak',
		'Invite Luca to speak',
		'Invite Maximiliane von Hohenfels-Strauß to speak',
		...LINE,
		'Who did what',
		'Network',
		'Mute',
		...BAR
	],
	recording: [
		'Desk',
		'Unpin: Bring a lamp: we look for moths at ten',
		'Unpin: The list of plants',
		'Decline all',
		'Invite Noor to speak',
		'Invite Oskar to speak',
		'Invite Kaja to speak',
		'Invite Luca to speak',
		'Invite Maximiliane von Hohenfels-Strauß to speak',
		...LINE,
		'Who did what',
		'Network',
		'All right',
		'Mute',
		...BAR
	],
	recorded: [
		...LINE,
		'Network',
		'You may record me',
		'Captions only',
		'Do not record me',
		'Unmute',
		'Leave the stage',
		...BAR
	],
	'asked-twice': [
		...LINE,
		'Captions',
		'Network',
		'You may record me',
		'Captions only',
		'Do not record me',
		'Unmute',
		'Leave the stage',
		...BAR
	],
	cohosting: [
		'Desk',
		'Invite Noor to speak',
		'Invite Kaja to speak',
		'Invite Luca to speak',
		...LINE,
		'Who did what',
		'Network',
		'Go on stage',
		...BAR
	],
	moderated: [...LINE, 'Who did what', 'Network', 'Ask to speak', ...BAR],
	'host-away': [...LINE, 'Who did what', 'Network', 'Ask to speak', ...BAR],
	'held-down': [...LINE, 'Who did what', 'Network', 'Unmute', 'Leave the stage', ...BAR],
	hosting: [
		'Desk',
		'Decline all',
		'Invite Noor to speak',
		'Invite Oskar to speak',
		'Invite Kaja to speak',
		'Invite Luca to speak',
		'Invite Maximiliane von Hohenfels-Strauß to speak',
		...LINE,
		'Network',
		'Mute',
		...BAR
	],
	full: [...LINE, 'Network', 'Mute', 'Leave the stage', ...BAR],
	silenced: [
		'Hear the room again',
		'Sound',
		'Network',
		'Hear the room again',
		'Ask to speak',
		...BAR
	],
	'feeding-back': [
		...LINE,
		'Network',
		'Turn the room down',
		'All right',
		'Unmute',
		'Leave the stage',
		...BAR
	],
	'microphone-instead': [...LINE, 'Network', 'All right', 'Unmute', 'Leave the stage', ...BAR],
	listening: [...LINE, 'Network', 'Ask to speak', ...BAR],
	'hand-up': [...LINE, 'Network', 'Lower hand', ...BAR],
	unheard: [...LINE, 'Network', 'Hear again', 'Ask to speak', ...BAR],
	'needs-tap': [...LINE, 'Network', 'Listen', 'Ask to speak', ...BAR],
	'cannot-play': [...LINE, 'Network', 'Ask to speak', ...BAR],
	invited: [...LINE, 'Network', 'Accept', 'Decline', 'Ask to speak', ...BAR],
	'stage-full': [...LINE, 'Network', 'Dismiss', 'Ask to speak', ...BAR],
	'on-stage-muted': [...LINE, 'Network', 'Unmute', 'Leave the stage', ...BAR],
	'opening-microphone': [...LINE, 'Network', 'Unmute', 'Leave the stage', ...BAR],
	'microphone-refused': [
		...LINE,
		'Network',
		'Try the microphone again',
		'Sound',
		'Unmute',
		'Leave the stage',
		...BAR
	],
	'microphone-unsupported': [...LINE, 'Network', 'Unmute', 'Leave the stage', ...BAR],
	'no-seed': [...LINE, 'Network', 'Ask to speak', ...BAR]
};

/** Accessible names of all buttons, in the order of the page, without the frame's and people's menus. */
function buttonsOf(screen: Screen): string[] {
	return screen
		.getByRole('button')
		.elements()
		.map((button) => button.getAttribute('aria-label') ?? button.textContent.trim())
		.filter((name) => name !== 'Settings' && !name.startsWith('More about '));
}

const press = (screen: Screen, name: string): Promise<void> =>
	screen.getByRole('button', { name, exact: true }).click();

describe('a room on the screen', () => {
	it.each(Object.keys(CONTROLS) as RoomScene[])('offers what fits while %s', async (scene) => {
		const { screen } = await showRoom(scene);
		await expect.element(screen.getByRole('heading', { level: 1 })).toBeVisible();
		expect(buttonsOf(screen)).toEqual(CONTROLS[scene]);
	});

	it.each([
		['listening', 'Ask to speak', 'ask'],
		['hand-up', 'Lower hand', 'unask'],
		['needs-tap', 'Listen', 'listen'],
		['on-stage-muted', 'Unmute', 'unmute'],
		['full', 'Mute', 'mute'],
		['full', 'Leave the stage', 'stepDown'],
		['listening', 'Leave', 'leave'],
		['nobody-there', 'Leave', 'leave'],
		['microphone-refused', 'Try the microphone again', 'unmute'],
		['invited', 'Accept', `accept ${FAKE_INVITATION}`],
		['invited', 'Decline', `decline ${FAKE_INVITATION}`],
		['hosting', 'Invite Noor to speak', `moderate invite ${fakePeer('Noor')}`]
	] as const)('while %s, "%s" calls %s', async (scene, name, call) => {
		const { screen, room } = await showRoom(scene);
		await press(screen, name);
		expect(room.calls).toEqual([call]);
	});

	it('says so where this browser cannot play it', async () => {
		const { screen } = await showRoom('cannot-play');
		await expect
			.element(screen.getByText(/you will hear nothing.*recent Chrome/).first())
			.toBeVisible();
	});

	it('asks for the microphone only once while it waits for it', async () => {
		const { screen, room } = await showRoom('opening-microphone');
		await press(screen, 'Unmute');
		expect(room.calls).toEqual([]);
	});

	it('has one microphone button, which keeps the focus while its name changes', async () => {
		const { screen, room } = await showRoom('on-stage-muted');
		const button = screen.getByRole('button', { name: 'Unmute', exact: true }).element();
		(button as HTMLElement).focus();
		room.setMe({ muted: false });
		await expect.element(screen.getByRole('button', { name: 'Mute', exact: true })).toHaveFocus();
		expect(screen.getByRole('button', { name: 'Mute', exact: true }).element()).toBe(button);
	});

	it('shows hands before everybody else and says who they are', async () => {
		const { screen, room } = await showRoom('hosting');
		room.setView({ listeners: [fakeListener('Kaja'), fakeListener('Oskar', { handUp: true })] });
		await expect.element(screen.getByRole('list', { name: 'Wants to speak' })).toBeVisible();
		const rows = [...document.querySelectorAll('.listeners li .name')];
		expect(rows.map((row) => row.textContent.trim())).toEqual(['Oskar', 'Kaja']);
	});

	it('counts all listeners, also those it cannot name', async () => {
		const { screen } = await showRoom('full');
		await expect.element(screen.getByText('1,204 listening')).toBeVisible();
		await expect.element(screen.getByText('and 1,197 more people')).toBeInTheDocument();
	});

	it('fits a full stage', async () => {
		const { screen } = await showRoom('full');
		await expect.element(screen.getByText(`${SEATS_MAX} of ${SEATS_MAX}`)).toBeVisible();
		const faces = [...document.querySelectorAll('.face')].map((face) =>
			face.getBoundingClientRect()
		);
		const overlaps = faces.filter((a, i) =>
			faces
				.slice(i + 1)
				.some(
					(b) =>
						a.left < b.right - 1 &&
						b.left < a.right - 1 &&
						a.top < b.bottom - 1 &&
						b.top < a.bottom - 1
				)
		);
		expect(overlaps).toEqual([]);
	});

	it('shows names and titles from strangers as text', async () => {
		const { screen, room } = await showRoom('listening');
		const evil = '<img src=x onerror="document.title = 1">';
		room.setView({ title: evil, stage: [fakeSeat(evil)], listeners: [fakeListener(evil)] });
		await expect.element(screen.getByRole('heading', { level: 1 })).toHaveTextContent(evil);
		expect(document.querySelector('img')).toBeNull();
	});

	it('calls people without a name somebody', async () => {
		const { screen, room } = await showRoom('listening');
		room.setView({ listeners: [{ ...fakeListener('Kaja'), name: '' }] });
		await expect.element(screen.getByText('Somebody')).toBeVisible();
	});

	it('enters again from the page that says we left', async () => {
		const { screen, app, room } = await showRoom('left');
		await press(screen, 'Join again');
		await expect
			.poll(() => app.calls)
			.toEqual([`enterRoom ${FAKE_ROOM}`, `enterRoom ${FAKE_ROOM}`]);
		await expect.poll(() => room.subscribers()).toBeGreaterThan(0);
	});

	it('stops listening to the session when it goes away, and leaves the session open', async () => {
		const { screen, room } = await showRoom('listening');
		await expect.poll(() => room.subscribers()).toBeGreaterThan(0);
		await screen.unmount();
		expect(room.subscribers()).toBe(0);
		expect(room.calls).toEqual([]);
	});
});

describe('what a room says', () => {
	it.each([
		['stage-full', /The stage is full: 11 people can speak at once/],
		['not-invited', /You need an invitation/],
		['not-host', /Only the host/],
		['already-on-stage', /Already on stage/],
		['not-on-stage', /only on stage/],
		['not-joined', /Not connected to the room yet/],
		['log-full', /start a new room/]
	] as const)('explains the refusal %s', async (refusal, words) => {
		const { screen, room } = await showRoom('listening');
		room.setView({ refusal });
		await expect.element(screen.getByRole('alert')).toMatchTextContent(words);
	});

	it('puts a refusal away until the next wish is refused', async () => {
		const { screen, room } = await showRoom('stage-full');
		await press(screen, 'Dismiss');
		await expect.element(screen.getByText(/The stage is full/)).not.toBeInTheDocument();
		await press(screen, 'Ask to speak');
		expect(room.calls).toEqual(['ask']);
		await expect.element(screen.getByText(/The stage is full/)).toBeVisible();
	});

	it.each([
		['refused', /blocked.*set Microphone to Allow/],
		['missing', /No microphone was found.*Plug one in/],
		['in-use', /Another program.*Close other calls/],
		['taken-away', /is gone.*Connect it again/],
		['unsupported', /cannot send sound.*use a recent Chrome/]
	] as const)('explains what to do about a microphone that is %s', async (microphone, words) => {
		const { screen, room } = await showRoom('on-stage-muted');
		room.set({ microphone });
		await expect.element(screen.getByText(words).first()).toBeVisible();
	});

	it('tells the seeds from the lack of them', async () => {
		const { screen, room } = await showRoom('listening');
		await expect.element(screen.getByText(/Connected to 1 seed/)).toBeInTheDocument();
		room.set({ seeds: 0 });
		await expect.element(screen.getByText(/newcomers cannot find it/)).toBeInTheDocument();
	});

	it('shows that the connection broke, and then that it is back', async () => {
		const { room } = await showRoom('on-stage-muted');
		await expect.poll(() => room.subscribers()).toBeGreaterThan(0);
		const note = () => document.querySelector('.note .title')?.textContent;
		room.setView({ phase: 'reconnecting' });
		await expect.poll(note).toContain('The connection broke');
		room.setView({ phase: 'joined' });
		await expect.poll(note).toBe('You are connected again.');
	});

	it('announces who comes on stage, and the invitation, politely', async () => {
		const { room } = await showRoom('listening');
		const live = (): string => document.querySelector('[aria-live="polite"]')?.textContent ?? '';
		await expect.poll(() => room.subscribers()).toBeGreaterThan(0);
		room.setView({ stage: [...room.state().view.stage, fakeSeat('Emre')] });
		await expect.poll(live).toContain('Emre joined the stage.');
		room.setMe({ invitation: { id: FAKE_INVITATION, fromName: 'Ana' } });
		await expect.poll(live).toContain('Ana invites you to speak.');
	});

	it('reads out at once that the microphone or the place was lost, and nothing that is switched off', async () => {
		const { screen, room, app } = await showRoom('on-stage-muted');
		const said = (how: string): string =>
			document.querySelector(`[aria-live="${how}"]`)?.textContent ?? '';
		await expect.poll(() => room.subscribers()).toBeGreaterThan(0);
		room.set({ microphone: 'taken-away' });
		await expect.poll(() => said('assertive')).toContain('microphone');
		room.setView({ phase: 'reconnecting' });
		await expect.poll(() => said('polite')).toContain('connection broke');
		expect(said('assertive')).toBe('');
		await press(screen, 'Settings');
		await screen.getByText('Read out by screen readers').click();
		await screen.getByRole('switch', { name: /^Connection/ }).click();
		expect(app.grapevine.settings.announcements.connection).toBe(false);
		room.setView({ phase: 'joined' });
		await expect.poll(() => said('polite')).toBe('');
		room.setView({ phase: 'removed' });
		await expect.poll(() => said('assertive')).toContain('removed');
	});

	it('says that it could not be entered, and tries again', async () => {
		const app = fakeGrapevine();
		app.breakDown();
		const { screen } = await showDoor(app);
		await expect.element(screen.getByText('The room could not be entered')).toBeVisible();
		app.mend();
		await press(screen, 'Try again');
		await expect.element(screen.getByText('Evening garden talk')).toBeVisible();
	});
});
