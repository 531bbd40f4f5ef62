/** What the host sends, whatever the size of its audience. */
import { openCrowd } from '../sim/crowd.ts';
import type { Aim, Scenario } from './tree-scenario.ts';

const SIZES = [10, 100, 1_000];
const MOST = 10_000;
const SHORT_MAX = 100;
const SETTLE_MS = 2_000;
const FOR_MS = 2_000;

const aims = (sizes: readonly number[]): readonly Aim[] => [
	...sizes.map(
		(size) =>
			({
				figure: `to${size}`,
				what: `with ${size.toLocaleString('en')} listeners`,
				reach: null,
				as: 'kbit/s',
				reference: `mesh: ${size.toLocaleString('en')} links`
			}) as const
	),
	{
		figure: 'growth',
		what: `the room of ${sizes.at(-1)?.toLocaleString('en')} against the room of 10`,
		reach: { atMost: 1.1 },
		as: 'ratio',
		reference: 'grows with each listener in a mesh'
	}
];

const uplinkTo = (sizes: readonly number[], seeds: Scenario['seeds']): Scenario => ({
	title: "The host's uplink, headers included; it carries up to 6",
	seeds,
	aims: aims(sizes),
	tell(seed, short) {
		const told = sizes.filter((size) => !short || size <= SHORT_MAX);
		const sent = told.map((size) => [`to${size}`, uplinkKbps(seed, size)] as const);
		const [first, last] = [sent[0]?.[1] ?? NaN, sent.at(-1)?.[1] ?? NaN];
		return { ...Object.fromEntries(sent), growth: last / first };
	}
});

export const uplink = uplinkTo(SIZES, { full: 20, short: 1 });
export const uplinkMost = uplinkTo([10, MOST], { full: 1, short: 1 });

function uplinkKbps(seed: number, listeners: number): number {
	const { world, host } = openCrowd(
		{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
		{ listeners, settleMs: SETTLE_MS, comeWithinMs: Math.max(5_000, 5 * listeners) }
	);
	const before = host.sentBytes;
	world.run(FOR_MS);
	return ((host.sentBytes - before) * 8) / FOR_MS;
}
