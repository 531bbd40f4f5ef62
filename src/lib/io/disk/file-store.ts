/** What a Node program remembers: one file for each name, written beside and renamed, so never half a file. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '#lib/io/ports.ts';
import { checkedName } from './names.ts';

/** Keys are in there: nobody else may read them. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * Files in `folder`, which is made on the first `put`. Names are lower case letters, digits, dots and dashes, at
 * most 64; another one throws a RangeError. Rejects with the error of the file system (no permission, no space).
 */
export function createFileStore(folder: string): Store {
	const pathOf = (name: string): string => join(folder, checkedName(name));
	const get = async (name: string): Promise<Uint8Array | null> => {
		try {
			return new Uint8Array(await readFile(pathOf(name)));
		} catch (error) {
			if (isMissing(error)) return null;
			throw error;
		}
	};
	const put = async (name: string, value: Uint8Array): Promise<void> => {
		const path = pathOf(name);
		await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
		await writeWhole(path, value);
	};
	/** One after the other. Two programs do not share a folder. */
	let changing: Promise<void> = Promise.resolve();
	return {
		get,
		put,
		change(name, change) {
			const changed = changing
				.catch(() => undefined)
				.then(async () => put(name, change(await get(name))));
			changing = changed;
			return changed;
		},
		async delete(name) {
			await rm(pathOf(name), { force: true });
		}
	};
}

async function writeWhole(path: string, value: Uint8Array): Promise<void> {
	const draft = `${path}.${randomUUID()}.draft`;
	try {
		const file = await open(draft, 'wx', FILE_MODE);
		try {
			await file.writeFile(value);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
