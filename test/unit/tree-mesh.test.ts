import { describe, expect, it } from 'vitest';
import {
	ATTEMPT_MS,
	IDLE_LINK_MS,
	LINK_DEAD_MS,
	MESH_PATIENCE_MS,
	MESH_RETRY_MAX_MS,
	MESH_RETRY_MIN_MS,
	MESH_STABLE_MS,
	MESH_UNREACHED_MS,
	STRANDED_MS
} from '#lib/p2p/tree/timing.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	contact,
	HOST,
	listener,
	ME,
	moved,
	ofType,
	peer,
	plant,
	send,
	speaker,
	type TreeRig
} from './tree-rig.ts';

const bare = (number: number) => ({
	type: 'open',
	to: { peer: peer(number), addrs: [] },
	want: 'mesh'
});
const stage = (rig: TreeRig, ...peers: readonly PeerId[]) => rig.feed({ type: 'stage', peers });

describe('who steps on stage', () => {
	it('opens a link to each who was there before', () => {
		const rig = plant();
		expect(stage(rig, HOST, peer(2), ME)).toEqual([bare(1), bare(2)]);
	});

	it('uses links that are there', () => {
		const rig = listener();
		expect(stage(rig, HOST, peer(2), ME)).toContainEqual(bare(2));
		expect(rig.tree.mesh).toEqual([HOST]);
	});

	it('keeps its parent until it hears everybody directly, and then tells it', () => {
		const rig = plant();
		rig.attach(peer(7), [HOST, peer(7)]);
		stage(rig, HOST, peer(2), ME);
		rig.feed({ type: 'opened', peer: HOST });
		expect(rig.tree.parent).toBe(peer(7));
		expect(rig.tree.sourceOf(peer(7))).toBe('all');
		expect(rig.tree.sourceOf(HOST)).toBe('own');
		expect(rig.tree.sourceOf(peer(8))).toBe('none');
		expect(rig.feed({ type: 'opened', peer: peer(2) })).toEqual([moved(peer(7))]);
		expect(rig.tree.parent).toBeNull();
		expect(rig.tree.mesh).toEqual([HOST, peer(2)]);
	});

	it('does not wait for ever for one it cannot reach, as long as it reaches any', () => {
		const late = [MESH_UNREACHED_MS + 200, MESH_UNREACHED_MS - 200] as const;
		const parents = late.map((forMs) => {
			const rig = plant();
			rig.attach(peer(7), [HOST, peer(7)]);
			stage(rig, HOST, peer(2), ME);
			rig.feed({ type: 'opened', peer: HOST });
			rig.wait(forMs, [peer(7), HOST]);
			return rig.tree.parent;
		});
		expect(parents).toEqual([null, peer(7)]);
		const alone = plant();
		alone.attach(peer(7), [HOST, peer(7)]);
		stage(alone, HOST, peer(2), ME);
		alone.wait(2 * MESH_UNREACHED_MS, [peer(7)]);
		expect(alone.tree.parent).toBe(peer(7));
	});

	it('is a root for its children from that moment', () => {
		const rig = listener();
		rig.adopt(peer(7));
		const [told] = ofType(stage(rig, HOST, ME), 'send').filter(({ to }) => to === peer(7));
		expect(told?.message).toMatchObject({ type: 'path', path: [ME], delayMs: 0 });
	});

	it('ends its search for a parent', () => {
		const rig = plant();
		rig.feed({ type: 'contacts', contacts: [contact(5)] });
		expect(stage(rig, ME)).toEqual([{ type: 'close', peer: peer(5) }]);
	});

	it('keeps a knock at somebody who is on stage too: the link is wanted all the same', () => {
		const rig = plant();
		rig.feed({ type: 'contacts', contacts: [contact(1)] });
		expect(ofType(stage(rig, HOST, ME), 'close')).toEqual([]);
		rig.feed({ type: 'opened', peer: HOST });
		expect(rig.say(HOST, { type: 'attached' })).toEqual([moved(HOST)]);
		expect(rig.tree.parent).toBeNull();
		expect(rig.tree.mesh).toEqual([HOST]);
	});
});

