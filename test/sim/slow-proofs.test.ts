/**
 * The simulated world where signatures come late, as of devices without a free processor: nobody is a forger for that.
 * Until proofs were told apart by why they are late, such a speaker cost its listeners their parents, and the room fell apart.
 */
import { describe, expect, it } from 'vitest';
import { CALM, isJoined, openRoom } from './room.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [95, 96];

/** Milliseconds; twelve and a half are due each second of each voice, one after the other. */
const stories = [
	['never in time', { sign: 300, verify: 1 }],
	['hardly in time', { sign: 79, verify: 1 }],
	['checked late', { sign: 1, verify: 25 }],
	['both late and checked late', { sign: 75, verify: 25 }]
] as const;

describe.each(SEEDS)('where signatures take long, seed %i', PATIENCE, (seed) => {
	it.each(stories)('and are %s, nobody is taken for a forger', (_, cryptoMs) => {
		const { world, listeners } = openRoom(
			{ ...CALM, loss: 0.01, seed, cryptoMs },
			{ speakers: 3, listeners: 20, fanout: 3 }
		);
		world.run(20_000);
		const known = listeners.map((one) => one.peer.diagnostics(world.nowMs));
		const forgers = known.flatMap(({ blamed }) =>
			blamed.filter(({ reason }) => reason === 'forged')
		);
		expect(forgers.length, `seed ${seed}`).toBe(0);
		// Now and then somebody leaves a parent for what is late, and has another soon.
		world.until('everybody hears', () => world.alive.every(isJoined), 2_000);
		// It is as hard as it says, and some are proven all the same.
		expect(known.some(({ proofs }) => proofs.unproven > 0)).toBe(true);
		expect(known.some(({ proofs }) => proofs.good > 0)).toBe(true);
	});
});
