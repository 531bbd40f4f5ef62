import { describe, expect, it } from 'vitest';
import {
	GRAFT_SUSPECT_MS,
	HANDOVER_MS,
	LEAVE_GRACE_MS,
	LINK_DEAD_MS,
	ORPHAN_PATIENCE_MS,
	PARENT_SUSPECT_MS,
	PATH_REFRESH_MS,
	ROUND_MS
} from '#lib/p2p/tree/timing.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { PATH_MAX } from '#lib/p2p/wire/limits.ts';
import {
	contact,
	HOST,
	listener,
	ME,
	moved,
	ofType,
	open,
	peer,
	plant,
	send,
	type TreeRig
} from './tree-rig.ts';

/** Below number 5, which is below the host. */
function grandchild(): TreeRig {
	const rig = plant();
	rig.attach(peer(5), [HOST, peer(5)]);
	return rig;
}

const path = (...peers: readonly ReturnType<typeof peer>[]) =>
	({ type: 'path', path: peers, delayMs: 10, roots: [contact(1)] }) as const;

describe('a parent', () => {
	it('is heard by its yes, though its link served nothing and was silent so far', () => {
		const rig = plant();
		rig.feed({ type: 'opened', peer: peer(9) });
		rig.feed({ type: 'contacts', contacts: [contact(9), contact(10), contact(11)] });
		const out = rig.wait(PARENT_SUSPECT_MS + 400);
		expect(out.filter((one) => one.type === 'open')).toEqual([open(10)]);
		const after = [...rig.say(peer(9), { type: 'attached' }), ...rig.wait(100)];
		expect(ofType(after, 'open')).toEqual([]);
		expect(ofType(after, 'close').map((one) => one.peer)).toEqual([peer(10)]);
	});

	it('tells where the sound comes from, and its children learn it from us', () => {
		const rig = grandchild();
		rig.adopt(peer(7));
		expect(rig.tree.path).toEqual([HOST, peer(5), ME]);
		const told = rig.say(peer(5), path(HOST, peer(6), peer(5)));
		expect(told).toEqual([
			send(peer(7), { type: 'path', path: [HOST, peer(6), peer(5), ME], delayMs: 10 })
		]);
	});

	it('that is silent is kept while another is looked for', () => {
		const rig = grandchild();
		rig.wait(ROUND_MS, [peer(5)]);
		const out = rig.wait(GRAFT_SUSPECT_MS + 100);
		expect(out).toEqual([open(1)]);
		expect(rig.tree.parent).toBe(peer(5));
	});

	it('that is heard again ends the search', () => {
		const rig = grandchild();
		rig.wait(ROUND_MS, [peer(5)]);
		rig.wait(GRAFT_SUSPECT_MS + 100);
		rig.feed({ type: 'heard', from: peer(5), heartbeat: null });
		expect(rig.wait(100)).toEqual([{ type: 'close', peer: HOST }]);
		expect(rig.tree.parent).toBe(peer(5));
	});

	it('is left, and told so, once another has said yes', () => {
		const rig = grandchild();
		rig.wait(ROUND_MS, [peer(5)]);
		rig.wait(GRAFT_SUSPECT_MS + 100);
		rig.feed({ type: 'opened', peer: HOST });
		expect(rig.say(HOST, { type: 'attached' })).toEqual([moved(peer(5))]);
		expect(rig.tree.parent).toBe(HOST);
	});

	it('that stays silent is given up', () => {
		const rig = grandchild();
		expect(rig.wait(LINK_DEAD_MS + 100)).toContainEqual({ type: 'close', peer: peer(5) });
		expect(rig.tree.parent).toBeNull();
	});

	it('without a source is given time to find one, and then left for another', () => {
		const rig = grandchild();
		rig.say(peer(5), path());
		expect(rig.wait(ORPHAN_PATIENCE_MS, [peer(5)])).toEqual([]);
		expect(rig.wait(200, [peer(5)])).toEqual([open(1)]);
		expect(rig.tree.parent).toBe(peer(5));
	});

	it('that found a source again is kept', () => {
		const rig = grandchild();
		rig.say(peer(5), path());
		rig.wait(1_000, [peer(5)]);
		rig.say(peer(5), path(HOST, peer(6), peer(5)));
		expect(rig.wait(2 * ORPHAN_PATIENCE_MS, [peer(5)])).toEqual([]);
	});

	it('that says yes and then nothing of its source is no parent for long', () => {
		const rig = plant();
		rig.feed({ type: 'contacts', contacts: [contact(5), contact(6)] });
		rig.feed({ type: 'opened', peer: peer(5) });
		rig.say(peer(5), { type: 'attached' });
		expect(ofType(rig.wait(ORPHAN_PATIENCE_MS + 200, [peer(5)]), 'open')).toEqual([open(6)]);
	});

	it('that has us above itself is left at once: a circle', () => {
		const rig = grandchild();
		const out = rig.say(peer(5), path(HOST, ME, peer(5)));
		expect(out).toEqual([moved(peer(5)), open(1)]);
		expect(rig.tree.parent).toBeNull();
	});

	it('that is too deep is left as if there were a circle', () => {
		const rig = grandchild();
		const deep = Array.from({ length: PATH_MAX }, (_, i) => peer(200 + i));
		rig.say(peer(5), path(...deep));
		expect(rig.tree.parent).toBeNull();
	});

	it('that says goodbye has said where to go, and is not asked again', () => {
		const rig = grandchild();
		const out = rig.say(peer(5), { type: 'bye', candidates: [contact(8), contact(9)] });
		expect(out).toEqual([open(8)]);
		const later = rig.wait(20_000);
		expect(ofType(later, 'open').map(({ to }) => to.peer)).not.toContain(peer(5));
	});

	it('that lets us go has said where to go', () => {
		const rig = grandchild();
		const candidates = [contact(8)];
		expect(rig.say(peer(5), { type: 'detach', reason: 'full', candidates })).toEqual([open(8)]);
	});

	it('that says goodbye or lets us go is kept for a while, or until another has said yes', () => {
		const goodbyes = [
			[{ type: 'bye', candidates: [contact(8)] }, LEAVE_GRACE_MS],
			[{ type: 'detach', reason: 'full', candidates: [contact(8)] }, HANDOVER_MS]
		] as const;
		for (const [goodbye, graceMs] of goodbyes) {
			const rig = grandchild();
			rig.say(peer(5), goodbye);
			rig.wait(graceMs - 100, [peer(5)]);
			expect(rig.tree.parent).toBe(peer(5));
			rig.wait(100, [peer(5)]);
			expect(rig.tree.parent).toBeNull();
			const other = grandchild();
			other.say(peer(5), goodbye);
			other.feed({ type: 'opened', peer: peer(8) });
			expect(other.say(peer(8), { type: 'attached' })).toEqual([moved(peer(5))]);
		}
	});

	it('that lets us go while sound flows is left when the next one has brought sound', () => {
		const rig = grandchild();
		const sound = (from: PeerId) =>
			rig.feed({ type: 'heard', from, heartbeat: null, frames: true });
		sound(peer(5));
		rig.say(peer(5), { type: 'detach', reason: 'full', candidates: [contact(8)] });
		rig.feed({ type: 'opened', peer: peer(8) });
		expect(rig.say(peer(8), { type: 'attached' })).toEqual([]);
		expect(rig.tree.parent).toBe(peer(5));
		// One that goes at once has cost us nothing.
		const out = rig.say(peer(8), { type: 'bye', candidates: [] });
		expect(out).toEqual([{ type: 'close', peer: peer(8) }, open(1)]);
		sound(peer(5));
		rig.feed({ type: 'opened', peer: HOST });
		rig.say(HOST, { type: 'attached' });
		expect(rig.tree.parent).toBe(peer(5));
		sound(HOST);
		expect(rig.wait(100, [peer(5), HOST])).toContainEqual(moved(peer(5)));
		expect(rig.tree.parent).toBe(HOST);
	});

	it('that has no source for us lets us go at once', () => {
		const rig = grandchild();
		rig.say(peer(5), { type: 'detach', reason: 'not-attached', candidates: [] });
		expect(rig.tree.parent).toBeNull();
	});

	it('whose link is closed is replaced by those above it', () => {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(6), peer(5)]);
		rig.feed({ type: 'contact', contact: contact(6) });
		const out = rig.feed({ type: 'closed', peer: peer(5) });
		expect(out).toEqual([open(6)]);
	});

	it('tells our children less than every change of the delay', () => {
		const rig = grandchild();
		rig.adopt(peer(7));
		const tell = (delayMs: number) => rig.say(peer(5), { ...path(HOST, peer(5)), delayMs });
		expect(tell(60)).toHaveLength(0);
		rig.wait(PATH_REFRESH_MS + 100, [peer(5), peer(7)]);
		expect(tell(80)).toHaveLength(0);
		expect(rig.tree.delayMs).toBe(80);
	});
});

