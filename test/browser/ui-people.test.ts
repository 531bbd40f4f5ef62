import { describe, expect, it, vi } from 'vitest';
import { encodeCard } from '#lib/p2p/wire/card.ts';
import type { LetterId } from '#lib/p2p/wire/ids.ts';
import { FAKE_NOW_MS, fakeLetter, fakePerson, fakeHeard } from '../lib/fake-commons.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import { FAKE_KEY, fakePeer } from '../lib/fake-session.ts';
import { showHome, showPeople, showRoom } from '../lib/screen.ts';

const SAM = encodeCard({ peer: fakePeer('Sam'), name: 'Sam', secret: new Uint8Array(16).fill(2) });

describe('following somebody', () => {
	it('takes a card, under a name of one’s own', async () => {
		const { screen, app } = await showPeople();
		await screen.getByRole('textbox', { name: 'Their card' }).fill(`https://x.org/people#${SAM}`);
		await screen.getByRole('textbox', { name: 'The name you give them' }).fill('Aunt Sam');
		await screen.getByRole('button', { name: 'Follow', exact: true }).click();
		await expect.element(screen.getByText('You follow Aunt Sam now.')).toBeVisible();
		expect(app.calls).toEqual(['follow Aunt Sam']);
		expect(app.commons.commons.people.list[0]?.secret).toEqual(new Uint8Array(16).fill(2));
	});

	it('has the card of the link that led here, and takes the name on it', async () => {
		const { screen, app } = await showPeople(fakeGrapevine(), SAM);
		await screen.getByRole('button', { name: 'Follow', exact: true }).click();
		await expect.element(screen.getByText('You follow Sam now.')).toBeVisible();
		expect(app.calls).toEqual(['follow Sam']);
	});

	it('says what is wrong: nothing there, no card, one’s own', async () => {
		const { screen, app } = await showPeople();
		const follow = screen.getByRole('button', { name: 'Follow', exact: true });
		const field = screen.getByRole('textbox', { name: 'Their card' });
		await follow.click();
		await expect.element(screen.getByText('Paste a card first.')).toBeVisible();
		await field.fill(SAM.slice(0, -1));
		await follow.click();
		await expect.element(screen.getByText('This is no card', { exact: false })).toBeVisible();
		await field.fill(encodeCard({ peer: fakePeer('Me'), name: 'Me', secret: new Uint8Array(16) }));
		await follow.click();
		await expect.element(screen.getByText('This card is your own.')).toBeVisible();
		app.breakDown();
		await field.fill(SAM);
		await follow.click();
		await expect
			.element(screen.getByText('could not be saved', { exact: false }).first())
			.toBeVisible();
	});
});

describe('those I follow', () => {
	it('can be renamed, let go, and taken back', async () => {
		const { screen, app } = await showPeople();
		app.commons.setPeople([fakePerson('Sam'), fakePerson('Ana', { secret: null })]);
		await expect.element(screen.getByText('Met in a room', { exact: false })).toBeVisible();
		await screen.getByRole('button', { name: 'Rename Sam' }).click();
		const name = screen.getByRole('textbox', { name: 'The name you give them' });
		await name.fill('Aunt Sam');
		await screen.getByRole('button', { name: 'Save', exact: true }).click();
		await screen.getByRole('button', { name: 'Unfollow Aunt Sam' }).click();
		await expect.element(screen.getByText('You no longer follow Aunt Sam.')).toBeVisible();
		await screen.getByRole('button', { name: 'Undo' }).click();
		await expect.element(screen.getByRole('button', { name: 'Unfollow Aunt Sam' })).toBeVisible();
		expect(app.calls).toEqual(['renamePerson Aunt Sam', 'unfollow', 'restore Aunt Sam']);
	});

	it('are none at first, which is said', async () => {
		const { screen } = await showPeople();
		await expect.element(screen.getByText('Nobody yet.', { exact: false })).toBeVisible();
	});
});

describe('somebody in a room', () => {
	it('can be followed from what is known about them, and let go', async () => {
		const { screen, app } = await showRoom('moderating');
		await screen.getByRole('button', { name: 'More about Chidi' }).click();
		await screen.getByRole('button', { name: 'Follow Chidi' }).click();
		const unfollow = screen.getByRole('button', { name: 'Unfollow Chidi' });
		await expect.element(unfollow).toBeVisible();
		expect(app.calls).toContain('follow Chidi');
		await unfollow.click();
		await expect.element(screen.getByRole('button', { name: 'Follow Chidi' })).toBeVisible();
	});
});

