/** All scenarios of the simulated tree, in the order of the table. */
import { copiesChurn, copiesHardChurn, copiesStable } from './tree-copies.ts';
import { crowd } from './tree-crowd.ts';
import { deepBursts, deepLoss } from './tree-deep.ts';
import { delayContinent, delayWorld } from './tree-delay.ts';
import { reactions, removalByGossip, removalByLinks } from './tree-law.ts';
import { lossy } from './tree-lossy.ts';
import { killedFifth, killedHalf } from './tree-mass.ts';
import { parentKilled } from './tree-parent.ts';
import { scaleMost, scaleThousands } from './tree-scale.ts';
import type { Scenario } from './tree-scenario.ts';
import { uplink } from './tree-uplink.ts';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
	'tree-lossy': lossy,
	'tree-parent': parentKilled,
	'tree-deep': deepLoss,
	'tree-bursts': deepBursts,
	'tree-stable': copiesStable,
	'tree-churn': copiesChurn,
	'tree-churn-hard': copiesHardChurn,
	'tree-crowd': crowd,
	'tree-continent': delayContinent,
	'tree-world': delayWorld,
	'tree-fifth': killedFifth,
	'tree-half': killedHalf,
	'tree-uplink': uplink,
	'tree-removal': removalByLinks,
	'tree-removal-gossip': removalByGossip,
	'tree-reactions': reactions,
	'tree-scale': scaleThousands,
	'tree-scale-20000': scaleMost
};
