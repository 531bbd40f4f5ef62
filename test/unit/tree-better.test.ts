import { UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import { describe, expect, it } from 'vitest';
import {
	BETTER_BY_MS,
	BETTER_LASTS_MS,
	HANDOVER_MS,
	PLACES_EVERY_MS,
	SWAP_PAUSE_MS,
	TRIAL_MS
} from '#lib/p2p/tree/timing.ts';
import { createTree, type TreeMessage, type TreeOutput } from '#lib/p2p/tree/tree.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	contact,
	HOST,
	listener,
	ME,
	moved,
	ofType,
	peer,
	plantAmongBackups,
	send,
	standsBy,
	START_MS,
	type TreeRig
} from './tree-rig.ts';

const path = (peers: readonly PeerId[], delayMs: number): TreeMessage => ({
	type: 'path',
	path: peers,
	delayMs,
	roots: [contact(1)]
});
const PARENT = peer(5);
const BACKUP = peer(6);
const ALL = [PARENT, BACKUP];
const NOWHERE = { x: 0, y: 0, height: 0, error: 1 };
const places = (fanout: number, free: number, floors: number, most = 0): TreeMessage => ({
	type: 'places',
	fanout,
	free,
	floors,
	most,
	spot: NOWHERE
});
const room = (free: number, fanout = 4): TreeMessage => places(fanout, free, free > 0 ? 0 : 1);

/** One beat of everybody in `alive`, with the round trip it shows. */
function beats(rig: TreeRig, alive: readonly PeerId[], rttMs: number): void {
	for (const from of alive) {
		const heartbeat = {
			stampMs: 1,
			echoMs: (rig.nowMs - rttMs) % 2 ** 32,
			heldMs: 0,
			...UNCOUNTED
		};
		rig.feed({ type: 'heard', from, heartbeat });
	}
}

/** Below number 5, to which the sound takes 100 ms; number 6 stands by, to which it takes `delayMs`. */
function beside(delayMs: number, free = 2): TreeRig {
	const rig = plantAmongBackups();
	rig.attach(PARENT, [HOST, PARENT]);
	rig.feed({ type: 'stage', peers: [HOST] });
	rig.feed({ type: 'contacts', contacts: [contact(6)] });
	standsBy(rig, rig.wait(500, [PARENT]), (who) => (who === HOST ? null : [HOST, who]));
	beats(rig, ALL, 40);
	rig.say(PARENT, path([HOST, PARENT], 100));
	rig.say(BACKUP, path([HOST, BACKUP], delayMs));
	rig.say(BACKUP, room(free));
	rig.wait(100, ALL);
	return rig;
}
const attaches = (outputs: readonly TreeOutput[]): PeerId[] =>
	ofType(outputs, 'send').flatMap(({ to, message }) => (message.type === 'attach' ? [to] : []));

/** It is looked at with the next tick. */
function bringsSound(rig: TreeRig, from: PeerId): TreeOutput[] {
	rig.feed({ type: 'heard', from, heartbeat: null, frames: true });
	return rig.wait(100, ALL);
}

