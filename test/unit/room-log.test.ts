import { describe, expect, it } from 'vitest';
import { createLog, isFinal, type RoomLog } from '#lib/p2p/room/log.ts';
import { SCOPE_ALL } from '#lib/p2p/wire/act.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import {
	EARLY_EVENTS_MAX,
	EVENTS_PER_AUTHOR_MAX,
	HANDS_MAX,
	LAMPORT_JUMP_MAX,
	LOG_EVENTS_MAX
} from '#lib/p2p/wire/limits.ts';
import {
	eventBy,
	host,
	openBody,
	opening,
	otherRoom,
	peersOnStage,
	person,
	room,
	story,
	type Signed
} from './room-people.ts';

const [ann, bob, eve] = [person(1), person(2), person(3)];
const sit = (invite: EventId | null): EventBody => ({ kind: 'sit', invite, name: 'Ann' });
const ask: EventBody = { kind: 'ask', name: 'Ann' };

function logOf(events: Iterable<Signed>): RoomLog {
	const log = createLog(room);
	for (const event of events) log.add(event);
	return log;
}

describe('a room log', () => {
	it('takes an event once', () => {
		const log = createLog(room);
		expect(log.add(opening)).toBe('added');
		expect(log.add(opening)).toBe('known');
		expect(log.all()).toEqual([opening]);
		expect(log.get(opening.id)).toBe(opening);
	});

	it('says beforehand what it would do, and does nothing', () => {
		const log = createLog(room);
		expect(log.weigh(opening)).toBe('added');
		expect(log.ids()).toEqual([]);
	});

	it.each([
		[
			'an event of another room',
			eventBy(host, { sequence: 2, lamport: 2, room: otherRoom }, sit(null)),
			'wrong-room'
		],
		[
			'presence',
			eventBy(ann, { sequence: 0, lamport: 0 }, { kind: 'here', name: 'Ann' }),
			'not-of-the-log'
		],
		['an opening by another', eventBy(eve, { sequence: 1, lamport: 1 }, openBody), 'bad-open'],
		[
			'an opening that is not the first event',
			eventBy(host, { sequence: 2, lamport: 1 }, openBody),
			'bad-open'
		],
		[
			'what claims to be as old as the opening',
			eventBy(host, { sequence: 2, lamport: 1 }, sit(null)),
			'before-open'
		],
		[
			'an invitation by a member, who may have been named meanwhile',
			eventBy(ann, { sequence: 1, lamport: 2 }, { kind: 'invite', to: eve.peer }),
			'early'
		],
		[
			'a member who frees a seat, who may have been named as well',
			eventBy(ann, { sequence: 1, lamport: 2 }, { kind: 'unseat', sit: opening.id }),
			'early'
		],
		[
			'a member who names a co-host',
			eventBy(
				ann,
				{ sequence: 1, lamport: 2 },
				{ kind: 'name-cohost', to: eve.peer, scope: SCOPE_ALL, through: 9, untilMs: 0 }
			),
			'not-host'
		],
		[
			'a member who ends the room',
			eventBy(ann, { sequence: 1, lamport: 2 }, { kind: 'end', words: '' }),
			'not-host'
		],
		[
			'a member who sits as the host does',
			eventBy(ann, { sequence: 1, lamport: 2 }, sit(null)),
			'not-host'
		],
		['a stranger who sits', eventBy(ann, { sequence: 1, lamport: 2 }, sit(opening.id)), 'early'],
		[
			'a stranger who stands up',
			eventBy(ann, { sequence: 1, lamport: 2 }, { kind: 'stand', sit: opening.id }),
			'early'
		]
	] as const)('refuses %s', (_, event, reason) => {
		const log = logOf([opening]);
		expect(log.add(event)).toEqual({ rejected: reason });
		expect(log.ids()).toEqual([opening.id]);
		expect(isFinal(reason)).toBe(reason !== 'early');
	});

	it('takes what came too early once the rest is there, in whatever order', () => {
		const told = story();
		told.seat(ann);
		told.tell(bob, ask);
		const log = createLog(room);
		const outcomes = told.events.toReversed().map((event) => log.add(event));
		expect(outcomes.at(0)).toEqual({ rejected: 'early' });
		expect(outcomes.at(-1)).toBe('added');
		expect(log.summary()).toEqual(logOf(told.events).summary());
		expect(peersOnStage(log.state)).toEqual([ann.peer]);
	});

	it('keeps a bounded number of early events, the latest', () => {
		const log = logOf([opening]);
		const early = Array.from({ length: EARLY_EVENTS_MAX + 1 }, (_, i) =>
			eventBy(person(20 + i), { sequence: 1, lamport: 3 }, sit(opening.id))
		);
		for (const event of early) log.add(event);
		for (const [i, which] of [early.length - 1, 0].entries()) {
			const to = early[which]?.author ?? ann.peer;
			log.add(eventBy(host, { sequence: 2 + i, lamport: 2 + i }, { kind: 'invite', to }));
		}
		expect(log.get(early.at(-1)?.id ?? opening.id)).toBeDefined();
		expect(log.get(early[0]?.id ?? opening.id)).toBeUndefined();
	});

	it('has the same summary for the same events, and another for others', () => {
		const told = story();
		told.seat(ann);
		const [one, two] = [logOf(told.events), logOf(told.events.toReversed())];
		expect(one.summary()).toEqual(two.summary());
		expect(one.summary()).toMatchObject({
			count: 3,
			xor: expect.stringMatching(/^[0-9a-f]{16}$/) as string
		});
		two.add(told.tell(ann, ask));
		expect(one.summary()).not.toEqual(two.summary());
		expect(createLog(room).summary()).toEqual({ count: 0, xor: '0'.repeat(16) });
	});

	it('tells which of a neighbour’s events it lacks', () => {
		const told = story();
		told.seat(ann);
		const log = logOf([opening]);
		const ids = told.events.map(({ id }) => id);
		expect(log.missingFrom(ids)).toEqual(ids.slice(1));
	});

	it('numbers the next event of an author after the highest it holds', () => {
		const told = story();
		told.seat(ann);
		const log = logOf(told.events);
		expect([host, ann, bob].map(({ peer }) => log.nextSequence(peer))).toEqual([3, 2, 1]);
		expect(log.clock).toBe(3);
		expect(log.nextLamport(ann.peer)).toBe(4);
		expect(log.nextLamport(ann.peer, 7)).toBe(8);
	});
});

