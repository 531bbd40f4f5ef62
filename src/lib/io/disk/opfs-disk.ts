/**
 * The browser's private file system. In a Worker files are written through a synchronous handle: what was written there
 * outlives a crash of the page and of the browser. On the page, where there is none, a file is written anew with each
 * append, which is whole or not at all, and too slow for anything but a word now and then.
 */
import type { AppendFile, Disk, DiskSpace } from '#lib/io/ports.ts';
import { checkedName } from './names.ts';

/** As far as it is used here: not in the types of every platform's library. */
interface SyncHandle {
	write(bytes: Uint8Array, options: { at: number }): number;
	read(bytes: Uint8Array, options: { at: number }): number;
	truncate(size: number): void;
	getSize(): number;
	flush(): void;
	close(): void;
}

type FileHandle = FileSystemFileHandle & {
	readonly createSyncAccessHandle?: () => Promise<SyncHandle>;
};

/** Whether this browser has one. */
export const hasPrivateFiles = (): boolean =>
	typeof navigator !== 'undefined' && 'storage' in navigator && 'getDirectory' in navigator.storage;

/** In the folder `base` of this origin's files, made with the first of them. */
export function createOpfsDisk(base: string): Disk {
	const opened = new Map<string, SyncHandle>();
	return {
		async open(folder, file) {
			const handle = await fileOf(await folderOf(base, folder, true), checkedName(file), true);
			if (handle === null) throw new Error('A file could not be made.');
			if (handle.createSyncAccessHandle === undefined) return onPage(handle);
			const sync = await handle.createSyncAccessHandle();
			opened.set(`${folder}/${file}`, sync);
			return inWorker(sync, () => opened.delete(`${folder}/${file}`));
		},
		async read(folder, file, offset, length) {
			const sync = opened.get(`${folder}/${file}`);
			if (sync !== undefined) {
				const bytes = new Uint8Array(Math.max(0, Math.min(length, sync.getSize() - offset)));
				return bytes.subarray(0, sync.read(bytes, { at: offset }));
			}
			const handle = await fileOf(await folderOf(base, folder, false), checkedName(file), false);
			if (handle === null) return new Uint8Array(0);
			const blob = (await handle.getFile()).slice(offset, offset + length);
			return new Uint8Array(await blob.arrayBuffer());
		},
		folders: async () => (await entriesOf(await baseOf(base, false), 'directory')).sort(),
		async files(folder) {
			const directory = await folderOf(base, folder, false);
			const names = (await entriesOf(directory, 'file')).sort();
			return Promise.all(
				names.map(async (name) => {
					const sync = opened.get(`${folder}/${name}`);
					const handle = sync === undefined ? await fileOf(directory, name, false) : null;
					return { name, size: sync?.getSize() ?? (await handle?.getFile())?.size ?? 0 };
				})
			);
		},
		async removeFolder(folder) {
			await remove(await baseOf(base, false), checkedName(folder));
		},
		async removeFile(folder, file) {
			await remove(await folderOf(base, folder, false), checkedName(file));
		},
		space
	};
}

function inWorker(handle: SyncHandle, onClosed: () => void): AppendFile {
	let size = handle.getSize();
	return {
		get size() {
			return size;
		},
		append(bytes) {
			return attempt(() => {
				const written = handle.write(bytes, { at: size });
				// A half record is cut off, here or when it is opened again.
				if (written < bytes.length) throw new Error('There is no space left.');
				size += written;
			});
		},
		overwrite: (at, bytes) =>
			attempt(() => {
				if (handle.write(bytes, { at }) < bytes.length) throw new Error('There is no space left.');
			}),
		cut: (to) =>
			attempt(() => {
				size = Math.min(size, to);
				handle.truncate(size);
			}),
		flush: () => attempt(() => handle.flush()),
		close: () =>
			attempt(() => {
				handle.close();
				onClosed();
			})
	};
}

/** What a synchronous handle throws comes the way every other adapter's failures come. */
function attempt(act: () => void): Promise<void> {
	try {
		act();
		return Promise.resolve();
	} catch (error) {
		return Promise.reject(error instanceof Error ? error : new Error(String(error)));
	}
}

async function onPage(handle: FileSystemFileHandle): Promise<AppendFile> {
	let { size } = await handle.getFile();
	const change = async (act: (stream: FileSystemWritableFileStream) => Promise<void>) => {
		const stream = await handle.createWritable({ keepExistingData: true });
		await act(stream);
		await stream.close();
	};
	return {
		get size() {
			return size;
		},
		async append(bytes) {
			const own = bytes.slice();
			await change((stream) => stream.write({ type: 'write', position: size, data: own }));
			size += bytes.length;
		},
		async overwrite(at, bytes) {
			const own = bytes.slice();
			await change((stream) => stream.write({ type: 'write', position: at, data: own }));
		},
		async cut(to) {
			const least = Math.min(size, to);
			await change((stream) => stream.truncate(least));
			size = least;
		},
		flush: () => Promise.resolve(),
		close: () => Promise.resolve()
	};
}

async function baseOf(base: string, create: boolean): Promise<FileSystemDirectoryHandle | null> {
	const root = await navigator.storage.getDirectory();
	return orNull(root.getDirectoryHandle(checkedName(base), { create }));
}

async function folderOf(
	base: string,
	folder: string,
	create: boolean
): Promise<FileSystemDirectoryHandle | null> {
	const name = checkedName(folder);
	const parent = await baseOf(base, create);
	return parent === null ? null : orNull(parent.getDirectoryHandle(name, { create }));
}

async function fileOf(
	folder: FileSystemDirectoryHandle | null,
	file: string,
	create: boolean
): Promise<FileHandle | null> {
	return folder === null ? null : orNull(folder.getFileHandle(file, { create }));
}

async function entriesOf(
	folder: FileSystemDirectoryHandle | null,
	kind: FileSystemHandleKind
): Promise<string[]> {
	if (folder === null) return [];
	const names: string[] = [];
	for await (const [name, handle] of folder.entries()) if (handle.kind === kind) names.push(name);
	return names;
}

async function remove(folder: FileSystemDirectoryHandle | null, name: string): Promise<void> {
	if (folder !== null) await orNull(folder.removeEntry(name, { recursive: true }));
}

/** Null for what is not there. */
async function orNull<T>(found: Promise<T>): Promise<T | null> {
	try {
		return await found;
	} catch (error) {
		if (error instanceof DOMException && error.name === 'NotFoundError') return null;
		throw error;
	}
}

async function space(): Promise<DiskSpace> {
	const { usage, quota } = await navigator.storage.estimate();
	const left = usage === undefined || quota === undefined ? null : Math.max(0, quota - usage);
	return { used: usage ?? null, left };
}
