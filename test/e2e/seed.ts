/** One real seed process for a whole test file, with the built app and an identity of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/seed/main.ts', import.meta.url));

export interface SharedSeed {
	/** Ends in a slash. */
	readonly url: string;
	/** At once, without a word to anybody. */
	kill(): Promise<void>;
	end(): Promise<void>;
}

/** `words` go to the seed's command line. */
export async function startSeedForFile(...words: readonly string[]): Promise<SharedSeed> {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-e2e-seed-'));
	const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', folder, ...words], {
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const closed = once(child, 'close');
	let said = '';
	let url: string | undefined;
	for await (const chunk of child.stdout) {
		said += String(chunk);
		url = /Open (\S+)/.exec(said)?.[1];
		if (url !== undefined) break;
	}
	if (url === undefined) throw new Error(`The seed ended without an address: ${said}`);
	return {
		url: new URL('/', url).href,
		async kill() {
			child.kill('SIGKILL');
			await closed;
		},
		async end() {
			child.kill('SIGINT');
			await closed;
			rmSync(folder, { recursive: true, force: true });
		}
	};
}
