/** `npm run relay -- <room key>`: sets up what is missing, then runs a relay helper. `-- --help` lists its options. */
import { join } from 'node:path';
import { ensurePackages, ownNode, root, runToEnd } from './setup.mjs';

ensurePackages();
process.exitCode = await runToEnd(ownNode, [
	join(root, 'src/seed/relay.ts'),
	...process.argv.slice(2)
]);
