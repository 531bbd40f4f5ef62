import { afterEach, describe, expect, it } from 'vitest';
import { createOpfsDisk, hasPrivateFiles } from '#lib/io/disk/opfs-disk.ts';
import type { AppendFile, Disk } from '#lib/io/ports.ts';
import { diskContract } from '../contract/disk-contract.ts';
import type { DiskAnswer, DiskCall } from './disk.worker.ts';
import DiskWorker from './disk.worker.ts?worker';

const bases: string[] = [];
const workers: Worker[] = [];

afterEach(async () => {
	for (const worker of workers.splice(0)) worker.terminate();
	const root = await navigator.storage.getDirectory();
	// A handle of a Worker that was ended is let go of a moment later.
	await expect
		.poll(() => Promise.all(bases.map((base) => removed(root, base))))
		.toEqual(bases.map(() => true));
	bases.length = 0;
});

async function removed(root: FileSystemDirectoryHandle, base: string): Promise<boolean> {
	try {
		await root.removeEntry(base, { recursive: true });
		return true;
	} catch (error) {
		return (error as Error).name === 'NotFoundError';
	}
}

function newBase(): string {
	const base = `test-${crypto.randomUUID()}`;
	bases.push(base);
	return base;
}

/** A disk as the engine has it: in a Worker, asked from here. */
function diskInWorker(base: string): { disk: Disk; worker: Worker } {
	const worker = new DiskWorker();
	workers.push(worker);
	const waiting = new Map<number, (answer: DiskAnswer) => void>();
	let tickets = 0;
	worker.onmessage = ({ data }: MessageEvent<DiskAnswer>) => waiting.get(data.ticket)?.(data);
	const call = async (what: DiskCall): Promise<DiskAnswer & { ok: true }> => {
		const ticket = ++tickets;
		const answer = await new Promise<DiskAnswer>((resolve) => {
			waiting.set(ticket, resolve);
			worker.postMessage({ ...what, ticket });
		});
		if (answer.ok) return answer;
		throw answer.name === 'RangeError' ? new RangeError(answer.message) : new Error(answer.message);
	};
	const ask =
		(verb: keyof Disk) =>
		async (...args: unknown[]): Promise<never> =>
			(await call({ on: 'disk', base, verb, args })).value as never;
	const disk: Disk = {
		read: ask('read'),
		folders: ask('folders'),
		files: ask('files'),
		removeFolder: ask('removeFolder'),
		removeFile: ask('removeFile'),
		space: ask('space'),
		async open(...args) {
			const { value, size } = await call({ on: 'disk', base, verb: 'open', args });
			return fileOf(call, value as number, size);
		}
	};
	return { disk, worker };
}

function fileOf(
	call: (what: DiskCall) => Promise<DiskAnswer & { ok: true }>,
	file: number,
	sizeNow: number
): AppendFile {
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

diskContract('the private files of a browser, in a Worker', () => {
	const base = newBase();
	const { disk, worker } = diskInWorker(base);
	return Promise.resolve({
		disk,
		reopened: async () => {
			worker.terminate();
			const next = diskInWorker(base).disk;
			await expect.poll(() => canOpen(next)).toBe(true);
			return next;
		}
	});
});

/** The lock of a Worker that was ended goes with it, a moment later. */
async function canOpen(disk: Disk): Promise<boolean> {
	try {
		await (await disk.open('one', 'sound')).close();
		return true;
	} catch {
		return false;
	}
}

diskContract('the private files of a browser, on the page', () => {
	const base = newBase();
	return Promise.resolve({
		disk: createOpfsDisk(base),
		reopened: () => Promise.resolve(createOpfsDisk(base))
	});
});

describe('the private files of a browser', () => {
	it('are read from the page while a Worker writes them', async () => {
		const base = newBase();
		const { disk } = diskInWorker(base);
		const file = await disk.open('one', 'sound');
		const page = createOpfsDisk(base);
		for (let round = 1; round <= 3; round++) {
			await file.append(Uint8Array.of(round, round));
			await file.flush();
			expect(await page.read('one', 'sound', 2 * round - 2, 9)).toEqual(
				Uint8Array.of(round, round)
			);
			expect(await page.files('one')).toEqual([{ name: 'sound', size: 2 * round }]);
		}
		expect(hasPrivateFiles()).toBe(true);
	});

	it('opens no file twice at once', async () => {
		const { disk } = diskInWorker(newBase());
		await disk.open('one', 'sound');
		await expect(disk.open('one', 'sound')).rejects.toThrow();
	});
});
