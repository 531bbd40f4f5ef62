/**
 * How a recording lies on a disk: a folder by its id, and in it, of one that was recorded here, a file for each part and
 * as many of sound as it takes; of one that was fetched, its pieces.
 */
import type { ByteSource, Disk } from '../ports.ts';
import { bytesAsSource, joined } from './byte-sources.ts';
import { fetchedSource, PIECES } from './fetched-files.ts';
import { partsOf, openParts, type PartSources, type RecordingReader } from './recording-reader.ts';

/** The folder of all recordings, beside whatever else an app keeps. */
export const RECORDINGS = 'recordings';

/** Beside the folders of recordings, and none: space held for the one that goes on. One for all, so that a crash leaves no more behind. */
export const RESERVE = 'reserve';

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

const NOTHING = bytesAsSource(new Uint8Array(0));
const NO_PARTS: PartSources = { meta: NOTHING, log: NOTHING, index: NOTHING, sound: NOTHING };

/** Whether it was fetched from others, or is being fetched. */
export async function isFetched(disk: Disk, folder: string): Promise<boolean> {
	return (await disk.files(folder)).some(({ name }) => name === PIECES);
}

/** Its parts as they are now; nothing in them where it was not fetched to its end. */
export async function folderSources(disk: Disk, folder: string): Promise<PartSources> {
	if (!(await isFetched(disk, folder))) return partFiles(disk, folder);
	const content = await fetchedSource(disk, folder);
	return (content === null ? null : await partsOf(content)) ?? NO_PARTS;
}

async function partFiles(disk: Disk, folder: string): Promise<PartSources> {
	const source = (name: string): Promise<ByteSource> => fileSource(disk, folder, name);
	const names = await soundFiles(disk, folder);
	return {
		meta: await source(META),
		log: await source(LOG),
		index: await source(INDEX),
		sound: joined(await Promise.all(names.map(source)))
	};
}
