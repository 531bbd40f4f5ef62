/** `npm start -- <options>`: sets up what is missing, then runs a seed. `npm start -- --help` lists its options. */
import { join } from 'node:path';
import { ensureBuild, ensurePackages, ownNode, root, runToEnd } from './setup.mjs';

ensurePackages();
ensureBuild();
process.exitCode = await runToEnd(ownNode, [
	join(root, 'src/seed/main.ts'),
	...process.argv.slice(2)
]);
