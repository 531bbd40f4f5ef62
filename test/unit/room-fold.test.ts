import { describe, expect, it } from 'vitest';
import { fold } from '#lib/p2p/room/fold.ts';
import { streamOf, toHex } from '#lib/p2p/wire/ids.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import {
	eventBy,
	host,
	nonce,
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
const sitBody = { kind: 'sit', invite: null, name: 'Host' } as const;

function sitOn(invite: Signed['id'], name = 'Ann') {
	return { kind: 'sit', invite, name } as const;
}

/** A room whose ten seats beside the host's are taken by persons 10 to 19. */
function fullRoom() {
	const told = story();
	const sits = Array.from({ length: SEATS_MAX - 1 }, (_, i) => told.seat(person(10 + i)));
	return { ...told, sits };
}

describe('a room', () => {
	it('is nothing without its opening', () => {
		const told = story();
		told.seat(ann);
		const state = fold(room, told.events.slice(1));
		expect(state).toMatchObject({ opened: null, seats: [], hands: [], invitations: [] });
	});

	it('is opened by whose key hashes to its id, and by nobody else', () => {
		const forged = eventBy(eve, { sequence: 1, lamport: 1 }, openBody);
		expect(fold(room, [forged]).opened).toBeNull();
		const { title, hostName, createdAtMs } = openBody;
		const opened = { host: host.peer, title, hostName, createdAtMs, nonce: toHex(openBody.nonce) };
		expect(fold(room, [forged, opening]).opened).toEqual(opened);
	});

	it('is opened only by its first event', () => {
		const late = eventBy(host, { sequence: 2, lamport: 5 }, openBody);
		expect(fold(room, [late]).opened).toBeNull();
	});

	it('takes no notice of events of another room', () => {
		const told = story();
		const strange = eventBy(host, { sequence: 2, lamport: 2, room: otherRoom }, sitBody);
		expect(fold(room, [...told.events, strange]).digest).toBe(fold(room, told.events).digest);
	});
});

describe('the stage', () => {
	it('seats the host without an invitation, muted, on a stream of its own', () => {
		const told = story();
		const sit = told.tell(host, sitBody);
		expect(fold(room, told.events).seats).toEqual([
			{
				peer: host.peer,
				name: 'Host',
				role: 'host',
				sit: sit.id,
				stream: streamOf(sit.id),
				micOpen: false,
				silenced: false,
				lamport: 2
			}
		]);
	});

	it('shows the host first, then the others in the order of sitting down', () => {
		const told = story();
		told.seat(bob);
		told.seat(ann);
		told.tell(host, sitBody);
		expect(peersOnStage(fold(room, told.events))).toEqual([host.peer, bob.peer, ann.peer]);
	});

	it('gives no seat without an invitation, nor on that of another', () => {
		const told = story();
		const forBob = told.invite(bob);
		told.invite(ann);
		const sit = told.tell(ann, sitOn(forBob));
		const state = fold(room, told.events);
		expect(state.seats).toEqual([]);
		expect(state.refusals.get(sit.id)).toBe('not-invited');
	});

	it('gives no seat on an invitation of somebody who is not the host', () => {
		const told = story();
		told.seat(bob);
		const forged = told.tell(bob, { kind: 'invite', to: ann.peer });
		told.tell(ann, sitOn(forged.id));
		expect(peersOnStage(fold(room, told.events))).toEqual([bob.peer]);
	});

	it('gives no seat on an invitation of a later time', () => {
		const told = story();
		const invite = told.invite(ann, 10);
		const sit = told.tell(ann, sitOn(invite), 10);
		expect(fold(room, told.events).refusals.get(sit.id)).toBe('not-invited');
	});

	it('gives one turn for one invitation', () => {
		const told = story();
		const invite = told.invite(ann);
		const sit = told.tell(ann, sitOn(invite));
		told.tell(ann, { kind: 'stand', sit: sit.id });
		const again = told.tell(ann, sitOn(invite));
		const state = fold(room, told.events);
		expect(state.seats).toEqual([]);
		expect(state.refusals.get(again.id)).toBe('not-invited');
	});

	it('gives one turn for several invitations that were open at once', () => {
		const told = story();
		const [first, second] = [told.invite(ann), told.invite(ann)];
		const sit = told.tell(ann, sitOn(first));
		told.tell(ann, { kind: 'stand', sit: sit.id });
		told.tell(ann, sitOn(second));
		expect(fold(room, told.events).seats).toEqual([]);
	});

	it('refuses whoever sits already', () => {
		const told = story();
		told.seat(ann);
		const again = told.seat(ann);
		const state = fold(room, told.events);
		expect(state.seats).toHaveLength(1);
		expect(state.refusals.get(again.id)).toBe('already-on-stage');
	});

	it('refuses the eleventh beside the host, whose seat is kept', () => {
		const told = fullRoom();
		const late = told.seat(ann);
		expect(fold(room, told.events).refusals.get(late.id)).toBe('stage-full');
		told.tell(host, sitBody);
		expect(fold(room, told.events).seats).toHaveLength(SEATS_MAX);
	});

	it('keeps a refusal when somebody leaves later, and grants a new try on the same invitation', () => {
		const told = fullRoom();
		const invite = told.invite(ann);
		const refused = told.tell(ann, sitOn(invite));
		told.tell(person(10), { kind: 'stand', sit: told.sits[0]?.id ?? opening.id });
		const state = fold(room, told.events);
		expect(state.refusals.get(refused.id)).toBe('stage-full');
		expect(state.invitations.map(({ id }) => id)).toEqual([invite]);
		told.tell(ann, sitOn(invite));
		expect(peersOnStage(fold(room, told.events))).toContain(ann.peer);
	});

	it('frees a seat before it gives one, when both are of one time', () => {
		for (let number = 0; number < SEATS_MAX - 1; number++) {
			const told = fullRoom();
			const invite = told.invite(ann);
			told.tell(ann, sitOn(invite), 100);
			const sit = told.sits[number]?.id ?? opening.id;
			told.tell(person(10 + number), { kind: 'stand', sit }, 100);
			expect(peersOnStage(fold(room, told.events))).toContain(ann.peer);
		}
	});

	it('frees a seat that was taken and left at one time', () => {
		for (let number = 1; number <= 10; number++) {
			const told = story();
			const sit = told.seat(person(number));
			told.tell(person(number), { kind: 'stand', sit: sit.id }, sit.lamport);
			expect(fold(room, told.events).seats).toEqual([]);
		}
	});

	it('lets nobody free the seat of another, but the host', () => {
		const told = story();
		const sit = told.seat(ann);
		told.seat(bob);
		told.tell(bob, { kind: 'stand', sit: sit.id });
		told.tell(bob, { kind: 'unseat', sit: sit.id });
		expect(peersOnStage(fold(room, told.events))).toContain(ann.peer);
		told.tell(host, { kind: 'unseat', sit: sit.id });
		expect(peersOnStage(fold(room, told.events))).toEqual([bob.peer]);
	});

	it('frees a seat even where its holder dated it into the future', () => {
		const told = story();
		const invite = told.invite(ann);
		const sit = told.tell(ann, sitOn(invite), 500);
		told.tell(host, { kind: 'unseat', sit: sit.id }, 8);
		expect(fold(room, told.events).seats).toEqual([]);
	});

	it('takes back earlier invitations with the seat, and honours a later one', () => {
		const told = story();
		const sit = told.seat(ann);
		const spare = told.invite(ann);
		told.tell(host, { kind: 'unseat', sit: sit.id });
		told.tell(ann, sitOn(spare));
		expect(fold(room, told.events).seats).toEqual([]);
		told.seat(ann);
		expect(peersOnStage(fold(room, told.events))).toEqual([ann.peer]);
	});

	it('does not free a second seat by a word about the first', () => {
		const told = story();
		const first = told.seat(ann);
		told.tell(ann, { kind: 'stand', sit: first.id });
		told.seat(ann);
		told.tell(host, { kind: 'unseat', sit: first.id });
		expect(peersOnStage(fold(room, told.events))).toEqual([ann.peer]);
	});
});

