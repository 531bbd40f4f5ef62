/** What travels in vain: frames that were there before, and everything that is not sound. */
import { fanoutOf, openCrowd, REST_MS, type Crowd } from '../sim/crowd.ts';
import type { Member } from '../sim/member.ts';
import { FIRST_LISTENER } from '../sim/wires.ts';
import { overheadOf } from './tree-measures.ts';
import type { Aim, Figures, Scenario } from './tree-scenario.ts';

/** Each of the three parts. */
const FOR_MS = 15_000;
const SETTLE_MS = 5_000;
/** Twenty and forty times what the crowd of `tree-crowd` has. */
const CHURN_PER_MINUTE = 0.1;
const HARD_CHURN_PER_MINUTE = 0.2;
const CONTROL_MAX = 0.05;

type Part = 'stable' | 'churn' | 'hard';

const aims = (part: Part, when: string, duplicatesMax: number): readonly Aim[] => [
	{
		figure: `${part}Duplicates`,
		what: `${when}: frames that were there before`,
		reach: { atMost: duplicatesMax },
		as: 'ratio',
		reference: 'iroh-gossip 0.2, gossipsub 2 and more'
	},
	{
		figure: `${part}Control`,
		what: `${when}: everything else, against the payload`,
		reach: { atMost: CONTROL_MAX },
		as: 'share',
		reference: ''
	},
	...details(part)
];

const details = (part: Part): readonly Aim[] =>
	(
		[
			['ControlChannel', '  control channel', 'share'],
			['Heartbeats', '  heartbeats', 'share'],
			['RepairTalk', '  digests and pulls', 'share'],
			['Overhead', 'bytes of frames sent for each wanted', 'ratio'],
			['Proofs', 'proofs, against frames without them', 'share']
		] as const
	).map(([name, what, as]) => ({ figure: `${part}${name}`, what, reach: null, as, reference: '' }));

export const copies: Scenario = {
	title: 'Copies and control, 500 listeners: nobody comes or goes, then some do, then many',
	seeds: { full: 20, short: 2 },
	aims: [
		...aims('stable', 'nobody comes or goes', 0.05),
		...aims('churn', '10 % go and come each minute', 0.15),
		...aims('hard', '20 % do', 0.15)
	],
	tell(seed, short) {
		const room = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
			{ listeners: short ? 150 : 500, quietMs: REST_MS, settleMs: SETTLE_MS }
		);
		const here = [...room.listeners];
		return {
			...partOf('stable', room, here, 0),
			...partOf('churn', room, here, CHURN_PER_MINUTE),
			...partOf('hard', room, here, HARD_CHURN_PER_MINUTE)
		};
	}
};

/** `here` is who is in the room, and is kept so. */
function partOf(
	part: Part,
	{ world, host, dice }: Crowd,
	here: Member[],
	churnPerMinute: number
): Figures {
	const overhead = overheadOf(world, [...here], host);
	const everyMs = churnPerMinute === 0 ? FOR_MS : 60_000 / (churnPerMinute * here.length);
	for (let passedMs = 0; passedMs < FOR_MS; passedMs += everyMs) {
		world.run(Math.min(everyMs, FOR_MS - passedMs));
		if (churnPerMinute === 0) continue;
		const place = Math.floor(dice.next() * here.length);
		if (dice.chance(0.5)) world.kill(here[place]!);
		else world.leave(here[place]!);
		here[place] = world.join(FIRST_LISTENER + world.members.size, fanoutOf(dice));
	}
	return Object.fromEntries(
		Object.entries(overhead()).map(([name, value]) => [
			`${part}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
			value
		])
	);
}
