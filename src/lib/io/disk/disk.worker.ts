/** A disk in a Worker, called by its verbs from the page: only here can a file be written at its end and survive a crash. */
import { createOpfsDisk } from '#lib/io/disk/opfs-disk.ts';
import type { AppendFile, Disk } from '#lib/io/ports.ts';

export type DiskCall =
	| {
			readonly on: 'disk';
			readonly base: string;
			readonly verb: keyof Disk;
			readonly args: unknown[];
	  }
	| {
			readonly on: 'file';
			readonly file: number;
			readonly verb: 'append' | 'overwrite' | 'cut' | 'flush' | 'close';
			readonly args: unknown[];
	  };

export type DiskAnswer =
	| { readonly ticket: number; readonly ok: true; readonly value: unknown; readonly size: number }
	| {
			readonly ticket: number;
			readonly ok: false;
			readonly name: string;
			readonly message: string;
	  };

const disks = new Map<string, Disk>();
/** Open files by their numbers: as many as the page holds open. */
const files = new Map<number, AppendFile>();
let opened = 0;

onmessage = ({ data }: MessageEvent<DiskCall & { readonly ticket: number }>) => {
	const { ticket } = data;
	carryOut(data).then(
		({ value, size }) => postMessage({ ticket, ok: true, value, size } satisfies DiskAnswer),
		(error: unknown) => {
			const { name, message } = error instanceof Error ? error : new Error(String(error));
			postMessage({ ticket, ok: false, name, message } satisfies DiskAnswer);
		}
	);
};

async function carryOut(call: DiskCall): Promise<{ value: unknown; size: number }> {
	if (call.on === 'file') {
		const file = files.get(call.file);
		if (file === undefined) throw new Error('That file is closed.');
		if (call.verb === 'close') files.delete(call.file);
		await (file[call.verb] as (...args: unknown[]) => Promise<void>)(...call.args);
		return { value: undefined, size: file.size };
	}
	const disk = disks.get(call.base) ?? createOpfsDisk(call.base);
	disks.set(call.base, disk);
	const value = await (disk[call.verb] as (...args: unknown[]) => Promise<unknown>)(...call.args);
	if (call.verb !== 'open') return { value, size: 0 };
	const file = value as AppendFile;
	files.set(++opened, file);
	return { value: opened, size: file.size };
}
