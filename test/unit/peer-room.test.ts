import { describe, expect, it } from 'vitest';
import { decodeRefusal, encodeKnock } from '#lib/p2p/wire/control.ts';
import { encodeHeartbeat, UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import { streamOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { NEIGHBOURS_REMEMBERED_MAX, PRESENCE_RATE } from '#lib/p2p/wire/limits.ts';
import { lonePeer, ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import {
	eventBy,
	host,
	nonce,
	opening,
	otherRoom,
	person,
	room,
	story,
	type Signed
} from './room-people.ts';

const child = person(7).peer;
const drops = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).drops;

function member(...events: readonly Signed[]): LonePeer {
	const lone = lonePeer(100);
	lone.learn(...(events.length === 0 ? [opening] : events));
	lone.attachTo(host.peer, [host.peer]);
	return lone;
}

/** Somebody's signed name. */
const here = (number: number, name = `Listener ${number}`): Signed =>
	eventBy(person(number), { sequence: 0, lamport: 5 }, { kind: 'here', name });

describe('entering a room', () => {
	it('asks the directory first, and knocks at whom it finds', () => {
		const lone = lonePeer(100);
		expect(lone.peer.view().phase).toBe('finding');
		const out = lone.feed({ type: 'members', contacts: [{ peer: child, addrs: ['/a'] }] });
		expect(ofType(out, 'open')).toEqual([
			{
				type: 'open',
				to: { peer: child, addrs: ['/a'] },
				want: 'parent',
				knock: encodeKnock({ room, want: 'parent', fanout: 2 })
			}
		]);
		expect(lone.peer.view().phase).toBe('attaching');
	});

	it('says after two searches without anybody that nobody is there', () => {
		const lone = lonePeer(100);
		lone.feed({ type: 'search-ended' });
		expect(lone.peer.view().phase).toBe('finding');
		lone.feed({ type: 'search-ended' });
		expect(lone.peer.view().phase).toBe('nobody-there');
	});

	it('is done when there is a source and the room is known; then others are told of us', () => {
		const lone = lonePeer(100);
		const attached = lone.attachTo(host.peer, [host.peer]);
		expect(ofType(attached, 'announce')).toEqual([]);
		const opened = lone.learn(opening);
		expect(ofType(opened, 'announce')).toHaveLength(1);
		expect(lone.peer.view()).toMatchObject({ phase: 'joined', title: 'Evening talk' });
	});

	it('begins with what this device remembers of it', () => {
		const told = story();
		told.seat(person(2));
		const lone = lonePeer(100, { saved: told.events });
		expect(lone.peer.view().stage.map((seat) => seat.peer)).toEqual([person(2).peer]);
		expect(lone.peer.view().phase).toBe('finding');
	});

	it('is reconnecting when the parent is lost', () => {
		const lone = member();
		lone.feed({ type: 'closed', peer: host.peer });
		expect(lone.peer.view().phase).toBe('reconnecting');
	});

	it('greets a new neighbour with our name and what our log looks like', () => {
		const lone = member();
		const greeting = told(lone.feed({ type: 'opened', peer: person(60).peer }), person(60).peer);
		expect(greeting.map(({ type }) => type)).toEqual(['hello', 'log-summary']);
	});
});

describe('a knock', () => {
	it('at another room, or that nobody can read, is refused without a way on', () => {
		const lone = member();
		const foreign = encodeKnock({ room: otherRoom, want: 'parent', fanout: 2 });
		for (const bytes of [foreign, new Uint8Array(0), new Uint8Array(1_000)]) {
			const [answer] = ofType(
				lone.feed({ type: 'knock', ticket: 4, from: child, bytes }),
				'refuse'
			);
			const refusal = answer && decodeRefusal(answer.refusal);
			expect(refusal).toEqual({ reason: 'other-room', candidates: [] });
		}
		expect(drops(lone).malformed).toBe(2);
	});

	it('is refused after we have left', () => {
		const lone = member();
		lone.feed({ type: 'leave' });
		const bytes = encodeKnock({ room, want: 'parent', fanout: 2 });
		expect(lone.feed({ type: 'knock', ticket: 4, from: child, bytes })).toMatchObject([
			{ type: 'refuse' }
		]);
	});
});

describe('a refusal that nobody can read', () => {
	it('is still a no', () => {
		const lone = lonePeer(100);
		lone.feed({ type: 'members', contacts: [{ peer: child, addrs: [] }] });
		lone.feed({ type: 'refused', peer: child, bytes: Uint8Array.of(9, 9) });
		expect(drops(lone).malformed).toBe(1);
		const again = ofType(lone.wait(1_000), 'open').map(({ to }) => to.peer);
		expect(again).toEqual([]);
	});
});

describe('leaving', () => {
	it('says goodbye, lets go of the sound, the microphone and the directory', () => {
		const told_ = story();
		const sit = told_.tell(host, { kind: 'sit', invite: null, name: host.name });
		const lone = member(...told_.events);
		const out = lone.feed({ type: 'leave' });
		expect(told(out, host.peer)).toMatchObject([{ type: 'bye' }]);
		expect(out.slice(1)).toEqual([
			{ type: 'play', input: { type: 'drop', stream: streamOf(sit.id) } },
			{ type: 'microphone', open: false },
			{ type: 'withdraw' },
			{ type: 'view' }
		]);
		expect(lone.peer.view().phase).toBe('left');
	});
});

describe('who is here', () => {
	it('is told up and down once a second where it changed', () => {
		const lone = member();
		lone.letIn(child, 'parent');
		const first = lone.wait(1_000);
		expect(told(first, host.peer)).toContainEqual(
			expect.objectContaining({ type: 'presence-up', count: 1 })
		);
		expect(told(first, child)).toContainEqual(
			expect.objectContaining({ type: 'presence-down', count: 1 })
		);
		lone.control(child, { type: 'presence-up', count: 3, kept: [], here: [] });
		const second = lone.wait(1_000);
		expect(told(second, host.peer).filter(({ type }) => type === 'presence-up')).toMatchObject([
			{ count: 4 }
		]);
		const beat = encodeHeartbeat({ stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED });
		lone.feed({ type: 'datagram', from: child, bytes: beat });
		expect(told(lone.wait(1_000), host.peer).filter(({ type }) => type === 'presence-up')).toEqual(
			[]
		);
	});

	it('is known by name once the signature was checked', () => {
		const lone = member();
		lone.letIn(child, 'parent');
		const name = here(7, 'Ida');
		const asked = lone.control(child, {
			type: 'presence-up',
			count: 1,
			kept: [],
			here: [name.bytes]
		});
		expect(lone.peer.view().listeners.map((one) => one.name)).not.toContain('Ida');
		lone.verify(asked);
		expect(lone.peer.view().listeners.map((one) => one.name)).toContain('Ida');
		expect(lone.peer.view().listenerCount).toBe(2);
	});

	it('is named once over a link, and then by its place in the list', () => {
		const lone = member();
		lone.letIn(child, 'parent');
		const ida = here(7, 'Ida');
		const otto = here(8, 'Otto');
		const named = { count: 2, kept: [], here: [ida.bytes, otto.bytes] };
		lone.verify(lone.control(child, { type: 'presence-up', ...named }));
		const names = () => lone.peer.view().listeners.map((one) => one.name);
		expect(names()).toEqual(expect.arrayContaining(['Ida', 'Otto']));
		const first = told(lone.wait(1_000), host.peer).find(({ type }) => type === 'presence-up');
		expect(first).toMatchObject({ count: 3, kept: [] });
		lone.control(child, { type: 'presence-up', count: 1, kept: [false, true], here: [] });
		expect(names()).not.toContain('Ida');
		expect(names()).toContain('Otto');
		const second = told(lone.wait(1_000), host.peer).find(({ type }) => type === 'presence-up');
		expect(second).toMatchObject({ count: 2, here: [] });
		expect(second).toHaveProperty('kept.length', 3);
		lone.control(child, { type: 'presence-up', count: 1, kept: [true, true], here: [] });
		expect(names()).not.toContain('Otto');
	});

	it('is not told by whoever is neither child nor parent', () => {
		const lone = member();
		lone.feed({ type: 'opened', peer: child });
		lone.control(child, { type: 'presence-up', count: 500, kept: [], here: [] });
		lone.control(child, { type: 'presence-down', hostAway: false, count: 500, kept: [], here: [] });
		expect(lone.peer.view().listenerCount).toBe(1);
	});

	it('is told anew to a child that comes back over the same link', () => {
		const lone = member();
		lone.letIn(child, 'parent');
		lone.wait(1_000);
		lone.control(child, { type: 'detach', reason: 'moved', candidates: [] });
		lone.control(child, { type: 'attach' });
		const out = lone.wait(1_000);
		expect(told(out, child).filter(({ type }) => type === 'presence-down')).toHaveLength(1);
	});

	it('is counted once where a new speaker still has its parent', () => {
		const told_ = story();
		told_.tell(host, { kind: 'sit', invite: null, name: host.name });
		const lone = lonePeer(100);
		lone.learn(...told_.events);
		lone.attachTo(child, [host.peer, child]);
		lone.wait(1_000);
		told_.seat(person(100));
		lone.learn(...told_.events);
		const reports = told(lone.wait(1_000), child).filter(({ type }) => type === 'presence-up');
		expect(reports).toMatchObject([{ count: 0, here: [] }]);
	});

	it('may be told so often and no more', () => {
		const lone = member();
		lone.letIn(child, 'parent');
		for (let count = 0; count < 100; count++) {
			lone.control(child, { type: 'presence-up', count, kept: [], here: [] });
		}
		expect(drops(lone).flood).toBe(100 - PRESENCE_RATE.burst);
	});
});

describe('what a peer remembers of its neighbours', () => {
	it('stays bounded, however many come and go', () => {
		const lone = member();
		for (let i = 0; i < 3 * NEIGHBOURS_REMEMBERED_MAX; i++) {
			const guest = person(500 + i).peer;
			lone.feed({ type: 'opened', peer: guest });
			lone.control(guest, { type: 'hello', addrs: ['/a'], here: new Uint8Array(0) });
			lone.control(guest, { type: 'presence-up', count: 1, kept: [], here: [] });
			lone.control(guest, { type: 'log-summary', summary: { count: 9, xor: '00'.repeat(8) } });
			lone.feed({ type: 'closed', peer: guest });
		}
		expect(lone.peer.diagnostics(lone.nowMs).links).toHaveLength(1);
		expect(lone.peer.view().listenerCount).toBe(1);
	});

	it('names a bounded number of sources in the counts of a stream', () => {
		const told_ = story();
		const sit = told_.tell(host, { kind: 'sit', invite: null, name: host.name });
		const lone = member(...told_.events);
		let last: PeerId = host.peer;
		for (let i = 0; i < 300; i++) {
			lone.control(last, { type: 'bye', candidates: [] });
			lone.feed({ type: 'failed', peer: host.peer });
			last = person(500 + i).peer;
			lone.nowMs += 2_000;
			lone.attachTo(last, [last]);
			lone.hear(last, i, streamOf(sit.id));
		}
		const [speaker] = lone.peer.diagnostics(lone.nowMs).speakers;
		expect(speaker?.received).toBe(300);
		expect(Object.keys(speaker?.from ?? {}).length).toBeLessThan(100);
	});
});

describe('a peer that opens the room', () => {
	it('tells the directory, and its own log begins with the opening', () => {
		const lone = lonePeer(0, { opening: { title: 'Talk', nonce, createdAtMs: 1 } });
		expect(lone.peer.envelopes()).toHaveLength(2);
		expect(lone.peer.view()).toMatchObject({ phase: 'joined', host: host.peer, title: 'Talk' });
	});
});
