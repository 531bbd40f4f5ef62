/** Puts a made recording where the app keeps its own: on this browser's disk. */
import { createOpfsDisk } from '#lib/io/disk/opfs-disk.ts';
import { INDEX, LOG, META, RECORDINGS, soundFile } from '#lib/io/disk/recording-files.ts';
import type { MadeTape } from './tape-maker.ts';

/** Gives what removes it again. */
export async function onThisDisk({ meta, parts }: MadeTape): Promise<() => Promise<void>> {
	const disk = createOpfsDisk(RECORDINGS);
	await disk.removeFolder(meta.id);
	for (const [name, bytes] of [
		[META, parts.meta],
		[LOG, parts.log],
		[INDEX, parts.index],
		[soundFile(1), parts.sound]
	] as const) {
		const file = await disk.open(meta.id, name);
		await file.append(bytes);
		await file.close();
	}
	return () => disk.removeFolder(meta.id);
}
