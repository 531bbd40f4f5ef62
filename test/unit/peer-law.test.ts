/** What every peer makes of the law: who is out stays out, who is muted is silent, a room that ended is left. */
import { describe, expect, it } from 'vitest';
import type { Wish } from '#lib/p2p/peer/io.ts';
import { SCOPE_ALL } from '#lib/p2p/wire/act.ts';
import { decodeRefusal, encodeKnock, encodeRefusal } from '#lib/p2p/wire/control.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { LEVEL_SILENT } from '#lib/p2p/wire/packet.ts';
import { encodePull, tagOf } from '#lib/p2p/wire/repair.ts';
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
import { lonePeer, ofType, OPUS, soundOf, type LonePeer } from '../lib/lone-peer.ts';
import { host, person, room, story } from './room-people.ts';

const closed = (outputs: Outputs): PeerId[] => ofType(outputs, 'close').map(({ peer }) => peer);

function knock(lone: LonePeer, from: PeerId, want: 'parent' | 'mesh' | 'backup' = 'parent') {
	const bytes = encodeKnock({ room, want, fanout: 2 });
	return lone.feed({ type: 'knock', ticket: 7, from, bytes });
}

describe('somebody who is removed', () => {
	it('is silent at once, and its link is closed by whoever holds it', () => {
		const { events, tell, annStream } = begun();
		const lone = listener(events);
		lone.letIn(ann.peer, 'parent');
		const out = lone.learn(tell(host, remove(ann)));
		expect(ofType(out, 'play').map(({ input }) => input)).toContainEqual({
			type: 'drop',
			stream: annStream
		});
		expect(closed(out)).toEqual([ann.peer]);
		expect(lone.peer.view().stage.map(({ peer }) => peer)).toEqual([host.peer]);
		expect(lone.peer.diagnostics(lone.nowMs).children).toEqual([]);
	});

	it('is refused on return, for a reason of its own, whatever it wants', () => {
		const { events, tell } = begun();
		const lone = listener([...events, tell(cora, remove(eve))]);
		for (const want of ['parent', 'mesh', 'backup'] as const) {
			const [answer] = ofType(knock(lone, eve.peer, want), 'refuse');
			const refusal = decodeRefusal(answer?.refusal ?? new Uint8Array(0));
			expect(refusal).toEqual({ reason: 'removed', candidates: [] });
		}
	});

	it('is neither played, nor passed on, nor repaired', () => {
		const { events, tell, annStream } = begun();
		const lone = listener(events);
		lone.letIn(person(50).peer, 'parent');
		lone.hear(host.peer, 1, annStream);
		lone.learn(tell(host, remove(ann)));
		expect(ofType(soundOf(lone.hear(host.peer, 2, annStream)), 'play')).toEqual([]);
		expect(ofType(lone.hear(host.peer, 3, annStream), 'datagram')).toEqual([]);
		const entries = [{ tag: tagOf(annStream), seq: 1, bits: 1 }];
		const pull = encodePull({ leaseMs: 0, entries });
		const answer = lone.feed({ type: 'datagram', from: person(50).peer, bytes: pull });
		expect(ofType(answer, 'datagram')).toEqual([]);
	});

	it('is not listened to any more over a link that is still there', () => {
		const { events, tell } = begun();
		const lone = listener([...events, tell(host, remove(eve))]);
		expect(closed(lone.feed({ type: 'opened', peer: eve.peer }))).toEqual([eve.peer]);
		lone.control(eve.peer, { type: 'attach' });
		lone.hear(eve.peer, 1, begun().annStream);
		expect(lone.peer.diagnostics(lone.nowMs).drops.outcast).toBe(2);
	});

	it('is no parent any more: a backup takes its place', () => {
		const { events, tell } = begun();
		const lone = lonePeer(100);
		lone.learn(...events);
		lone.attachTo(eve.peer, [host.peer, eve.peer]);
		lone.backUp(person(60).peer, [host.peer, person(60).peer]);
		const out = lone.learn(tell(host, remove(eve)));
		expect(closed(out)).toEqual([eve.peer]);
		expect(lone.peer.diagnostics(lone.nowMs).parent).toBeNull();
		lone.control(person(60).peer, { type: 'attached' });
		expect(lone.peer.diagnostics(lone.nowMs).parent).toBe(person(60).peer);
	});

	it('is not tried as a parent either, whoever names it', () => {
		const { events, tell } = begun();
		const lone = lonePeer(100);
		lone.learn(...events, tell(host, remove(eve)));
		const out = lone.feed({ type: 'members', contacts: [{ peer: eve.peer, addrs: [] }] });
		const tried = ofType([...out, ...lone.wait(120_000)], 'open').map(({ to }) => to.peer);
		expect(tried).not.toContain(eve.peer);
	});

	it('says nothing that gossip passes on, and nobody is blamed for it', () => {
		const { events, tell } = begun();
		const lone = listener([...events, tell(host, remove(ann))]);
		expect(lone.peer.judge(tell(ann, { kind: 'ask', name: 'Ann' }))).toBe('ignore');
		expect(lone.peer.judge(tell(ann, { kind: 'end', words: 'Ha' }))).toBe('reject');
	});

	it('is let in again when it is readmitted', () => {
		const { events, tell } = begun();
		const lone = listener([...events, tell(host, remove(eve))]);
		lone.learn(tell(host, { kind: 'readmit', who: eve.peer }));
		expect(ofType(knock(lone, eve.peer), 'admit')).toHaveLength(1);
	});

	it('leaves by itself, and knows why', () => {
		const { events, tell } = begun();
		const lone = listener(events, 2);
		lone.letIn(person(50).peer, 'parent');
		const out = lone.learn(tell(host, remove(bob)));
		expect(ofType(out, 'view')).not.toEqual([]);
		expect(lone.peer.view().phase).toBe('removed');
		lone.wait(2_000);
		expect(lone.peer.left).toBe(true);
		expect(lone.peer.view().phase).toBe('removed');
	});

	it('who comes back asks all the same, for it may have been let in again', () => {
		const { events, tell } = begun();
		const gone = tell(host, remove(bob));
		const lone = lonePeer(2, { saved: [...events, gone] });
		expect(lone.peer.view().phase).toBe('removed');
		lone.feed({ type: 'members', contacts: [{ peer: host.peer, addrs: [] }] });
		lone.learn(tell(host, { kind: 'readmit', who: bob.peer }));
		lone.attachTo(host.peer, [host.peer]);
		expect(lone.peer.view().phase).toBe('joined');
	});

	it('who remembers nothing learns it at the door', () => {
		const lone = lonePeer(2);
		lone.feed({ type: 'members', contacts: [{ peer: host.peer, addrs: [] }] });
		const refusal = encodeRefusal({ reason: 'removed', candidates: [] });
		lone.feed({ type: 'refused', peer: host.peer, bytes: refusal });
		expect(lone.peer.view().phase).toBe('removed');
	});
});

