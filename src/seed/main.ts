/** The seed as a program: `npm start`, or `node src/seed/main.ts` under Node 24. `--help` says the rest. */
import { endSignal } from './end-signal.ts';
import { createLog } from './log.ts';
import { HELP, isHttpForOthers, readCommand, type SeedOptions } from './options.ts';
import { startSeed, versionOf } from './run.ts';
import { survive } from './survive.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** Neighbours that do not hear us close have that long. */
const STOP_MS = 1_500;
/** No fault: a proxy with TLS need not be announced. So a quiet seed does not say it. */
const HTTP_FOR_OTHERS =
	'Browsers start the app on https and on localhost only, and this is plain http: for others, give --cert and --key, or put a proxy with TLS in front and name it by --announce https://...';

const command = readCommand(process.argv.slice(2));
switch (command.type) {
	case 'help':
		process.stdout.write(HELP);
		break;
	case 'version':
		process.stdout.write(`${versionOf()}\n`);
		break;
	case 'wrong':
		process.stderr.write(`${command.line}\n`);
		process.exitCode = EXIT_USAGE;
		break;
	case 'run':
		await run(command.options);
		break;
}

async function run(options: SeedOptions): Promise<void> {
	const log = createLog(options.quiet);
	const ended = endSignal();
	survive(log);
	const seed = await startSeed(options, log);
	if (!seed.ok) {
		log.warn(seed.line);
		process.exit(EXIT_FAILED);
	}
	log.say(`Grapevine is running. Open ${seed.value.url}`);
	if (isHttpForOthers(options)) log.say(HTTP_FOR_OTHERS);
	log.say('Press Ctrl-C to end it.');
	await ended;
	log.say('Ending ...');
	await Promise.race([seed.value.stop(), new Promise((resolve) => setTimeout(resolve, STOP_MS))]);
	process.exit(0);
}