describe('an invitation', () => {
	it('is open until it is taken', () => {
		const told = story();
		const id = told.invite(ann);
		expect(fold(room, told.events).invitations).toEqual([
			{ id, by: host.peer, to: ann.peer, lamport: 2 }
		]);
		told.tell(ann, sitOn(id));
		expect(fold(room, told.events).invitations).toEqual([]);
	});

	it('is gone when it is declined by whom it is for, and by nobody else', () => {
		const told = story();
		told.invite(bob);
		const id = told.invite(ann);
		told.tell(bob, { kind: 'decline', invite: id });
		expect(fold(room, told.events).invitations.map(({ to }) => to)).toEqual([bob.peer, ann.peer]);
		told.tell(ann, { kind: 'decline', invite: id });
		const sit = told.tell(ann, sitOn(id));
		const state = fold(room, told.events);
		expect(state.invitations.map(({ to }) => to)).toEqual([bob.peer]);
		expect(state.refusals.get(sit.id)).toBe('not-invited');
	});
});

describe('a hand', () => {
	const ask = { kind: 'ask', name: 'Ann' } as const;

	it('is up in the order raised, and down when lowered', () => {
		const told = story();
		told.tell(bob, { ...ask, name: 'Bob' });
		told.tell(ann, ask);
		expect(fold(room, told.events).hands.map(({ name }) => name)).toEqual(['Bob', 'Ann']);
		told.tell(bob, { kind: 'unask' });
		expect(fold(room, told.events).hands.map(({ name }) => name)).toEqual(['Ann']);
	});

	it('is answered by an invitation, and can be raised again after it', () => {
		const told = story();
		told.tell(ann, ask);
		const invite = told.invite(ann);
		expect(fold(room, told.events).hands).toEqual([]);
		told.tell(ann, { kind: 'decline', invite });
		expect(fold(room, told.events).hands).toEqual([]);
		told.tell(ann, ask);
		expect(fold(room, told.events).hands).toHaveLength(1);
	});

	it('is not shown of whoever is on stage, nor of the host', () => {
		const told = story();
		told.seat(ann);
		told.tell(ann, ask);
		told.tell(host, ask);
		expect(fold(room, told.events).hands).toEqual([]);
	});
});

