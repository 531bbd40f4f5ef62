import { describe, expect, it } from 'vitest';
import { WALK_PAUSE_MS, WALK_TRIES } from '#lib/p2p/tree/timing.ts';
import type { TreeOutput } from '#lib/p2p/tree/tree.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { contact, HOST, ME, moved, ofType, peer, plant, send, type TreeRig } from './tree-rig.ts';

/** Numbers 11, 12, 13 ... hang below each other, 11 below the host. */
const chain = (floors: number): PeerId[] => [
	HOST,
	...Array.from({ length: floors }, (_, i) => peer(11 + i))
];
const parentAt = (floor: number): PeerId => peer(10 + floor);

const asked = (outputs: readonly TreeOutput[]): PeerId[] =>
	ofType(outputs, 'open').map(({ to }) => to.peer);

/** We have just found a place below number 10 + `floor`, whose way to the sound is the chain; and whom we ask then. */
function below(floor: number): { readonly rig: TreeRig; readonly first: PeerId[] } {
	const rig = plant();
	const parent = parentAt(floor);
	rig.feed({ type: 'contacts', contacts: [{ peer: parent, addrs: [] }] });
	rig.feed({ type: 'opened', peer: parent });
	rig.say(parent, { type: 'attached' });
	const path = chain(floor);
	const out = rig.say(parent, { type: 'path', path, delayMs: 10, roots: [contact(1)] });
	return { rig, first: asked([...out, ...rig.wait(100, [parent])]) };
}
const refuse = (rig: TreeRig, who: PeerId, numbers: readonly number[]): TreeOutput[] =>
	rig.feed({
		type: 'refused',
		peer: who,
		refusal: { reason: 'full', candidates: numbers.map(contact) }
	});
describe('a place that was taken in a hurry, far down', () => {
	it('is followed by a question to an ancestor near the speakers', () => {
		const { rig, first } = below(6);
		expect(first).toEqual([peer(12)]);
		expect(rig.tree.parent).toBe(parentAt(6));
	});

	it('is left when that one has taken us and brought sound, and not before', () => {
		const { rig } = below(6);
		const out = rig.feed({ type: 'opened', peer: peer(12) });
		expect(out).toContainEqual(send(peer(12), { type: 'attach' }));
		expect(rig.tree.parent).toBe(parentAt(6));
		rig.say(peer(12), { type: 'attached' });
		expect(rig.tree.parent).toBe(parentAt(6));
		rig.feed({ type: 'heard', from: peer(12), heartbeat: null, frames: true });
		expect(rig.wait(100, [parentAt(6)])).toContainEqual(moved(parentAt(6)));
		expect(rig.tree.parent).toBe(peer(12));
	});

	it('is compared floor by floor with those that the full ones name, down to our own', () => {
		const { rig, first } = below(6);
		const names = [first];
		for (let step = 0; step < 5; step++) {
			const last = names.at(-1)?.[0];
			if (last === undefined) break;
			names.push(asked(refuse(rig, last, [50 + step, 60 + step])));
		}
		// Floors 2 to 5: below those on floor 6 we are already.
		expect(names).toEqual([[peer(12)], [peer(50)], [peer(51)], [peer(52)], []]);
		expect(rig.tree.parent).toBe(parentAt(6));
	});

	it('stays when all that is named is above us already, our own, or ourselves', () => {
		const { rig } = below(6);
		rig.adopt(peer(30));
		const refusal = {
			reason: 'full' as const,
			candidates: [contact(16), contact(30), { peer: ME, addrs: [] }]
		};
		expect(asked(rig.feed({ type: 'refused', peer: peer(12), refusal }))).toEqual([]);
	});

	it.each([1, 2])('is kept where the parent is only %i floors below the speakers', (floor) => {
		expect(below(floor).first).toEqual([]);
	});

	it('is looked for in so many steps at once, however deep the tree', () => {
		const { rig, first } = below(20);
		let steps = 0;
		for (let [next] = first; next !== undefined; steps++) {
			[next] = asked(refuse(rig, next, [200 + steps]));
		}
		expect(steps).toBe(WALK_TRIES.burst);
	});
});

describe('a place that others have pushed down', () => {
	/** A walk was in vain. */
	function settled(): TreeRig {
		const { rig } = below(6);
		refuse(rig, peer(12), []);
		return rig;
	}
	/** The way to our parent has so many floors now; whom we ask then. */
	const grow = (rig: TreeRig, floor: number): PeerId[] => {
		const between = chain(floor - 1).map((one, i) => (i === 0 ? one : peer(200 + 10 * floor + i)));
		const path = [...between, parentAt(6)];
		return asked(rig.say(parentAt(6), { type: 'path', path, delayMs: 10 }));
	};

	it('is looked at anew when it is two floors further down', () => {
		expect(grow(settled(), 8)).toEqual([peer(282)]);
	});

	it('is let be for one floor', () => {
		const rig = settled();
		expect(grow(rig, 7)).toEqual([]);
		expect(asked(rig.wait(4 * WALK_PAUSE_MS, [parentAt(6)]))).toEqual([]);
	});

	it('is looked at after ever longer pauses', () => {
		const rig = settled();
		const pauses = [8, 10, 12].map((floor) => {
			const startMs = rig.nowMs;
			const asks = grow(rig, floor);
			for (let step = 0; asks.length === 0 && step < 200; step++) {
				asks.push(...asked(rig.wait(100, [parentAt(6)])));
			}
			refuse(rig, asks[0] ?? HOST, []);
			return rig.nowMs - startMs;
		});
		expect(pauses).toEqual([0, WALK_PAUSE_MS, 2 * WALK_PAUSE_MS]);
	});
});
