/** The browser's private files for the page, which has no synchronous handles: it asks a Worker that has. */
import type { AppendFile, Disk } from '#lib/io/ports.ts';
import type { DiskAnswer, DiskCall } from './disk.worker.ts';

export interface WorkerDisk extends Disk {
	/** Ends the Worker, as a crash would; nothing else may be called afterwards. */
	end(): void;
}

type Call = (what: DiskCall) => Promise<DiskAnswer & { ok: true }>;

/** In the folder `base` of this origin's files. The Worker is started with the first call. */
export function createWorkerDisk(base: string): WorkerDisk {
	let worker: Worker | null = null;
	const waiting = new Map<number, (answer: DiskAnswer) => void>();
	let tickets = 0;
	const start = (): Worker => {
		const started = new Worker(new URL('./disk.worker.ts', import.meta.url), { type: 'module' });
		started.onmessage = ({ data }: MessageEvent<DiskAnswer>) => {
			const answered = waiting.get(data.ticket);
			waiting.delete(data.ticket);
			answered?.(data);
		};
		return started;
	};
	const call: Call = async (what) => {
		const ticket = ++tickets;
		const answer = await new Promise<DiskAnswer>((resolve) => {
			waiting.set(ticket, resolve);
			(worker ??= start()).postMessage({ ...what, ticket });
		});
		if (answer.ok) return answer;
		const { name, message } = answer;
		// What kind it is goes along: a disk that is full is told by that alone in some browsers.
		throw name === 'RangeError'
			? new RangeError(message)
			: Object.assign(new Error(message), { name });
	};
	const ask =
		(verb: keyof Disk) =>
		async (...args: unknown[]): Promise<never> =>
			(await call({ on: 'disk', base, verb, args })).value as never;
	return {
		read: ask('read'),
		folders: ask('folders'),
		files: ask('files'),
		removeFolder: ask('removeFolder'),
		removeFile: ask('removeFile'),
		space: ask('space'),
		async open(...args) {
			const { value, size } = await call({ on: 'disk', base, verb: 'open', args });
			return fileOf(call, value as number, size);
		},
		end: () => worker?.terminate()
	};
}

function fileOf(call: Call, file: number, sizeNow: number): AppendFile {
	let size = sizeNow;
	const ask =
		(verb: 'append' | 'overwrite' | 'cut' | 'flush' | 'close') =>
		async (...args: unknown[]): Promise<void> => {
			({ size } = await call({ on: 'file', file, verb, args }));
		};
	return {
		get size() {
			return size;
		},
		append: ask('append'),
		overwrite: ask('overwrite'),
		cut: ask('cut'),
		flush: ask('flush'),
		close: ask('close')
	};
}
