/** `npm run verify -- <file>`: sets up what is missing, then says what a report proves. `-- --help` lists its options. */
import { join } from 'node:path';
import { ensurePackages, ownNode, root, runToEnd } from './setup.mjs';

ensurePackages();
process.exitCode = await runToEnd(ownNode, [
	join(root, 'src/seed/verify.ts'),
	...process.argv.slice(2)
]);
