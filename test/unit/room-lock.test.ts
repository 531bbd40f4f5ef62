/** The law of locked rooms: whose epochs count, which is that of now, and when the door is closed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopeOf } from '#lib/p2p/wire/act.ts';
import { fold } from '#lib/p2p/room/fold.ts';
import { currentEpoch, digestOfOut } from '#lib/p2p/room/lock.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { eventBy, host, opening, person, room, type Person, type Signed } from './room-people.ts';

const [ben, cleo, dov] = [person(1), person(2), person(3)];
const NOBODY_OUT = digestOfOut([]);

const lock = (epoch: number, check = 'c1'.repeat(16)): EventBody => ({
	kind: 'lock',
	epoch,
	check,
	out: NOBODY_OUT,
	before: epoch - 1,
	texts: new Uint8Array(0)
});
const name = (to: typeof ben, ...powers: Parameters<typeof scopeOf>[0]): EventBody => ({
	kind: 'name-cohost',
	to: to.peer,
	scope: scopeOf(powers),
	through: 100,
	untilMs: 0
});
const lockIn = (...events: readonly Signed[]) => fold(room, [opening, ...events]).lock;
const event = (author: Person, sequence: number, lamport: number, body: EventBody): Signed =>
	eventBy(author, { sequence, lamport }, body);

describe('a room is locked', () => {
	it('by its host, or a co-host who may remove, and by nobody else', () => {
		expect(lockIn()).toBeNull();
		expect(lockIn(event(host, 2, 2, lock(1)))?.epochs).toHaveLength(1);
		const named = event(host, 2, 2, name(ben, 'people'));
		expect(lockIn(named, event(ben, 1, 3, lock(1)))?.epochs).toHaveLength(1);
		const other = event(host, 2, 2, name(cleo, 'stage', 'sound', 'room'));
		expect(lockIn(other, event(cleo, 1, 3, lock(1)))).toBeNull();
		expect(lockIn(event(dov, 1, 3, lock(1)))).toBeNull();
	});

	it('in the epoch of the highest number, whatever came last', () => {
		const events = [3, 1, 2].map((epoch, i) => event(host, 2 + i, 2 + i, lock(epoch)));
		expect(currentEpoch(lockIn(...events))?.number).toBe(3);
		expect(lockIn(...events)?.epochs.map(({ number }) => number)).toEqual([1, 2, 3]);
	});

	it('in one epoch of each number for all, in whatever order two of them come', () => {
		const named = event(host, 2, 2, name(ben, 'people'));
		const rivals = [
			event(host, 3, 7, lock(2, 'aa'.repeat(16))),
			event(ben, 1, 7, lock(2, 'bb'.repeat(16))),
			event(host, 4, 6, lock(2, 'cc'.repeat(16)))
		];
		const winner = currentEpoch(lockIn(named, ...rivals))?.event;
		const [first, second] = [rivals[0]!.id, rivals[1]!.id].sort();
		expect(winner).toBe(first);
		expect(winner).not.toBe(second);
		const all = [opening, named, ...rivals];
		fc.assert(
			fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (events) => {
				expect(currentEpoch(fold(room, events).lock)?.event).toBe(winner);
			})
		);
	});
});

describe('the door of a locked room', () => {
	const door = (closed: boolean): EventBody => ({ kind: 'door', closed });

	it('is as the last word says, and closed where two of one time differ', () => {
		const base = [event(host, 2, 2, lock(1)), event(host, 3, 3, name(ben, 'people'))];
		expect(lockIn(...base)?.doorClosed).toBe(false);
		expect(lockIn(...base, event(host, 4, 4, door(true)))?.doorClosed).toBe(true);
		const reopened = [event(host, 4, 4, door(true)), event(ben, 1, 5, door(false))];
		expect(lockIn(...base, ...reopened)?.doorClosed).toBe(false);
		for (const [mine, theirs] of [
			[true, false],
			[false, true]
		] as const) {
			const both = [event(host, 4, 4, door(mine)), event(ben, 1, 4, door(theirs))];
			expect(lockIn(...base, ...both)?.doorClosed).toBe(true);
		}
	});
});

describe('the digest of who is out', () => {
	it('is the same for the same people, and another for others', () => {
		expect(digestOfOut([ben.peer, cleo.peer])).toBe(digestOfOut([cleo.peer, ben.peer]));
		expect(digestOfOut([ben.peer])).not.toBe(digestOfOut([cleo.peer]));
		expect(digestOfOut([ben.peer])).not.toBe(NOBODY_OUT);
	});
});
