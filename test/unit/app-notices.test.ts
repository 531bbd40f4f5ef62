import { describe, expect, it } from 'vitest';
import { FIRST_ANNOUNCEMENTS, readAnnouncements } from '#lib/app/announcements.ts';
import { createJoinNews, JOINS_EVERY_MS } from '#lib/app/state/join-news.ts';
import { kindOf, noticesBetween, NOTICES_MAX } from '#lib/app/state/notices.ts';
import {
	FAKE_INVITATION,
	fakeDeed,
	fakeListener,
	fakePerson,
	fakeSeat,
	fakeView
} from '../lib/fake-session.ts';

const before = fakeView();
const invitation = { id: FAKE_INVITATION, fromName: 'Ana' };

describe('notices', () => {
	it('tell who came on stage and who left it', () => {
		const after = fakeView({ stage: [fakeSeat('Béla')] });
		expect(noticesBetween(before, after)).toEqual([
			{ type: 'joined-stage', name: 'Béla' },
			{ type: 'left-stage', name: 'Ana' }
		]);
	});

	it('tell us apart from the others', () => {
		const up = fakeView({ stage: [...before.stage, fakeSeat('Me', { me: true })] });
		expect(noticesBetween(before, up)).toEqual([{ type: 'on-stage' }]);
		expect(noticesBetween(up, before)).toEqual([{ type: 'off-stage' }]);
	});

	it('keep quiet while the room fills for the first time or again', () => {
		expect(noticesBetween(fakeView({ phase: 'attaching', stage: [] }), before)).toEqual([]);
		const again = fakeView({ phase: 'reconnecting', stage: [] });
		expect(noticesBetween(again, before)).toEqual([{ type: 'reconnected' }]);
	});

	it('tell an invitation once, whatever the phase', () => {
		const invited = fakeView({ phase: 'reconnecting', me: { ...before.me, invitation } });
		expect(noticesBetween(before, invited)).toEqual([
			{ type: 'reconnecting' },
			{ type: 'invitation', name: 'Ana' }
		]);
		expect(noticesBetween(invited, invited)).toEqual([]);
	});

	it('tell those who can answer hands, and nobody else, of new ones', () => {
		const listeners = [fakeListener('Noor', { handUp: true })];
		const host = { ...before.me, powers: ['stage'] } as const;
		const hand = noticesBetween(fakeView({ me: host }), fakeView({ me: host, listeners }));
		expect(hand).toEqual([{ type: 'hand', name: 'Noor' }]);
		expect(noticesBetween(before, fakeView({ listeners }))).toEqual([]);
	});

	it('tell what others did as host or co-host, but neither invitations nor what we did', () => {
		const mute = fakeDeed(1, fakePerson('Ana'), 'mute-all');
		const invite = fakeDeed(2, fakePerson('Ana'), 'invite', { whom: fakePerson('Noor') });
		const mine = fakeDeed(3, { ...fakePerson('Me'), me: true }, 'pin');
		const after = fakeView({ deeds: [mute, invite, mine] });
		expect(noticesBetween(before, after)).toEqual([{ type: 'deed', deed: mute }]);
		expect(noticesBetween(after, after)).toEqual([]);
	});

	it('tell that the host is gone, and back', () => {
		const gone = fakeView({ hostAway: true });
		expect(noticesBetween(before, gone)).toEqual([{ type: 'host-away' }]);
		expect(noticesBetween(gone, before)).toEqual([{ type: 'host-back' }]);
	});

	it('tell no more than a breath holds', () => {
		const stage = Array.from({ length: 10 }, (_, i) => fakeSeat(`Guest ${i}`));
		const notices = noticesBetween(fakeView({ stage: [] }), fakeView({ stage }));
		expect(notices).toHaveLength(NOTICES_MAX);
	});
});

describe('the connection', () => {
	it('is told when it goes, and when it is back', () => {
		const gone = fakeView({ phase: 'reconnecting' });
		expect(noticesBetween(before, gone)).toEqual([{ type: 'reconnecting' }]);
		expect(noticesBetween(gone, before)).toEqual([{ type: 'reconnected' }]);
	});

	it('is for good when we were removed', () => {
		const removed = fakeView({ phase: 'removed', stage: [] });
		expect(noticesBetween(before, removed)[0]).toEqual({ type: 'removed' });
		expect(kindOf({ type: 'removed' })).toBe('removed');
	});
});

describe('people who come to listen', () => {
	const room = (...names: readonly string[]) =>
		fakeView({ listeners: names.map((name) => fakeListener(name)) });

	it('are told together, once in a while', () => {
		const news = createJoinNews();
		expect(news(room('Kaja'), 0)).toBeNull();
		// They were there before us, and become known one by one.
		expect(news(room('Kaja', 'Luca'), 2_000)).toBeNull();
		expect(news(room('Kaja', 'Luca'), JOINS_EVERY_MS)).toBeNull();
		expect(news(room('Kaja', 'Luca', 'Noor'), JOINS_EVERY_MS + 1_000)).toBeNull();
		const four = room('Kaja', 'Luca', 'Noor', 'Oskar');
		expect(news(four, JOINS_EVERY_MS + 9_000)).toBeNull();
		expect(news(four, 2 * JOINS_EVERY_MS)).toEqual({ type: 'came', names: ['Noor', 'Oskar'] });
		expect(news(four, 9 * JOINS_EVERY_MS)).toBeNull();
		expect(news(room('Kaja', 'Priya'), 9 * JOINS_EVERY_MS)).toEqual({
			type: 'came',
			names: ['Priya']
		});
	});

	it('are not told where they have gone meanwhile, came down, or were met again', () => {
		const news = createJoinNews();
		news(room('Kaja'), 0);
		news(room('Kaja'), JOINS_EVERY_MS);
		news(room('Kaja', 'Noor'), JOINS_EVERY_MS + 1);
		// Ana was on stage before.
		expect(news(room('Kaja', 'Ana'), 3 * JOINS_EVERY_MS)).toBeNull();
		news(fakeView({ phase: 'reconnecting' }), 4 * JOINS_EVERY_MS);
		expect(news(room('Kaja', 'Ana', 'Luca'), 5 * JOINS_EVERY_MS)).toBeNull();
	});
});

describe('what is read out', () => {
	it('is everything at first, and as it was chosen later', () => {
		expect(readAnnouncements(undefined)).toEqual(FIRST_ANNOUNCEMENTS);
		expect(readAnnouncements({ joins: false, hands: 3 })).toEqual({
			...FIRST_ANNOUNCEMENTS,
			joins: false
		});
	});
});
