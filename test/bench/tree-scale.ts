/** How many listeners the simulator itself can carry, on two threads: one speaks all the time, the others listen. */
import { memoryUsage, threadCpuUsage } from 'node:process';
import { openCrowd } from '../sim/parallel/crowd.ts';
import type { Share } from '../sim/parallel/share.ts';
import { tellStory } from '../sim/parallel/story.ts';
import type { Scenario } from './tree-scenario.ts';

const THREADS = 2;

const FOR_MS = 60_000;
const SHORT_FOR_MS = 10_000;
const SHORT_LISTENERS = 500;
const WALL_MAX_S = 300;
const MEMORY_MAX_MB = 4_000;
const DEADLINE_MS = 300;
const FRAME_MS = 20;

const scale = (most: number): Scenario => ({
	title: `The simulator: ${most.toLocaleString('en')} listeners for 60 simulated seconds`,
	seeds: { full: 1, short: 1 },
	threads: THREADS,
	timed: true,
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
			what: 'of a processor, both threads together, in seconds',
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
			what: 'of a processor until all had come, in seconds',
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
		const parts = tellStory(scaleStory, {
			module: import.meta.url,
			threads: THREADS,
			world: { seed, delayMs: [10, 50], land: 'continent', loss: [0.005, 0.01], gossip: true },
			ask: { count, forMs }
		});
		const sum = (part: (one: ScalePart) => number): number =>
			parts.reduce((all, one) => all + part(one), 0);
		return {
			wallS: Math.max(...parts.map((one) => one.wallS)),
			cpuS: sum((one) => one.cpuS),
			joinCpuS: sum((one) => one.joinCpuS),
			memoryMb: memoryUsage().rss / 1e6,
			steps: sum((one) => one.steps) / count / (forMs / 1000),
			within300: sum((one) => one.within) / sum((one) => one.owed)
		};
	}
});

/** What one thread has to tell of its listeners. */
interface ScalePart {
	readonly wallS: number;
	readonly cpuS: number;
	readonly joinCpuS: number;
	readonly steps: number;
	/** Frames heard in time, of those that were said. */
	readonly within: number;
	readonly owed: number;
}

export function scaleStory(
	share: Share,
	{ count, forMs }: { readonly count: number; readonly forMs: number }
): ScalePart {
	const begunS = cpuS();
	const listeners = openCrowd(share, {
		listeners: count,
		comeWithinMs: 4 * count,
		settleMs: 5_000
	});
	const [startS, startMs, steps] = [cpuS(), performance.now(), share.steps];
	const endMs = share.nowMs + forMs;
	let within = 0;
	share.ears.push((_listener, _speaker, _seq, delayMs) => {
		const saidAtMs = share.nowMs - delayMs;
		if (saidAtMs >= endMs - forMs && saidAtMs < endMs && delayMs <= DEADLINE_MS) within++;
	});
	share.run(forMs);
	const figures = {
		wallS: (performance.now() - startMs) / 1000,
		cpuS: cpuS() - startS,
		joinCpuS: startS - begunS,
		steps: share.steps - steps
	};
	share.run(500);
	return { ...figures, within, owed: (listeners.length * forMs) / FRAME_MS };
}

function cpuS(): number {
	const { user, system } = threadCpuUsage();
	return (user + system) / 1e6;
}

export const scaleThousands = scale(5_000);
export const scaleMost = scale(20_000);
