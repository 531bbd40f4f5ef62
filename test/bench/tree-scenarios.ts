/** All scenarios of the simulated tree, in the order of the table. */
import { copies } from './tree-copies.ts';
import { crowd } from './tree-crowd.ts';
import { near } from './tree-delay.ts';
import { deepBursts, deepLoss } from './tree-deep.ts';
import { reactions, removalByGossip, removalByLinks } from './tree-law.ts';
import { forger } from './tree-forger.ts';
import { lossy } from './tree-lossy.ts';
import { parentKilled } from './tree-parent.ts';
import { scaleMost, scaleThousands } from './tree-scale.ts';
import type { Scenario } from './tree-scenario.ts';
import { uplink, uplinkMost } from './tree-uplink.ts';
import { world } from './tree-world.ts';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
	'tree-lossy': lossy,
	'tree-parent': parentKilled,
	'tree-deep': deepLoss,
	'tree-bursts': deepBursts,
	'tree-copies': copies,
	'tree-near': near,
	'tree-crowd': crowd,
	'tree-world': world,
	'tree-forger': forger,
	'tree-uplink': uplink,
	'tree-uplink-10000': uplinkMost,
	'tree-removal': removalByLinks,
	'tree-removal-gossip': removalByGossip,
	'tree-reactions': reactions,
	'tree-scale': scaleThousands,
	'tree-scale-20000': scaleMost
};