describe('a microphone', () => {
	function speaker() {
		const told = begun();
		const lone = lonePeer(1);
		lone.learn(...told.events);
		lone.feed({ type: 'opened', peer: host.peer });
		lone.sign(wish(lone, { type: 'unmute' }));
		return { ...told, lone };
	}

	it('that is muted by another is closed, and opened again by its owner alone', () => {
		const { lone, tell, annSit } = speaker();
		expect(lone.peer.view().me.muted).toBe(false);
		const mute = tell(cora, { kind: 'mute', sit: annSit.id }, 40);
		expect(ofType(lone.learn(mute), 'microphone')).toEqual([{ type: 'microphone', open: false }]);
		// Whoever muted is no co-host, and never was.
		lone.learn(tell(host, { kind: 'unname-cohost', who: cora.peer, seen: 0 }));
		expect(lone.peer.view().me.muted).toBe(true);
		lone.sign(wish(lone, { type: 'unmute' }));
		expect(lone.peer.view().me.muted).toBe(false);
	});

	it('that its owner closes and opens again at once is open', () => {
		const { lone } = speaker();
		const both = [...wish(lone, { type: 'mute' }), ...wish(lone, { type: 'unmute' })];
		lone.sign(both);
		expect(lone.peer.view().me.muted).toBe(false);
	});

	it('stays closed while the floor is held, and the wish to open it is refused', () => {
		const { lone, tell, annSit } = speaker();
		lone.learn(tell(host, { kind: 'floor', held: true }, 40), tell(host, { kind: 'mute-all' }));
		expect(lone.peer.view().me).toMatchObject({ muted: true, heldDown: true });
		expect(drafts(wish(lone, { type: 'unmute' }))).toEqual([]);
		expect(lone.peer.view().refusal).toBe('floor-held');
		lone.learn(tell(host, { kind: 'floor', held: false }));
		expect(drafts(wish(lone, { type: 'unmute' }))).toEqual([
			{ kind: 'mic', sit: annSit.id, open: true }
		]);
	});

	it('of who ignores being muted is neither played nor passed on', () => {
		const { events, tell, annSit, annStream } = begun();
		const lone = listener(events);
		lone.letIn(person(50).peer, 'parent');
		const heard = (seq: number): number => {
			const out = lone.hear(host.peer, seq, annStream);
			return ofType(out, 'datagram').length;
		};
		expect(heard(1)).toBe(1);
		lone.learn(tell(host, { kind: 'mute', sit: annSit.id }));
		expect(heard(2)).toBe(0);
		expect(lone.peer.diagnostics(lone.nowMs).drops.silenced).toBe(1);
		lone.learn(tell(ann, { kind: 'mic', sit: annSit.id, open: true }));
		expect(heard(3)).toBe(1);
	});

	it('sends nothing after its seat was taken back', () => {
		const { lone, tell, annSit } = speaker();
		lone.learn(tell(host, { kind: 'unseat', sit: annSit.id }));
		const voice = lone.feed({ type: 'voice', seq: 1, level: LEVEL_SILENT - 50, opus: OPUS });
		expect(ofType(voice, 'prove')).toEqual([]);
		expect(lone.peer.view().me.role).toBe('listener');
	});
});

