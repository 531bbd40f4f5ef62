/** How many listeners the simulator itself can carry: one speaks all the time, the others listen. */
import { memoryUsage, threadCpuUsage } from 'node:process';
import { openCrowd } from '../sim/crowd.ts';
import { createGauge } from '../sim/gauge.ts';
import type { Scenario } from './tree-scenario.ts';

const FOR_MS = 60_000;
const SHORT_FOR_MS = 10_000;
const SHORT_LISTENERS = 500;
const WALL_MAX_S = 300;
const MEMORY_MAX_MB = 4_000;

const scale = (most: number): Scenario => ({
	title: `The simulator: ${most.toLocaleString('en')} listeners for 60 simulated seconds`,
	seeds: { full: 1, short: 1 },
	aims: [
		{
			figure: 'wallS',
			what: 'took, in seconds',
			reach: most > 5_000 ? null : { atMost: WALL_MAX_S },
			as: 'count',
			reference: ''
		},
		{
			figure: 'cpuS',
			what: 'of one processor, in seconds',
			reach: null,
			as: 'count',
			reference: ''
		},
		{
			figure: 'memoryMb',
			what: 'memory, in megabytes',
			reach: { atMost: MEMORY_MAX_MB },
			as: 'count',
			reference: ''
		},
		{
			figure: 'joinCpuS',
			what: 'of one processor until all had come, in seconds',
			reach: null,
			as: 'count',
			reference: ''
		},
		{
			figure: 'steps',
			what: 'inputs for each listener and second',
			reach: null,
			as: 'count',
			reference: ''
		},
		{
			figure: 'within300',
			what: 'heard within 300 ms',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		}
	],
	tell(seed, short) {
		const count = short ? SHORT_LISTENERS : most;
		const forMs = short ? SHORT_FOR_MS : FOR_MS;
		const begunS = cpuS();
		const { world, host, listeners } = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
			{ listeners: count, comeWithinMs: 4 * count, settleMs: 5_000 }
		);
		const joinCpuS = cpuS() - begunS;
		const gauge = createGauge(world, host, listeners);
		const [startS, startMs, steps] = [cpuS(), performance.now(), world.steps];
		world.run(forMs);
		const done = world.steps - steps;
		const figures = {
			wallS: (performance.now() - startMs) / 1000,
			cpuS: cpuS() - startS,
			joinCpuS,
			memoryMb: memoryUsage().rss / 1e6,
			steps: done / count / (forMs / 1000)
		};
		gauge.stop();
		world.run(500);
		return { ...figures, within300: gauge.shareWithin(300) };
	}
});

function cpuS(): number {
	const { user, system } = threadCpuUsage();
	return (user + system) / 1e6;
}

export const scaleThousands = scale(5_000);
export const scaleMost = scale(20_000);
