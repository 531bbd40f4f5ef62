/**
 * The simulated world where signatures come late, as of devices without a free processor: nobody is a forger for that.
 * Until proofs were told apart by why they are late, such a speaker cost its listeners their parents, and the room fell apart.
 */
import { describe, expect, it } from 'vitest';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { CALM, isJoined, openRoom } from './room.ts';
import type { World } from './world.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [95, 96];
const LOOK_EVERY_MS = 100;

/** Milliseconds; twelve and a half are due each second of each voice, one after the other. */
const stories = [
	['never in time', { sign: 300, verify: 1 }],
	['hardly in time', { sign: 79, verify: 1 }],
	['checked late', { sign: 1, verify: 25 }],
	['both late and checked late', { sign: 75, verify: 25 }]
] as const;

/** How much of that time everybody together is in the room, and how long one is out of it at most. */
function joinedFor(world: World, forMs: number): { share: number; longestMs: number } {
	const outSince = new Map<PeerId, number>();
	let [looks, joined, longestMs] = [0, 0, 0];
	for (const endMs = world.nowMs + forMs; world.nowMs < endMs;) {
		world.run(LOOK_EVERY_MS);
		for (const one of world.alive) {
			looks++;
			if (isJoined(one)) {
				joined++;
				outSince.delete(one.id);
				continue;
			}
			const sinceMs = outSince.get(one.id) ?? world.nowMs - LOOK_EVERY_MS;
			outSince.set(one.id, sinceMs);
			longestMs = Math.max(longestMs, world.nowMs - sinceMs);
		}
	}
	return { share: joined / looks, longestMs };
}

describe.each(SEEDS)('where signatures take long, seed %i', PATIENCE, (seed) => {
	it.each(stories)('and are %s, nobody is taken for a forger', (_, cryptoMs) => {
		const { world, listeners } = openRoom(
			{ ...CALM, loss: 0.01, seed, cryptoMs },
			{ speakers: 3, listeners: 20, fanout: 3 }
		);
		const { share, longestMs } = joinedFor(world, 20_000);
		const known = listeners.map((one) => one.peer.diagnostics(world.nowMs));
		const forgers = known.flatMap(({ blamed }) =>
			blamed.filter(({ reason }) => reason === 'forged')
		);
		expect(forgers.length, `seed ${seed}`).toBe(0);
		expect(share, `seed ${seed}`).toBeGreaterThan(0.99);
		expect(longestMs, `seed ${seed}`).toBeLessThanOrEqual(500);
		// It is as hard as it says, and some are proven all the same.
		expect(known.some(({ proofs }) => proofs.unproven > 0)).toBe(true);
		expect(known.some(({ proofs }) => proofs.good > 0)).toBe(true);
	});
});
