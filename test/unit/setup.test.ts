/** What the scripts lay out before a command runs: the app is built anew where something it is made of is younger. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

function layCaptionPacks(): void {
	execFileSync(process.execPath, [join(ROOT, 'scripts/caption-packs.mjs')]);
}

it('leaves the list of caption packs as it lies where nothing is new in it', () => {
	const list = join(ROOT, 'static/captions/packs.json');
	layCaptionPacks();
	const { mtimeMs } = statSync(list);
	layCaptionPacks();
	expect(statSync(list).mtimeMs).toBe(mtimeMs);
});
