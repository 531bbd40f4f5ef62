/** A small disk of its own, which can be filled up: a piece of memory, mounted. Needs to be root, on Linux. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BLOCK = new Uint8Array(4_096);

export interface SmallDisk {
	readonly folder: string;
	/** To the last byte, again where there is room once more. */
	fill(): void;
	close(): void;
}

/** Null where this system does not allow it, with the reason given to `why`. */
export function openSmallDisk(megabytes: number, why: (reason: string) => void): SmallDisk | null {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-disk-'));
	const problem = run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
	if (problem !== null) {
		why(problem);
		rmSync(folder, { recursive: true });
		return null;
	}
	const filling = join(folder, 'filling');
	return {
		folder,
		fill() {
			const file = openSync(filling, 'a');
			try {
				for (let isRoom = true; isRoom;) isRoom = writeBlock(file);
			} finally {
				closeSync(file);
			}
		},
		close() {
			// Lazily where somebody still holds a file: it is gone from here, and from memory with the last of them.
			const left = run('umount', folder) === null ? null : run('umount', '-l', folder);
			if (left !== null) throw new Error(left);
			rmSync(folder, { recursive: true });
		}
	};
}

function writeBlock(file: number): boolean {
	try {
		return writeSync(file, BLOCK) === BLOCK.length;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
		throw error;
	}
}

/** What went wrong, or null. */
function run(program: string, ...words: readonly string[]): string | null {
	const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
	if (status === 0) return null;
	return `${program} ${words.join(' ')}: ${error?.message ?? stderr.trim()}`;
}
