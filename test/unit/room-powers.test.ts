/** What the host and co-hosts can do, in plain sentences. */
import { describe, expect, it } from 'vitest';
import { fold } from '#lib/p2p/room/fold.ts';
import type { Settings } from '#lib/p2p/wire/act.ts';
import { headOf } from '#lib/p2p/wire/ids.ts';
import { DEEDS_MAX, PINS_MAX } from '#lib/p2p/wire/limits.ts';
import { host, opening, peersOnStage, person, room, story, type Person } from './room-people.ts';

const [ann, bob, eve, cora] = [person(1), person(2), person(3), person(4)];
const ask = (who: Person) => ({ kind: 'ask', name: who.name }) as const;
const remove = (who: Person, block = false) => ({ kind: 'remove', who: who.peer, block }) as const;
const readmit = (who: Person) => ({ kind: 'readmit', who: who.peer }) as const;
const garden: Settings = { title: 'Garden', listed: true, language: 'en', topics: ['plants'] };

/** The host, Ann and Bob on stage with open microphones; Cora is a co-host in the audience. */
function setup() {
	const told = story();
	const hostSit = told.tell(host, { kind: 'sit', invite: null, name: 'Host' });
	const [annSit, bobSit] = [told.seat(ann), told.seat(bob)];
	told.name(cora);
	const open = (who: Person, sit: typeof annSit, lamport?: number) =>
		told.tell(who, { kind: 'mic', sit: sit.id, open: true }, lamport);
	open(host, hostSit);
	open(ann, annSit);
	open(bob, bobSit);
	const isOpen = (who: Person): boolean | undefined =>
		told.state().seats.find(({ peer }) => peer === who.peer)?.micOpen;
	const silenced = () => told.state().seats.flatMap((seat) => (seat.silenced ? [seat.peer] : []));
	return { ...told, hostSit, annSit, bobSit, open, isOpen, silenced };
}

