/** Relay helpers in a room of real cores whose listeners can carry nobody: all of them hang below the helpers. */
import { describe, expect, it } from 'vitest';
import { createWatch } from './invariants.ts';
import { CALM, isJoined, openRoom, range, whoHearsNot } from './room.ts';
import type { Member } from './world.ts';

const LENT = 30;
const LEAVES = 40;
/** Playout waits for as long as this, so nobody hears a pause that is no longer. */
const PAUSE_MAX_MS = 200;

/** Two helpers below a host that carries no more than these, and the leaves below them. */
function setup(seed: number) {
	const { world } = openRoom({ ...CALM, seed }, { speakers: 1, listeners: 0, fanout: 2 });
	const helpers = range(2).map((i) => world.join(10 + i, LENT));
	world.until('both helpers hang below the host', () => helpers.every(isJoined), 5_000);
	const leaves = range(LEAVES).map((i) => world.join(100 + i, 0));
	world.until('all leaves are attached', () => leaves.every(isJoined), 30_000);
	world.run(8_000);
	const childrenOf = (one: Member): number => one.peer.diagnostics(world.nowMs).children.length;
	return { world, helpers, childrenOf };
}

describe('two relay helpers', () => {
	it.each([1, 2])(
		'carry forty who carry nobody, and one of them goes without a gap, seed %i',
		(seed) => {
			const { world, helpers, childrenOf } = setup(seed);
			const watch = createWatch(world);
			const [most, other] = [...helpers].sort((a, b) => childrenOf(b) - childrenOf(a));
			if (most === undefined || other === undefined) throw new Error('There are two.');
			expect(childrenOf(most) + childrenOf(other), `seed ${seed}`).toBe(LEAVES);
			expect(childrenOf(most), `seed ${seed}`).toBeLessThanOrEqual(LENT);
			const lastMs = new Map<Member, number>();
			let longestMs = 0;
			world.ears.push((listener) => {
				longestMs = Math.max(longestMs, world.nowMs - (lastMs.get(listener) ?? world.nowMs));
				lastMs.set(listener, world.nowMs);
			});
			world.kill(most);
			world.run(3_000, watch.check);
			expect(longestMs, `seed ${seed}`).toBeLessThan(PAUSE_MAX_MS);
			expect(childrenOf(other), `seed ${seed}`).toBeGreaterThan(LENT);
			expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
			expect(watch.broken, `seed ${seed}`).toEqual([]);
		}
	);
});
