/** Many Node listeners in a few processes. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('crowd-process.ts', import.meta.url));

export type CrowdOrder =
	| { readonly type: 'grow'; readonly wanted: number; readonly untilMs: number }
	| { readonly type: 'count' | 'report' };

/** One listener. */
export interface CrowdReport {
	/** From its start, libp2p included, until sound would reach it. */
	readonly joinMs: number;
	readonly depth: number | null;
	readonly children: number;
	/** Frames since counting began, first copies. */
	readonly frames: number;
	/** Of the last sound it received, decoded: its length, the notes in it that follow one another, the gaps. */
	readonly seconds: number;
	readonly steps: number;
	readonly missed: number;
	/** Frames since it came: first copies, others, and how often a backup was asked to stand in for its parent. */
	readonly received: number;
	readonly duplicates: number;
	readonly standIns: number;
	readonly bytesUp: number;
}

export interface Crowd {
	readonly pids: readonly number[];
	/** How many have come. */
	readonly size: number;
	/** Resolves when there are that many in all and each of them is attached, or at that time (epoch, ms). */
	grow(wanted: number, untilMs: number): Promise<void>;
	/** Frames are counted from now on. */
	count(): Promise<void>;
	report(): Promise<CrowdReport[]>;
	end(): Promise<void>;
}

export function startCrowd(seedUrl: string, key: string, processes: number): Crowd {
	const all = Array.from({ length: processes }, () =>
		fork(PROGRAM, [seedUrl, key], { stdio: 'inherit', serialization: 'advanced' })
	);
	let size = 0;
	return {
		pids: all.map(({ pid }) => pid ?? 0),
		get size() {
			return size;
		},
		async grow(wanted, untilMs) {
			const share = (i: number): number => Math.floor((wanted + i) / processes);
			const sizes = await Promise.all(
				all.map((child, i) => ask(child, { type: 'grow', wanted: share(i), untilMs }))
			);
			size = sizes.reduce((sum: number, one) => sum + Number(one), 0);
		},
		async count() {
			await Promise.all(all.map((child) => ask(child, { type: 'count' })));
		},
		async report() {
			const reports = await Promise.all(all.map((child) => ask(child, { type: 'report' })));
			return reports.flatMap((one) => one as CrowdReport[]);
		},
		async end() {
			await Promise.all(all.map(endOne));
		}
	};
}

async function ask(child: ChildProcess, order: CrowdOrder): Promise<unknown> {
	const stopped = new AbortController();
	const { signal } = stopped;
	const answered = once(child, 'message', { signal });
	const died = once(child, 'exit', { signal }).then(() => {
		throw new Error('A process of the crowd ended.');
	});
	child.send(order);
	try {
		const [{ answer }] = (await Promise.race([answered, died])) as [{ answer: unknown }];
		return answer;
	} finally {
		died.catch(() => undefined);
		stopped.abort();
	}
}

async function endOne(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, 'exit');
	child.disconnect();
	await ended;
}