describe('a better one that has taken us', () => {
	function onTrial(): TreeRig {
		const rig = beside(40);
		rig.wait(BETTER_LASTS_MS + 200, ALL);
		rig.say(BACKUP, { type: 'attached' });
		return rig;
	}

	it('is no parent before it has brought sound, whatever else it says', () => {
		const rig = onTrial();
		rig.wait(TRIAL_MS - 100, ALL);
		expect(rig.tree.parent).toBe(PARENT);
		expect(rig.tree.sourceOf(BACKUP)).toBe('all');
		bringsSound(rig, BACKUP);
		expect(rig.tree.parent).toBe(BACKUP);
	});

	it('and brings none while the parent does stays the backup it was', () => {
		const rig = onTrial();
		const out = rig.wait(TRIAL_MS + 200, ALL);
		expect(out).toEqual([moved(BACKUP), send(BACKUP, { type: 'stand-by' })]);
		expect(rig.tree.parent).toBe(PARENT);
		expect(rig.tree.backups).toEqual([BACKUP]);
	});

	it('is not taken as a child meanwhile', () => {
		const rig = onTrial();
		expect(rig.say(BACKUP, { type: 'attach' })).toMatchObject([
			{ to: BACKUP, message: { type: 'detach', reason: 'loop' } }
		]);
		bringsSound(rig, BACKUP);
		expect(rig.tree.parent).toBe(BACKUP);
		expect(rig.tree.children).toEqual([]);
	});

	it('and turns out to be below us is told that we have gone, and is nothing to us', () => {
		const rig = onTrial();
		const out = rig.say(BACKUP, path([HOST, PARENT, ME, BACKUP], 50));
		expect(out).toContainEqual(moved(BACKUP));
		bringsSound(rig, BACKUP);
		expect(rig.tree.parent).toBe(PARENT);
		expect(rig.tree.backups).toEqual([]);
	});

	it('takes the place of a parent that is lost meanwhile, at once', () => {
		const rig = onTrial();
		rig.feed({ type: 'closed', peer: PARENT });
		expect(rig.tree.parent).toBe(BACKUP);
	});

	it('takes it at once where nobody talks', () => {
		const rig = beside(40);
		for (let ms = 0; ms < BETTER_LASTS_MS + 200; ms += 100) {
			rig.nowMs += 100;
			beats(rig, ALL, 40);
			rig.feed({ type: 'tick' });
		}
		expect(rig.say(BACKUP, { type: 'attached' })).toContainEqual(moved(PARENT));
		expect(rig.tree.parent).toBe(BACKUP);
	});
});

describe('a backup by which the sound would come sooner', () => {
	it('is asked to be the parent when that has lasted', () => {
		const rig = beside(40);
		expect(attaches(rig.wait(BETTER_LASTS_MS - 200, ALL))).toEqual([]);
		expect(attaches(rig.wait(400, ALL))).toEqual([BACKUP]);
		expect(rig.tree.parent).toBe(PARENT);
	});

	it('takes its place, and the parent that of the backup', () => {
		const rig = beside(40);
		rig.wait(BETTER_LASTS_MS + 200, ALL);
		rig.say(BACKUP, { type: 'attached' });
		expect(bringsSound(rig, BACKUP)).toEqual([moved(PARENT), send(PARENT, { type: 'stand-by' })]);
		expect(rig.tree.parent).toBe(BACKUP);
		rig.say(PARENT, { type: 'standing-by' });
		expect(rig.tree.backups).toEqual([PARENT]);
	});

	it.each([
		['not by enough', () => beside(100 - BETTER_BY_MS + 2)],
		['without room', () => beside(40, 0)]
	])('is left alone %s', (_, setUp) => {
		const rig = setUp();
		expect(attaches(rig.wait(4 * BETTER_LASTS_MS, ALL))).toEqual([]);
	});

	it('is left alone where the parent is as good again in between', () => {
		const rig = beside(40);
		const asked: PeerId[] = [];
		for (let i = 0; i < 4; i++) {
			asked.push(...attaches(rig.wait(BETTER_LASTS_MS - 500, ALL)));
			rig.say(PARENT, path([HOST, PARENT], 40));
			asked.push(...attaches(rig.wait(100, ALL)));
			rig.say(PARENT, path([HOST, PARENT], 100));
		}
		expect(asked).toEqual([]);
	});

	it('that says no after all is not asked again at once', () => {
		const rig = beside(40);
		rig.wait(BETTER_LASTS_MS + 200, ALL);
		rig.say(BACKUP, { type: 'detach', reason: 'full', candidates: [] });
		expect(attaches(rig.wait(SWAP_PAUSE_MS - BETTER_LASTS_MS, ALL))).toEqual([]);
		expect(rig.tree.parent).toBe(PARENT);
		expect(rig.tree.backups).toEqual([BACKUP]);
	});
});

