/** What the apps of host and co-hosts do with wishes about others, and by themselves. */
import { describe, expect, it } from 'vitest';
import { createLog } from '#lib/p2p/room/log.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { headOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import {
	ann,
	begun,
	bob,
	cora,
	drafts,
	eve,
	listener,
	remove,
	wish,
	type Outputs
} from '../lib/law-room.ts';
import { lonePeer, type LonePeer } from '../lib/lone-peer.ts';
import { host, nonce, person, room, type Signed } from './room-people.ts';

describe('the host', () => {
	function chair(events: readonly Signed[]): LonePeer {
		return lonePeer(0, { saved: events });
	}

	it('un-names a co-host it removes, as of what it has heard of it', () => {
		const { events } = begun();
		const out = wish(chair(events), { type: 'remove', peer: cora.peer, block: false });
		expect(drafts(out)).toEqual([{ kind: 'unname-cohost', who: cora.peer, seen: 0 }, remove(cora)]);
	});

	it('names co-hosts for what comes after what they have signed', () => {
		const { events } = begun();
		const powers = ['stage', 'sound'] as const;
		const out = wish(chair(events), { type: 'name-cohost', peer: ann.peer, powers, events: 50 });
		// Ann has sat down and opened the microphone.
		expect(drafts(out)).toEqual([
			{ kind: 'name-cohost', to: ann.peer, scope: 3, through: 52, untilMs: 0 }
		]);
	});

	it('takes the powers of before back from a co-host to whom it gives others', () => {
		const { events, tell } = begun();
		const pinned = tell(cora, { kind: 'pin', text: 'Hello', link: '' });
		const lone = chair(events);
		const out = wish(lone, { type: 'name-cohost', peer: cora.peer, powers: ['sound'] });
		expect(drafts(out)).toEqual([
			{ kind: 'unname-cohost', who: cora.peer, seen: pinned.sequence },
			expect.objectContaining({ kind: 'name-cohost', to: cora.peer, scope: 2 })
		]);
		lone.sign(out);
		lone.learn(
			tell(cora, { kind: 'mute-all' }, 90),
			tell(cora, { kind: 'unpin', pin: pinned.id }, 91),
			tell(cora, { kind: 'remove', who: ann.peer, block: false }, 92)
		);
		const { deeds, pins, removed, cohosts } = lone.peer.view();
		expect(deeds.filter(({ by }) => by.peer === cora.peer).map(({ what }) => what)).toEqual([
			'pin',
			'mute-all'
		]);
		expect(pins.map(({ text }) => text)).toEqual(['Hello']);
		expect(removed).toEqual([]);
		expect(cohosts.map(({ powers }) => powers)).toEqual([['sound']]);
	});

	it('opens a room that is closed to those it has blocked', () => {
		const opening = { title: 'T', nonce, createdAtMs: 1, blocked: [eve.peer, bob.peer] };
		const lone = lonePeer(0, { opening });
		const { removed } = lone.peer.view();
		expect(removed.map(({ peer, blocked }) => [peer, blocked])).toEqual([
			[eve.peer, true],
			[bob.peer, true]
		]);
	});

	it('signs the order in which hands came, and a hand dated back stands behind', () => {
		const { events, tell } = begun();
		const lone = chair(events);
		const first = tell(eve, { kind: 'ask', name: 'Eve' });
		const second = tell(bob, { kind: 'ask', name: 'Bob' });
		lone.learn(first, second);
		const signed = lone.wait(100);
		expect(drafts(signed)).toEqual([
			{ kind: 'queue', hands: [first, second].map(({ id }) => headOf(id)) }
		]);
		lone.sign(signed);
		const third = tell(person(9), { kind: 'ask', name: 'Ida' }, 3);
		lone.learn(third);
		expect(drafts(lone.wait(1_000))).toEqual([]);
		expect(drafts(lone.wait(1_000))).toEqual([
			{ kind: 'queue', hands: [first, second, third].map(({ id }) => headOf(id)) }
		]);
		const up = lone.peer.view().listeners.filter(({ handUp }) => handUp);
		expect(up.map(({ name }) => name)).toEqual(['Eve', 'Bob', 'Ida']);
	});

	it('sees who has been heard least first, where it wants to', () => {
		const { events, tell, annSit, annStream } = begun();
		const lone = chair(events);
		lone.feed({ type: 'opened', peer: ann.peer });
		for (let seq = 1; seq <= 5; seq++) lone.hear(ann.peer, seq, annStream);
		lone.learn(tell(ann, { kind: 'stand', sit: annSit.id }));
		lone.learn(tell(ann, { kind: 'ask', name: 'Ann' }), tell(eve, { kind: 'ask', name: 'Eve' }));
		const names = (): string[] => lone.peer.view().listeners.map(({ name }) => name);
		expect(names()).toEqual(['Ann', 'Eve']);
		wish(lone, { type: 'queue-order', order: 'heard-least' });
		expect(names()).toEqual(['Eve', 'Ann']);
		expect(lone.peer.view().listeners.map(({ spokenMs }) => spokenMs)).toEqual([0, 100]);
	});

	it('invites by itself whoever raises a hand where everyone may speak, and the followed where they may', () => {
		const { events, tell } = begun();
		const lone = chair(events);
		lone.feed({ type: 'follows', peers: [bob.peer] });
		lone.learn(tell(host, { kind: 'speakers', who: 'followed' }));
		lone.learn(tell(eve, { kind: 'ask', name: 'Eve' }), tell(bob, { kind: 'ask', name: 'Bob' }));
		const invited = (outputs: Outputs): PeerId[] =>
			drafts(outputs).flatMap((body) => (body.kind === 'invite' ? [body.to] : []));
		const out = lone.wait(300);
		expect(invited(out)).toEqual([bob.peer]);
		lone.sign(out);
		lone.learn(tell(host, { kind: 'speakers', who: 'everyone' }, 90));
		expect(invited(lone.wait(300))).toEqual([eve.peer]);
	});
});