describe('hours of talk', () => {
	it('do not fill the log with switching the microphone on and off', () => {
		const told = story();
		const seat = told.seat(ann);
		for (let i = 0; i < 500; i++) told.tell(ann, { kind: 'mic', sit: seat.id, open: i % 2 === 0 });
		const last = told.tell(ann, { kind: 'mic', sit: seat.id, open: true });
		const begin = told.events.slice(0, 3);
		for (const rest of [told.events.slice(3), told.events.slice(3).toReversed()]) {
			const log = logOf([...begin, ...rest]);
			expect(log.ids()).toHaveLength(4);
			expect(log.get(last.id)).toBe(last);
			expect(log.state.seats[0]?.micOpen).toBe(true);
		}
	});

	it('leave one event of a hand, the last', () => {
		const told = story();
		for (let i = 0; i < 20; i++) told.tell(bob, i % 2 === 0 ? ask : { kind: 'unask' });
		const log = logOf(told.events);
		expect(log.ids()).toHaveLength(2);
		expect(log.state.hands).toEqual([]);
		expect(log.add(told.events[1] ?? opening)).toEqual({ rejected: 'superseded' });
	});
});

describe('a crowd of made-up people', () => {
	it('takes no more of the log than a fixed number of hands, of which the oldest go', () => {
		const log = logOf([opening]);
		for (let i = 0; i < HANDS_MAX + 100; i++) {
			expect(log.add(eventBy(person(1_000 + i), { sequence: 1, lamport: 2 + i }, ask))).toBe(
				'added'
			);
		}
		expect(log.ids()).toHaveLength(HANDS_MAX + 1);
		expect(log.state.hands.at(-1)?.peer).toBe(person(1_000 + HANDS_MAX + 99).peer);
	});

	it('keeps no hand down of whom the host has invited once', () => {
		const told = story();
		told.seat(ann);
		const stand = told.tell(ann, ask, 5);
		const log = logOf(told.events);
		for (let i = 0; i < HANDS_MAX + 10; i++) {
			log.add(eventBy(person(1_000 + i), { sequence: 1, lamport: 100 + i }, ask));
		}
		expect(log.get(stand.id)).toBe(stand);
	});

	it('cannot use up the clock, nor keep anybody from acting', () => {
		const log = logOf([opening]);
		const top = 1 + LAMPORT_JUMP_MAX;
		expect(log.add(eventBy(eve, { sequence: 1, lamport: top }, ask))).toBe('added');
		expect(log.add(eventBy(eve, { sequence: 2, lamport: top + 1 }, ask))).toEqual({
			rejected: 'early'
		});
		const hand = log.nextLamport(ann.peer);
		expect(hand).toBe(top);
		expect(log.add(eventBy(ann, { sequence: 1, lamport: hand }, ask))).toBe('added');
		const invite = { kind: 'invite', to: ann.peer } as const;
		const lamport = log.nextLamport(host.peer);
		expect(log.add(eventBy(host, { sequence: 2, lamport }, invite))).toBe('added');
		expect(log.state.invitations).toHaveLength(1);
	});

	it('does not make a log that a newcomer would not take', () => {
		const log = logOf([opening]);
		for (let round = 0; round < 20; round++) {
			const hand = eventBy(
				eve,
				{ sequence: 1 + round, lamport: log.clock + LAMPORT_JUMP_MAX },
				ask
			);
			expect(log.add(hand)).toBe('added');
			const lamport = log.nextLamport(host.peer);
			log.add(eventBy(host, { sequence: 2 + round, lamport }, { kind: 'invite', to: ann.peer }));
		}
		const newcomer = createLog(room);
		expect(new Set(log.all().map((event) => newcomer.add(event)))).toEqual(new Set(['added']));
	});
});

