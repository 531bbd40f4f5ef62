/** Relays that forge or say things again: how long anybody stays below them, and what is played of it. */
import { parentOf } from '../sim/crowd.ts';
import { alters, invents, replays } from '../sim/liars.ts';
import { CALM, openRoom, type Room } from '../sim/room.ts';
import type { Lie, Member } from '../sim/world.ts';
import { quantile } from './tree-measures.ts';
import type { Figures, Scenario } from './tree-scenario.ts';

const SIZE = { speakers: 2, listeners: 60, fanout: 3 };
/** Places are found, and backups. */
const REST_MS = 4_000;
const WATCHED_MS = 3_000;
/** How often it is looked who is below the liar. */
const LOOK_EVERY_MS = 10;

const LIES: readonly (readonly [name: string, lie: () => Lie])[] = [
	['altered', () => alters],
	['invented', () => invents],
	['replayed', () => replays(1)]
];

export const forger: Scenario = {
	title: 'The busiest of 60 relays alters, invents or repeats frames; two people speak',
	seeds: { full: 20, short: 4 },
	aims: [
		...LIES.map(
			([name]) =>
				({
					figure: `${name}Ms`,
					what: `${name}: the last of its children has left it after`,
					reach: { atMost: 1_000 },
					as: 'ms',
					reference: 'nobody signs sound there'
				}) as const
		),
		{
			figure: 'named',
			what: 'of its children, who names it in the diagnostics',
			reach: { atLeast: 1 },
			as: 'share',
			reference: ''
		},
		{
			figure: 'played',
			what: 'frames played that nobody said, or twice',
			reach: { atMost: 0 },
			as: 'count',
			reference: ''
		},
		{ figure: 'childrenP50', what: 'children it had', reach: null, as: 'count', reference: '' }
	],
	tell(seed) {
		const told = LIES.map(([name, lie]) => ({ name, ...deceive(seed, lie()) }));
		const sum = (of: (one: (typeof told)[number]) => number): number =>
			told.reduce((all, one) => all + of(one), 0);
		return {
			...Object.fromEntries(told.map(({ name, leftMs }) => [`${name}Ms`, leftMs])),
			named: sum((one) => one.named) / sum((one) => one.children),
			played: sum((one) => one.played),
			childrenP50: quantile(
				told.map((one) => one.children),
				0.5
			)
		} satisfies Figures;
	}
};

interface Deceit {
	readonly children: number;
	readonly leftMs: number;
	readonly named: number;
	readonly played: number;
}

function deceive(seed: number, lie: Lie): Deceit {
	const room = openRoom({ ...CALM, seed }, SIZE);
	const { world, listeners } = room;
	world.run(REST_MS);
	const liar = busiest(room);
	const children = listeners.filter((one) => parentOf(world, one) === liar);
	liar.lie = lie;
	const startMs = world.nowMs;
	let leftMs = 0;
	while (world.nowMs - startMs < WATCHED_MS) {
		world.run(LOOK_EVERY_MS);
		const isBelow = children.some((one) => parentOf(world, one) === liar);
		if (isBelow) leftMs = world.nowMs - startMs;
	}
	const names = (one: Member): boolean =>
		one.peer.diagnostics(world.nowMs).blamed.some(({ peer }) => peer === liar.id);
	return {
		children: children.length,
		leftMs,
		named: children.filter(names).length,
		played: listeners.reduce((sum, { wrong, twice }) => sum + wrong + twice, 0)
	};
}

function busiest(room: Room): Member {
	const childrenOf = ({ peer }: Member): number =>
		peer.diagnostics(room.world.nowMs).children.length;
	const [most] = [...room.listeners].sort((a, b) => childrenOf(b) - childrenOf(a));
	if (most === undefined) throw new Error('Nobody listens.');
	return most;
}