describe('somebody who is not our parent', () => {
	it('changes nothing by telling a path', () => {
		const rig = listener();
		rig.adopt(peer(7));
		expect(rig.say(peer(7), path(HOST, ME, peer(7)))).toEqual([]);
		expect(rig.tree.path).toEqual([HOST, ME]);
	});

	it('takes only itself away by saying goodbye, whatever it names', () => {
		const rig = listener();
		rig.adopt(peer(7));
		const candidates = Array.from({ length: 8 }, (_, i) => contact(200 + i));
		expect(rig.say(peer(7), { type: 'bye', candidates })).toEqual([
			{ type: 'close', peer: peer(7) }
		]);
		rig.feed({ type: 'closed', peer: HOST });
		const tried = ofType(rig.wait(10_000), 'open').map(({ to }) => to.peer);
		for (const named of candidates) expect(tried).not.toContain(named.peer);
	});

	it('is no parent by saying that it took us', () => {
		const rig = listener();
		rig.feed({ type: 'opened', peer: peer(7) });
		expect(rig.say(peer(7), { type: 'attached' })).toEqual([moved(peer(7))]);
		expect(rig.tree.parent).toBe(HOST);
	});

	it('makes nobody a speaker by calling it a root, once the law is known', () => {
		const rig = listener();
		rig.feed({ type: 'stage', peers: [HOST] });
		const roots = Array.from({ length: 11 }, (_, i) => contact(200 + i));
		rig.say(HOST, { type: 'path', path: [HOST], delayMs: 1, roots });
		rig.feed({ type: 'closed', peer: HOST });
		const tried = ofType(rig.wait(5_000), 'open').map(({ to }) => to.peer);
		for (const root of roots) expect(tried).not.toContain(root.peer);
	});
});

