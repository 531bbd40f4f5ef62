/** A TURN server of its own for as long as it is needed: coturn, where this machine has it. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endsWithUs } from './ends-with-us.ts';

export interface TurnServer {
	readonly url: string;
	readonly username: string;
	readonly credential: string;
	end(): Promise<void>;
}

const [USERNAME, CREDENTIAL] = ['mira', 'for-this-bench-only'];
/** Said once it takes questions. */
const READY = 'Total General servers';

/** Null where there is none: a package of that name in Debian, `turnserver` on the PATH. */
export async function startTurnServer(): Promise<TurnServer | null> {
	const address = ownAddress();
	const port = await freePort(address);
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-turn-'));
	const child = spawn(
		'turnserver',
		[
			...['-n', '--log-file=stdout', '--no-cli', '--no-tls', '--no-dtls', '--lt-cred-mech'],
			...['--realm=grapevine', `--user=${USERNAME}:${CREDENTIAL}`, `--listening-port=${port}`],
			...[`--listening-ip=${address}`, `--relay-ip=${address}`],
			...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'users')}`]
		],
		{ stdio: ['ignore', 'pipe', 'ignore'] }
	);
	const endServer = endsWithUs(child);
	const forget = (): void => {
		rmSync(folder, { recursive: true, force: true });
	};
	const state = await new Promise<'ready' | 'missing' | 'ended'>((resolve) => {
		child.once('error', () => {
			resolve('missing');
		});
		const lines = createInterface(child.stdout);
		lines.on('line', (line) => {
			if (line.includes(READY)) resolve('ready');
		});
		lines.once('close', () => {
			resolve('ended');
		});
	});
	if (state !== 'ready') {
		await endServer();
		forget();
		if (state === 'missing') return null;
		throw new Error('turnserver ended before it was ready.');
	}
	return {
		url: `turn:${address}:${port}`,
		username: USERNAME,
		credential: CREDENTIAL,
		async end() {
			await endServer();
			forget();
		}
	};
}

/** ICE passes over the loopback address. */
function ownAddress(): string {
	const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
	const found = all.find(({ family, internal }) => family === 'IPv4' && !internal);
	if (found === undefined) throw new Error('This machine has no address beside its own loopback.');
	return found.address;
}

async function freePort(address: string): Promise<number> {
	const socket = createSocket('udp4');
	socket.bind(0, address);
	await once(socket, 'listening');
	const { port } = socket.address();
	socket.close();
	return port;
}
