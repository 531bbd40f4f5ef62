/**
 * How far listeners are from the speaker, along the tree: one part of the stories of two thousand, and on a continent a
 * story of its own, for a crowd that came within ten seconds moves closer for some minutes.
 */
import { openCrowd, treeDelaysMs, type Crowd } from '../sim/crowd.ts';
import type { Land } from '../sim/places.ts';
import { quantile } from './tree-measures.ts';
import type { Aim, Figures, Scenario } from './tree-scenario.ts';

const IDEAL = {
	continent: { p95Ms: 150, random: 353 },
	world: { p95Ms: 280, random: 738 }
} as const;

/** Two minutes after the last has come, hardly anybody moves any more. */
const AT_REST_MS = 120_000;

/** `when`: how long after the last has come. */
export const delayAims = (land: Land, when: string): readonly Aim[] => [
	{
		figure: 'treeP95',
		what: `delay along the tree ${when}, p95`,
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

export const near: Scenario = {
	title: '2,000 listeners on a continent, two minutes after the last has come',
	seeds: { full: 20, short: 1 },
	aims: delayAims('continent', 'after two minutes'),
	tell(seed, short) {
		const room = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
			{ listeners: short ? 300 : 2_000, quietMs: short ? 20_000 : AT_REST_MS, settleMs: 0 }
		);
		return delaysOf(room);
	}
};
