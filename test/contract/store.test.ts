import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createFileStore } from '#lib/io/disk/file-store.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { storeContract } from './store-contract.ts';

const folders: string[] = [];

afterEach(async () => {
	await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function newFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'grapevine-'));
	folders.push(folder);
	return folder;
}

storeContract('a store in memory', () => {
	const store = createMemoryStore();
	return Promise.resolve({ store, reopened: () => Promise.resolve(store) });
});

storeContract('a store in files', async () => {
	const folder = join(await newFolder(), 'data');
	return {
		store: createFileStore(folder),
		reopened: () => Promise.resolve(createFileStore(folder))
	};
});

describe('a store in files', () => {
	it('lets nobody else read them, and leaves no drafts behind', async () => {
		const folder = await newFolder();
		const store = createFileStore(folder);
		await store.put('identity', Uint8Array.of(1));
		await store.put('identity', Uint8Array.of(2));
		expect(await readdir(folder)).toEqual(['identity']);
		expect((await stat(join(folder, 'identity'))).mode & 0o777).toBe(0o600);
	});

	it('says what is wrong when the folder cannot be made, and leaves no file', async () => {
		const folder = await newFolder();
		await createFileStore(folder).put('in-the-way', Uint8Array.of(1));
		const store = createFileStore(join(folder, 'in-the-way'));
		await expect(store.put('identity', Uint8Array.of(1))).rejects.toThrow(/EEXIST|ENOTDIR/);
	});

	it.each(['../identity', '', 'a/b', '.hidden', 'UPPER'])('refuses the name "%s"', async (name) => {
		const store = createFileStore(await newFolder());
		await expect(store.put(name, Uint8Array.of(1))).rejects.toThrow(RangeError);
		await expect(store.get(name)).rejects.toThrow(RangeError);
	});
});
