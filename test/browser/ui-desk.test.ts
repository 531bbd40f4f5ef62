/** The desk, the menu beside each person, the queue, pins and deeds: each press and the wish it becomes. */
import { describe, expect, it } from 'vitest';
import { PINS_MAX, TOPICS_MAX } from '#lib/p2p/wire/limits.ts';
import { fakeDeed, fakePeer, fakePerson, fakePin } from '../lib/fake-session.ts';
import { showRoom, type RoomOnScreen, type Screen } from '../lib/screen.ts';
import type { RoomScene } from '../lib/room-scenes.ts';

const button = (screen: Screen, name: string) => screen.getByRole('button', { name, exact: true });

/** The room beneath has an alert of its own. */
const alert = (screen: Screen) => screen.getByRole('dialog').getByRole('alert');

async function openDesk(scene: RoomScene = 'moderating'): Promise<RoomOnScreen> {
	const shown = await showRoom(scene);
	await button(shown.screen, 'Desk').click();
	return shown;
}

async function openMenu(name: string, scene: RoomScene = 'moderating'): Promise<RoomOnScreen> {
	const shown = await showRoom(scene);
	await button(shown.screen, `More about ${name}`).click();
	await expect.element(shown.screen.getByRole('dialog', { name })).toBeVisible();
	return shown;
}

const saysWhat = ({ room }: RoomOnScreen): string[] =>
	room.calls.map((call) => call.replace(/12D3Koo\w+/g, (peer) => nameOf(peer)));

const NAMES = ['Me', 'Béla', 'Chidi', 'Noor', 'Oskar', 'Zoe'];
const nameOf = (peer: string): string => NAMES.find((name) => fakePeer(name) === peer) ?? peer;

describe('the menu beside a person', () => {
	it.each([
		['Noor', 'Invite to speak', 'moderate invite Noor'],
		['Noor', 'Decline the hand', 'moderate lower Noor'],
		['Chidi', 'Take the microphone back', 'moderate unseat Chidi'],
		['Béla', 'Mute', 'moderate mute-one Béla']
	] as const)('of %s: "%s" is done at once', async (name, act, call) => {
		const shown = await openMenu(name);
		const dialog = shown.screen.getByRole('dialog', { name });
		await dialog.getByRole('button', { name: act, exact: true }).click();
		expect(saysWhat(shown)).toEqual([call]);
		await expect.element(dialog).not.toBeInTheDocument();
	});

	it.each([
		['Remove', 'moderate remove Chidi false'],
		['Remove and block', 'moderate remove Chidi true']
	] as const)('says what removing means before "%s" does it', async (act, call) => {
		const shown = await openMenu('Chidi');
		await button(shown.screen, 'Remove…').click();
		await expect.element(shown.screen.getByText(/cannot come back to this room/)).toBeVisible();
		expect(saysWhat(shown)).toEqual([]);
		await button(shown.screen, act).click();
		expect(saysWhat(shown)).toEqual([call]);
	});

	it('takes a keyboard along to the question, and back', async () => {
		const { screen, room } = await openMenu('Chidi');
		await button(screen, 'Remove…').click();
		await expect.element(screen.getByRole('heading', { name: 'Remove Chidi?' })).toHaveFocus();
		await button(screen, 'Cancel').click();
		await expect.element(button(screen, 'Remove…')).toBeVisible();
		expect(room.calls).toEqual([]);
	});

	it('names a co-host with what it may do, and for how long', async () => {
		const shown = await openMenu('Chidi');
		const { screen } = shown;
		await button(screen, 'Make co-host…').click();
		await screen.getByRole('checkbox', { name: /^People/ }).click();
		await screen
			.getByRole('combobox', { name: 'For how long' })
			.selectOptions('For a short while: 50 actions, then it is over');
		await button(screen, 'Make co-host').click();
		expect(saysWhat(shown)).toEqual(['moderate name-cohost Chidi ["stage","sound","room"] 50']);
	});

	it('names a co-host for some hours, and says what that means', async () => {
		const shown = await openMenu('Chidi');
		const { screen, room } = shown;
		await button(screen, 'Make co-host…').click();
		const lasts = screen.getByRole('combobox', { name: 'For how long' });
		await lasts.selectOptions('For 3 hours');
		await expect.element(lasts).toHaveAccessibleDescription(/your app takes the powers back/);
		await button(screen, 'Make co-host').click();
		const powers = '["stage","sound","people","room"]';
		expect(saysWhat(shown)).toEqual([`moderate name-cohost Chidi ${powers} 600 10800000`]);
		const [cohost] = room.state().view.cohosts;
		if (cohost === undefined) throw new Error('There is no co-host.');
		room.setView({ cohosts: [{ ...cohost, untilMs: new Date(2026, 5, 1, 21, 30).getTime() }] });
		await button(screen, 'Desk').click();
		await expect.element(screen.getByText('until 9:30 PM')).toBeVisible();
	});

	it('names nobody a co-host of nothing', async () => {
		const { screen, room } = await openMenu('Chidi');
		await button(screen, 'Make co-host…').click();
		for (const power of [/^The stage/, /^Sound/, /^People/, /^The room/]) {
			await screen.getByRole('checkbox', { name: power }).click();
		}
		await button(screen, 'Make co-host').click();
		await expect.element(alert(screen)).toHaveTextContent('Choose at least one.');
		expect(room.calls).toEqual([]);
	});

	it.each([
		['Take powers back', 'moderate unname-cohost Béla false'],
		['Take back and undo all of it', 'moderate unname-cohost Béla true']
	] as const)('of a co-host: "%s"', async (act, call) => {
		const shown = await openMenu('Béla');
		await button(shown.screen, 'Take co-host powers back…').click();
		await button(shown.screen, act).click();
		expect(saysWhat(shown)).toEqual([call]);
	});

	it('follows what becomes of the person while it is open', async () => {
		const { screen, room } = await openMenu('Chidi');
		room.setView({ stage: [], listeners: [] });
		await expect.element(screen.getByText('Not in the room just now')).toBeVisible();
	});
});

