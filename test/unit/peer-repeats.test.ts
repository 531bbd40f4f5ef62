/** A parent that says again what it said before. */
import { describe, expect, it } from 'vitest';
import { REPEATS_MAX } from '#lib/p2p/peer/repair-timing.ts';
import type { LonePeer } from '../lib/lone-peer.ts';
import { backedUp, hearProven, pulls, talk } from '../lib/stage.ts';

/** A listener with two backups that has heard more than a second of voice from its parent. */
function hearing() {
	const room = backedUp();
	const { lone, parent, one } = room;
	return { ...room, next: talk(lone, parent, one, 70) };
}

describe('a parent that says things twice', () => {
	const blamed = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).blamed;

	it.each([1, 20, 60])('is left, %i frames later', (lag) => {
		const { lone, parent, one, next } = hearing();
		for (let seq = next; seq < next + 2 * REPEATS_MAX && blamed(lone).length === 0; seq++) {
			hearProven(lone, parent, seq, one);
			hearProven(lone, parent, seq - lag, one);
			lone.pass(20);
		}
		expect(blamed(lone)).toMatchObject([{ peer: parent, reason: 'replayed', count: 1 }]);
		expect(lone.peer.diagnostics(lone.nowMs).parent).not.toBe(parent);
	});

	it('is kept where that is now and then', () => {
		const { lone, parent, one, next } = hearing();
		for (let seq = next; seq < next + 500; seq++) {
			hearProven(lone, parent, seq, one);
			if (seq % 5 === 0) hearProven(lone, parent, seq - 1, one);
			lone.beat(...lone.peer.diagnostics(lone.nowMs).backups);
			lone.pass(20);
		}
		expect([blamed(lone), lone.peer.diagnostics(lone.nowMs).parent]).toEqual([[], parent]);
	});

	it('is kept where it was asked for every one of them, and they were only late', () => {
		const { lone, parent, one, next } = hearing();
		let asked = 0;
		for (let seq = next; seq < next + 200; seq += 2) {
			hearProven(lone, parent, seq + 1, one);
			asked += pulls(lone.pass(20)).filter(({ to }) => to === parent).length;
			hearProven(lone, parent, seq, one);
			hearProven(lone, parent, seq, one);
			lone.beat(...lone.peer.diagnostics(lone.nowMs).backups);
			lone.pass(20);
		}
		expect(asked).toBeGreaterThan(REPEATS_MAX);
		expect(blamed(lone)).toEqual([]);
	});

	it('is left as soon where it was asked for a little all the time before', () => {
		const { lone, parent, one, next } = hearing();
		let seq = next;
		for (let i = 0; i < 300; i++, seq += 5) {
			hearProven(lone, parent, seq + 1, one);
			lone.pass(20);
			for (const each of [seq, seq + 2, seq + 3, seq + 4]) {
				hearProven(lone, parent, each, one);
				lone.beat(...lone.peer.diagnostics(lone.nowMs).backups);
				lone.pass(20);
			}
		}
		expect(blamed(lone)).toEqual([]);
		const until = seq + 75;
		for (; seq < until && blamed(lone).length === 0; seq++) {
			hearProven(lone, parent, seq, one);
			hearProven(lone, parent, seq - 20, one);
			lone.pass(20);
		}
		expect(blamed(lone)).toMatchObject([{ peer: parent, reason: 'replayed', count: 1 }]);
	});
});
