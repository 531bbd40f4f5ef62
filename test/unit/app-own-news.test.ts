/** What we are told of what others do to us, and when it is no longer told. */
import { describe, expect, it } from 'vitest';
import { isStillTrue, ownNewsBetween } from '#lib/app/state/own-news.ts';
import type { DeedView, RoomView } from '#lib/p2p/peer/view.ts';
import { fakeDeed, fakePerson, fakeView } from '../lib/fake-session.ts';

const [ana, bela] = [fakePerson('Ana'), fakePerson('Béla')];
const myself = { ...fakePerson('Me'), me: true };

const seen = (me: Partial<RoomView['me']>, ...deeds: DeedView[]): RoomView =>
	fakeView({ me: { ...fakeView().me, ...me }, deeds });

const [open, closed] = [
	{ role: 'speaker', muted: false },
	{ role: 'speaker', muted: true }
] as const;

describe('what others do to us', () => {
	it('is told with who did it', () => {
		for (const [before, after, what, news] of [
			[open, closed, 'mute', 'muted'],
			[closed, {}, 'unseat', 'unseated'],
			[{ handUp: true }, {}, 'lower', 'hand-declined'],
			[{}, { cohost: true }, 'name-cohost', 'named-cohost'],
			[{ cohost: true }, {}, 'unname-cohost', 'unnamed-cohost']
		] as const) {
			const deed = fakeDeed(1, ana, what, { whom: myself });
			expect(ownNewsBetween(seen(before), seen(after, deed))).toEqual({
				what: news,
				byName: 'Ana'
			});
		}
	});

	it('is told of what is done to all, where it meets us', () => {
		const [mute, clear] = [fakeDeed(1, bela, 'mute-all'), fakeDeed(2, bela, 'clear')];
		expect(ownNewsBetween(seen(open), seen(closed, mute))?.what).toBe('muted');
		expect(ownNewsBetween(seen(closed), seen(closed, mute))).toBeNull();
		expect(ownNewsBetween(seen({ handUp: true }), seen({}, clear))?.what).toBe('hand-declined');
		expect(ownNewsBetween(seen({}), seen({}, clear))).toBeNull();
	});

	it('is not told where it was done to somebody else, by ourselves, or before we came', () => {
		const toBela = fakeDeed(1, ana, 'mute', { whom: bela });
		expect(ownNewsBetween(seen(open), seen(open, toBela))).toBeNull();
		const byMe = fakeDeed(1, myself, 'mute', { whom: myself });
		expect(ownNewsBetween(seen(open), seen(closed, byMe))).toBeNull();
		const toMe = fakeDeed(1, ana, 'mute', { whom: myself });
		expect(ownNewsBetween(seen(open, toMe), seen(closed, toMe))).toBeNull();
		const outside = { ...seen(open), phase: 'reconnecting' } as const;
		expect(ownNewsBetween(outside, seen(closed, toMe))).toBeNull();
	});

	it('is told until it is no longer so', () => {
		const told = (what: Parameters<typeof isStillTrue>[0]['what'], me: Partial<RoomView['me']>) =>
			isStillTrue({ what, byName: 'Ana' }, seen(me));
		expect([told('muted', closed), told('muted', open), told('muted', {})]).toEqual([
			true,
			false,
			false
		]);
		expect([told('unseated', {}), told('unseated', closed)]).toEqual([true, false]);
		expect([told('hand-declined', {}), told('hand-declined', { handUp: true })]).toEqual([
			true,
			false
		]);
		expect([told('named-cohost', { cohost: true }), told('named-cohost', {})]).toEqual([
			true,
			false
		]);
		expect([told('unnamed-cohost', {}), told('unnamed-cohost', { cohost: true })]).toEqual([
			true,
			false
		]);
	});
});