describe('the desk', () => {
	it('changes who may speak, live', async () => {
		const shown = await openDesk();
		const everyone = shown.screen.getByRole('radio', { name: /^Everyone/ });
		await expect.element(everyone).toBeChecked();
		await shown.screen.getByRole('radio', { name: /^Whoever is invited/ }).click();
		expect(saysWhat(shown)).toEqual(['moderate speakers invited']);
		shown.room.setView({ speakers: 'followed' });
		await expect.element(shown.screen.getByRole('radio', { name: /follows/ })).toBeChecked();
	});

	it('mutes everybody, holds the floor and frees it', async () => {
		const shown = await openDesk();
		await button(shown.screen, 'Mute everybody').click();
		const floor = shown.screen.getByRole('switch', { name: 'Hold the floor' });
		await expect.element(floor).toBeChecked();
		await floor.click();
		expect(saysWhat(shown)).toEqual(['moderate mute-all', 'moderate floor false']);
	});

	it('pins a note and a link', async () => {
		const shown = await openDesk();
		await shown.screen.getByRole('textbox', { name: 'Note' }).fill('  Read  this ');
		await shown.screen.getByRole('textbox', { name: 'Link' }).fill('https://a.example/b');
		await button(shown.screen, 'Pin').click();
		expect(saysWhat(shown)).toEqual(['moderate pin Read this https://a.example/b']);
		await expect.element(shown.screen.getByRole('textbox', { name: 'Note' })).toHaveValue('');
	});

	it.each([
		['', '', 'Write a note, or give a link.'],
		['Read this', 'javascript:alert(1)', /no whole address/],
		['x'.repeat(281), '', /too long/]
	] as const)('does not pin "%s" with "%s"', async (text, link, words) => {
		const { screen, room } = await openDesk();
		await screen.getByRole('textbox', { name: 'Note' }).fill(text);
		await screen.getByRole('textbox', { name: 'Link' }).fill(link);
		await button(screen, 'Pin').click();
		await expect.element(alert(screen)).toMatchTextContent(words);
		expect(room.calls).toEqual([]);
	});

	it('says when no more can be pinned', async () => {
		const { screen, room } = await openDesk();
		room.setView({ pins: Array.from({ length: PINS_MAX }, (_, i) => fakePin(`Note ${i}`, '')) });
		await expect.element(screen.getByText(/Unpin something first/)).toBeVisible();
	});

	it('changes what the room says of itself', async () => {
		const shown = await openDesk();
		const { screen } = shown;
		await screen.getByRole('textbox', { name: 'Title' }).fill('Night garden talk');
		await screen.getByRole('combobox', { name: 'Language spoken' }).selectOptions('French');
		await screen.getByRole('textbox', { name: 'Topics' }).fill('moths, gardens,, moths ');
		await screen.getByRole('switch', { name: /^Show this room in the lobby/ }).click();
		await button(screen, 'Save').click();
		const settings = { title: 'Night garden talk', language: 'fr', listed: false };
		const whole = JSON.stringify({ ...settings, topics: ['moths', 'gardens'] });
		expect(saysWhat(shown)).toEqual([`moderate settings ${whole}`]);
		await expect.element(screen.getByText('Saved: everybody sees it.')).toBeVisible();
	});

	it.each([
		['Title', ' ', /Give the room a title/],
		['Topics', Array.from({ length: TOPICS_MAX + 1 }, (_, i) => `t${i}`).join(), /more than/],
		['Topics', 'x'.repeat(41), /too long/]
	] as const)('does not save a room with such a %s', async (field, text, words) => {
		const { screen, room } = await openDesk();
		await screen.getByRole('textbox', { name: field }).fill(text);
		await button(screen, 'Save').click();
		await expect.element(alert(screen)).toMatchTextContent(words);
		expect(room.calls).toEqual([]);
	});

	it('lets somebody in again', async () => {
		const shown = await openDesk();
		await button(shown.screen, 'Let in again: Zoe').click();
		expect(saysWhat(shown)).toEqual(['moderate readmit Zoe']);
	});

	it('ends the room with a last message, having asked once', async () => {
		const shown = await openDesk();
		await button(shown.screen, 'End the room…').click();
		await expect.element(shown.screen.getByText(/cannot be undone/)).toBeVisible();
		await shown.screen.getByRole('textbox', { name: 'Last message' }).fill('Good night');
		await button(shown.screen, 'End for everybody').click();
		expect(saysWhat(shown)).toEqual(['moderate end Good night']);
	});

	it('says in place why something was not granted', async () => {
		const { screen, room } = await openDesk();
		room.setView({ refusal: 'not-joined' });
		await expect.element(alert(screen)).toMatchTextContent(/Not connected to the room yet/);
	});

	it('has for a co-host only what it may do', async () => {
		const { screen } = await openDesk('cohosting');
		await expect.element(screen.getByText(/You are a co-host/)).toBeVisible();
		const parts = screen.getByRole('dialog').getByRole('heading', { level: 3 }).elements();
		expect(parts.map((part) => part.textContent)).toEqual(['Who may speak', 'Sound']);
	});

	it('tells the host that co-hosts are worth having, until there is one', async () => {
		const { screen } = await openDesk('hosting');
		await expect.element(screen.getByText(/goes on better with a co-host/)).toBeVisible();
	});
});

