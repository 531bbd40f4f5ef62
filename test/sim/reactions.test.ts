/** Reactions come to everybody, once, soon, and leave the way to sound and to the law free. */
import { describe, expect, it } from 'vitest';
import { REACTION_LINK_RATE } from '#lib/p2p/wire/limits.ts';
import { openCrowd } from './crowd.ts';
import { createWatch } from './invariants.ts';
import { openReactions } from './reactions.ts';
import { CALM, openRoom, range } from './room.ts';

const PATIENCE = { timeout: 60_000 };

describe.each([91, 92])('reactions in a small room, seed %i', PATIENCE, (seed) => {
	it('come to everybody by name, in the time of the way', () => {
		const { world, host, speakers, listeners } = openRoom(
			{ ...CALM, seed },
			{ speakers: 3, listeners: 20, fanout: 3 }
		);
		world.run(3_000);
		const watch = createWatch(world);
		const seen = openReactions(world);
		for (const one of [host, speakers[2]!, listeners[0]!, listeners[13]!]) seen.react(one);
		world.run(2_000, watch.check);
		expect(seen.sharesNamed(), `seed ${seed}`).toEqual([1, 1, 1, 1]);
		expect(seen.delayMs(1), `seed ${seed}`).toBeLessThan(400);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('stop coming from who is removed', () => {
		const { world, host, listeners } = openRoom(
			{ ...CALM, seed },
			{ speakers: 2, listeners: 20, fanout: 3 }
		);
		world.run(3_000);
		const gone = listeners[5]!;
		// It goes on as if nobody had told it.
		gone.deafTo = (input) => input.type === 'verified' && input.event.body.kind === 'remove';
		world.wish(host, { type: 'remove', peer: gone.id, block: false });
		world.run(500);
		const seen = openReactions(world);
		for (const i of range(5)) world.after(100 * i, () => seen.react(gone));
		world.run(2_000);
		expect(seen.shownBy(gone), `seed ${seed}`).toBe(0);
	});
});

describe('reactions in a big room', PATIENCE, () => {
	it('are told as numbers where they are many, and take a small share of every link', () => {
		const seed = 93;
		const { world, listeners, dice } = openCrowd(
			{ ...CALM, gossip: false, seed },
			{ listeners: 150, comeWithinMs: 3_000, settleMs: 30_000 }
		);
		const watch = createWatch(world);
		const seen = openReactions(world);
		const forMs = 5_000;
		// 100 a second, each of another person: as many as their apps let through for so long.
		for (const i of range(forMs / 10)) {
			world.after(10 * i, () => seen.react(listeners[Math.floor(dice.next() * listeners.length)]!));
		}
		world.run(forMs + 3_000, watch.check);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
		expect(seen.said, `seed ${seed}`).toBeGreaterThan(300);
		// The room has found its rest: whoever moves loses what still waits on the way, or is told it twice.
		expect(seen.shareShown(1), `seed ${seed}`).toBeLessThan(1.1);
		expect(seen.shareShown(0.05), `seed ${seed}`).toBeGreaterThan(0.98);
		const mostBytes = REACTION_LINK_RATE.burst + (REACTION_LINK_RATE.perSecond * forMs) / 1_000;
		expect(seen.mostBytesOnALink(), `seed ${seed}`).toBeLessThan(mostBytes + 1_000);
	});
});