describe('my card', () => {
	it('is a link and a code, and whoever reads the link knows me', async () => {
		const { screen } = await showPeople();
		await expect.element(screen.getByRole('img', { name: 'QR code of your card' })).toBeVisible();
		const field = screen.getByRole('textbox', { name: 'Link of your card' });
		const link = (field.element() as HTMLInputElement).value;
		expect(link).toMatch(/\/people#[1-9A-HJ-NP-Za-km-z]+$/);
		expect(link).toContain(
			encodeCard({ peer: fakePeer('Me'), name: 'Mira', secret: new Uint8Array(16).fill(9) })
		);
	});
});

describe('invitations', () => {
	it('of people I follow lead to the room; those of strangers are folded away', async () => {
		const { screen, app } = await showPeople();
		app.commons.setPeople([fakePerson('Sam', { name: 'Aunt Sam' })]);
		app.commons.setLetters({
			received: [fakeLetter('Sam', { note: 'Come!' })],
			strangers: [fakeLetter('Eve', { id: 'ee'.repeat(16) as LetterId, title: 'Buy this' })]
		});
		const words = screen.getByText('Aunt Sam invites you to “Evening garden talk”');
		await expect.element(words).toBeVisible();
		await expect.element(screen.getByText('Come!')).toBeVisible();
		const go = screen.getByRole('link', { name: 'Go there' }).first();
		await expect.element(go).toHaveAttribute('href', `/r/${FAKE_KEY}`);
		await expect.element(screen.getByText('Buy this', { exact: false })).not.toBeVisible();
		await screen.getByText('1 from somebody you do not follow').click();
		await expect.element(screen.getByText('Eve invites you to “Buy this”')).toBeVisible();
		await screen.getByRole('button', { name: 'Not now' }).first().click();
		await expect.element(words).not.toBeInTheDocument();
		expect(app.calls).toEqual(['forget']);
	});

	it('are told wherever one is, and answered there', async () => {
		const app = fakeGrapevine();
		app.commons.setPeople([fakePerson('Sam')]);
		const { screen } = await showHome(app);
		const letter = fakeLetter('Sam', { place: 'stage' });
		app.commons.alert({ type: 'letter', id: 'a', letter });
		const news = screen.getByRole('status', { name: 'News for you' });
		await expect
			.element(news)
			.toMatchTextContent(/Sam invites you to speak in “Evening garden talk”/);
		const go = news.getByRole('link', { name: 'Go there' });
		await expect.element(go).toHaveAttribute('href', `/r/${FAKE_KEY}`);
		await news.getByRole('button', { name: 'Not now' }).click();
		await expect.element(news).toHaveTextContent('');
		expect(app.calls).toEqual(['forget']);
	});

	it('tell of recordings that are kept, wherever one is, until they were read', async () => {
		const app = fakeGrapevine();
		const { screen } = await showPeople(app);
		const heard = fakeHeard('Hanna');
		app.commons.setHeard([heard]);
		app.commons.alert({ type: 'kept', id: 'k', heard });
		const section = screen.getByRole('region', { name: 'Recordings in which you spoke' });
		await expect.element(section.getByText(/^Hanna keeps the recording of “Evening/)).toBeVisible();
		const news = screen.getByRole('status', { name: 'News for you' });
		await expect.element(news).toMatchTextContent(/Hanna keeps the recording/);
		await news.getByRole('button', { name: 'Dismiss' }).click();
		expect(app.calls).toEqual([`forgetKept ${heard.id}`]);
		await expect.element(section).not.toBeInTheDocument();
		app.commons.setHeard([fakeHeard('Hanna', { deletedAtMs: Date.UTC(2100, 0, 5) })]);
		await expect.element(section.getByText(/no longer keeps.*January 5, 2100/)).toBeVisible();
	});

	it('are sent from inside a room, and tell what has become of them', async () => {
		const { screen, app } = await showRoom('new-host');
		app.room.setMe({ powers: ['stage'] });
		app.commons.setPeople([fakePerson('Sam')]);
		await screen.getByRole('button', { name: 'Share' }).click();
		await screen.getByRole('button', { name: 'Invite Sam to this room to speak' }).click();
		await expect.element(screen.getByText('Waiting until they are online')).toBeVisible();
		expect(app.calls).toContain('inviteTo stage');
		const [sent] = app.commons.commons.letters.sent;
		app.commons.setLetters({ sent: [{ ...sent!, delivered: true, sentAtMs: FAKE_NOW_MS }] });
		await expect.element(screen.getByText('Delivered')).toBeVisible();
	});

	it('to the stage are not for listeners to send', async () => {
		const { screen, app } = await showRoom('listening');
		app.commons.setPeople([fakePerson('Sam')]);
		await screen.getByRole('button', { name: 'Share' }).click();
		const toRoom = screen.getByRole('button', { name: 'Invite Sam to this room', exact: true });
		await expect.element(toRoom).toBeVisible();
		const toStage = screen.getByRole('button', { name: 'Invite Sam to this room to speak' });
		await expect.element(toStage).not.toBeInTheDocument();
	});
});

describe('an identity', () => {
	it('comes out under a passphrase that is long enough', async () => {
		const { screen, app } = await showPeople();
		await screen.getByRole('button', { name: 'Make a copy' }).click();
		const passphrase = screen.getByLabelText('Passphrase');
		await passphrase.fill('short');
		await screen.getByRole('button', { name: 'Encrypt' }).click();
		await expect.element(screen.getByText('too easy to guess', { exact: false })).toBeVisible();
		await passphrase.fill('five grapes on a vine');
		await screen.getByRole('button', { name: 'Encrypt' }).click();
		const text = screen.getByRole('textbox', { name: 'Your identity, encrypted' });
		await expect.element(text).toHaveValue('grapevine-identity-1.600000.c2FsdA.aXY.Y2lwaGVy');
		expect(app.calls).toEqual(['carryOut five grapes on a vine']);
		const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
		await screen.getByRole('dialog').getByRole('button', { name: 'Copy', exact: true }).click();
		await expect.element(screen.getByText('Copied')).toBeVisible();
		expect(copied).toHaveBeenCalledExactlyOnceWith(
			'grapevine-identity-1.600000.c2FsdA.aXY.Y2lwaGVy'
		);
		copied.mockRestore();
	});

	it('comes in by pasting, and says what is wrong', async () => {
		const { screen, app } = await showPeople();
		await screen.getByRole('button', { name: 'Bring one in' }).click();
		const bring = screen.getByRole('button', { name: 'Bring it in' });
		await bring.click();
		await expect
			.element(screen.getByText('Choose the file or paste', { exact: false }))
			.toBeVisible();
		await screen.getByRole('textbox', { name: 'Or paste its text' }).fill('grapevine-identity-1.x');
		app.commons.setCarried({ ok: false, reason: 'wrong-passphrase' });
		await screen.getByLabelText('Passphrase').fill('wrong');
		await bring.click();
		await expect
			.element(screen.getByText('The passphrase is another one', { exact: false }))
			.toBeVisible();
		app.commons.setCarried({ ok: true });
		await bring.click();
		await expect.element(screen.getByRole('button', { name: 'Start again' })).toBeVisible();
	});
});

describe('notifications', () => {
	it('are asked for by a press', async () => {
		const { screen, app } = await showPeople();
		await screen.getByRole('button', { name: 'Allow notifications' }).click();
		await expect.element(screen.getByText('Allowed.', { exact: true })).toBeVisible();
		expect(app.calls).toEqual(['askNotices']);
	});

	it('are said to be blocked where they are', async () => {
		const app = fakeGrapevine();
		app.commons.setPermission('denied');
		const { screen } = await showPeople(app);
		await expect
			.element(screen.getByText('Your browser blocks them', { exact: false }))
			.toBeVisible();
	});

	it('are not spoken of where the browser has none', async () => {
		const app = fakeGrapevine();
		app.commons.setPermission('unsupported');
		const { screen } = await showPeople(app);
		await expect.element(screen.getByRole('heading', { name: 'Your card' })).toBeVisible();
		await expect
			.element(screen.getByRole('heading', { name: 'Notifications' }))
			.not.toBeInTheDocument();
	});
});
