/** Lays a made recording out as the app does its own: a folder of its id, a file for each part. */
import { INDEX, LOG, META, soundFile } from '#lib/io/disk/recording-files.ts';
import type { Disk } from '#lib/io/ports.ts';
import type { MadeTape } from './tape-maker.ts';

export async function putParts(disk: Disk, id: string, parts: MadeTape['parts']): Promise<void> {
	for (const [name, bytes] of [
		[META, parts.meta],
		[LOG, parts.log],
		[INDEX, parts.index],
		[soundFile(1), parts.sound]
	] as const) {
		const file = await disk.open(id, name);
		await file.append(bytes);
		await file.close();
	}
}
