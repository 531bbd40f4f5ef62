/** Jobs of the Worker that plays and exports recordings, as the page sees them. */
import type { ExportWish } from './export.ts';
import type { ReplayAsk, ReplayNews, ReplaySource, WhatIsRead } from './messages.ts';

export interface JobEvents {
	/** The next bytes come when it resolves; a rejection ends the job. */
	readonly onBytes: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
	/** From 0 to 1. */
	readonly onShare?: (share: number) => void;
}

export interface Job {
	/** Resolves when all bytes were taken, and rejects where it failed or was stopped. */
	readonly done: Promise<void>;
	stop(): void;
}

export interface Jobs {
	start(wish: ExportWish, events: JobEvents): Job;
	/** Stops whatever goes on, and the Worker with it. */
	close(): void;
}

export class Stopped extends Error {}

interface Going extends JobEvents {
	readonly resolve: () => void;
	readonly reject: (why: Error) => void;
}

/** Who leaves the list for a recording takes it within this; nobody else needs it. */
const SPARE_KEPT_MS = 10_000;

/** Started before anything was chosen: compiled, and warm, by the time somebody listens. */
let spare: Worker | null = null;

const newWorker = (): Worker =>
	new Worker(new URL('./replay.worker.ts', import.meta.url), { type: 'module' });

/** One is held ready from now on. Gives how to do without it. */
export function warmReplayWorker(): () => void {
	spare ??= newWorker();
	const mine = spare;
	return () => {
		setTimeout(() => {
			if (spare !== mine) return;
			spare = null;
			mine.terminate();
		}, SPARE_KEPT_MS);
	};
}

/** Starts while the page still reads what is to be played. Whoever has it ends it, or hands it to `openJobs`. */
export function startReplayWorker(): Worker {
	const worker = spare ?? newWorker();
	spare = null;
	return worker;
}

/** The first who presses "play", or seeks, should not wait for what is read before all sound. */
export function readAhead(worker: Worker, what: WhatIsRead): void {
	worker.postMessage({ type: 'open', what } satisfies ReplayAsk);
}

export function openJobs(worker: Worker, source: ReplaySource, nowMs: () => number): Jobs {
	const going = new Map<number, Going>();
	let jobs = 0;
	const ask = (what: ReplayAsk): void => worker.postMessage(what);
	const end = (job: number, why: Error | null): void => {
		const one = going.get(job);
		going.delete(job);
		if (why === null) one?.resolve();
		else one?.reject(why);
	};
	const stop = (job: number, why: Error): void => {
		if (!going.has(job)) return;
		ask({ type: 'stop', job });
		end(job, why);
	};
	worker.onmessage = ({ data }: MessageEvent<ReplayNews>) => {
		const { job } = data;
		const one = going.get(job);
		if (one === undefined) return;
		switch (data.type) {
			case 'bytes':
				one.onBytes(data.bytes).then(
					() => ask({ type: 'more', job }),
					(why: unknown) => stop(job, why instanceof Error ? why : new Error(String(why)))
				);
				break;
			case 'share':
				one.onShare?.(data.share);
				break;
			case 'done':
				end(job, null);
				break;
			case 'failed':
				end(job, new Error(data.reason));
		}
	};
	worker.onerror = (event) => {
		for (const job of [...going.keys()]) end(job, new Error(event.message));
	};
	return {
		start(wish, events) {
			const job = ++jobs;
			const done = new Promise<void>((resolve, reject) => {
				going.set(job, { ...events, resolve, reject });
			});
			ask({ type: 'start', job, source, wish, nowMs: nowMs() });
			return { done, stop: () => stop(job, new Stopped()) };
		},
		close() {
			for (const job of [...going.keys()]) stop(job, new Stopped());
			worker.terminate();
		}
	};
}
