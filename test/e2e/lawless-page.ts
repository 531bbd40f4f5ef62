/**
 * A page whose app is modified to ignore removals, as `joinLawless` is in Node: its engine is the built one, with
 * lawless.worker.ts put before it.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { build } from 'vite';

const BEFORE = fileURLToPath(new URL('./lawless.worker.ts', import.meta.url));

/** To be called before the page goes anywhere, in a browser without service workers: one would answer with the app as built. */
export async function makeLawless(page: Page): Promise<void> {
	const before = await bundled(BEFORE);
	await page.route(/\/engine\.worker-[^/]*\.js$/, async (route) => {
		const response = await route.fetch();
		await route.fulfill({ response, body: `${before}\n${await response.text()}` });
	});
}

/** The file and all it imports, as one script. */
async function bundled(entry: string): Promise<string> {
	const built = await build({
		configFile: false,
		logLevel: 'warn',
		build: { write: false, lib: { entry, formats: ['iife'], name: 'lawless' } }
	});
	const [chunk] = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
	if (chunk?.type !== 'chunk') throw new Error('Nothing came of the bundle.');
	return chunk.code;
}