describe('one invited cheat', () => {
	it('has a fixed number of lasting events, the first', () => {
		const log = logOf([
			opening,
			eventBy(host, { sequence: 2, lamport: 2 }, { kind: 'invite', to: eve.peer })
		]);
		const stands = Array.from({ length: EVENTS_PER_AUTHOR_MAX + 5 }, (_, i) =>
			eventBy(eve, { sequence: 1 + i, lamport: 3 }, { kind: 'stand', sit: opening.id })
		);
		const outcomes = stands.map((event) => log.add(event));
		expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(EVENTS_PER_AUTHOR_MAX);
		expect(outcomes.at(-1)).toEqual({ rejected: 'log-full' });
		const backwards = createLog(room);
		for (const event of [...log.all().slice(0, 2), ...stands.toReversed()]) backwards.add(event);
		expect(backwards.summary()).toEqual(log.summary());
	});
});

describe('a full log', () => {
	const invites = Array.from({ length: LOG_EVENTS_MAX - 11 }, (_, i) =>
		eventBy(host, { sequence: 2 + i, lamport: 2 + i }, { kind: 'invite', to: person(i % 500).peer })
	);
	const hands = Array.from({ length: 10 }, (_, i) =>
		eventBy(person(2_000 + i), { sequence: 1, lamport: 3 }, ask)
	);

	it('lets go of strangers for members, however late these come', () => {
		const log = logOf([opening, ...invites, ...hands]);
		const member = person(7);
		const hand = eventBy(member, { sequence: 1, lamport: 9_000 }, { kind: 'unask' });
		expect(log.add(hand)).toBe('added');
		expect(hands.filter(({ id }) => log.get(id) === undefined)).toHaveLength(1);
	});

	it('lets go of strangers for the host, and of nothing of the host for anybody', () => {
		const log = logOf([opening, ...invites, ...hands]);
		expect(log.ids()).toHaveLength(LOG_EVENTS_MAX);
		const more = Array.from({ length: 11 }, (_, i) =>
			eventBy(host, { sequence: 5_000 + i, lamport: 5_000 + i }, { kind: 'invite', to: ann.peer })
		);
		const outcomes = more.map((event) => log.add(event));
		expect(outcomes).toEqual([...Array<string>(10).fill('added'), { rejected: 'log-full' }]);
		expect(log.add(eventBy(ann, { sequence: 1, lamport: 6_000 }, ask))).toEqual({
			rejected: 'log-full'
		});
		expect(log.ids()).toHaveLength(LOG_EVENTS_MAX);
		expect(hands.some(({ id }) => log.get(id) !== undefined)).toBe(false);
	});
});