describe.each([
	['the host', host],
	['a co-host', cora]
])('%s', (_, chair) => {
	it('invites people to the stage', () => {
		const { tell, state } = setup();
		const invite = tell(chair, { kind: 'invite', to: eve.peer });
		expect(state().invitations).toMatchObject([{ id: invite.id, by: chair.peer, to: eve.peer }]);
		tell(eve, { kind: 'sit', invite: invite.id, name: 'Eve' });
		expect(peersOnStage(state())).toContain(eve.peer);
	});

	it('takes the microphone back, and with it the seat', () => {
		const { tell, state, annSit } = setup();
		tell(chair, { kind: 'unseat', sit: annSit.id });
		expect(peersOnStage(state())).toEqual([host.peer, bob.peer]);
	});

	it('mutes one, who can open the microphone again', () => {
		const { tell, isOpen, open, annSit, silenced } = setup();
		tell(chair, { kind: 'mute', sit: annSit.id });
		expect([isOpen(ann), isOpen(bob), isOpen(host)]).toEqual([false, true, true]);
		expect(silenced()).toEqual([ann.peer]);
		open(ann, annSit);
		expect(isOpen(ann)).toBe(true);
		expect(silenced()).toEqual([]);
	});

	it('mutes all but the host', () => {
		const { tell, isOpen, open, bobSit } = setup();
		tell(chair, { kind: 'mute-all' });
		expect([isOpen(ann), isOpen(bob), isOpen(host)]).toEqual([false, false, true]);
		open(bob, bobSit);
		expect([isOpen(ann), isOpen(bob)]).toEqual([false, true]);
	});

	it('mutes nobody who comes on stage later', () => {
		const { tell, seat, silenced } = setup();
		tell(chair, { kind: 'mute-all' });
		const before = silenced().length;
		seat(eve);
		expect(silenced()).toHaveLength(before);
	});

	it('wins with a muting over an opening of the same time', () => {
		for (let number = 5; number < 15; number++) {
			const told = story();
			told.name(cora);
			const sit = told.seat(person(number));
			told.tell(person(number), { kind: 'mic', sit: sit.id, open: true }, 50);
			told.tell(chair, { kind: 'mute', sit: sit.id }, 50);
			expect(told.state().seats[0]?.micOpen).toBe(false);
		}
	});

	it('holds the floor: who is muted stays muted, who is not goes on', () => {
		const { tell, state, isOpen, open, annSit, hostSit, silenced } = setup();
		tell(chair, { kind: 'floor', held: true });
		tell(chair, { kind: 'mute', sit: annSit.id });
		open(ann, annSit);
		open(host, hostSit);
		expect([isOpen(ann), isOpen(bob), isOpen(host)]).toEqual([false, true, true]);
		expect(state().floorHeld).toBe(true);
		expect(silenced()).toEqual([ann.peer]);
		tell(chair, { kind: 'floor', held: false });
		expect(isOpen(ann)).toBe(false);
		expect(silenced()).toEqual([]);
		open(ann, annSit);
		expect(isOpen(ann)).toBe(true);
		expect(state().floorHeld).toBe(false);
	});

	it('says who may speak', () => {
		const { tell, state } = setup();
		expect(state().speakers).toBe('invited');
		tell(chair, { kind: 'speakers', who: 'everyone' });
		expect(state().speakers).toBe('everyone');
		tell(chair, { kind: 'speakers', who: 'followed' });
		expect(state().speakers).toBe('followed');
	});

	it('lowers a hand, which can be raised again', () => {
		const { tell, state } = setup();
		tell(eve, ask(eve));
		tell(chair, { kind: 'lower', who: eve.peer });
		expect(state().hands).toEqual([]);
		tell(eve, ask(eve));
		expect(state().hands).toHaveLength(1);
	});

	it('clears the queue', () => {
		const { tell, state } = setup();
		for (const who of [eve, person(20), person(21)]) tell(who, ask(who));
		tell(chair, { kind: 'clear' });
		expect(state().hands).toEqual([]);
		tell(eve, ask(eve));
		expect(state().hands).toHaveLength(1);
	});

	it('keeps the queue, in which nobody passes the others by dating a hand back', () => {
		const { tell, state } = setup();
		const hands = [eve, person(20)].map((who) => headOf(tell(who, ask(who)).id));
		tell(chair, { kind: 'queue', hands });
		tell(person(21), ask(person(21)), 2);
		const order = [eve, person(20), person(21)].map(({ peer }) => peer);
		expect(state().hands.map(({ peer }) => peer)).toEqual(order);
		expect(state().hands.map(({ placed }) => placed)).toEqual([true, true, false]);
	});

	it('removes somebody: the seat is gone, and nothing said later counts', () => {
		const { tell, state, annSit, open } = setup();
		const spare = tell(host, { kind: 'invite', to: ann.peer });
		tell(chair, remove(ann));
		open(ann, annSit);
		tell(ann, ask(ann));
		const again = tell(ann, { kind: 'sit', invite: spare.id, name: 'Ann' });
		expect(peersOnStage(state())).toEqual([host.peer, bob.peer]);
		expect(state().hands).toEqual([]);
		expect(state().invitations).toEqual([]);
		expect(state().refusals.get(again.id)).toBe('removed');
		expect(state().removed).toMatchObject([{ peer: ann.peer, by: chair.peer, blocked: false }]);
	});

	it('removes somebody who has already sat down in the future', () => {
		const { tell, state } = setup();
		const invite = tell(host, { kind: 'invite', to: eve.peer });
		const sit = tell(eve, { kind: 'sit', invite: invite.id, name: 'Eve' }, 5_000);
		tell(chair, remove(eve), 40);
		expect(peersOnStage(state())).not.toContain(eve.peer);
		expect(state().refusals.get(sit.id)).toBe('removed');
	});

	it('blocks, which a removal before does not hide', () => {
		const { tell, state } = setup();
		tell(chair, remove(eve, true));
		tell(chair, remove(eve));
		expect(state().removed).toMatchObject([{ peer: eve.peer, blocked: true }]);
	});

	it('lets somebody in again, who then begins anew', () => {
		const { tell, state, invite } = setup();
		const spare = invite(eve);
		tell(chair, remove(eve, true));
		tell(chair, readmit(eve));
		expect(state().removed).toEqual([]);
		const sit = tell(eve, { kind: 'sit', invite: spare, name: 'Eve' });
		expect(state().refusals.get(sit.id)).toBe('not-invited');
		tell(eve, ask(eve));
		expect(state().hands.map(({ peer }) => peer)).toEqual([eve.peer]);
		tell(eve, { kind: 'sit', invite: invite(eve), name: 'Eve' });
		expect(peersOnStage(state())).toContain(eve.peer);
	});

	it('pins notes and links, and takes them down', () => {
		const { tell, state } = setup();
		const first = tell(chair, { kind: 'pin', text: 'Read this', link: 'https://a.example' });
		tell(chair, { kind: 'pin', text: 'Thanks', link: '' });
		expect(state().pins.map(({ text }) => text)).toEqual(['Read this', 'Thanks']);
		tell(chair, { kind: 'unpin', pin: first.id });
		expect(state().pins.map(({ text }) => text)).toEqual(['Thanks']);
		for (let i = 0; i < PINS_MAX; i++) tell(chair, { kind: 'pin', text: `${i}`, link: '' });
		expect(state().pins.map(({ text }) => text)[0]).toBe('0');
	});

	it('changes what the room is called and how it is listed', () => {
		const { tell, state } = setup();
		expect(state().settings).toMatchObject({ title: 'Evening talk', listed: false });
		tell(chair, { kind: 'settings', ...garden });
		expect(state().settings).toEqual(garden);
	});

	it('is seen by all to have done it', () => {
		const { tell, state } = setup();
		tell(chair, { kind: 'invite', to: eve.peer });
		tell(chair, { kind: 'floor', held: true });
		tell(chair, remove(eve, true));
		expect(state().deeds.slice(-3)).toMatchObject([
			{ by: chair.peer, what: 'invite', whom: eve.peer, on: false },
			{ by: chair.peer, what: 'floor', whom: null, on: true },
			{ by: chair.peer, what: 'remove', whom: eve.peer, on: true }
		]);
		for (let i = 0; i < DEEDS_MAX; i++) tell(chair, { kind: 'pin', text: `${i}`, link: '' });
		expect(state().deeds).toHaveLength(DEEDS_MAX);
	});
});