describe('the queue of hands', () => {
	it('can be seen by who was heard least, cleared, and answered one by one', async () => {
		const shown = await showRoom('hosting');
		const order = shown.screen.getByRole('combobox', { name: 'Order' });
		await order.selectOptions('heard least first');
		await button(shown.screen, 'Decline all').click();
		expect(saysWhat(shown)).toEqual(['orderHands heard-least', 'moderate clear']);
		shown.room.setView({ queueOrder: 'heard-least' });
		await expect.element(shown.screen.getByText('not heard yet').first()).toBeVisible();
	});

	it('tells me my place in it', async () => {
		const { screen } = await showRoom('hand-up');
		await expect.element(screen.getByText('You are number 1 in the queue.')).toBeVisible();
	});

	it('lets a co-host come up without asking anybody', async () => {
		const shown = await showRoom('cohosting');
		await button(shown.screen, 'Go on stage').click();
		const invitation = { id: fakeDeed(1, fakePerson('Me'), 'invite').id, fromName: 'Mira' };
		shown.room.setMe({ invitation });
		expect(saysWhat(shown)).toEqual(['moderate invite Me', `accept ${invitation.id}`]);
	});

	it('takes no later invitation in place of one that was refused', async () => {
		const shown = await showRoom('cohosting');
		await button(shown.screen, 'Go on stage').click();
		shown.room.setView({ refusal: 'stage-full' });
		const invitation = { id: fakeDeed(1, fakePerson('Ana'), 'invite').id, fromName: 'Ana' };
		shown.room.setMe({ invitation });
		await expect.element(button(shown.screen, 'Accept')).toBeVisible();
		expect(saysWhat(shown)).toEqual(['moderate invite Me']);
	});
});

