/**
 * The simulated world on devices that have too much to do: each stands still again and again, and finds all that came
 * meanwhile when it goes on. What was asked for then comes twice, and late; nobody is taken for a liar for that, and the
 * room stays together. Nor does everybody run from one to the next.
 */
import { describe, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import type { Device } from './member.ts';
import { CALM, isJoined, openRoom, range, streamOf, type Room } from './room.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [97, 98, 99];
const STORM_MS = 30_000;
const CALM_MS = 10_000;
/** Parents that each leaves as silent in a storm: every sixth second one. Without patience it is every third. */
const LEFT_MAX = 5;

/** How late everything is dealt with; and how often each stands still, for how long at most. */
const stories = [
	['a little, on lines that lose a tenth', { loss: 0.1, lateMs: 250, everyMs: 2_000, forMs: 300 }],
	['often', { loss: 0.01, lateMs: 100, everyMs: 1_000, forMs: 500 }],
	['often, and answer late', { loss: 0.01, lateMs: 250, everyMs: 1_000, forMs: 500, named: 1 }]
] as const;
/** Where half of a voice's proofs come too late, one of twelve may lose patience with somebody honest: in one of ten rooms. */
const NOBODY_NAMED = 0;

interface How {
	readonly everyMs: number;
	readonly forMs: number;
}

function storm({ world }: Room, seed: number, { everyMs, forMs }: How): void {
	const dice = new Dice(seed);
	const endMs = world.nowMs + STORM_MS;
	for (const member of world.alive) {
		const again = (): void => {
			if (world.nowMs >= endMs) return;
			member.stalledUntilMs = world.nowMs + forMs * dice.next();
			world.after(2 * everyMs * dice.next(), again);
		};
		world.after(everyMs * dice.next(), again);
	}
	world.run(STORM_MS + CALM_MS);
}

describe.each(SEEDS)('where devices stand still, seed %i', PATIENCE, (seed) => {
	it.each(stories)('%s, nobody honest is left as a liar', (_, { loss, lateMs, ...how }) => {
		const mayBeNamed = 'named' in how ? how.named : NOBODY_NAMED;
		const deviceOf = (): Device => ({ uplinkBytesPerS: Infinity, lateMs });
		const room = openRoom(
			{ ...CALM, loss, delayMs: [1, 20], seed, deviceOf },
			{ speakers: 3, listeners: 12, fanout: 2 }
		);
		storm(room, seed, how);
		const { world } = room;
		const blamed = room.listeners.flatMap((one) => one.peer.diagnostics(world.nowMs).blamed);
		const namedFor = (fault: string) => blamed.filter(({ reason }) => reason === fault);
		expect(namedFor('replayed'), `seed ${seed}`).toEqual([]);
		expect(namedFor('forged').length, `seed ${seed}`).toBeLessThanOrEqual(mayBeNamed);
		expect(world.alive.filter((one) => !isJoined(one)).length, `seed ${seed}`).toBe(0);
		// It is as hard as it says; and whoever left somebody in haste has more patience with the next.
		const silent = namedFor('silent');
		const times = silent.reduce((sum, { count }) => sum + count, 0);
		expect(times, `seed ${seed}`).toBeGreaterThan(0);
		expect(times / room.listeners.length, `seed ${seed}`).toBeLessThan(LEFT_MAX);
	});
});

/** Shorter than a link is kept for somebody silent, and longer: then all of its links are gone when it goes on. */
const STOOD_STILL_MS = [4_000, 12_000];
/** Whoever goes on has its old links, or makes a new one: two round trips and ICE. */
const HEARS_AGAIN_MS = 1_000;

describe.each(SEEDS)('where one stands still for long, seed %i', PATIENCE, (seed) => {
	it.each(STOOD_STILL_MS)('%i ms, it hears again within a second', (forMs) => {
		const room = openRoom({ ...CALM, loss: 0.01, seed }, { speakers: 3, listeners: 12, fanout: 2 });
		const { world, host, listeners } = room;
		const one = listeners[seed % listeners.length]!;
		const stream = streamOf(world, host);
		one.stalledUntilMs = world.nowMs + forMs;
		world.run(forMs);
		const next = host.seq + 1;
		const hearsNew = (): boolean =>
			range(host.seq - next + 1).some((i) => one.heard.get(stream)?.has(next + i) === true);
		world.until(`${one.number} hears again`, hearsNew, HEARS_AGAIN_MS);
		// All that waited came at once: more than anybody sends, but nobody lied.
		const blamed = one.peer.diagnostics(world.nowMs).blamed.map(({ reason }) => reason);
		expect(blamed, `seed ${seed}`).not.toContain('forged');
		expect(blamed, `seed ${seed}`).not.toContain('replayed');
	});
});
