import { describe, expect, it } from 'vitest';
import { rowsOf } from '#lib/ui/room/deed-rows.ts';
import { fakeDeed, fakePerson } from '../lib/fake-session.ts';

const ana = fakePerson('Ana');
const block = (number: number, name = '') =>
	fakeDeed(number, ana, 'remove', { whom: fakePerson(name), on: true });

describe('the list of deeds', () => {
	it('has the latest first', () => {
		const [pin, mute] = [fakeDeed(1, ana, 'pin'), fakeDeed(2, ana, 'mute-all')];
		expect(rowsOf([pin, mute])).toEqual([
			{ type: 'deed', key: mute.id, deed: mute },
			{ type: 'deed', key: pin.id, deed: pin }
		]);
	});

	it('counts the blocks a room begins with, and tells those of people who were here', () => {
		const zoe = block(4, 'Zoe');
		const rows = rowsOf([block(1), block(2), block(3), zoe]);
		expect(rows).toEqual([
			{ type: 'deed', key: zoe.id, deed: zoe },
			{ type: 'blocked-before', key: block(1).id, count: 3 }
		]);
	});

	it('tells a removal of somebody whose name nobody knows', () => {
		const removal = fakeDeed(1, ana, 'remove', { whom: fakePerson('') });
		expect(rowsOf([removal])).toEqual([{ type: 'deed', key: removal.id, deed: removal }]);
	});
});
