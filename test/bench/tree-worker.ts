/** Tells stories of the simulated tree in a thread of its own: one after the other, as they are asked for. */
import { parentPort } from 'node:worker_threads';
import { SCENARIOS } from './tree-scenarios.ts';
import type { Figures } from './tree-scenario.ts';

export interface Job {
	readonly scenario: string;
	readonly seed: number;
	readonly short: boolean;
}

export interface Told {
	readonly job: Job;
	/** Null where the story broke, with the reason. */
	readonly figures: Figures | null;
	readonly reason: string;
}

parentPort?.on('message', (job: Job) => {
	parentPort?.postMessage(tell(job));
});

function tell(job: Job): Told {
	try {
		const figures = SCENARIOS[job.scenario]?.tell(job.seed, job.short) ?? null;
		return { job, figures, reason: figures === null ? 'There is no such scenario.' : '' };
	} catch (error) {
		const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
		return { job, figures: null, reason };
	}
}
