/** Every power that is refused is refused for a reason, and nothing is drafted. */
import { describe, expect, it } from 'vitest';
import { may, type Ask } from '#lib/p2p/room/rules.ts';
import { scopeOf } from '#lib/p2p/wire/act.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { COHOSTS_MAX, PINS_MAX, SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import { host, person, story, type Person } from './room-people.ts';

const [ann, bob, cora, dan, eve] = [1, 2, 3, 4, 5].map((number) => person(number)) as [
	Person,
	Person,
	Person,
	Person,
	Person
];
const noSuchPin = 'ab'.repeat(16) as EventId;
const settings = { title: 'Garden', listed: true, language: '', topics: [] };

/** Ann and Bob on stage; Cora a co-host of everything, Dan of settings alone, Eve put out by the host. */
function setup() {
	const told = story();
	const annSit = told.seat(ann);
	told.seat(bob);
	told.name(cora);
	told.name(dan, scopeOf(['room']));
	told.tell(host, { kind: 'remove', who: eve.peer, block: false });
	const refusal = (who: Person, wish: Ask) => {
		const permission = may(told.state(), who.peer, wish);
		return permission.ok ? 'granted' : permission.reason;
	};
	return { ...told, annSit, refusal };
}

const onePower: readonly Ask[] = [
	{ type: 'invite', peer: person(30).peer },
	{ type: 'unseat', peer: ann.peer },
	{ type: 'mute-one', peer: ann.peer },
	{ type: 'mute-all' },
	{ type: 'floor', held: true },
	{ type: 'speakers', who: 'everyone' },
	{ type: 'clear' },
	{ type: 'remove', peer: ann.peer, block: false },
	{ type: 'pin', text: 'x', link: '' },
	{ type: 'settings', settings }
];
const hostsAlone: readonly Ask[] = [
	{ type: 'name-cohost', peer: bob.peer, powers: ['stage'] },
	{ type: 'unname-cohost', peer: dan.peer, undo: false },
	{ type: 'end', words: '' }
];

describe('a power', () => {
	it.each(onePower.map((wish) => [wish.type, wish] as const))(
		'to %s is the host’s, and a co-host’s who was given it',
		(type, wish) => {
			const { refusal } = setup();
			const ofRoom = type === 'pin' || type === 'settings';
			expect([host, cora].map((who) => refusal(who, wish))).toEqual(['granted', 'granted']);
			expect(refusal(dan, wish)).toBe(ofRoom ? 'granted' : 'no-power');
			expect([ann, eve].map((who) => refusal(who, wish))).toEqual(['no-power', 'no-power']);
		}
	);

	it.each(hostsAlone.map((wish) => [wish.type, wish] as const))(
		'to %s is the host’s alone',
		(_, wish) => {
			const { refusal } = setup();
			expect(refusal(host, wish)).toBe('granted');
			for (const who of [cora, dan, ann]) expect(refusal(who, wish)).toBe('not-host');
		}
	);

	it('is nobody’s in a room that has ended', () => {
		const { tell, refusal } = setup();
		tell(host, { kind: 'end', words: '' });
		for (const wish of [...onePower, ...hostsAlone, { type: 'unask' } as const]) {
			expect(refusal(host, wish)).toBe('ended');
		}
	});
});

describe('a person', () => {
	it('who is out is not invited, named, or removed once more, but may be blocked', () => {
		const { refusal } = setup();
		const { peer } = eve;
		expect(refusal(host, { type: 'invite', peer })).toBe('removed');
		expect(refusal(host, { type: 'name-cohost', peer, powers: [] })).toBe('removed');
		expect(refusal(host, { type: 'remove', peer, block: false })).toBe('removed');
		expect(refusal(host, { type: 'remove', peer, block: true })).toBe('granted');
		expect(refusal(eve, { type: 'ask', name: 'Eve' })).toBe('removed');
	});

	it('whom the host has put out is not let in by a co-host', () => {
		const { refusal } = setup();
		expect(refusal(cora, { type: 'readmit', peer: eve.peer })).toBe('outranked');
		expect(refusal(host, { type: 'readmit', peer: eve.peer })).toBe('granted');
		expect(refusal(host, { type: 'readmit', peer: ann.peer })).toBe('not-removed');
	});

	it('who moderates is out of a co-host’s reach', () => {
		const { refusal, seat } = setup();
		seat(dan);
		const { peer } = dan;
		for (const type of ['unseat', 'mute-one'] as const) {
			expect(refusal(cora, { type, peer })).toBe('outranked');
			expect(refusal(host, { type, peer })).toBe('granted');
		}
		expect(refusal(cora, { type: 'remove', peer, block: true })).toBe('outranked');
		expect(refusal(cora, { type: 'remove', peer: cora.peer, block: true })).toBe('outranked');
		expect(refusal(host, { type: 'remove', peer: host.peer, block: true })).toBe('outranked');
		expect(refusal(host, { type: 'name-cohost', peer: host.peer, powers: [] })).toBe('outranked');
	});

	it('without a seat is neither muted nor unseated', () => {
		const { refusal } = setup();
		const { peer } = person(30);
		expect(refusal(host, { type: 'mute-one', peer })).toBe('not-on-stage');
		expect(refusal(host, { type: 'unseat', peer })).toBe('not-on-stage');
		expect(refusal(host, { type: 'lower', peer })).toBe('no-hand');
	});

	it('who speaks cannot unmute while the floor is held; who moderates can', () => {
		const { tell, refusal, seat, annSit } = setup();
		seat(cora);
		tell(ann, { kind: 'mic', sit: annSit.id, open: true });
		tell(host, { kind: 'floor', held: true });
		expect(refusal(ann, { type: 'unmute' })).toBe('floor-held');
		expect(refusal(cora, { type: 'unmute' })).toBe('granted');
		expect(refusal(ann, { type: 'mute' })).toBe('granted');
	});
});

describe('a bound', () => {
	it('of pins is told', () => {
		const { tell, refusal } = setup();
		for (let i = 0; i < PINS_MAX; i++) tell(host, { kind: 'pin', text: `${i}`, link: '' });
		expect(refusal(host, { type: 'pin', text: 'x', link: '' })).toBe('pins-full');
		expect(refusal(host, { type: 'unpin', pin: noSuchPin })).toBe('no-pin');
	});

	it('of co-hosts is told, and does not keep one from being named anew', () => {
		const { name, refusal } = setup();
		for (let i = 2; i < COHOSTS_MAX; i++) name(person(40 + i));
		const wish = (who: Person): Ask => ({ type: 'name-cohost', peer: who.peer, powers: [] });
		expect(refusal(host, wish(person(90)))).toBe('cohosts-full');
		expect(refusal(host, wish(cora))).toBe('granted');
	});

	it('of the stage is told to co-hosts as well', () => {
		const { seat, refusal } = setup();
		for (let i = 2; i < SEATS_MAX - 1; i++) seat(person(60 + i));
		expect(refusal(cora, { type: 'invite', peer: person(90).peer })).toBe('stage-full');
	});

	it('of words is told: nothing, and what is no web address', () => {
		const { refusal } = setup();
		expect(refusal(host, { type: 'pin', text: ' ', link: '' })).toBe('empty');
		expect(refusal(host, { type: 'pin', text: 'x', link: 'file:///etc' })).toBe('empty');
		expect(refusal(host, { type: 'settings', settings: { ...settings, title: ' ' } })).toBe(
			'empty'
		);
	});
});
