/** A parent dies without a word: what its children's playout finds missing, and how soon they hang elsewhere. */
import { openCrowd, parentOf } from '../sim/crowd.ts';
import { attachPlayer, type Player } from '../sim/player.ts';
import type { Member, World } from '../sim/world.ts';
import { quantile, shareOf } from './tree-measures.ts';
import type { Scenario } from './tree-scenario.ts';

const LISTENERS = 60;
/** Round trips of 80 ms, as far as datagrams keep to that. */
const DELAY_MS = [38, 42] as const;
const KILLS = 6;
const BETWEEN_MS = 6_000;
const LOOK_EVERY_MS = 5;

export const parentKilled: Scenario = {
	title: 'A parent is killed, round trips of 80 ms',
	seeds: { full: 20, short: 3 },
	aims: [
		{
			figure: 'gapP50',
			what: 'nothing to play at its children, p50',
			reach: { atMost: 0 },
			as: 'ms',
			reference: '750-6,000'
		},
		{
			figure: 'gapP95',
			what: 'the same, p95',
			reach: { atMost: 120 },
			as: 'ms',
			reference: 'for ever in a plain relay'
		},
		{
			figure: 'attachedP95',
			what: 'attached to another, p95',
			reach: { atMost: 300 },
			as: 'ms',
			reference: '750-6,000'
		},
		{
			figure: 'gapAllP95',
			what: 'nothing to play at all others meanwhile, p95',
			reach: null,
			as: 'ms',
			reference: ''
		},
		{
			figure: 'gapless',
			what: 'children without any gap',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		},
		{
			figure: 'delayP50',
			what: 'from said to played, p50, without encoder and devices',
			reach: null,
			as: 'ms',
			reference: ''
		}
	],
	tell(seed) {
		const room = openCrowd(
			{ seed, delayMs: DELAY_MS, loss: 0, gossip: true },
			{ listeners: LISTENERS, fanout: 4, hostFanout: 4, comeWithinMs: 5_000 }
		);
		const { world, host, listeners } = room;
		const players = new Map(listeners.map((one) => [one, attachPlayer(world, one, host)]));
		world.run(8_000);
		const story = { gaps: [] as number[], others: [] as number[], attached: [] as number[] };
		const delays: number[] = [];
		for (let kill = 0; kill < KILLS; kill++) {
			const victim = midTree(world, listeners, host, kill);
			if (victim === null) break;
			for (const player of players.values()) {
				delays.push(...player.delaysMs.slice(-50));
				player.reset();
			}
			const children = childrenOf(world, listeners, victim);
			world.kill(victim);
			story.attached.push(...reattachMs(world, children, victim));
			for (const [listener, player] of players) {
				if (listener.alive) gapsOf(story, children, listener).push(player.gapMs);
			}
		}
		stop(players);
		return {
			gapP50: quantile(story.gaps, 0.5),
			gapP95: quantile(story.gaps, 0.95),
			gapless: shareOf(story.gaps, (gapMs) => gapMs === 0),
			gapAllP95: quantile(story.others, 0.95),
			attachedP95: quantile(story.attached, 0.95),
			delayP50: quantile(delays, 0.5)
		};
	}
};

function stop(players: ReadonlyMap<Member, Player>): void {
	for (const player of players.values()) player.stop();
}

const gapsOf = (
	story: { readonly gaps: number[]; readonly others: number[] },
	children: readonly Member[],
	listener: Member
): number[] => (children.includes(listener) ? story.gaps : story.others);

/** Somebody below the speaker who carries others, another one each time. */
function midTree(
	world: World,
	listeners: readonly Member[],
	host: Member,
	turn: number
): Member | null {
	const carriers = listeners.filter(
		(one) => one.alive && childrenOf(world, listeners, one).length > 0
	);
	const deep = carriers.filter((one) => parentOf(world, one) !== host);
	const choice = turn % 2 === 0 && deep.length > 0 ? deep : carriers;
	return choice[(7 * turn) % Math.max(1, choice.length)] ?? null;
}

const childrenOf = (world: World, listeners: readonly Member[], parent: Member): Member[] =>
	listeners.filter((one) => one.alive && one !== parent && parentOf(world, one) === parent);

/** How long each child takes to another parent; looks until the next kill is due. */
function reattachMs(world: World, children: readonly Member[], victim: Member): number[] {
	const startMs = world.nowMs;
	const tookMs = new Map<Member, number>();
	while (world.nowMs - startMs < BETWEEN_MS) {
		const waiting = children.filter((one) => !tookMs.has(one));
		for (const one of waiting) {
			const parent = parentOf(world, one);
			if (parent !== null && parent !== victim) tookMs.set(one, world.nowMs - startMs);
		}
		world.run(waiting.length > 0 ? LOOK_EVERY_MS : BETWEEN_MS - (world.nowMs - startMs));
	}
	return children.map((one) => tookMs.get(one) ?? Infinity);
}