describe('room', () => {
	/** What it tells of its room, by receiver; the rig leaves that out elsewhere. */
	function tellingTree(fanout: number) {
		const tree = createTree(ME, fanout);
		let nowMs = START_MS;
		const feed = (input: Parameters<typeof tree.handle>[0]) =>
			ofType(tree.handle(input, nowMs), 'send')
				.filter(({ message }) => message.type === 'places')
				.map(({ to, message }) => ({ to, ...message }));
		feed({ type: 'contacts', contacts: [contact(5)] });
		feed({ type: 'opened', peer: PARENT });
		const first = feed({ type: 'message', from: PARENT, message: { type: 'attached' } });
		const adopt = (who: PeerId) => {
			const knock = { room: '00'.repeat(20) as never, want: 'parent', fanout: 2 } as const;
			feed({ type: 'message', from: PARENT, message: path([HOST, PARENT], 10) });
			feed({ type: 'knock', ticket: 1, from: who, knock });
			feed({ type: 'opened', peer: who });
		};
		const later = (forMs: number) => {
			nowMs += forMs;
			for (const { peer: from } of tree.links(nowMs))
				feed({ type: 'heard', from, heartbeat: null });
			return feed({ type: 'tick' });
		};
		return { feed, first, adopt, later };
	}

	it('is told to the parent when we come, and when it changes, at most once a second', () => {
		const { first, adopt, later } = tellingTree(1);
		expect(first).toMatchObject([
			{ to: PARENT, type: 'places', fanout: 1, free: 1, floors: 0, most: 0 }
		]);
		adopt(peer(7));
		expect(later(PLACES_EVERY_MS - 200)).toEqual([]);
		expect(later(200)).toMatchObject([{ to: PARENT, free: 0 }]);
		expect(later(PLACES_EVERY_MS)).toEqual([]);
	});

	it('is counted in floors: as many as to the nearest below', () => {
		const { feed, adopt, later } = tellingTree(1);
		adopt(peer(7));
		const tell = (floors: number) => {
			const message = places(2, 0, floors);
			const out = [...feed({ type: 'message', from: peer(7), message }), ...later(PLACES_EVERY_MS)];
			return out.filter(({ to }) => to === PARENT);
		};
		expect(tell(3)).toMatchObject([{ floors: 4 }]);
		expect(tell(0)).toMatchObject([{ floors: 1 }]);
		expect(tell(255)).toMatchObject([{ floors: 255 }]);
	});

	it('is where we send who looks for a place: to the child with the nearest first', () => {
		const rig = listener(3);
		for (const number of [7, 8, 9]) rig.adopt(peer(number));
		rig.say(peer(7), places(2, 0, 3));
		rig.say(peer(8), places(2, 0, 255));
		rig.say(peer(9), places(2, 1, 0));
		for (const asker of [11, 12, 13]) {
			const [answer] = ofType(rig.knock(peer(asker), 'parent'), 'refuse');
			expect(answer?.refusal.candidates.map((one) => one.peer)).toEqual([
				peer(9),
				peer(7),
				peer(8),
				HOST
			]);
		}
	});

	it('is made for who can carry others by a child that carries less than half as many', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		rig.say(peer(7), places(3, 3, 0));
		rig.say(peer(8), places(1, 1, 0));
		expect(ofType(rig.knock(peer(10), 'parent', 1), 'refuse')).toHaveLength(1);
		expect(ofType(rig.knock(peer(9), 'parent', 3), 'admit')).toHaveLength(1);
		rig.feed({ type: 'opened', peer: peer(9) });
		// Over the link it asks once more, before it has told what it carries.
		expect(rig.say(peer(9), { type: 'attach' })).toContainEqual(
			send(peer(9), { type: 'attached' })
		);
		rig.say(peer(9), places(3, 3, 0));
		const all = [HOST, peer(7), peer(8), peer(9)];
		expect(ofType(rig.wait(100, all), 'send')).toMatchObject([
			{ to: peer(8), message: { type: 'detach', reason: 'full' } }
		]);
		expect(rig.tree.children).toContain(peer(8));
		rig.wait(HANDOVER_MS, all);
		expect(rig.tree.children).toEqual([peer(7), peer(9)]);
	});

	it('is not made for two before the first has been made way for', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		rig.say(peer(8), places(0, 0, 255));
		rig.knock(peer(9), 'parent', 3);
		expect(ofType(rig.knock(peer(10), 'parent', 3), 'refuse')).toHaveLength(1);
	});
});
