/**
 * Two thousand listeners on ordinary lines of one continent: how far they are from the speaker, what they hear while
 * some go and others come, and what happens when a fifth vanishes at once. One room for all of it: to build it and to
 * let it find its rest is half of what a story takes.
 */
import { fanoutOf, openCrowd, REST_MS, type Crowd } from '../sim/crowd.ts';
import { createGauge } from '../sim/gauge.ts';
import { FIRST_LISTENER } from '../sim/wires.ts';
import { delayAims, delaysOf } from './tree-delay.ts';
import { killMany, MASS_AIMS } from './tree-mass.ts';
import { overheadOf } from './tree-measures.ts';
import type { Figures, Scenario } from './tree-scenario.ts';

const MINUTE_MS = 60_000;
const CHURN_PER_MINUTE = 0.005;
/** Sound is on for so long before it is measured. */
const SETTLE_MS = 4_000;
const FOR_MS = 8_000;
/** What was said last has arrived, or never will. */
const ARRIVED_MS = 1_500;

export const crowd: Scenario = {
	title: '2,000 listeners on a continent, 0.5-1 % loss a hop, 0.5 % go and come each minute',
	seeds: { full: 20, short: 1 },
	aims: [
		...delayAims('continent', 'after a minute'),
		{
			figure: 'within300',
			what: 'heard within 300 ms',
			reach: { atLeast: 0.995 },
			as: 'share',
			reference: 'same project: 99 % in 2 s'
		},
		{
			figure: 'within1000',
			what: 'heard within 1 s',
			reach: { atLeast: 0.999 },
			as: 'share',
			reference: ''
		},
		{
			figure: 'least',
			what: 'the same for whoever heard least',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		},
		{
			figure: 'overhead',
			what: 'overhead: bytes of frames sent for each wanted',
			reach: { atMost: 1.15 },
			as: 'ratio',
			reference: 'same project: 1.3'
		},
		{
			figure: 'packets',
			what: 'packets of frames sent for each wanted',
			reach: null,
			as: 'ratio',
			reference: ''
		},
		{
			figure: 'delayP50',
			what: 'from said to playable, p50',
			reach: null,
			as: 'ms',
			reference: ''
		},
		{ figure: 'delayP95', what: 'the same, p95', reach: null, as: 'ms', reference: '' },
		...MASS_AIMS[20]
	],
	tell(seed, short) {
		const room = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
			{
				listeners: short ? 300 : 2_000,
				quietMs: short ? 10_000 : REST_MS,
				settleMs: SETTLE_MS
			}
		);
		return { ...delaysOf(room), ...hear(room), ...killMany(room, 20) };
	}
};

/** What is heard while some go and others come. */
function hear({ world, host, listeners, dice }: Crowd): Figures {
	const endMs = world.nowMs + FOR_MS;
	let number = FIRST_LISTENER + listeners.length;
	const everyMs = MINUTE_MS / (CHURN_PER_MINUTE * listeners.length);
	const churn = (): void => {
		if (world.nowMs >= endMs) return;
		const leaver = listeners[Math.floor(dice.next() * listeners.length)];
		// One half says goodbye, the other half is gone.
		if (leaver?.alive === true && dice.chance(0.5)) world.kill(leaver);
		else if (leaver?.alive === true) world.leave(leaver);
		world.join(number++, fanoutOf(dice));
		world.after(everyMs, churn);
	};
	world.after(everyMs * dice.next(), churn);
	const gauge = createGauge(world, host, listeners);
	const overhead = overheadOf(world, listeners, host);
	world.run(FOR_MS);
	gauge.stop();
	const figures = overhead();
	world.run(ARRIVED_MS);
	return {
		within300: gauge.shareWithin(300),
		within1000: gauge.shareWithin(1_000),
		least: gauge.leastWithin(1_000),
		delayP50: gauge.delayMs(0.5),
		delayP95: gauge.delayMs(0.95),
		...figures
	};
}