describe('a room that has ended', () => {
	it('is silent at once, says the last message, and is left a moment later', () => {
		const { events, tell } = begun();
		const lone = listener(events);
		lone.hear(host.peer, 1, begun().annStream);
		const out = lone.learn(tell(host, { kind: 'end', words: 'Good night' }));
		expect(ofType(out, 'play').filter(({ input }) => input.type === 'drop')).toHaveLength(2);
		expect(lone.peer.view()).toMatchObject({ phase: 'ended', ending: 'Good night', stage: [] });
		expect(lone.peer.left).toBe(false);
		lone.wait(4_000);
		expect(lone.peer.left).toBe(true);
		expect(lone.peer.view().phase).toBe('ended');
	});

	it('is not opened again by its host on return', () => {
		const { events, tell } = begun();
		const saved = [...events, tell(host, { kind: 'end', words: '' })];
		const lone = lonePeer(0, { saved });
		expect(drafts(lone.wait(5_000))).toEqual([]);
		expect(lone.peer.view().phase).toBe('ended');
	});
});

describe('a wish of a co-host', () => {
	function cohost() {
		const told = begun();
		const lone = listener(told.events, 4);
		return { ...told, lone };
	}

	it.each<[string, Wish, EventBody]>([
		['mute all', { type: 'mute-all' }, { kind: 'mute-all' }],
		['hold the floor', { type: 'floor', held: true }, { kind: 'floor', held: true }],
		['clear the queue', { type: 'clear' }, { kind: 'clear' }],
		['block', { type: 'remove', peer: eve.peer, block: true }, remove(eve, true)],
		['pin', { type: 'pin', text: 'Hi', link: '' }, { kind: 'pin', text: 'Hi', link: '' }]
	])('to %s is granted', (_, what, body) => {
		expect(drafts(wish(cohost().lone, what))).toEqual([body]);
	});

	it.each<[string, Wish, string]>([
		['to end the room', { type: 'end', words: '' }, 'not-host'],
		['to name another', { type: 'name-cohost', peer: ann.peer, powers: ['stage'] }, 'not-host'],
		['to remove the host', { type: 'remove', peer: host.peer, block: false }, 'outranked'],
		['to mute the host', { type: 'mute-one', peer: host.peer }, 'outranked'],
		['to readmit who is here', { type: 'readmit', peer: ann.peer }, 'not-removed'],
		['to pin nothing', { type: 'pin', text: ' ', link: '' }, 'empty'],
		['to pin what is no web address', { type: 'pin', text: 'x', link: 'data:x' }, 'empty'],
		['to decline a hand that is down', { type: 'lower', peer: eve.peer }, 'no-hand']
	])('%s is refused with the reason', (_, what, reason) => {
		const { lone } = cohost();
		expect(drafts(wish(lone, what))).toEqual([]);
		expect(lone.peer.view().refusal).toBe(reason);
	});

	it('is refused once what the certificate covers is used up', () => {
		const told = story();
		told.tell(host, {
			kind: 'name-cohost',
			to: cora.peer,
			scope: SCOPE_ALL,
			through: 1,
			untilMs: 0
		});
		const lone = listener(told.events, 4);
		expect(lone.peer.view().me.powers).toEqual(['stage', 'sound', 'people', 'room']);
		lone.sign(wish(lone, { type: 'mute-all' }));
		expect(lone.peer.view().me).toMatchObject({ powers: [], cohost: true });
		wish(lone, { type: 'mute-all' });
		expect(lone.peer.view().refusal).toBe('expired');
	});
});

describe('who comes back after a removal', () => {
	it('that it has missed, and still sits in its own eyes, is shown that it is out', () => {
		const { events } = begun();
		const lone = lonePeer(1, { saved: events });
		lone.wait(200);
		expect(lone.peer.view().phase).toBe('joined');
		const bytes = encodeRefusal({ reason: 'removed', candidates: [] });
		lone.feed({ type: 'refused', peer: host.peer, bytes });
		expect(lone.peer.view().phase).toBe('removed');
		lone.feed({ type: 'opened', peer: host.peer });
		lone.wait(200);
		expect(lone.peer.view().phase).toBe('joined');
	});

	it('is known by name to whoever comes later', () => {
		const room = begun();
		room.tell(host, remove(ann));
		const lone = listener(room.events, 102);
		expect(lone.peer.view().removed).toMatchObject([{ peer: ann.peer, name: ann.name }]);
		// From a neighbour what the host has said comes first.
		const byHost = room.events.filter(({ author }) => author === host.peer);
		const later = lonePeer(103);
		later.learn(...byHost);
		expect(later.peer.view().removed).toMatchObject([{ peer: ann.peer, name: '' }]);
		later.learn(...room.events.filter(({ author }) => author !== host.peer));
		later.wait(200);
		expect(later.peer.view().removed).toMatchObject([{ peer: ann.peer, name: ann.name }]);
	});
});
