import { describe, expect, it } from 'vitest';
import { createPresence, type PresencePosition } from '#lib/p2p/tree/presence.ts';
import { PRESENCE_COUNT_MAX, PRESENCE_SAMPLE_MAX } from '#lib/p2p/wire/limits.ts';
import { HOST, ME, peer } from './tree-rig.ts';

const listening: PresencePosition = {
	self: ME,
	parent: HOST,
	children: [peer(7), peer(8)],
	mesh: []
};
const onStage: PresencePosition = { self: null, parent: null, children: [peer(7)], mesh: [HOST] };

describe('who listens', () => {
	it('is ourselves, where nobody has told of anybody', () => {
		const presence = createPresence();
		expect(presence.subtree(listening)).toEqual({ count: 1, here: [ME] });
		expect(presence.room(listening)).toEqual({ count: 1, here: [ME] });
	});

	it('is nobody on an empty stage', () => {
		expect(createPresence().room(onStage)).toEqual({ count: 0, here: [] });
	});

	it('is summed up from the children, with names', () => {
		const presence = createPresence();
		presence.heardUp(peer(7), { count: 3, here: [peer(7), peer(21)] });
		presence.heardUp(peer(8), { count: 1, here: [peer(8)] });
		expect(presence.subtree(listening)).toEqual({
			count: 5,
			here: [ME, peer(7), peer(21), peer(8)]
		});
	});

	it('is what the parent says, in the whole room', () => {
		const presence = createPresence();
		presence.heardDown(HOST, { count: 40, here: [peer(30)] });
		expect(presence.room(listening)).toEqual({ count: 40, here: [peer(30)] });
	});

	it('remembers whom each named, for what is told next speaks of these', () => {
		const presence = createPresence();
		presence.heardDown(HOST, { count: 40, here: [peer(30), peer(31)] });
		presence.heardUp(peer(7), { count: 2, here: [peer(7)] });
		expect(presence.namedBy('down', HOST)).toEqual([peer(30), peer(31)]);
		expect(presence.namedBy('up', peer(7))).toEqual([peer(7)]);
		expect(presence.namedBy('up', HOST)).toEqual([]);
		presence.forget(HOST);
		expect(presence.namedBy('down', HOST)).toEqual([]);
	});

	it('is never fewer than we carry ourselves', () => {
		const presence = createPresence();
		presence.heardUp(peer(7), { count: 9, here: [] });
		presence.heardDown(HOST, { count: 2, here: [] });
		expect(presence.room(listening).count).toBe(10);
	});

	it('is on stage the sum of all speakers', () => {
		const presence = createPresence();
		presence.heardUp(peer(7), { count: 4, here: [] });
		presence.heardUp(HOST, { count: 6, here: [] });
		expect(presence.room(onStage).count).toBe(10);
		expect(presence.subtree(onStage).count).toBe(4);
	});

	it('does not count a speaker twice that is still our child', () => {
		const presence = createPresence();
		presence.heardUp(peer(7), { count: 4, here: [] });
		const both = { ...onStage, mesh: [peer(7)] };
		expect(presence.room(both).count).toBe(4);
	});

	it('does not count who is neither child nor speaker, or was forgotten', () => {
		const presence = createPresence();
		presence.heardUp(peer(50), { count: 100, here: [peer(50)] });
		presence.heardDown(peer(50), { count: 100, here: [peer(50)] });
		expect(presence.room(listening).count).toBe(1);
		presence.heardUp(peer(7), { count: 3, here: [] });
		presence.forget(peer(7));
		expect(presence.room(listening).count).toBe(1);
	});

	it('is at least as many as are named, and never more than there can be', () => {
		const presence = createPresence();
		presence.heardUp(peer(7), { count: 0, here: [peer(7), peer(21)] });
		expect(presence.subtree(listening).count).toBe(3);
		presence.heardUp(peer(7), { count: 2 ** 32 - 1, here: [] });
		presence.heardUp(peer(8), { count: 2 ** 32 - 1, here: [] });
		expect(presence.subtree(listening).count).toBe(PRESENCE_COUNT_MAX);
	});

	it('is known by name up to a bound', () => {
		const presence = createPresence();
		const crowd = Array.from({ length: 100 }, (_, i) => peer(200 + i));
		presence.heardUp(peer(7), { count: 100, here: crowd });
		const { count, here } = presence.subtree(listening);
		expect([count, here.length]).toEqual([101, PRESENCE_SAMPLE_MAX]);
	});
});
