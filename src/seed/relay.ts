/** The relay helper as a program: `npm run relay -- <room key>`. `--help` says the rest. */
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { fetchSeedInfo } from '#lib/io/net/seed-info.ts';
import { endSignal } from './end-signal.ts';
import { createLog } from './log.ts';
import type { HeadlessPeer } from './headless-peer.ts';
import { HELP, readRelayCommand, type RelayOptions } from './relay-options.ts';
import { startRelay } from './relay-peer.ts';
import { relayReport } from './relay-report.ts';
import { survive } from './survive.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const REPORT_INTERVAL_MS = 10_000;

const log = createLog(false);

const command = readRelayCommand(process.argv.slice(2));
switch (command.type) {
	case 'help':
		process.stdout.write(HELP);
		break;
	case 'wrong':
		log.warn(command.line);
		process.exitCode = EXIT_USAGE;
		break;
	case 'run':
		await run(command.options);
		break;
}

async function run(options: RelayOptions): Promise<void> {
	const ended = endSignal();
	survive(log);
	const over = Promise.withResolvers<true>();
	const peer = await join(options, () => over.resolve(true));
	if (peer === null) {
		log.warn(
			`No seed answers at ${options.seeds.join(', ')}. Is it running? Choose another by --seed.`
		);
		process.exit(EXIT_FAILED);
	}
	const reports = setInterval(() => {
		log.say(relayReport(peer.engine.diagnostics()));
	}, REPORT_INTERVAL_MS);
	const isOver = await Promise.race([ended.then(() => false), over.promise]);
	clearInterval(reports);
	log.say(isOver ? 'There is nothing to carry here any more.' : 'Handing over and leaving ...');
	await peer.stop();
	process.exit(0);
}

/** `onOver`: the room has ended, or will not have us; the core has left it by itself. */
async function join(options: RelayOptions, onOver: () => void): Promise<HeadlessPeer | null> {
	const answers = await Promise.all(options.seeds.map((seed) => fetchSeedInfo(seed)));
	const infos = answers.flatMap((answer) => (answer.ok ? [answer.info] : []));
	if (infos.length === 0) return null;
	let phase = '';
	return startRelay({
		seeds: [...new Set(infos.flatMap((info) => info.seeds))],
		iceServers: infos.flatMap((info) => info.iceServers),
		room: options.room,
		access: options.access,
		name: options.name,
		fanout: options.fanout,
		clock: createSystemClock(),
		// It has no ears: what it hears it has passed on already.
		onSound: () => undefined,
		onStatus: ({ view, left }) => {
			if (left) onOver();
			if (view.phase === phase) return;
			phase = view.phase;
			log.say(`${view.title === '' ? 'Room' : view.title}: ${phase}`);
		}
	});
}
