/** How a recording lies on a disk: a folder by its id, a file for each part, and as many of sound as it takes. */
import type { ByteSource, Disk } from '../ports.ts';
import { joined } from './byte-sources.ts';
import { openParts, type PartSources, type RecordingReader } from './recording-reader.ts';

/** The folder of all recordings, beside whatever else an app keeps. */
export const RECORDINGS = 'recordings';

export const META = 'meta';
export const LOG = 'log';
export const INDEX = 'index';
const SOUND = 'sound.';
/** Beside the parts: what was put into words later. */
export const LATER_WORDS = 'words';

/** Files of sound, from 1, in the order of their names. */
export const soundFile = (number: number): string => `${SOUND}${String(number).padStart(4, '0')}`;

export async function soundFiles(disk: Disk, folder: string): Promise<readonly string[]> {
	const files = await disk.files(folder);
	return files.map(({ name }) => name).filter((name) => name.startsWith(SOUND));
}

/** As long as it is now. */
export async function fileSource(disk: Disk, folder: string, name: string): Promise<ByteSource> {
	const size = (await disk.files(folder)).find((file) => file.name === name)?.size ?? 0;
	return { size, read: (offset, length) => disk.read(folder, name, offset, length) };
}

/** As it is now, also while it goes on. Null where there is none that can be read. */
export async function openFolder(disk: Disk, folder: string): Promise<RecordingReader | null> {
	return openParts(await folderSources(disk, folder));
}

/** Its files as they are now. */
export async function folderSources(disk: Disk, folder: string): Promise<PartSources> {
	const source = (name: string): Promise<ByteSource> => fileSource(disk, folder, name);
	const names = await soundFiles(disk, folder);
	return {
		meta: await source(META),
		log: await source(LOG),
		index: await source(INDEX),
		sound: joined(await Promise.all(names.map(source)))
	};
}
