/** What travels in vain: frames that were there before, and everything that is not sound. */
import { fanoutOf, openCrowd, REST_MS } from '../sim/crowd.ts';
import { FIRST_LISTENER } from '../sim/wires.ts';
import { overheadOf } from './tree-measures.ts';
import type { Aim, Scenario } from './tree-scenario.ts';

const FOR_MS = 20_000;
/** Twenty and forty times what the crowd of `tree-crowd` has. */
const CHURN_PER_MINUTE = 0.1;
const HARD_CHURN_PER_MINUTE = 0.2;
const CONTROL_MAX = 0.05;

const aims = (duplicatesMax: number): readonly Aim[] => [
	{
		figure: 'duplicates',
		what: 'frames that were there before',
		reach: { atMost: duplicatesMax },
		as: 'ratio',
		reference: 'iroh-gossip 0.2, gossipsub 2 and more'
	},
	{
		figure: 'control',
		what: 'everything else, against the payload',
		reach: { atMost: CONTROL_MAX },
		as: 'share',
		reference: ''
	},
	{ figure: 'controlChannel', what: '  control channel', reach: null, as: 'share', reference: '' },
	{ figure: 'heartbeats', what: '  heartbeats', reach: null, as: 'share', reference: '' },
	{ figure: 'repairTalk', what: '  digests and pulls', reach: null, as: 'share', reference: '' },
	{
		figure: 'overhead',
		what: 'bytes of frames sent for each wanted',
		reach: null,
		as: 'ratio',
		reference: ''
	},
	{
		figure: 'proofs',
		what: 'proofs, against frames without them',
		reach: null,
		as: 'share',
		reference: ''
	}
];

const copies = (title: string, churnPerMinute: number, duplicatesMax: number): Scenario => ({
	title,
	seeds: { full: 20, short: 2 },
	aims: aims(duplicatesMax),
	tell(seed, short) {
		const count = short ? 150 : 500;
		const { world, host, listeners, dice } = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
			{ listeners: count, quietMs: REST_MS, settleMs: 20_000 }
		);
		const here = [...listeners];
		const overhead = overheadOf(world, listeners, host);

		const everyMs = churnPerMinute === 0 ? FOR_MS : 60_000 / (churnPerMinute * count);
		for (let passedMs = 0; passedMs < FOR_MS; passedMs += everyMs) {
			world.run(Math.min(everyMs, FOR_MS - passedMs));
			if (churnPerMinute === 0) continue;
			const place = Math.floor(dice.next() * here.length);
			if (dice.chance(0.5)) world.kill(here[place]!);
			else world.leave(here[place]!);
			here[place] = world.join(FIRST_LISTENER + world.members.size, fanoutOf(dice));
		}
		return overhead();
	}
});

export const copiesStable = copies(
	'Copies and control, 500 listeners, nobody comes or goes',
	0,
	0.05
);
export const copiesChurn = copies(
	'Copies and control, 500 listeners, 10 % go and come each minute',
	CHURN_PER_MINUTE,
	0.15
);
export const copiesHardChurn = copies(
	'Copies and control, 500 listeners, 20 % go and come each minute',
	HARD_CHURN_PER_MINUTE,
	0.15
);
