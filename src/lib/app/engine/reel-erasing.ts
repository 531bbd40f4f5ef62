/** Taking somebody out of the files of a recording that goes on: what told of them is written over. */
import { META, soundFile } from '#lib/io/disk/recording-files.ts';
import type { AppendFile, Disk } from '#lib/io/ports.ts';
import { erasing, erasingAll, type Erased } from '#lib/p2p/archive/erase.ts';
import { encodeMeta, type RecordingMeta } from '#lib/p2p/archive/meta.ts';
import { appendAll, type ReelFiles } from './reel-files.ts';

export interface Erasable {
	readonly parts: { readonly disk: Disk };
	readonly files: ReelFiles;
	readonly meta: RecordingMeta;
}

export async function eraseInSound(run: Erasable, erased: Erased): Promise<void> {
	const { files, meta, parts } = run;
	await eraseIn(run, soundFile(files.segment), files.sound, erased);
	for (let segment = 1; segment < files.segment; segment++) {
		const file = await parts.disk.open(meta.id, soundFile(segment));
		await eraseIn(run, soundFile(segment), file, erased);
		await file.close();
	}
}

export async function eraseIn(
	{ parts, meta }: Erasable,
	name: string,
	file: AppendFile,
	erased: Erased
): Promise<void> {
	const bytes = await parts.disk.read(meta.id, name, 0, file.size);
	for (const { at, bytes: over } of erasing(bytes, erased)) await file.overwrite(at, over);
	await file.flush();
}

/** Earlier heads name who was there. They go when the next one is on the disk: a crash leaves a recording its head. */
export async function forgetHeads({ parts, files, meta }: Erasable): Promise<void> {
	const before = await parts.disk.read(meta.id, META, 0, files.meta.size);
	await appendAll(files.meta, [encodeMeta(meta)]);
	for (const { at, bytes } of erasingAll(before)) await files.meta.overwrite(at, bytes);
	await files.meta.flush();
}
