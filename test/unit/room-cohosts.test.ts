/** Certificates: scope, expiry, being taken back, and cheating. */
import { describe, expect, it } from 'vitest';
import { createLog } from '#lib/p2p/room/log.ts';
import { fold } from '#lib/p2p/room/fold.ts';
import { SCOPE_ALL, scopeOf } from '#lib/p2p/wire/act.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { ACTS_PER_COHOST_MAX, LAMPORT_JUMP_MAX } from '#lib/p2p/wire/limits.ts';
import {
	eventBy,
	host,
	opening,
	peersOnStage,
	person,
	room,
	story,
	type Person
} from './room-people.ts';

const [ann, bob, cora, dan] = [person(1), person(2), person(4), person(5)];
const removal = (who = bob) => ({ kind: 'remove', who: who.peer, block: false }) as const;
const unname = (seen: number, who = cora) =>
	({ kind: 'unname-cohost', who: who.peer, seen }) as const;
const through = (last: number) =>
	({ kind: 'name-cohost', to: cora.peer, scope: SCOPE_ALL, through: last, untilMs: 0 }) as const;

describe('a co-host', () => {
	it('is named by the host and by nobody else', () => {
		const told = story();
		told.name(cora);
		told.tell(cora, {
			kind: 'name-cohost',
			to: dan.peer,
			scope: SCOPE_ALL,
			through: 99,
			untilMs: 0
		});
		expect(told.state().cohosts).toMatchObject([{ peer: cora.peer, scope: SCOPE_ALL }]);
	});

	it('has the powers of the certificate and no others', () => {
		const told = story();
		told.seat(bob);
		told.name(cora, scopeOf(['room', 'sound']));
		told.tell(cora, removal());
		told.tell(cora, { kind: 'pin', text: 'Hello', link: '' });
		told.tell(cora, { kind: 'floor', held: true });
		expect(told.state()).toMatchObject({ removed: [], floorHeld: true, pins: [{ text: 'Hello' }] });
	});

	it('has none before being named, not even for what comes later', () => {
		const told = story();
		told.tell(cora, removal());
		told.tell(cora, removal(), 40);
		told.name(cora);
		expect(told.state().removed).toEqual([]);
		told.tell(host, through(9), 39);
		expect(told.state().removed).toHaveLength(1);
	});

	it('has none beyond the last number that the certificate covers, whatever time it claims', () => {
		const told = story();
		told.tell(host, through(1));
		told.tell(cora, { kind: 'pin', text: 'One', link: '' });
		told.tell(cora, { kind: 'pin', text: 'Two', link: '' }, 3);
		expect(told.state().pins.map(({ text }) => text)).toEqual(['One']);
		told.tell(host, through(3));
		told.tell(cora, { kind: 'pin', text: 'Three', link: '' });
		expect(told.state().pins.map(({ text }) => text)).toEqual(['One', 'Three']);
	});

	it('is not made to expire by strangers who push the clock', () => {
		const told = story();
		told.name(cora);
		told.tell(person(50), { kind: 'ask', name: 'x' }, LAMPORT_JUMP_MAX);
		const log = createLog(room);
		for (const event of told.events) log.add(event);
		const lamport = log.nextLamport(cora.peer);
		expect(log.add(eventBy(cora, { sequence: 1, lamport }, removal()))).toBe('added');
		expect(log.state.removed).toHaveLength(1);
	});

	it('who is un-named keeps what was done until then, and no more', () => {
		const told = story();
		told.name(cora);
		told.tell(cora, removal());
		told.tell(host, unname(1));
		told.tell(cora, removal(ann));
		// Dated back, to when it was still a co-host.
		told.tell(cora, removal(dan), 3);
		expect(told.state().removed.map(({ peer }) => peer)).toEqual([bob.peer]);
		expect(told.state().cohosts).toEqual([]);
	});

	it('who is un-named by the host at the same moment loses what it did then', () => {
		const told = story();
		told.name(cora);
		told.tell(cora, { kind: 'pin', text: 'Known', link: '' });
		told.tell(host, unname(1), 10);
		told.tell(cora, removal(), 10);
		expect(told.state()).toMatchObject({ removed: [], pins: [{ text: 'Known' }] });
	});

	it('can be un-named once more, with all it did', () => {
		const told = story();
		told.name(cora);
		told.tell(cora, removal());
		told.tell(host, unname(1));
		told.tell(host, unname(0));
		expect(told.state().removed).toEqual([]);
	});

	it('can be named again, for what comes after', () => {
		const told = story();
		told.name(cora);
		told.tell(host, unname(0));
		told.tell(cora, removal());
		told.name(cora);
		expect(told.state().removed).toEqual([]);
		told.tell(cora, removal(ann));
		expect(told.state().removed.map(({ peer }) => peer)).toEqual([ann.peer]);
	});

	it('is out of reach of other co-hosts, as of when it was named', () => {
		const told = story();
		told.name(cora);
		const sit = told.seat(dan);
		told.name(dan);
		told.tell(cora, removal(dan));
		told.tell(cora, { kind: 'unseat', sit: sit.id });
		expect(told.state()).toMatchObject({ removed: [], seats: [{ peer: dan.peer }] });
		// Dated back to before Dan was named: naming him lets him in again.
		told.tell(cora, removal(dan), 4);
		expect(told.state().removed).toEqual([]);
	});

	it('whom the host removes has no power any more', () => {
		const told = story();
		told.name(cora);
		told.tell(host, removal(cora));
		told.tell(cora, removal());
		expect(told.state().removed.map(({ peer }) => peer)).toEqual([cora.peer]);
		expect(told.state().cohosts).toEqual([]);
	});

	it('who signs two things under one number has lost the certificate from that number on', () => {
		const told = story();
		told.name(cora);
		told.tell(cora, { kind: 'pin', text: 'Before', link: '' });
		told.tell(cora, removal(), 10);
		const other = eventBy(cora, { sequence: 2, lamport: 11 }, removal(ann));
		told.tell(cora, removal(dan), 12);
		const state = fold(room, [...told.events, other]);
		expect(state).toMatchObject({ removed: [], cohosts: [], pins: [{ text: 'Before' }] });
		expect(state.equivocators).toEqual([cora.peer]);
		told.events.push(other);
		told.name(cora);
		told.tell(cora, removal(dan));
		expect(told.state().removed.map(({ peer }) => peer)).toEqual([dan.peer]);
	});

	it('who speaks as well keeps the seat when un-named', () => {
		const told = story();
		told.seat(cora);
		told.name(cora);
		told.tell(host, unname(1));
		expect(told.state().seats).toHaveLength(1);
	});
});