describe('what everybody sees', () => {
	it('is what is pinned, with links that tell nobody where they were pressed', async () => {
		const { screen } = await showRoom('moderated');
		await expect.element(screen.getByText('Bring a lamp: we look for moths at ten')).toBeVisible();
		const link = screen.getByRole('link', { name: 'garden.example/plants/autumn' });
		await expect.element(link).toHaveAttribute('href', 'https://garden.example/plants/autumn');
		expect(link.element().getAttribute('rel')).toContain('noreferrer');
		await expect.element(button(screen, 'Unpin: The list of plants')).not.toBeInTheDocument();
	});

	it('is who did what, the latest first', async () => {
		const { screen } = await showRoom('moderated');
		await expect.element(screen.getByText('Floor held, by Ana')).toBeVisible();
		await button(screen, 'Who did what').click();
		const rows = screen.getByRole('dialog').getByRole('listitem').elements();
		expect(rows.map((row) => row.textContent.replace(/\s+/g, ' ').trim())).toEqual([
			'Floor held by Ana',
			'Removed: Zoe by Béla',
			'Changed who may speak by Ana',
			'Pinned something by Ana',
			'Named co-host: Béla by Ana',
			'Blocked in earlier rooms, and so in this one: 2'
		]);
	});

	it('is that the floor is held and who may speak', async () => {
		const { screen } = await showRoom('moderated');
		await expect.element(screen.getByText(/The floor is held/)).toBeVisible();
		await expect.element(screen.getByText(/Everyone may speak/)).toBeVisible();
	});

	it('is that the host is away, and who goes on', async () => {
		const { screen, room } = await showRoom('host-away');
		await expect.element(screen.getByText('Ana has lost the connection')).toBeVisible();
		await expect.element(screen.getByText(/nearly everything: Béla/)).toBeVisible();
		room.setView({ cohosts: [] });
		await expect.element(screen.getByText(/The room stays open/)).toBeVisible();
		room.setView({ hostAway: false });
		await expect.element(screen.getByText(/The room stays open/)).not.toBeInTheDocument();
		await expect.element(screen.getByText('The host is back.')).toBeInTheDocument();
	});

	it('takes a pin down where it may', async () => {
		const shown = await showRoom('moderating');
		await button(shown.screen, 'Unpin: The list of plants').click();
		const pin = shown.room.state().view.pins[1];
		expect(saysWhat(shown)).toEqual([`moderate unpin ${pin?.id ?? ''}`]);
	});
});

describe('what happens to me', () => {
	it('is told when somebody mutes me, until I unmute', async () => {
		const { screen, room } = await showRoom('on-stage-muted');
		room.setMe({ muted: false });
		const whom = { ...fakePerson('Me'), me: true };
		const { view } = room.state();
		const deeds = [fakeDeed(1, fakePerson('Ana'), 'mute', { whom })];
		room.set({ view: { ...view, deeds, me: { ...view.me, muted: true } } });
		await expect.element(screen.getByText('Ana muted you')).toBeVisible();
		room.setMe({ muted: false });
		await expect.element(screen.getByText('Ana muted you')).not.toBeInTheDocument();
	});

	it('is told while the floor is held and I am muted', async () => {
		const { screen } = await showRoom('held-down');
		await expect.element(screen.getByText(/stays muted until it is free/)).toBeVisible();
	});

	it('is a removal, with who decided it', async () => {
		const { screen, app } = await showRoom('removed');
		await expect
			.element(screen.getByText(/You were removed from “Evening garden talk”/))
			.toBeVisible();
		await expect.element(screen.getByText(/Ana decided that/)).toBeVisible();
		await button(screen, 'Try again').click();
		await expect.poll(() => app.calls.length).toBe(2);
	});

	it('is the end of the room, with its last message', async () => {
		const { screen } = await showRoom('ended');
		await expect.element(screen.getByText('“Evening garden talk” has ended')).toBeVisible();
		await expect.element(screen.getByText('Last message from Ana')).toBeVisible();
		await expect.element(screen.getByText(/under the lime tree/)).toBeVisible();
	});

	it('is a way back from a removal of mine by mistake', async () => {
		const shown = await openMenu('Chidi');
		await button(shown.screen, 'Remove…').click();
		await button(shown.screen, 'Remove').click();
		const removal = { ...fakePerson('Chidi'), blocked: false, by: fakePerson('Ana') };
		shown.room.setView({ stage: [], removed: [{ ...removal, canReadmit: true }] });
		await expect.element(shown.screen.getByText('Chidi was removed')).toBeVisible();
		await button(shown.screen, 'Let in again').click();
		expect(saysWhat(shown)).toEqual(['moderate remove Chidi false', 'moderate readmit Chidi']);
		shown.room.setView({ removed: [] });
		await expect.element(shown.screen.getByText('Chidi was removed')).not.toBeInTheDocument();
	});
});
