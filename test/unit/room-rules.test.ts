import { describe, expect, it } from 'vitest';
import { fold } from '#lib/p2p/room/fold.ts';
import { createLog } from '#lib/p2p/room/log.ts';
import { judge, may, type Ask } from '#lib/p2p/room/rules.ts';
import { SCOPE_ALL } from '#lib/p2p/wire/act.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import {
	eventBy,
	host,
	openBody,
	opening,
	otherRoom,
	person,
	room,
	story,
	type Person,
	type Story
} from './room-people.ts';

const [ann, bob, eve] = [person(1), person(2), person(3)];

/** The host and Ann on stage, Bob invited. */
function setup() {
	const told = story();
	const hostSit = told.tell(host, { kind: 'sit', invite: null, name: 'Host' }).id;
	const annSit = told.seat(ann).id;
	const invitation = told.invite(bob);
	const wish = (who: Person, ask: Ask) => may(fold(room, told.events), who.peer, ask);
	return { told, hostSit, annSit, invitation, wish };
}

function fill(told: Story): void {
	for (let number = 10; number < 10 + SEATS_MAX - 2; number++) told.seat(person(number));
}

const granted = (draft: EventBody) => ({ ok: true, draft });
const refused = (reason: string) => ({ ok: false, reason });

describe('a wish', () => {
	it('is refused before the room is known', () => {
		expect(may(fold(room, []), ann.peer, { type: 'unask' })).toEqual(refused('not-joined'));
	});

	it('to speak is for those who are not on stage', () => {
		const { wish } = setup();
		expect(wish(eve, { type: 'ask', name: 'Eve' })).toEqual(granted({ kind: 'ask', name: 'Eve' }));
		expect(wish(ann, { type: 'ask', name: 'Ann' })).toEqual(refused('already-on-stage'));
		expect(wish(eve, { type: 'unask' })).toEqual(granted({ kind: 'unask' }));
	});

	it('to invite is for the host, for people who are not on stage, while there is room', () => {
		const { told, wish } = setup();
		const invite = { type: 'invite', peer: eve.peer } as const;
		expect(wish(host, invite)).toEqual(granted({ kind: 'invite', to: eve.peer }));
		expect(wish(ann, invite)).toEqual(refused('no-power'));
		expect(wish(host, { type: 'invite', peer: ann.peer })).toEqual(refused('already-on-stage'));
		expect(wish(host, { type: 'invite', peer: host.peer })).toEqual(refused('already-on-stage'));
		fill(told);
		expect(wish(host, invite)).toEqual(refused('stage-full'));
	});

	it('to take a seat is for the invited, while there is room', () => {
		const { told, invitation, wish } = setup();
		const accept = { type: 'accept', invitation, name: 'Bob' } as const;
		expect(wish(bob, accept)).toEqual(granted({ kind: 'sit', invite: invitation, name: 'Bob' }));
		expect(wish(eve, accept)).toEqual(refused('not-invited'));
		expect(wish(ann, accept)).toEqual(refused('already-on-stage'));
		fill(told);
		expect(wish(bob, accept)).toEqual(refused('stage-full'));
	});

	it('to decline is for the invited', () => {
		const { invitation, wish } = setup();
		const decline = { type: 'decline', invitation } as const;
		expect(wish(bob, decline)).toEqual(granted({ kind: 'decline', invite: invitation }));
		expect(wish(eve, decline)).toEqual(refused('not-invited'));
	});

	it('about a microphone or a seat is for who has one', () => {
		const { annSit, wish } = setup();
		expect(wish(ann, { type: 'unmute' })).toEqual(
			granted({ kind: 'mic', sit: annSit, open: true })
		);
		expect(wish(ann, { type: 'mute' })).toEqual(granted({ kind: 'mic', sit: annSit, open: false }));
		expect(wish(ann, { type: 'step-down' })).toEqual(granted({ kind: 'stand', sit: annSit }));
		for (const type of ['mute', 'unmute', 'step-down'] as const) {
			expect(wish(bob, { type })).toEqual(refused('not-on-stage'));
		}
	});

	it('to free a seat is for the host', () => {
		const { annSit, wish } = setup();
		const unseat = { type: 'unseat', peer: ann.peer } as const;
		expect(wish(host, unseat)).toEqual(granted({ kind: 'unseat', sit: annSit }));
		expect(wish(bob, unseat)).toEqual(refused('no-power'));
		expect(wish(host, { type: 'unseat', peer: bob.peer })).toEqual(refused('not-on-stage'));
	});

	it('to sit without an invitation is for the host, once', () => {
		const { told, hostSit, wish } = setup();
		const take = { type: 'take-seat', name: 'Host' } as const;
		expect(wish(host, take)).toEqual(refused('already-on-stage'));
		expect(wish(eve, take)).toEqual(refused('not-host'));
		told.tell(host, { kind: 'stand', sit: hostSit });
		fill(told);
		told.seat(eve);
		expect(wish(host, take)).toEqual(granted({ kind: 'sit', invite: null, name: 'Host' }));
	});

	it('that is granted comes true in the room', () => {
		const { told, wish } = setup();
		const wishes: readonly (readonly [Person, Ask])[] = [
			[eve, { type: 'ask', name: 'Eve' }],
			[ann, { type: 'unmute' }],
			[host, { type: 'step-down' }]
		];
		for (const [who, ask] of wishes) {
			const permission = wish(who, ask);
			if (permission.ok) told.tell(who, permission.draft);
		}
		const state = fold(room, told.events);
		expect(state.hands.map(({ name }) => name)).toEqual(['Eve']);
		expect(state.seats).toMatchObject([{ peer: ann.peer, micOpen: true }]);
	});
});