describe('a microphone', () => {
	it('follows the last word of whoever holds the seat', () => {
		const told = story();
		const sit = told.seat(ann);
		told.tell(ann, { kind: 'mic', sit: sit.id, open: true });
		expect(fold(room, told.events).seats[0]?.micOpen).toBe(true);
		told.tell(ann, { kind: 'mic', sit: sit.id, open: false }, 3);
		expect(fold(room, told.events).seats[0]?.micOpen).toBe(false);
	});

	it('is not opened by another, nor for a later seat', () => {
		const told = story();
		const sit = told.seat(ann);
		told.seat(bob);
		told.tell(bob, { kind: 'mic', sit: sit.id, open: true });
		expect(fold(room, told.events).seats.map((seat) => seat.micOpen)).toEqual([false, false]);
		told.tell(ann, { kind: 'mic', sit: sit.id, open: true });
		told.tell(ann, { kind: 'stand', sit: sit.id });
		told.seat(ann);
		expect(fold(room, told.events).seats.map((seat) => seat.micOpen)).toEqual([false, false]);
	});
});

describe('two events under one number', () => {
	it('cost a member the seat and every invitation of before', () => {
		const told = story();
		const sit = told.seat(ann);
		const spare = told.invite(ann);
		const decline = { kind: 'decline', invite: opening.id } as const;
		const twice = [8, 9].map((lamport) => eventBy(ann, { sequence: 5, lamport }, decline));
		told.tell(ann, sitOn(spare), 12);
		const state = fold(room, [...told.events, ...twice]);
		expect(state.equivocators).toEqual([ann.peer]);
		expect(state.seats).toEqual([]);
		expect(fold(room, told.events).seats.map((seat) => seat.sit)).toEqual([sit.id]);
	});

	it('give nothing: of two seats taken under one number neither counts', () => {
		const told = story();
		const [a, b] = [told.invite(ann), told.invite(ann)];
		const sits = [a, b].map((invite) => eventBy(ann, { sequence: 1, lamport: 8 }, sitOn(invite)));
		expect(fold(room, [...told.events, ...sits]).seats).toEqual([]);
	});

	it('take no seat from others, not even for a while', () => {
		const told = fullRoom();
		told.tell(person(10), { kind: 'stand', sit: told.sits[0]?.id ?? opening.id });
		const [eves, bobs] = [told.invite(eve), told.invite(bob)];
		const twice = [50, 60].map((lamport) =>
			eventBy(eve, { sequence: 1, lamport }, sitOn(eves, 'Eve'))
		);
		told.tell(bob, sitOn(bobs, 'Bob'), 55);
		const state = fold(room, [...told.events, ...twice]);
		expect(peersOnStage(state)).toContain(bob.peer);
		expect(state.refusals.size).toBe(0);
	});

	it('are forgiven by a later invitation', () => {
		const told = story();
		const [a, b] = [told.invite(ann), told.invite(ann)];
		const sits = [a, b].map((invite) => eventBy(ann, { sequence: 9, lamport: 8 }, sitOn(invite)));
		const pardon = told.invite(ann, 20);
		told.tell(ann, sitOn(pardon));
		const state = fold(room, [...told.events, ...sits]);
		expect(peersOnStage(state)).toEqual([ann.peer]);
		expect(state.equivocators).toEqual([ann.peer]);
	});

	it('leave a freed seat free, and the host host', () => {
		const told = story();
		const seat = told.tell(host, sitBody);
		const sit = told.seat(ann);
		const bobs = told.invite(bob);
		told.tell(bob, sitOn(bobs, 'Bob'));
		const twice = [
			eventBy(host, { sequence: 9, lamport: 20 }, { kind: 'unseat', sit: sit.id }),
			eventBy(host, { sequence: 9, lamport: 21 }, { kind: 'invite', to: eve.peer })
		];
		const state = fold(room, [...told.events, ...twice]);
		expect(peersOnStage(state)).toEqual([host.peer, bob.peer]);
		expect(state.seats[0]?.sit).toBe(seat.id);
		expect(state.invitations).toEqual([]);
		expect(state.equivocators).toEqual([host.peer]);
	});

	it('by which the host opens a room twice leave it open under one title', () => {
		const other = eventBy(
			host,
			{ sequence: 1, lamport: 1 },
			{ kind: 'open', nonce, title: 'Other', hostName: '', createdAtMs: 1 }
		);
		const state = fold(room, [opening, other]);
		expect(state.opened?.host).toBe(host.peer);
		expect(fold(room, [other, opening])).toEqual(state);
	});

	it('do not matter where the next word replaces them anyway', () => {
		const told = story();
		const sit = told.seat(ann);
		const twice = [true, false].map((open) =>
			eventBy(ann, { sequence: 5, lamport: 8 }, { kind: 'mic', sit: sit.id, open })
		);
		const state = fold(room, [...told.events, ...twice]);
		expect(state.equivocators).toEqual([]);
		expect(peersOnStage(state)).toEqual([ann.peer]);
	});
});