describe('a log', () => {
	it('takes acts that came before their certificate once it is there', () => {
		const told = story();
		told.name(cora);
		const invite = told.tell(cora, { kind: 'invite', to: ann.peer });
		told.tell(ann, { kind: 'sit', invite: invite.id, name: 'Ann' });
		const log = createLog(room);
		const outcomes = told.events.toReversed().map((event) => log.add(event));
		expect(outcomes.slice(0, 2)).toEqual([{ rejected: 'early' }, { rejected: 'early' }]);
		expect(log.ids()).toHaveLength(4);
		expect(log.state.digest).toBe(told.state().digest);
	});

	it('keeps a bounded number of acts of one co-host, the first', () => {
		const told = story();
		told.name(cora);
		for (let i = 0; i <= ACTS_PER_COHOST_MAX; i++) told.tell(cora, removal(person(100 + i)));
		const log = createLog(room);
		const outcomes = told.events.map((event) => log.add(event));
		expect(outcomes.at(-2)).toBe('added');
		expect(outcomes.at(-1)).toEqual({ rejected: 'log-full' });
	});

	it('keeps of settings, queues and the like the last of each author', () => {
		const told = story();
		told.name(cora);
		for (const chair of [host, cora, host, cora]) {
			told.tell(chair, { kind: 'mute-all' });
			told.tell(chair, { kind: 'clear' });
			told.tell(chair, { kind: 'queue', hands: [] });
			told.tell(chair, { kind: 'speakers', who: 'everyone' });
			told.tell(chair, { kind: 'settings', title: 'T', listed: true, language: '', topics: [] });
		}
		const log = createLog(room);
		for (const event of told.events) log.add(event);
		expect(log.ids()).toHaveLength(2 + 2 * 5);
		expect(log.state.digest).toBe(told.state().digest);
	});

	it('lets people answer a co-host, though a stranger has pushed the clock to the limit', () => {
		const told = story();
		const seat = told.seat(ann);
		told.name(cora);
		const log = createLog(room);
		for (const event of told.events) log.add(event);
		const say = (who: Person, body: EventBody) => {
			const lamport = log.nextLamport(who.peer);
			const event = eventBy(who, { sequence: log.nextSequence(who.peer), lamport }, body);
			expect(log.add(event)).toBe('added');
			return event;
		};
		const top = log.clock + LAMPORT_JUMP_MAX;
		log.add(eventBy(person(50), { sequence: 1, lamport: top }, { kind: 'ask', name: 'x' }));
		const invite = say(cora, { kind: 'invite', to: dan.peer });
		say(dan, { kind: 'sit', invite: invite.id, name: 'Dan' });
		expect(peersOnStage(log.state)).toEqual([ann.peer, dan.peer]);
		say(cora, { kind: 'mute', sit: seat.id });
		say(ann, { kind: 'mic', sit: seat.id, open: true });
		expect(log.state.seats[0]).toMatchObject({ peer: ann.peer, micOpen: true });
		say(cora, { kind: 'clear' });
		say(bob, { kind: 'ask', name: 'Bob' });
		expect(log.state.hands.map(({ peer }) => peer)).toEqual([bob.peer]);
		const newcomer = createLog(room);
		expect(new Set(log.all().map((event) => newcomer.add(event)))).toEqual(new Set(['added']));
		expect(newcomer.state.digest).toBe(log.state.digest);
	});

	it('lets members step above an act by one, and never above co-hosts', () => {
		const log = createLog(room);
		log.add(opening);
		log.add(eventBy(host, { sequence: 2, lamport: 2 }, through(99)));
		const hand = (sequence: number, lamport: number) =>
			log.add(eventBy(ann, { sequence, lamport }, { kind: 'ask', name: 'Ann' }));
		const higher = 2 + 2 * LAMPORT_JUMP_MAX;
		log.add(eventBy(cora, { sequence: 1, lamport: higher - 9 }, removal()));
		expect(hand(1, higher - 7)).toEqual({ rejected: 'early' });
		expect(hand(2, higher - 8)).toBe('added');
		log.add(eventBy(cora, { sequence: 2, lamport: higher }, removal(dan)));
		expect(hand(3, higher + 1)).toEqual({ rejected: 'early' });
		expect(hand(4, higher)).toEqual({ rejected: 'early' });
		expect(hand(5, higher - 1)).toBe('added');
	});

	it('lets nobody stand above an act that is gone: all who hold the same take the same', () => {
		const told = story();
		const seat = told.seat(ann);
		told.name(cora);
		const log = createLog(room);
		for (const event of told.events) log.add(event);
		const hostClock = Math.max(
			...told.events.filter(({ author }) => author === host.peer).map(({ lamport }) => lamport)
		);
		const sequence = log.nextSequence(cora.peer);
		const clear = (more: number, lamport: number) =>
			log.add(eventBy(cora, { sequence: sequence + more, lamport }, { kind: 'clear' }));
		expect(clear(0, hostClock + 2 * LAMPORT_JUMP_MAX)).toBe('added');
		const mic = { kind: 'mic', sit: seat.id, open: true } as const;
		const open = eventBy(
			ann,
			{ sequence: log.nextSequence(ann.peer), lamport: log.nextLamport(ann.peer) },
			mic
		);
		expect(log.add(open)).toBe('added');
		// A later one in the place of the first, far below it.
		expect(clear(1, hostClock + 5)).toBe('added');
		expect(log.get(open.id)).toBeUndefined();
		const other = createLog(room);
		for (const event of log.all()) expect(other.add(event)).toBe('added');
		expect(other.summary()).toEqual(log.summary());
	});

	it('lets co-hosts step above what members have used of the clock, and the host above co-hosts', () => {
		const log = createLog(room);
		log.add(opening);
		log.add(eventBy(host, { sequence: 2, lamport: 2 }, through(99)));
		const top = 2 + LAMPORT_JUMP_MAX;
		expect(log.add(eventBy(ann, { sequence: 1, lamport: top }, { kind: 'unask' }))).toBe('added');
		expect(log.nextLamport(cora.peer)).toBe(top + 1);
		const higher = 2 + 2 * LAMPORT_JUMP_MAX;
		expect(log.add(eventBy(cora, { sequence: 1, lamport: higher }, removal()))).toBe('added');
		const lamport = log.nextLamport(host.peer);
		expect(log.add(eventBy(host, { sequence: 3, lamport }, unname(0)))).toBe('added');
	});
});
