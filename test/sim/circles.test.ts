/** Trying to make peers hang from each other in a circle: everybody loses its parent at once, again and again. */
import { describe, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import { createWatch } from './invariants.ts';
import { CALM, isJoined, openRoom, whoHearsNot, type Room } from './room.ts';
import type { Member } from './world.ts';

const PATIENCE = { timeout: 60_000 };
const LOOK_EVERY_MS = 50;
/** Each rule is looked at often enough to see any circle that sound would notice. */
const STORMS = [
	{ name: 'on lines of one length, where all questions cross', delayMs: [20, 20], seed: 81 },
	{ name: 'on lines of all lengths', delayMs: [5, 60], seed: 82 },
	{ name: 'on long lines', delayMs: [90, 100], seed: 83 }
] as const;

const parentOf = ({ world }: Room, member: Member): Member | undefined =>
	world.members.get(member.peer.diagnostics(world.nowMs).parent ?? member.id);

describe.each(STORMS)('all parents lost at once, $name', PATIENCE, ({ delayMs, seed }) => {
	it('leaves no circle that lasts, and everybody hears in the end', () => {
		const room = openRoom({ ...CALM, delayMs, seed }, { speakers: 1, listeners: 16, fanout: 2 });
		const { world, listeners, host } = room;
		const watch = createWatch(world);
		const look = (forMs: number): void => {
			for (let passedMs = 0; passedMs < forMs; passedMs += LOOK_EVERY_MS) {
				world.run(LOOK_EVERY_MS);
				watch.check();
			}
		};
		for (let storm = 0; storm < 12; storm++) {
			// The speaker keeps nobody: whoever is asked first has lost its own way as well.
			for (const one of listeners) world.cut(one, parentOf(room, one) ?? one);
			look(300 + 70 * storm);
		}
		look(15_000);
		expect(host.alive && world.alive.every(isJoined), `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('nor where every second one freezes while the others ask', () => {
		const room = openRoom({ ...CALM, delayMs, seed }, { speakers: 1, listeners: 16, fanout: 2 });
		const { world, listeners } = room;
		const watch = createWatch(world);
		const dice = new Dice(seed);
		for (let storm = 0; storm < 15; storm++) {
			for (const one of listeners) {
				if (dice.chance(0.5)) world.down(one, 100 + 2_000 * dice.next());
				else if (dice.chance(0.3)) world.cut(one, parentOf(room, one) ?? one);
			}
			world.run(900, watch.check);
		}
		world.run(20_000, watch.check);
		expect(world.alive.every(isJoined), `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});
});
