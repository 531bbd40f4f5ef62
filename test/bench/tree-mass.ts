/** A fifth, or half, of two thousand listeners vanish at once: how soon the others hear again. */
import { openCrowd, REST_MS } from '../sim/crowd.ts';
import { createInterruptions } from '../sim/gauge.ts';
import { quantile, shareOf } from './tree-measures.ts';
import type { Aim, Scenario } from './tree-scenario.ts';

const AIMS: Readonly<Record<number, readonly Aim[]>> = {
	20: [
		{
			figure: 'within1s',
			what: 'hear again within 1 s',
			reach: { atLeast: 0.99 },
			as: 'share',
			reference: '5.3 % stranded with one backup'
		},
		{
			figure: 'lastMs',
			what: 'the last one hears again after',
			reach: { atMost: 3_000 },
			as: 'ms',
			reference: ''
		},
		{ figure: 'p99Ms', what: 'p99 hears again after', reach: null, as: 'ms', reference: '' },
		{
			figure: 'pausedLater',
			what: 'paused once more within 8 s',
			reach: null,
			as: 'share',
			reference: ''
		},
		{
			figure: 'untouched',
			what: 'never noticed',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		}
	],
	50: [
		{
			figure: 'within5s',
			what: 'hear again within 5 s',
			reach: { atLeast: 0.99 },
			as: 'share',
			reference: ''
		},
		{ figure: 'p99Ms', what: 'p99 hears again after', reach: null, as: 'ms', reference: '' },
		{
			figure: 'lastMs',
			what: 'the last one hears again after',
			reach: null,
			as: 'ms',
			reference: ''
		}
	]
};
/** Sound is on for so long before. */
const SETTLE_MS = 5_000;
/** All must hear within a fraction of that; what comes after shows whether the room finds its rest. */
const WATCH_MS = 8_000;

const killed = (percent: 20 | 50): Scenario => ({
	title: `${percent} % of 2,000 listeners killed at once`,
	seeds: { full: 20, short: 1 },
	aims: AIMS[percent]!,
	tell(seed, short) {
		const { world, host, listeners, dice } = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
			{ listeners: short ? 300 : 2_000, quietMs: short ? 10_000 : REST_MS, settleMs: SETTLE_MS }
		);
		const watch = createInterruptions(world, host, listeners);
		for (const one of listeners) if (dice.chance(percent / 100)) world.kill(one);
		world.run(WATCH_MS);
		const resumed = watch.resumedAfterMs();
		return {
			within1s: shareOf(resumed, (ms) => ms <= 1_000),
			within5s: shareOf(resumed, (ms) => ms <= 5_000),
			pausedLater: watch.pausedLater() / resumed.length,
			untouched: shareOf(resumed, (ms) => ms === 0),
			p99Ms: quantile(resumed, 0.99),
			lastMs: Math.max(...resumed)
		};
	}
});

export const killedFifth = killed(20);
export const killedHalf = killed(50);
