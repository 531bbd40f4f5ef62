/** Many vanish at once: how soon the others hear again. One part of the stories of two thousand. */
import type { Crowd } from '../sim/crowd.ts';
import { createInterruptions } from '../sim/gauge.ts';
import { quantile, shareOf } from './tree-measures.ts';
import type { Aim, Figures } from './tree-scenario.ts';

type Percent = 20 | 50;

export const MASS_AIMS: Readonly<Record<Percent, readonly Aim[]>> = {
	20: [
		{
			figure: 'within1s',
			what: 'a fifth killed at once: the others hear again within 1 s',
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
			what: 'paused once more while it was watched',
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
			what: 'half killed at once: the others hear again within 5 s',
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
/** Past the time in which all must hear again, by as long as it takes to show that they go on hearing. */
const WATCH_MS: Readonly<Record<Percent, number>> = { 20: 5_500, 50: 7_500 };

/** Kills them while the room talks, and runs on. */
export function killMany({ world, host, listeners, dice }: Crowd, percent: Percent): Figures {
	const watch = createInterruptions(world, host, listeners);
	for (const one of listeners) if (one.alive && dice.chance(percent / 100)) world.kill(one);
	world.run(WATCH_MS[percent]);
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