describe('a child', () => {
	it('that moves on makes room for another', () => {
		const rig = listener(1);
		rig.adopt(peer(7));
		rig.say(peer(7), { type: 'detach', reason: 'moved', candidates: [] });
		expect(rig.tree.children).toEqual([]);
		rig.adopt(peer(8));
	});

	it('that we must refuse when it asks again takes no place any more', () => {
		const rig = listener(1);
		rig.adopt(peer(7));
		rig.say(HOST, path());
		const [answer] = ofType(rig.say(peer(7), { type: 'attach' }), 'send');
		expect(answer?.message).toMatchObject({ type: 'detach', reason: 'not-attached' });
		expect(rig.tree.children).toEqual([]);
	});

	it('that came last goes first when the fan-out shrinks, and is sent to the others', () => {
		const rig = listener(3);
		for (const number of [7, 8, 9]) rig.adopt(peer(number));
		const out = rig.feed({ type: 'fanout', children: 1 });
		expect(rig.tree.children).toEqual([peer(7), peer(8), peer(9)]);
		expect(ofType(out, 'send').map(({ to, message }) => [to, message.type])).toEqual([
			[peer(8), 'detach'],
			[peer(9), 'detach']
		]);
		for (const { message } of ofType(out, 'send')) {
			expect(message.type === 'detach' && message.candidates).toContainEqual(contact(1));
		}
		rig.wait(HANDOVER_MS, [HOST, peer(7), peer(8), peer(9)]);
		expect(rig.tree.children).toEqual([peer(7)]);
	});

	it('that never opens its link gives its place back', () => {
		const rig = listener(1);
		rig.knock(peer(7), 'parent');
		expect(rig.wait(LINK_DEAD_MS + 100, [HOST])).toEqual([{ type: 'close', peer: peer(7) }]);
		rig.adopt(peer(8));
	});

	it('whose channels close before they opened is only a place given back', () => {
		const rig = listener(1);
		rig.knock(peer(7), 'parent');
		expect(rig.feed({ type: 'closed', peer: peer(7) })).toEqual([]);
		rig.adopt(peer(8));
	});

	it('that asked us while we asked it is taken by the larger id alone', () => {
		const larger = plant();
		larger.attach(HOST, [HOST]);
		larger.wait(GRAFT_SUSPECT_MS + 100);
		for (const [number, taken] of [
			[5, true],
			[200, false]
		] as const) {
			larger.feed({ type: 'opened', peer: peer(number) });
			larger.feed({ type: 'refused', peer: HOST, refusal: null });
			larger.feed({ type: 'contacts', contacts: [contact(number)] });
			larger.wait(1_000);
			larger.say(peer(number), { type: 'attach' });
			expect(larger.tree.children.includes(peer(number))).toBe(taken);
		}
	});
});
