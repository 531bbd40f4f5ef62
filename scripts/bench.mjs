/**
 * `npm run bench`: sets up what is missing (packages, a Chromium, the build) and measures. Words after `--`
 * name measurements; `--short` takes less time.
 */
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { ensureBuild, ensurePackages, ownNode, root, runToEnd } from './setup.mjs';

ensurePackages();
const chromium = await ensureChromium();
ensureBuild();
process.exitCode = await runToEnd(
	ownNode,
	[join(root, 'test/bench/run.ts'), ...process.argv.slice(2)],
	{ ...process.env, CHROMIUM: chromium }
);
