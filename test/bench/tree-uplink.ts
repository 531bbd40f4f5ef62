/** What the host sends, whatever the size of its audience. */
import { openCrowd } from '../sim/crowd.ts';
import type { Scenario } from './tree-scenario.ts';

const SIZES = [10, 100, 1_000, 10_000];
const SHORT_MAX = 100;
const FOR_MS = 4_000;

export const uplink: Scenario = {
	title: "The host's uplink, headers included; it carries up to 6",
	seeds: { full: 1, short: 1 },
	aims: [
		...SIZES.map(
			(size) =>
				({
					figure: `to${size}`,
					what: `with ${size.toLocaleString('en')} listeners`,
					reach: null,
					as: 'kbit/s',
					reference: `mesh: ${size} links`
				}) as const
		),
		{
			figure: 'growth',
			what: 'the largest room against the room of 10',
			reach: { atMost: 1.1 },
			as: 'ratio',
			reference: 'grows with each listener in a mesh'
		}
	],
	tell(seed, short) {
		const sizes = SIZES.filter((size) => !short || size <= SHORT_MAX);
		const sent = sizes.map((size) => [`to${size}`, uplinkKbps(seed, size)] as const);
		const [first, last] = [sent[0]?.[1] ?? NaN, sent.at(-1)?.[1] ?? NaN];
		return { ...Object.fromEntries(sent), growth: last / first };
	}
};

function uplinkKbps(seed: number, listeners: number): number {
	const { world, host } = openCrowd(
		{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
		{ listeners, settleMs: 5_000, comeWithinMs: Math.max(5_000, 5 * listeners) }
	);
	const before = host.sentBytes;
	world.run(FOR_MS);
	return ((host.sentBytes - before) * 8) / FOR_MS;
}
