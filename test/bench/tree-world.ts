/** Two thousand listeners around the world: how far they are from the speaker, and what happens when half vanish at once. */
import { openCrowd, REST_MS } from '../sim/crowd.ts';
import { delayAims, delaysOf } from './tree-delay.ts';
import { killMany, MASS_AIMS } from './tree-mass.ts';
import type { Scenario } from './tree-scenario.ts';

/** Sound is on for so long before anything is measured. */
const SETTLE_MS = 4_000;

export const world: Scenario = {
	title: '2,000 listeners around the world, 0.5-1 % loss a hop',
	seeds: { full: 20, short: 1 },
	aims: [...delayAims('world', 'after a minute'), ...MASS_AIMS[50]],
	tell(seed, short) {
		const room = openCrowd(
			{ seed, delayMs: [10, 50], land: 'world', loss: [0.005, 0.01], gossip: true },
			{
				listeners: short ? 300 : 2_000,
				quietMs: short ? 20_000 : REST_MS,
				settleMs: SETTLE_MS
			}
		);
		return { ...delaysOf(room), ...killMany(room, 50) };
	}
};
