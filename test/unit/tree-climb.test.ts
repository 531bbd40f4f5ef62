import { describe, expect, it } from 'vitest';
import { CLIMB_AFTER_MS, HANDOVER_MS, RAISE_PAUSE_MS } from '#lib/p2p/tree/timing.ts';
import type { TreeMessage, TreeOutput } from '#lib/p2p/tree/tree.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { contact, HOST, listener, ME, moved, ofType, open, peer, plant, send } from './tree-rig.ts';

const places = (fanout: number, free: number, most = 0): TreeMessage => ({
	type: 'places',
	fanout,
	free,
	floors: free > 0 ? 0 : 1,
	most,
	spot: { x: 0, y: 0, height: 0, error: 1 }
});
const raise = (to: PeerId): TreeOutput => send(to, { type: 'raise' });
const path = (...peers: readonly PeerId[]): TreeMessage => ({
	type: 'path',
	path: peers,
	delayMs: 10,
	roots: [contact(1)]
});

describe('a peer with a place for somebody further down', () => {
	it('calls up the one that carries most, by the child that has it below', () => {
		const rig = listener(3);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		rig.say(peer(7), places(2, 0, 2));
		rig.say(peer(8), places(2, 0, 6));
		expect(rig.wait(100, [HOST, peer(7), peer(8)])).toContainEqual(raise(peer(8)));
	});

	it('has one where a child carries less than half as many', () => {
		const rig = listener(1);
		rig.adopt(peer(7));
		rig.say(peer(7), places(2, 0, 3));
		expect(rig.wait(600, [HOST, peer(7)])).toEqual([]);
		rig.say(peer(7), places(2, 0, 4));
		expect(rig.wait(100, [HOST, peer(7)])).toEqual([raise(peer(7))]);
	});

	it('does not call again and again where nobody comes', () => {
		const rig = listener(3);
		rig.adopt(peer(7));
		rig.say(peer(7), places(2, 0, 2));
		const calls = (forMs: number): number =>
			ofType(rig.wait(forMs, [HOST, peer(7)]), 'send').length;
		expect(calls(RAISE_PAUSE_MS)).toBe(1);
		expect(calls(20 * RAISE_PAUSE_MS)).toBeLessThan(6);
	});

	it('sends whoever makes way to the place that was left', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		rig.say(peer(7), places(2, 0, 6));
		rig.say(peer(8), places(1, 1));
		const all = [HOST, peer(7), peer(8), peer(9)];
		expect(rig.wait(100, all)).toContainEqual(raise(peer(7)));
		rig.knock(peer(9), 'parent', 6);
		rig.feed({ type: 'opened', peer: peer(9) });
		rig.say(peer(9), places(6, 6));
		const told = ofType(rig.wait(100, all), 'send').find(({ to }) => to === peer(8));
		expect(told?.message).toMatchObject({ type: 'detach', reason: 'full' });
		expect(told?.message).toHaveProperty('candidates.0.peer', peer(7));
		rig.wait(HANDOVER_MS, all);
		expect(rig.tree.children).toEqual([peer(7), peer(9)]);
	});
});

describe('a peer whose parent calls', () => {
	it('sends up the child that carries most, and keeps its place for whoever makes way', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		rig.say(peer(7), places(2, 2));
		rig.say(peer(8), places(6, 6));
		rig.wait(CLIMB_AFTER_MS, [HOST, peer(7), peer(8)]);
		const out = rig.say(HOST, { type: 'raise' });
		expect(out).toEqual([send(peer(8), { type: 'climb', to: contact(1) })]);
	});

	it('listens to nobody else', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.say(peer(7), places(6, 6));
		rig.wait(CLIMB_AFTER_MS, [HOST, peer(7)]);
		expect(rig.say(peer(7), { type: 'raise' })).toEqual([]);
	});
});

describe('a peer that is sent up', () => {
	/** Below number 5, which is below number 4. */
	function below() {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(4), peer(5)]);
		return rig;
	}

	it('goes to the parent of its parent, and leaves its own when that has said yes', () => {
		const rig = below();
		expect(rig.say(peer(5), { type: 'climb', to: contact(4) })).toEqual([open(4)]);
		expect(rig.tree.parent).toBe(peer(5));
		rig.feed({ type: 'opened', peer: peer(4) });
		expect(rig.say(peer(4), { type: 'attached' })).toEqual([moved(peer(5))]);
		rig.say(peer(4), path(HOST, peer(4)));
		expect(rig.tree.path).toEqual([HOST, peer(4), ME]);
	});

	it('stays where it is when that has no place after all', () => {
		const rig = below();
		rig.say(peer(5), { type: 'climb', to: contact(4) });
		const refusal = { reason: 'full', candidates: [contact(50)] } as const;
		expect(rig.feed({ type: 'refused', peer: peer(4), refusal })).toEqual([]);
		expect(rig.tree.parent).toBe(peer(5));
	});

	it('goes nowhere else, and for nobody else', () => {
		const rig = below();
		rig.adopt(peer(7));
		expect(rig.say(peer(5), { type: 'climb', to: contact(50) })).toEqual([]);
		expect(rig.say(peer(7), { type: 'climb', to: contact(4) })).toEqual([]);
	});

	it('does not follow every call', () => {
		const rig = below();
		rig.say(peer(5), { type: 'climb', to: contact(4) });
		rig.feed({ type: 'refused', peer: peer(4), refusal: null });
		rig.say(peer(5), path(HOST, peer(6), peer(5)));
		expect(rig.say(peer(5), { type: 'climb', to: contact(6) })).toEqual([]);
	});
});
