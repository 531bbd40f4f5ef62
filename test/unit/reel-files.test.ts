/** The files of a recording that goes on again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { forgetWords } from '#lib/app/engine/reel-files.ts';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';

it('what was put into words of a recording is forgotten when it goes on, and nothing else', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-reel-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const disk = createFsDisk(folder);
	for (const name of ['meta', 'words']) {
		const file = await disk.open('a1', name);
		await file.append(Uint8Array.of(1));
		await file.close();
	}
	await forgetWords(disk, 'a1');
	expect((await disk.files('a1')).map(({ name }) => name)).toEqual(['meta']);
	await forgetWords(disk, 'a1');
	expect(await disk.files('a1')).toHaveLength(1);
});
