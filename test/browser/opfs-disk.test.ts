import { afterEach, describe, expect, it } from 'vitest';
import { createOpfsDisk, hasPrivateFiles } from '#lib/io/disk/opfs-disk.ts';
import { createWorkerDisk, type WorkerDisk } from '#lib/io/disk/worker-disk.ts';
import type { Disk } from '#lib/io/ports.ts';
import { diskContract } from '../contract/disk-contract.ts';

const bases: string[] = [];
const opened: WorkerDisk[] = [];

afterEach(async () => {
	for (const disk of opened.splice(0)) disk.end();
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

/** A disk in a Worker, asked from here. */
function diskInWorker(base: string): WorkerDisk {
	const disk = createWorkerDisk(base);
	opened.push(disk);
	return disk;
}

diskContract('the private files of a browser, in a Worker', () => {
	const base = newBase();
	const disk = diskInWorker(base);
	return Promise.resolve({
		disk,
		reopened: async () => {
			disk.end();
			const next = diskInWorker(base);
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
		const disk = diskInWorker(base);
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
		const disk = diskInWorker(newBase());
		await disk.open('one', 'sound');
		await expect(disk.open('one', 'sound')).rejects.toThrow();
	});
});