describe('a link between speakers', () => {
	it('is left to who came later, for a while', () => {
		const rig = speaker(2);
		expect(stage(rig, HOST, ME, peer(5))).toEqual([]);
		expect(ofType(rig.wait(MESH_PATIENCE_MS - 100, [HOST]), 'open')).toEqual([]);
		expect(ofType(rig.wait(200, [HOST]), 'open')).toEqual([bare(5)]);
	});

	it('that breaks is opened again soon', () => {
		const rig = speaker(2);
		rig.feed({ type: 'closed', peer: HOST });
		expect(ofType(rig.wait(MESH_RETRY_MIN_MS - 100), 'open')).toEqual([]);
		expect(ofType(rig.wait(100), 'open')).toEqual([bare(1)]);
	});

	it('that breaks again and again is opened ever less often', () => {
		const rig = speaker(2);
		const opens = (forMs: number): number => {
			let count = 0;
			for (let leftMs = forMs; leftMs > 0; leftMs -= 100) {
				for (const { to, want } of ofType(rig.wait(100), 'open')) {
					if (want === 'mesh') count++;
					rig.feed({ type: 'opened', peer: to.peer });
					rig.feed({ type: 'closed', peer: to.peer });
				}
			}
			return count;
		};
		rig.feed({ type: 'closed', peer: HOST });
		opens(30_000);
		expect(opens(10 * MESH_RETRY_MAX_MS)).toBeLessThanOrEqual(10);
	});

	it('that has lasted is again opened soon when it breaks', () => {
		const rig = speaker(2);
		for (let i = 0; i < 5; i++) {
			rig.feed({ type: 'closed', peer: HOST });
			rig.feed({ type: 'opened', peer: HOST });
		}
		rig.wait(MESH_STABLE_MS + 100, [HOST]);
		rig.feed({ type: 'closed', peer: HOST });
		expect(ofType(rig.wait(MESH_RETRY_MIN_MS), 'open')).toEqual([bare(1)]);
	});

	it('that comes to nothing is tried again after growing pauses, with one try at a time', () => {
		const rig = plant();
		stage(rig, HOST, ME);
		const triedAt: number[] = [];
		const startMs = rig.nowMs;
		for (let i = 0; i < 200; i++) {
			const tries = ofType(rig.wait(100), 'open').filter(({ want }) => want === 'mesh');
			for (const { to } of tries) {
				triedAt.push(rig.nowMs - startMs);
				rig.feed({ type: 'failed', peer: to.peer });
			}
			if (i === 0) rig.feed({ type: 'failed', peer: HOST });
		}
		expect(triedAt).toEqual([400, 1_000, 2_200, 4_600, 9_400, 17_400]);
	});

	it('without any outcome is tried again as well', () => {
		const rig = plant();
		stage(rig, HOST, ME);
		const tries = ofType(rig.wait(ATTEMPT_MS + MESH_RETRY_MIN_MS + 200), 'open');
		expect(tries.filter(({ want }) => want === 'mesh')).toEqual([bare(1)]);
	});

	it('that is silent is closed, and opened again', () => {
		const rig = speaker(2);
		const out = rig.wait(LINK_DEAD_MS + MESH_RETRY_MIN_MS + 200);
		expect(out).toEqual(expect.arrayContaining([{ type: 'close', peer: HOST }, bare(1)]));
	});

	it('to somebody who left the stage is of no more use, and closed when that has settled', () => {
		const rig = speaker(3);
		stage(rig, HOST, ME);
		const both = [HOST, peer(2)];
		expect(rig.wait(IDLE_LINK_MS, both)).toEqual([]);
		expect(rig.wait(200, both)).toEqual([{ type: 'close', peer: peer(2) }]);
	});
});

describe('who leaves the stage', () => {
	it('asks those it is linked with to be its parent, without a new link', () => {
		const rig = speaker(3);
		expect(stage(rig, HOST, peer(2))).toEqual([send(HOST, { type: 'attach' })]);
	});

	it('tells its children that it has no source until it is attached', () => {
		const rig = speaker(2);
		rig.adopt(peer(7));
		const told = ofType(stage(rig, HOST), 'send').filter(({ to }) => to === peer(7));
		expect(told.map(({ message }) => message)).toMatchObject([{ type: 'path', path: [] }]);
		rig.say(HOST, { type: 'attached' });
		const out = rig.say(HOST, { type: 'path', path: [HOST], delayMs: 5, roots: [] });
		expect(ofType(out, 'send').at(-1)).toMatchObject({
			to: peer(7),
			message: { type: 'path', path: [HOST, ME] }
		});
	});
});

describe('a speaker who reaches no other speaker', () => {
	it('looks for a parent after a while: its word of the stage may be long out of date', () => {
		const rig = plant();
		stage(rig, HOST, ME);
		const parents = (forMs: number) =>
			ofType(rig.wait(forMs), 'open').filter(({ want }) => want === 'parent');
		expect(parents(STRANDED_MS)).toEqual([]);
		expect(parents(200)).toEqual([{ ...bare(1), want: 'parent' }]);
		rig.feed({ type: 'failed', peer: HOST });
		rig.feed({ type: 'contacts', contacts: [contact(6)] });
		expect(parents(1_000)).toEqual([]);
		rig.feed({ type: 'opened', peer: peer(6) });
		expect(rig.say(peer(6), { type: 'attached' })).toEqual([]);
		expect(rig.tree.parent).toBe(peer(6));
	});

	it('does not where it is the only one on stage', () => {
		const rig = plant();
		stage(rig, ME);
		expect(rig.wait(10 * STRANDED_MS)).toEqual([]);
	});

	it('does not where it reaches one of them', () => {
		const rig = speaker(3);
		rig.feed({ type: 'closed', peer: peer(2) });
		expect(ofType(rig.wait(10 * STRANDED_MS, [HOST]), 'find')).toEqual([]);
	});
});
