import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { diskContract } from './disk-contract.ts';

const folders: string[] = [];

afterEach(async () => {
	await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function newFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'grapevine-'));
	folders.push(folder);
	return folder;
}

diskContract('a disk in files', async () => {
	const folder = join(await newFolder(), 'recordings');
	return {
		disk: createFsDisk(folder),
		reopened: () => Promise.resolve(createFsDisk(folder))
	};
});

describe('a disk in files', () => {
	it('lets nobody else read them', async () => {
		const folder = await newFolder();
		const file = await createFsDisk(folder).open('one', 'sound');
		await file.close();
		expect((await stat(join(folder, 'one', 'sound'))).mode & 0o777).toBe(0o600);
		expect((await stat(join(folder, 'one'))).mode & 0o777).toBe(0o700);
	});

	it('opens no file twice at once', async () => {
		const disk = createFsDisk(await newFolder());
		const file = await disk.open('one', 'sound');
		await expect(disk.open('one', 'sound')).rejects.toThrow('open already');
		await file.close();
		await (await disk.open('one', 'sound')).close();
	});
});
