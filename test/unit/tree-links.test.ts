import { UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import { describe, expect, it } from 'vitest';
import {
	BEAT_INTERVAL_MS,
	IDLE_LINK_MS,
	LEAVE_GRACE_MS,
	QUEUE_MAX,
	RETRY_FAILED_MS
} from '#lib/p2p/tree/timing.ts';
import type { TreeInput } from '#lib/p2p/tree/io.ts';
import { newState, learnContact } from '#lib/p2p/tree/state.ts';
import { avoid, enqueue } from '#lib/p2p/tree/search.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { CONTACTS_MAX } from '#lib/p2p/wire/limits.ts';
import {
	contact,
	HOST,
	listener,
	ME,
	ofType,
	peer,
	plant,
	send,
	type TreeRig
} from './tree-rig.ts';

/** The next heartbeat to `number`. */
function beatTo(rig: TreeRig, number: number) {
	rig.nowMs += BEAT_INTERVAL_MS;
	const beats = ofType(rig.feed({ type: 'tick' }), 'beat').filter(({ to }) => to === peer(number));
	return beats[0]?.heartbeat;
}

/** Heartbeats to each of those, who all answer, while that comes ten times a second. */
function beatsIn4s(rig: TreeRig, others: readonly PeerId[], sound: TreeInput | null): number[] {
	const beats = new Map(others.map((each) => [each, 0]));
	for (let i = 0; i < 40; i++) {
		rig.nowMs += 100;
		if (sound !== null) rig.feed(sound);
		for (const { to } of ofType(rig.feed({ type: 'tick' }), 'beat')) {
			beats.set(to, (beats.get(to) ?? 0) + 1);
		}
		for (const from of others) {
			const echoMs = (rig.nowMs - 40) % 2 ** 32;
			const heartbeat = { stampMs: 1, echoMs, heldMs: 0, ...UNCOUNTED };
			rig.feed({ type: 'heard', from, heartbeat });
		}
	}
	return others.map((each) => beats.get(each) ?? 0);
}

describe('a heartbeat', () => {
	it('goes over every open link four times a second', () => {
		const rig = listener();
		rig.adopt(peer(7));
		rig.knock(peer(8), 'parent');
		let beats = 0;
		for (let i = 0; i < 20; i++) {
			rig.nowMs += 50;
			const out = ofType(rig.feed({ type: 'tick' }), 'beat');
			beats += out.length;
			expect(out.map(({ to }) => to)).not.toContain(peer(8));
		}
		expect(beats).toBe(2 * (1_000 / BEAT_INTERVAL_MS));
	});

	it('goes more seldom once the round trip is known: up once a second, down less often where sound flows', () => {
		const rig = listener();
		rig.adopt(peer(7));
		const sound: TreeInput = { type: 'heard', from: HOST, heartbeat: null };
		const both = [HOST, peer(7)];
		beatsIn4s(rig, both, sound);
		expect(beatsIn4s(rig, both, sound)).toEqual([4, 3]);
		const [up, down] = beatsIn4s(rig, both, null);
		expect(up).toBe(4);
		expect(down).toBeGreaterThan(12);
	});

	it.each<[string, TreeInput]>([
		['its own voice', { type: 'spoke' }],
		['what another says', { type: 'heard', from: peer(5), heartbeat: null, frames: true }]
	])(
		'of a speaker goes down seldom too while %s does, and as often as ever to another',
		(_, sound) => {
			const rig = plant();
			rig.feed({ type: 'stage', peers: [ME, peer(5)] });
			rig.feed({ type: 'opened', peer: peer(5) });
			rig.adopt(peer(7));
			const both = [peer(5), peer(7)];
			beatsIn4s(rig, both, sound);
			const [across, down] = beatsIn4s(rig, both, sound);
			expect(across).toBeGreaterThan(12);
			expect(down).toBe(3);
			expect(beatsIn4s(rig, both, null)[1]).toBeGreaterThan(12);
		}
	);

	it('brings the other side its stamp back, with the time it was held', () => {
		const rig = listener();
		const heartbeat = { stampMs: 777, echoMs: 0, heldMs: 0, ...UNCOUNTED };
		rig.feed({ type: 'heard', from: HOST, heartbeat });
		expect(beatTo(rig, 1)).toEqual({
			stampMs: rig.nowMs % 2 ** 32,
			echoMs: 777,
			heldMs: BEAT_INTERVAL_MS,
			...UNCOUNTED
		});
	});

	it('measures the round trip without the time it was held', () => {
		const rig = listener();
		const stampMs = beatTo(rig, 1)?.stampMs ?? 0;
		rig.nowMs += 150;
		const heartbeat = { stampMs: 5, echoMs: stampMs, heldMs: 110, ...UNCOUNTED };
		rig.feed({ type: 'heard', from: HOST, heartbeat });
		expect(rig.tree.links(rig.nowMs)[0]?.rttMs).toBe(40);
		rig.feed({ type: 'heard', from: HOST, heartbeat: { ...heartbeat, heldMs: 70 } });
		expect(rig.tree.links(rig.nowMs)[0]?.rttMs).toBe(45);
	});

	it.each([
		['that was held longer than it was on the way', { echoMs: 1_000_000, heldMs: 60_000 }],
		['from the future', { echoMs: 1_000_900, heldMs: 0 }],
		['from a minute ago', { echoMs: 900_000, heldMs: 0 }]
	])('measures nothing by a stamp %s', (_, lie) => {
		const rig = listener();
		rig.feed({ type: 'heard', from: HOST, heartbeat: { stampMs: 5, ...UNCOUNTED, ...lie } });
		expect(rig.tree.links(rig.nowMs)[0]?.rttMs).toBeNull();
	});

	it('of somebody without a link is nothing', () => {
		const rig = plant();
		const heartbeat = { stampMs: 5, echoMs: 9, heldMs: 0, ...UNCOUNTED };
		expect(rig.feed({ type: 'heard', from: peer(7), heartbeat })).toEqual([]);
		expect(rig.tree.links(rig.nowMs)).toEqual([]);
	});
});

describe('a link', () => {
	it('that serves nothing is closed after a while', () => {
		const rig = listener();
		rig.feed({ type: 'opened', peer: peer(7) });
		const both = [HOST, peer(7)];
		expect(rig.wait(IDLE_LINK_MS, both)).toEqual([]);
		expect(rig.wait(200, both)).toEqual([{ type: 'close', peer: peer(7) }]);
	});

	it('that closes while we wait for its answer frees the attempt', () => {
		const rig = plant();
		rig.feed({ type: 'opened', peer: peer(5) });
		rig.feed({ type: 'contacts', contacts: [contact(5), contact(6)] });
		expect(ofType(rig.feed({ type: 'closed', peer: peer(5) }), 'open')).toHaveLength(1);
	});

	it('that the other side closes just as we ask over it is made anew, once', () => {
		const rig = plant();
		const knocked = { type: 'open', to: contact(5), want: 'parent' };
		rig.feed({ type: 'opened', peer: peer(5) });
		rig.feed({ type: 'contacts', contacts: [contact(5)] });
		expect(rig.feed({ type: 'closed', peer: peer(5) })).toContainEqual(knocked);
		rig.feed({ type: 'opened', peer: peer(5) });
		rig.feed({ type: 'closed', peer: peer(5) });
		rig.feed({ type: 'contacts', contacts: [contact(5)] });
		expect(ofType(rig.wait(RETRY_FAILED_MS - 200), 'open')).not.toContainEqual(knocked);
	});

	it('that was never open closes without consequences', () => {
		const rig = listener();
		expect(rig.feed({ type: 'closed', peer: peer(7) })).toEqual([]);
		expect(rig.feed({ type: 'failed', peer: peer(7) })).toEqual([]);
		expect(rig.feed({ type: 'refused', peer: peer(7), refusal: null })).toEqual([]);
		expect(rig.tree.parent).toBe(HOST);
	});

	it('says goodbye on all sides when we leave, with a way out for the children', () => {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(5)]);
		rig.adopt(peer(7));
		const above = { peer: peer(5), addrs: [] };
		const bye = { type: 'bye', candidates: [above, contact(1)] } as const;
		expect(rig.feed({ type: 'leave' })).toEqual([send(peer(7), bye)]);
		expect(rig.tree.left).toBe(false);
		expect(rig.tree.children).toEqual([peer(7)]);
		const moved = { type: 'detach', reason: 'moved', candidates: [] } as const;
		expect(rig.say(peer(7), moved)).toEqual([send(peer(5), bye)]);
		expect(rig.tree.left).toBe(true);
	});

	it('carries nobody on for ever who does not move', () => {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(5)]);
		rig.adopt(peer(7));
		rig.feed({ type: 'leave' });
		const both = [peer(5), peer(7)];
		expect(rig.wait(LEAVE_GRACE_MS - 100, both)).toEqual([]);
		expect(rig.tree.left).toBe(false);
		expect(ofType(rig.wait(100, both), 'send').map(({ to }) => to)).toEqual([peer(5)]);
		expect(rig.tree.left).toBe(true);
	});
});

