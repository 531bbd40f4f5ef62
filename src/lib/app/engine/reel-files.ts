/** The open files of one recording. */
import { INDEX, LATER_WORDS, LOG, META, soundFile } from '#lib/io/disk/recording-files.ts';
import type { AppendFile, Disk } from '#lib/io/ports.ts';
import { readRecords } from '#lib/p2p/archive/record.ts';

export interface ReelFiles {
	readonly meta: AppendFile;
	readonly log: AppendFile;
	readonly index: AppendFile;
	sound: AppendFile;
	segment: number;
}

/** All, or none. `segment` is the number of the last file of sound. */
export async function openFiles(disk: Disk, folder: string, segment: number): Promise<ReelFiles> {
	const opened: AppendFile[] = [];
	const open = async (name: string): Promise<AppendFile> => {
		const file = await disk.open(folder, name);
		opened.push(file);
		return file;
	};
	try {
		const [meta, log] = [await open(META), await open(LOG)];
		return { meta, log, index: await open(INDEX), sound: await open(soundFile(segment)), segment };
	} catch (error) {
		// All or none: what stays open here could not be opened by the next try.
		for (const file of opened) await file.close();
		throw error;
	}
}

/** What a crash left half written. */
export async function cutTorn(
	disk: Disk,
	folder: string,
	name: string,
	file: AppendFile
): Promise<void> {
	const bytes = await disk.read(folder, name, 0, file.size);
	const { end } = readRecords(bytes);
	if (end < file.size) await file.cut(end);
}

/** What was put into words of a recording that goes on again: nobody would be taken out of it, and it can be made anew. */
export async function forgetWords(disk: Disk, folder: string): Promise<void> {
	const names = (await disk.files(folder)).map(({ name }) => name);
	if (names.includes(LATER_WORDS)) await disk.removeFile(folder, LATER_WORDS);
}

export async function appendAll(file: AppendFile, records: readonly Uint8Array[]): Promise<void> {
	for (const record of records) await file.append(record);
	if (records.length > 0) await file.flush();
}

export async function closeFiles({ sound, log: events, index, meta }: ReelFiles): Promise<void> {
	for (const file of [sound, events, index, meta]) await file.close();
}
