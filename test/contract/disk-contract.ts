/** What every Disk must do. */
import { describe, expect, it } from 'vitest';
import type { Disk } from '#lib/io/ports.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** `fresh` yields an empty disk; `reopened` the same one as after a crash. */
export function diskContract(
	name: string,
	fresh: () => Promise<{ disk: Disk; reopened: () => Promise<Disk> }>
): void {
	describe(`${name}, as a Disk`, () => {
		it('has nothing at first', async () => {
			const { disk } = await fresh();
			expect(await disk.folders()).toEqual([]);
			expect(await disk.files('one')).toEqual([]);
			expect(await disk.read('one', 'sound', 0, 10)).toEqual(bytes());
		});

		it('gives back what was appended, from any place', async () => {
			const { disk } = await fresh();
			const file = await disk.open('one', 'sound');
			await file.append(bytes(1, 2, 3));
			await file.append(new Uint8Array(100).fill(9).subarray(10, 12));
			await file.flush();
			expect(file.size).toBe(5);
			expect(await disk.read('one', 'sound', 0, 5)).toEqual(bytes(1, 2, 3, 9, 9));
			expect(await disk.read('one', 'sound', 2, 2)).toEqual(bytes(3, 9));
			expect(await disk.read('one', 'sound', 4, 100)).toEqual(bytes(9));
			expect(await disk.read('one', 'sound', 50, 4)).toEqual(bytes());
			await file.close();
			expect(await disk.read('one', 'sound', 0, 5)).toEqual(bytes(1, 2, 3, 9, 9));
		});

		it('goes on at the end of what is there', async () => {
			const { disk } = await fresh();
			const first = await disk.open('one', 'log');
			await first.append(bytes(1, 2));
			await first.close();
			const second = await disk.open('one', 'log');
			expect(second.size).toBe(2);
			await second.append(bytes(3));
			await second.close();
			expect(await disk.read('one', 'log', 0, 9)).toEqual(bytes(1, 2, 3));
		});

		it('cuts off an end, and goes on there', async () => {
			const { disk } = await fresh();
			const file = await disk.open('one', 'log');
			await file.append(bytes(1, 2, 3, 4));
			await file.cut(2);
			expect(file.size).toBe(2);
			await file.append(bytes(7));
			await file.close();
			expect(await disk.read('one', 'log', 0, 9)).toEqual(bytes(1, 2, 7));
		});

		it('writes over what is there, and nothing else', async () => {
			const { disk } = await fresh();
			const file = await disk.open('one', 'log');
			await file.append(bytes(1, 2, 3, 4));
			await file.overwrite(1, bytes(8, 9));
			expect(file.size).toBe(4);
			await file.append(bytes(5));
			await file.close();
			expect(await disk.read('one', 'log', 0, 9)).toEqual(bytes(1, 8, 9, 4, 5));
		});

		it('lists folders, and files with their sizes', async () => {
			const { disk } = await fresh();
			for (const [folder, name, size] of [
				['two', 'meta', 3],
				['one', 'sound.0002', 5],
				['one', 'sound.0001', 4]
			] as const) {
				const file = await disk.open(folder, name);
				await file.append(new Uint8Array(size));
				if (name !== 'sound.0001') await file.close();
			}
			expect(await disk.folders()).toEqual(['one', 'two']);
			expect(await disk.files('one')).toEqual([
				{ name: 'sound.0001', size: 4 },
				{ name: 'sound.0002', size: 5 }
			]);
		});

		it('removes a file, or a folder with all that is in it', async () => {
			const { disk } = await fresh();
			for (const name of ['meta', 'log']) await (await disk.open('one', name)).close();
			await disk.removeFile('one', 'meta');
			expect((await disk.files('one')).map((file) => file.name)).toEqual(['log']);
			await disk.removeFolder('one');
			await disk.removeFolder('one');
			await disk.removeFile('one', 'log');
			expect(await disk.folders()).toEqual([]);
		});

		it('still has after a crash what was flushed before it', async () => {
			const { disk, reopened } = await fresh();
			const file = await disk.open('one', 'sound');
			await file.append(new Uint8Array(70_000).fill(5));
			await file.flush();
			const again = await reopened();
			expect(await again.files('one')).toEqual([{ name: 'sound', size: 70_000 }]);
			const end = await again.open('one', 'sound');
			expect(end.size).toBe(70_000);
			await end.close();
		});

		it('tells how much space there is', async () => {
			const { disk } = await fresh();
			const file = await disk.open('one', 'sound');
			await file.append(new Uint8Array(200_000));
			await file.flush();
			await file.close();
			const { used, left } = await disk.space();
			expect(used).toBeGreaterThanOrEqual(200_000);
			expect(left).toBeGreaterThan(0);
		});

		it.each(['../one', '', 'a/b', '.hidden', 'UPPER'])('refuses the name "%s"', async (odd) => {
			const { disk } = await fresh();
			await expect(disk.open(odd, 'meta')).rejects.toThrow(RangeError);
			await expect(disk.open('one', odd)).rejects.toThrow(RangeError);
			await expect(disk.removeFolder(odd)).rejects.toThrow(RangeError);
		});
	});
}