describe('un-naming a co-host', () => {
	const unname = { type: 'unname-cohost', peer: ann.peer, undo: false } as const;

	function named(through: number) {
		const told = story();
		told.tell(host, { kind: 'name-cohost', to: ann.peer, scope: SCOPE_ALL, through, untilMs: 0 });
		const numbers = { sequenceOf: () => 40, lastActOf: () => 30, nowMs: 1_000 };
		const wish = (ask: Ask) => may(told.state(), host.peer, ask, numbers);
		return { told, wish };
	}

	it('leaves what it did, up to the last act that is known', () => {
		const body = { kind: 'unname-cohost', who: ann.peer, seen: 30 } as const;
		expect(named(99).wish(unname)).toEqual(granted(body));
	});

	it('is not misled by acts beyond the certificate, which leave room for others below', () => {
		const body = { kind: 'unname-cohost', who: ann.peer, seen: 9 } as const;
		expect(named(9).wish(unname)).toEqual(granted(body));
	});

	it('can undo everything, also of who was un-named before', () => {
		const { told, wish } = named(99);
		told.tell(host, { kind: 'unname-cohost', who: ann.peer, seen: 30 });
		expect(wish(unname)).toEqual(refused('no-cohost'));
		const body = { kind: 'unname-cohost', who: ann.peer, seen: 0 } as const;
		expect(wish({ ...unname, undo: true })).toEqual(granted(body));
	});
});

describe('judging what others send', () => {
	const place = { sequence: 2, lamport: 4 };

	function known() {
		const log = createLog(room);
		log.add(opening);
		return log;
	}

	it('passes on what is new and allowed', () => {
		const log = createLog(room);
		expect(judge(log, opening)).toBe('accept');
		expect(judge(known(), eventBy(host, place, { kind: 'invite', to: ann.peer }))).toBe('accept');
		expect(judge(known(), eventBy(ann, place, { kind: 'ask', name: 'Ann' }))).toBe('accept');
	});

	it.each([
		['of another room', eventBy(host, { ...place, room: otherRoom }, { kind: 'unask' })],
		['that claims the room for another', eventBy(eve, { sequence: 1, lamport: 1 }, openBody)],
		[
			'that only the host may do, in another hand',
			eventBy(eve, place, { kind: 'end', words: 'Ha' })
		],
		[
			'that takes a seat as the host does',
			eventBy(eve, place, { kind: 'sit', invite: null, name: '' })
		],
		[
			'that claims to be older than the room',
			eventBy(host, { sequence: 2, lamport: 1 }, { kind: 'unask' })
		]
	])('holds an event against its sender %s', (_, event) => {
		expect(judge(known(), event)).toBe('reject');
	});

	it.each([
		['known', opening],
		['a power of somebody not known to be named', eventBy(eve, place, { kind: 'mute-all' })],
		['early', eventBy(ann, place, { kind: 'sit', invite: opening.id, name: '' })],
		['far ahead', eventBy(ann, { sequence: 1, lamport: 2 ** 40 }, { kind: 'ask', name: '' })],
		['presence', eventBy(ann, { sequence: 0, lamport: 0 }, { kind: 'here', name: '' })]
	])('drops silently what is %s', (_, event) => {
		expect(judge(known(), event)).toBe('ignore');
	});

	it('holds nothing against anybody while the host is not known', () => {
		const log = createLog(room);
		expect(judge(log, eventBy(eve, place, { kind: 'end', words: '' }))).toBe('ignore');
	});
});
