/** How far two thousand listeners are from the speaker, along the tree: on a continent and around the world. */
import { openCrowd, REST_MS, treeDelaysMs } from '../sim/crowd.ts';
import type { Land } from '../sim/places.ts';
import { quantile } from './tree-measures.ts';
import type { Scenario } from './tree-scenario.ts';

const IDEAL = {
	continent: { p95Ms: 150, random: 353 },
	world: { p95Ms: 280, random: 738 }
} as const;

const delayOn = (land: Land): Scenario => ({
	title: `From speaker to listener along the tree, 2,000 listeners, ${land}`,
	seeds: { full: 20, short: 1 },
	aims: [
		{
			figure: 'p95',
			what: 'tree delay, p95',
			reach: { atMost: IDEAL[land].p95Ms },
			as: 'ms',
			reference: `random parents: ${IDEAL[land].random}`
		},
		{ figure: 'p50', what: 'tree delay, p50', reach: null, as: 'ms', reference: '' },
		{ figure: 'depth', what: 'hops, p95', reach: null, as: 'count', reference: '' }
	],
	tell(seed, short) {
		const room = openCrowd(
			{ seed, delayMs: [10, 50], land, loss: [0.005, 0.01], gossip: true },
			{ listeners: short ? 300 : 2_000, quietMs: short ? 20_000 : REST_MS, settleMs: 1_000 }
		);
		const delays = treeDelaysMs(room);
		const depths = room.listeners.map(
			(one) => one.peer.diagnostics(room.world.nowMs).depth ?? Infinity
		);
		return {
			p50: quantile(delays, 0.5),
			p95: quantile(delays, 0.95),
			depth: quantile(depths, 0.95)
		};
	}
});

export const delayContinent = delayOn('continent');
export const delayWorld = delayOn('world');
