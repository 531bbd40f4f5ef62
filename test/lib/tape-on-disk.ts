/** Puts a made recording where the app keeps its own: on this browser's disk. */
import { createOpfsDisk } from '#lib/io/disk/opfs-disk.ts';
import { RECORDINGS } from '#lib/io/disk/recording-files.ts';
import { putParts } from './tape-files.ts';
import type { MadeTape } from './tape-maker.ts';

/** Gives what removes it again. */
export async function onThisDisk({ meta, parts }: MadeTape): Promise<() => Promise<void>> {
	const disk = createOpfsDisk(RECORDINGS);
	await disk.removeFolder(meta.id);
	await putParts(disk, meta.id, parts);
	return () => disk.removeFolder(meta.id);
}