describe('what a tree remembers', () => {
	const many = Array.from({ length: 3 * CONTACTS_MAX }, (_, i) => contact(i));

	it('is bounded: contacts, places to try and places to avoid', () => {
		const state = newState(ME, 2);
		for (const one of many) {
			learnContact(state, one);
			avoid(state, one.peer, 1);
		}
		enqueue(state, many, 'last');
		expect(state.contacts.size).toBe(CONTACTS_MAX);
		expect(state.avoid.size).toBe(CONTACTS_MAX);
		expect(state.queue).toHaveLength(QUEUE_MAX);
	});

	it('loses the oldest first', () => {
		const state = newState(ME, 2);
		for (const one of many) learnContact(state, one);
		expect(state.contacts.has(peer(0))).toBe(false);
		expect(state.contacts.has(many.at(-1)?.peer ?? ME)).toBe(true);
	});

	it('keeps an address where somebody names the peer without one', () => {
		const state = newState(ME, 2);
		learnContact(state, contact(5));
		learnContact(state, { peer: peer(5), addrs: [] });
		expect(state.contacts.get(peer(5))?.addrs).toEqual(contact(5).addrs);
	});

	it('does not hold ourselves', () => {
		const state = newState(ME, 2);
		learnContact(state, contact(100));
		enqueue(state, [contact(100)], 'first');
		expect([state.contacts.size, state.queue.length]).toEqual([0, 0]);
	});
});
