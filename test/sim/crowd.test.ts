/** Many listeners, little room: how a tree grows, breaks and fills. */
import { describe, expect, it } from 'vitest';
import { TRIES } from '#lib/p2p/tree/timing.ts';
import { Dice } from './dice.ts';
import { createWatch } from './invariants.ts';
import { CALM, isJoined, openRoom, range, whoHearsNot } from './room.ts';

/** Two hundred cores, looked at after each thing that happens to them. */
const PATIENCE = { timeout: 120_000 };
const LISTENERS = 200;

describe('two hundred listeners', PATIENCE, () => {
	it.each([53])('are attached, and again after a fifth of them died, seed %i', (seed) => {
		const dice = new Dice(seed);
		const few = { speakers: 2, listeners: 0, fanout: 3, talkEveryMs: 200 };
		const { world, host } = openRoom({ ...CALM, seed, loss: 0.02 }, few);
		const watch = createWatch(world);
		const crowd = range(LISTENERS).map((i) => {
			world.run(dice.between(0, 60));
			return world.join(100 + i, 2 + Math.floor(dice.next() * 3));
		});
		const all = (): boolean => world.alive.every(isJoined);
		world.until('everybody is attached', all, 20_000);
		world.run(3_000, watch.check);
		for (const one of crowd) if (dice.chance(0.2)) world.kill(one);
		world.run(2_000, watch.check);
		world.until('everybody left is attached', all, 30_000);
		// Grafts go beyond the fan-out; the surplus moves on in the seconds that follow.
		world.run(15_000, watch.check);
		expect(whoHearsNot(world, 3_000), `seed ${seed}`).toEqual([]);
		const isCounted = (): boolean => host.peer.view().listenerCount === world.alive.length - 2;
		world.until('everybody is counted once', isCounted, 20_000, watch.check);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
		const depths = world.alive.map((one) => one.peer.diagnostics(world.nowMs).depth ?? 99);
		expect(Math.max(...depths), `seed ${seed}`).toBeLessThan(16);
	});
});

describe('a room where nobody can carry anybody', PATIENCE, () => {
	it('is knocked at no more than so often, and lets them in when somebody can', () => {
		const { world, host } = openRoom(
			{ ...CALM, seed: 61 },
			{ speakers: 1, listeners: 0, fanout: 0, talkEveryMs: 100 }
		);
		// With a fan-out of nothing nobody announces itself; a way in is known to those who had the link.
		world.wish(host, { type: 'fanout', children: 1 });
		world.run(200);
		const listeners = range(8).map((i) => world.join(100 + i, 0));
		world.run(1_000);
		expect(listeners.filter(isJoined)).toHaveLength(1);
		const before = world.knocks;
		world.run(60_000);
		expect(world.knocks - before).toBeLessThan(7 * (TRIES.burst + 60 * TRIES.perSecond));
		world.wish(host, { type: 'fanout', children: 8 });
		world.until('everybody is attached', () => listeners.every(isJoined), 10_000);
		expect(whoHearsNot(world, 300)).toEqual([]);
	});

	it('sends on whom it no longer carries, and they are heard of again', () => {
		const { world, host } = openRoom(
			{ ...CALM, seed: 62 },
			{ speakers: 1, listeners: 12, fanout: 6, talkEveryMs: 100 }
		);
		world.wish(host, { type: 'fanout', children: 1 });
		world.run(8_000);
		expect(host.peer.diagnostics(world.nowMs).children).toHaveLength(1);
		expect(whoHearsNot(world, 300)).toEqual([]);
	});
});
