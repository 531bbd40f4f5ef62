import { describe, expect, it } from 'vitest';
import { noticesBetween, NOTICES_MAX } from '#lib/app/state/notices.ts';
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
		for (const phase of ['attaching', 'reconnecting'] as const) {
			const empty = fakeView({ phase, stage: [] });
			expect(noticesBetween(empty, before)).toEqual([]);
		}
	});

	it('tell an invitation once, whatever the phase', () => {
		const invited = fakeView({ phase: 'reconnecting', me: { ...before.me, invitation } });
		expect(noticesBetween(before, invited)).toEqual([{ type: 'invitation', name: 'Ana' }]);
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