it('a co-host frees the seats of speakers who vanished, where the host has vanished too', () => {
	const told = begun();
	told.seat(bob);
	told.name(bob);
	const lone = lonePeer(2);
	lone.learn(...told.events);
	lone.feed({ type: 'opened', peer: person(70).peer });
	const freed = (withHost: boolean): EventBody[] => {
		lone.feed({ type: withHost ? 'opened' : 'closed', peer: host.peer });
		const out: EventBody[] = [];
		for (let atMs = 0; atMs < 50_000; atMs += 500) {
			if (withHost) lone.beat(host.peer);
			lone.letIn(person(70).peer, 'parent');
			out.push(...drafts(lone.wait(500)));
		}
		return out;
	};
	expect(freed(true)).toEqual([]);
	expect(freed(false)).toEqual([{ kind: 'unseat', sit: told.annSit.id }]);
});

it('a co-host stands in for the host who does not answer hands', () => {
	const told = begun();
	const lone = listener(told.events, 4);
	lone.learn(told.tell(host, { kind: 'speakers', who: 'everyone' }));
	lone.learn(told.tell(eve, { kind: 'ask', name: 'Eve' }));
	const log = createLog(room);
	for (const event of told.events) log.add(event);
	const passing = (forMs: number): EventBody[] => {
		const out: EventBody[] = [];
		for (let atMs = 0; atMs < forMs; atMs += 500) {
			lone.beat(host.peer);
			out.push(...drafts(lone.wait(500)));
		}
		return out;
	};
	// It does not know yet whether it has said anything before: a number used twice would cost the certificate.
	expect(passing(6_000)).toEqual([]);
	lone.control(host.peer, { type: 'log-summary', summary: log.summary() });
	expect(passing(1_000)).toEqual([{ kind: 'invite', to: eve.peer }]);
	lone.learn(told.tell(bob, { kind: 'ask', name: 'Bob' }));
	const invites = (forMs: number): EventBody[] =>
		passing(forMs).filter(({ kind }) => kind === 'invite');
	expect(invites(3_500)).toEqual([]);
	expect(invites(1_000)).toEqual([{ kind: 'invite', to: bob.peer }]);
});