describe('the host alone', () => {
	it('ends the room, with a last message, and nothing more happens', () => {
		const { tell, state, annSit, open } = setup();
		tell(cora, { kind: 'end', words: 'Mine' });
		expect(state().ended).toBeNull();
		tell(host, { kind: 'end', words: 'Good night' });
		const over = state();
		expect(over).toMatchObject({ ended: { words: 'Good night' }, seats: [], cohosts: [] });
		open(ann, annSit);
		tell(eve, ask(eve));
		tell(host, { kind: 'sit', invite: null, name: 'Host' });
		expect(state().digest).toBe(over.digest);
	});

	it('is out of everybody’s reach, its own included', () => {
		const { tell, state, hostSit, isOpen } = setup();
		for (const chair of [cora, host]) tell(chair, remove(host));
		tell(cora, { kind: 'unseat', sit: hostSit.id });
		tell(cora, { kind: 'mute', sit: hostSit.id });
		expect(state().removed).toEqual([]);
		expect(peersOnStage(state())[0]).toBe(host.peer);
		expect(isOpen(host)).toBe(true);
	});

	it('lets in again whom the host has put out, whatever co-hosts say', () => {
		const { tell, state } = setup();
		tell(host, remove(eve));
		tell(cora, readmit(eve));
		expect(state().removed).toHaveLength(1);
		tell(host, readmit(eve));
		expect(state().removed).toEqual([]);
	});
});

describe('two at once', () => {
	it('who take and give the same right: it is taken', () => {
		for (let seed = 0; seed < 10; seed++) {
			for (const [first, second] of [
				[host, cora],
				[cora, host]
			] as const) {
				const { tell, state } = setup();
				const who = person(30 + seed);
				tell(cora, remove(who), 100);
				tell(first, readmit(who), 200);
				tell(second, remove(who), 200);
				tell(first, { kind: 'floor', held: false }, 300);
				tell(second, { kind: 'floor', held: true }, 300);
				tell(first, { kind: 'speakers', who: 'everyone' }, 400);
				tell(second, { kind: 'speakers', who: 'followed' }, 400);
				expect(state()).toMatchObject({ floorHeld: true, speakers: 'followed' });
				expect(state().removed.map(({ peer }) => peer)).toEqual([who.peer]);
			}
		}
	});

	it('who call the room different names: the host’s counts', () => {
		for (let seed = 0; seed < 10; seed++) {
			const { tell, state } = setup();
			tell(cora, { kind: 'settings', ...garden, title: `Cora’s ${seed}` }, 100);
			tell(host, { kind: 'settings', ...garden, title: 'Host’s' }, 100);
			expect(state().settings.title).toBe('Host’s');
		}
	});

	it('who invite and remove somebody: there is no seat', () => {
		for (const [first, second] of [
			[host, cora],
			[cora, host]
		] as const) {
			const { tell, state } = setup();
			const invite = tell(first, { kind: 'invite', to: eve.peer }, 100);
			tell(second, remove(eve), 100);
			tell(eve, { kind: 'sit', invite: invite.id, name: 'Eve' }, 101);
			expect(peersOnStage(state())).not.toContain(eve.peer);
		}
	});
});

describe('a room without its host', () => {
	it('goes on with co-hosts, and the host’s powers are there on return', () => {
		const { tell, state, hostSit } = setup();
		tell(host, { kind: 'stand', sit: hostSit.id });
		tell(cora, { kind: 'invite', to: cora.peer });
		tell(cora, remove(bob));
		expect(peersOnStage(state())).toEqual([ann.peer]);
		tell(host, { kind: 'unname-cohost', who: cora.peer, seen: 0 });
		tell(host, { kind: 'sit', invite: null, name: 'Host' });
		// Undone: what the co-host did counts no more, so Bob is back as he was.
		expect(peersOnStage(state())).toEqual([host.peer, ann.peer, bob.peer]);
	});
});

it('an act of nobody known is nothing', () => {
	const told = setup();
	const before = told.state().digest;
	told.tell(eve, remove(ann));
	told.tell(bob, { kind: 'mute-all' });
	expect(fold(room, [...told.events, opening]).digest).toBe(before);
});
