/** How far listeners are from the speaker, along the tree: one part of the stories of two thousand. */
import { treeDelaysMs, type Crowd } from '../sim/crowd.ts';
import type { Land } from '../sim/places.ts';
import { quantile } from './tree-measures.ts';
import type { Aim, Figures } from './tree-scenario.ts';

const IDEAL = {
	continent: { p95Ms: 150, random: 353 },
	world: { p95Ms: 280, random: 738 }
} as const;

export const delayAims = (land: Land): readonly Aim[] => [
	{
		figure: 'treeP95',
		what: 'delay along the tree, p95',
		reach: { atMost: IDEAL[land].p95Ms },
		as: 'ms',
		reference: `random parents: ${IDEAL[land].random}`
	},
	{ figure: 'treeP50', what: 'the same, p50', reach: null, as: 'ms', reference: '' },
	{ figure: 'hops', what: 'hops, p95', reach: null, as: 'count', reference: '' }
];

export function delaysOf(room: Crowd): Figures {
	const delays = treeDelaysMs(room);
	const depths = room.listeners.map(
		(one) => one.peer.diagnostics(room.world.nowMs).depth ?? Infinity
	);
	return {
		treeP50: quantile(delays, 0.5),
		treeP95: quantile(delays, 0.95),
		hops: quantile(depths, 0.95)
	};
}
