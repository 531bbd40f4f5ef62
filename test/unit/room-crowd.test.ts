import { describe, expect, it } from 'vitest';
import { fold } from '#lib/p2p/room/fold.ts';
import { createLog, type RoomLog } from '#lib/p2p/room/log.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import { Dice } from '../sim/dice.ts';
import { crowd, shuffled } from './room-crowd.ts';
import { eventBy, host, peersOnStage, person, room } from './room-people.ts';

describe('any crowd whatsoever', () => {
	/** Orders and losses are tried most: that is where peers would part ways. */
	const SEEDS = 2_000;
	const SEEDS_OTHERWISE = 500;

	it('agrees on the room, in any order and with any repetition', { timeout: 180_000 }, () => {
		for (let seed = 0; seed < SEEDS; seed++) {
			const dice = new Dice(seed);
			const events = crowd(seed, 40);
			const { digest } = fold(room, events);
			const again = shuffled(dice, [...events, ...events.filter(() => dice.chance(0.3))]);
			expect(fold(room, again).digest, `seed ${seed}`).toBe(digest);
		}
	});

	it('never has too many on stage, nor anybody uninvited', { timeout: 180_000 }, () => {
		for (let seed = 0; seed < SEEDS_OTHERWISE; seed++) {
			const events = crowd(seed, 60);
			const { seats } = fold(room, events);
			const others = seats.filter(({ role }) => role === 'speaker');
			const invited = new Set(
				events.flatMap(({ author, body }) =>
					author === host.peer && body.kind === 'invite' ? [body.to] : []
				)
			);
			expect(others.length, `seed ${seed}`).toBeLessThanOrEqual(SEATS_MAX - 1);
			expect(new Set(peersOnStage({ seats })).size).toBe(seats.length);
			expect(others.filter(({ peer }) => !invited.has(peer))).toEqual([]);
		}
	});

	it('is not moved by whatever strangers sign', { timeout: 180_000 }, () => {
		for (let seed = 0; seed < SEEDS_OTHERWISE; seed++) {
			const events = crowd(seed, 40);
			// The same attempts, by people the host has never heard of.
			const attempts = events.flatMap(({ body, sequence, lamport }, i) =>
				body.kind === 'ask' ? [] : [eventBy(person(100 + (i % 7)), { sequence, lamport }, body)]
			);
			const { digest } = fold(room, events);
			expect(fold(room, [...attempts, ...events]).digest, `seed ${seed}`).toBe(digest);
		}
	});

	it(
		'ends up with equal logs and the same room after swapping what each heard',
		{ timeout: 180_000 },
		() => {
			for (let seed = 0; seed < SEEDS_OTHERWISE; seed++) {
				const dice = new Dice(seed);
				const events = crowd(seed, 40);
				const [a, b] = [createLog(room), createLog(room)];
				for (const event of shuffled(dice, events)) {
					// Somebody heard each; most were heard by both, at different times.
					const heard = dice.next();
					if (heard < 0.7) a.add(event);
					if (heard > 0.3) b.add(event);
				}
				swap(a, b);
				expect(a.summary(), `seed ${seed}`).toEqual(b.summary());
				expect(a.state.digest).toBe(b.state.digest);
			}
		}
	);

	it('leaves a log with the same room as all that was ever said', { timeout: 180_000 }, () => {
		for (let seed = 0; seed < SEEDS_OTHERWISE; seed++) {
			const events = crowd(seed, 40);
			const log = createLog(room);
			for (const event of shuffled(new Dice(seed), events)) log.add(event);
			expect(log.state.digest, `seed ${seed}`).toBe(fold(room, events).digest);
			expect(log.ids().length).toBeLessThan(events.length + 1);
		}
	});

	it("is taken in whole by a newcomer who is fed in the log's order", { timeout: 180_000 }, () => {
		for (let seed = 0; seed < SEEDS_OTHERWISE; seed++) {
			const log = createLog(room);
			for (const event of crowd(seed, 60)) log.add(event);
			const newcomer = createLog(room);
			const outcomes = log.all().map((event) => newcomer.add(event));
			expect(new Set(outcomes).size, `seed ${seed}`).toBeLessThanOrEqual(1);
			expect(outcomes[0] ?? 'added').toBe('added');
			expect(newcomer.summary()).toEqual(log.summary());
		}
	});

	it('keeps every refusal when everybody leaves later', { timeout: 180_000 }, () => {
		for (let seed = 0; seed < SEEDS_OTHERWISE; seed++) {
			const events = crowd(seed, 60);
			const before = fold(room, events);
			const leaving = before.seats.map((seat, i) => {
				const author = [host, ...Array.from({ length: 20 }, (_, n) => person(n + 1))].find(
					({ peer }) => peer === seat.peer
				);
				const body = { kind: 'stand', sit: seat.sit } as const;
				return eventBy(author ?? host, { sequence: 1_000 + i, lamport: 1_000 }, body);
			});
			const after = fold(room, [...events, ...leaving]);
			expect(after.seats, `seed ${seed}`).toEqual([]);
			expect(after.refusals).toEqual(before.refusals);
		}
	});
});

/** Each gives the other what it lacks, as neighbours do, until neither has anything new to say. */
function swap(a: RoomLog, b: RoomLog): void {
	for (let round = 0; round < 3; round++) {
		for (const [from, to] of [
			[a, b],
			[b, a]
		] as const) {
			const lacking = new Set(to.missingFrom(from.ids()));
			for (const event of from.all()) if (lacking.has(event.id)) to.add(event);
		}
	}
}
