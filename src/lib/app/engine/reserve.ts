/**
 * Space that a recording holds ready for itself on the disk. What a browser says is left is no guide to a disk that fills
 * up: Chromium tells the same however full it is. So the first refusal tells. Most of what is held is let go then, which
 * is enough for a while, and the host is warned; at the next one the rest goes, for what was just said and for the end.
 */
import { isDiskFull } from '#lib/io/disk/disk-full.ts';
import { RESERVE } from '#lib/io/disk/recording-files.ts';
import type { AppendFile, Disk } from '#lib/io/ports.ts';

const FILE = 'space';
/** An hour and a half of one who speaks, at what a recording takes. */
export const RESERVE_BYTES = 24 * 1_024 * 1_024;
/** Kept back for the end: a second of a full stage takes 50 KB, and what ends a recording less than that. */
export const LAST_BYTES = 1_024 * 1_024;
/** What is laid by in one step takes this many writes of a few milliseconds: the same Worker carries the sound. */
const STEP_WRITES = 4;
/** Dice give no more at once. Not zeros: some disks store those in no space at all. */
const WRITE_BYTES = 64 * 1_024;

export interface Reserve {
	/** The disk has refused something: what is held now is all there will be. */
	readonly short: boolean;
	/** And the last of it was let go. */
	readonly spent: boolean;
	/** A little more is laid by, until all of it is. */
	grow(): Promise<void>;
	/** After a refusal. Whether there was something to let go. */
	giveWay(): Promise<boolean>;
	/** Gone from the disk. */
	close(): Promise<void>;
}

/** Where it cannot be opened, as beside another recording in another tab, there is none. */
export async function openReserve(
	disk: Disk,
	note: (error: unknown) => void
): Promise<Reserve | null> {
	try {
		return reserveIn(disk, await disk.open(RESERVE, FILE));
	} catch (error) {
		note(error);
		return null;
	}
}

function reserveIn(disk: Disk, file: AppendFile): Reserve {
	let [short, spent] = [false, false];
	const giveWay = async (): Promise<boolean> => {
		short = true;
		if (spent) return false;
		const rest = file.size > LAST_BYTES ? LAST_BYTES : 0;
		await file.cut(rest);
		spent = rest === 0;
		return true;
	};
	return {
		get short() {
			return short;
		},
		get spent() {
			return spent;
		},
		async grow() {
			if (short) return;
			try {
				for (let i = 0; i < STEP_WRITES && file.size < RESERVE_BYTES; i++) {
					await file.append(crypto.getRandomValues(new Uint8Array(WRITE_BYTES)));
				}
			} catch {
				// It asked first: the recording would be refused next.
				await giveWay();
			}
		},
		giveWay,
		async close() {
			await file.close();
			await disk.removeFolder(RESERVE);
		}
	};
}

/** What is appended there is tried again when the reserve has made way for it. */
export function sparing(disk: Disk, reserve: Reserve | null): Disk {
	if (reserve === null) return disk;
	return { ...disk, open: async (...where) => spared(await disk.open(...where), reserve) };
}

function spared(file: AppendFile, reserve: Reserve): AppendFile {
	const append = async (bytes: Uint8Array): Promise<void> => {
		try {
			await file.append(bytes);
		} catch (error) {
			if (!isDiskFull(error) || !(await reserve.giveWay())) throw error;
			await append(bytes);
		}
	};
	return {
		get size() {
			return file.size;
		},
		append,
		overwrite: (...what) => file.overwrite(...what),
		cut: (to) => file.cut(to),
		flush: () => file.flush(),
		close: () => file.close()
	};
}
