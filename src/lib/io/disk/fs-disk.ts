/** Recordings and other large files of a Node program: folders in a folder. */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppendFile, Disk } from '#lib/io/ports.ts';
import { checkedName } from './names.ts';

/** What people said is in there: nobody else may read it. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** `base` is made with the first file. */
export function createFsDisk(base: string): Disk {
	const opened = new Set<string>();
	const pathOf = (folder: string, file: string): string =>
		join(base, checkedName(folder), checkedName(file));
	return {
		async open(folder, file) {
			const path = pathOf(folder, file);
			if (opened.has(path)) throw new Error(`It is open already: ${path}`);
			opened.add(path);
			try {
				await mkdir(join(base, folder), { recursive: true, mode: FOLDER_MODE });
				const handle = await open(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
				const { size } = await handle.stat();
				return appendFile(handle, size, () => opened.delete(path));
			} catch (error) {
				opened.delete(path);
				throw error;
			}
		},
		async read(folder, file, offset, length) {
			const handle = await openedOrNull(pathOf(folder, file));
			if (handle === null) return new Uint8Array(0);
			try {
				const bytes = new Uint8Array(length);
				const { bytesRead } = await handle.read(bytes, 0, length, offset);
				return bytes.subarray(0, bytesRead);
			} finally {
				await handle.close();
			}
		},
		folders: () => namesIn(base, 'folders'),
		async files(folder) {
			const path = join(base, checkedName(folder));
			const names = await namesIn(path, 'files');
			return Promise.all(
				names.map(async (name) => ({ name, size: (await stat(join(path, name))).size }))
			);
		},
		async removeFolder(folder) {
			await rm(join(base, checkedName(folder)), { recursive: true, force: true });
		},
		async removeFile(folder, file) {
			await rm(pathOf(folder, file), { force: true });
		},
		async space() {
			await mkdir(base, { recursive: true, mode: FOLDER_MODE });
			const { bavail, bsize } = await statfs(base);
			return { used: await sizeOf(base), left: bavail * bsize };
		}
	};
}

function appendFile(handle: FileHandle, sizeNow: number, onClosed: () => void): AppendFile {
	let size = sizeNow;
	return {
		get size() {
			return size;
		},
		async append(bytes) {
			await writeAll(handle, bytes, size);
			size += bytes.length;
		},
		overwrite: (at, bytes) => writeAll(handle, bytes, at),
		async cut(to) {
			await handle.truncate(Math.min(size, to));
			size = Math.min(size, to);
		},
		flush: () => handle.datasync(),
		async close() {
			await handle.close();
			onClosed();
		}
	};
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
	for (let done = 0; done < bytes.length;) {
		const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
		done += bytesWritten;
	}
}

async function openedOrNull(path: string): Promise<FileHandle | null> {
	try {
		return await open(path, 'r');
	} catch (error) {
		if (isMissing(error)) return null;
		throw error;
	}
}

async function namesIn(path: string, what: 'folders' | 'files'): Promise<string[]> {
	try {
		const entries = await readdir(path, { withFileTypes: true });
		const wanted = entries.filter((one) => one.isDirectory() === (what === 'folders'));
		return wanted.map(({ name }) => name).sort();
	} catch (error) {
		if (isMissing(error)) return [];
		throw error;
	}
}

async function sizeOf(base: string): Promise<number> {
	let sum = 0;
	for (const entry of await readdir(base, { withFileTypes: true, recursive: true })) {
		if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
	}
	return sum;
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
