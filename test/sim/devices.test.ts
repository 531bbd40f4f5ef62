/** The simulated world with devices that are not good: uplinks too narrow for their children, pages that lag, slow signatures. */
import { describe, expect, it } from 'vitest';
import { createGauge } from './gauge.ts';
import { createWatch } from './invariants.ts';
import type { Device } from './member.ts';
import { CALM, isJoined, openRoom, whoHearsNot } from './room.ts';
import { FIRST_LISTENER } from './wires.ts';
import type { WorldOptions } from './world.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [91];
const GOOD: Device = { uplinkBytesPerS: Infinity, lateMs: 0 };
/** A voice with its proofs and headers takes some 9.5 kB/s: this carries one child, and each is ready to carry three. */
const NARROW: Device = { uplinkBytesPerS: 12_500, lateMs: 0 };
/** What comes in is looked at two frames later. */
const LAGGING: Device = { uplinkBytesPerS: Infinity, lateMs: 40 };

type Story = Pick<WorldOptions, 'deviceOf' | 'cryptoMs' | 'walledPairs'>;

const every = (nth: number, device: Device) => (number: number) =>
	number >= FIRST_LISTENER && number % nth === 0 ? device : GOOD;

const stories: readonly [string, Story, number][] = [
	['a third has an uplink too narrow for its children', { deviceOf: every(3, NARROW) }, 0.9],
	['every second page lags', { deviceOf: every(2, LAGGING) }, 0.99],
	[
		'signing takes 5 ms everywhere, and checking as long',
		{ cryptoMs: { sign: 5, verify: 5 } },
		0.99
	],
	['of three pairs of listeners one cannot connect', { walledPairs: 0.3 }, 0.99]
];

describe.each(SEEDS)('a room of real devices, seed %i', PATIENCE, (seed) => {
	it.each(stories)('in which %s hears', (_, story, share) => {
		const { world, host, listeners } = openRoom(
			{ ...CALM, loss: 0.01, seed, ...story },
			{ speakers: 1, listeners: 30, fanout: 3 }
		);
		const watch = createWatch(world);
		world.run(20_000, watch.check);
		const gauge = createGauge(world, host, listeners);
		world.run(10_000, watch.check);
		gauge.stop();
		world.run(1_000, watch.check);
		// It is as hard as it says: narrow uplinks, and no others, have had to drop something.
		const isNarrow = story.deviceOf?.(FIRST_LISTENER + 2) === NARROW;
		expect(listeners.some((one) => one.tailDrops > 0)).toBe(isNarrow);
		expect(world.alive.every(isJoined), `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(gauge.shareWithin(500), `seed ${seed}`).toBeGreaterThan(share);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});
});
