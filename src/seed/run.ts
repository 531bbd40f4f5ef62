/** Puts a seed together: identity, port, pages, libp2p, joins. */
import { readFileSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createFileStore } from '#lib/io/disk/file-store.ts';
import { loadIdentity, type Identity } from '#lib/io/keys/identity.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import type { SeedJson } from '#lib/io/net/seed-info.ts';
import { createSeedNode, type SeedNode } from '#lib/io/net/seed-node.ts';
import { createBoard } from '#lib/p2p/lobby/board.ts';
import { readCertificate } from './certificate.ts';
import { fileProblem, type Outcome } from './failure.ts';
import { joinSeeds } from './join.ts';
import { keepLobby, type LobbyMemory } from './lobby-memory.ts';
import { openPort, type OpenPort } from './listen.ts';
import type { Log } from './log.ts';
import type { SeedOptions } from './options.ts';
import { createPages } from './pages.ts';

const APP_FOLDER = fileURLToPath(new URL('../../build', import.meta.url));

export interface Seed {
	/** What to open in a browser. */
	readonly url: string;
	/** Closes everything; resolves when peers were told. */
	stop(): Promise<void>;
}

export async function startSeed(options: SeedOptions, log: Log): Promise<Outcome<Seed>> {
	const identity = await openIdentity(options.dataFolder, log);
	if (!identity.ok) return identity;
	const tls = options.tls === null ? null : await readCertificate(options.tls);
	if (tls?.ok === false) return tls;

	const facts: { info: () => SeedJson } = { info: () => infoOf(identity.value, 0, [], []) };
	const door = await openPort({
		host: options.host,
		port: options.port,
		tls: tls?.value ?? null,
		pages: createPages(APP_FOLDER, () => facts.info())
	});
	if (!door.ok) return door;

	const joined = new Set<string>();
	const keys = await createKeys(identity.value.keySeed);
	const clock = createSystemClock();
	const board = createBoard();
	const memory = await keepLobby({
		...{ board, keys, clock },
		store: createFileStore(options.dataFolder),
		onFailure: (error) => {
			log.warn(`What is announced cannot be kept over a restart: ${fileProblem(error)}.`);
		}
	});
	const node = await createSeedNode({
		keySeed: identity.value.keySeed,
		server: door.value.server,
		listen: door.value.listen,
		announce: options.announce,
		joined,
		version: versionOf(),
		keys,
		clock,
		board
	});
	await node.start();
	const ending = new AbortController();
	const joins = joinSeeds({ node, seeds: options.join, joined, log, signal: ending.signal });
	const { ip, port } = door.value;
	facts.info = () => infoOf(identity.value, port, announced(options, node, ip), joins.addrs());

	return {
		ok: true,
		value: {
			url: urlOf(options, port),
			stop: () => stop({ ending, node, port: door.value, memory })
		}
	};
}

/** The version of the whole program, from package.json. */
export function versionOf(): string {
	const file = fileURLToPath(new URL('../../package.json', import.meta.url));
	const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
	return typeof value === 'object' && value !== null && 'version' in value
		? String(value.version)
		: 'unknown';
}

async function openIdentity(folder: string, log: Log): Promise<Outcome<Identity>> {
	try {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
		const identity = await loadIdentity(createFileStore(folder));
		if (identity.origin === 'replaced') {
			log.warn(
				`The identity in ${folder} was damaged: the seed has a new one, the old file is kept.`
			);
		}
		return { ok: true, value: identity };
	} catch (error) {
		const line = `The data folder ${folder} cannot be used: ${fileProblem(error)}. Choose another by --data.`;
		return { ok: false, line };
	}
}

/** A seed that listens everywhere does not know under which name people reach it: the page they load does. */
function announced(options: SeedOptions, node: SeedNode, ip: string): string[] {
	const everywhere = ip === '0.0.0.0' || ip === '::';
	if (options.announce.length === 0 && everywhere) return [];
	return node.getMultiaddrs().map(String);
}

function infoOf(identity: Identity, stun: number, addrs: string[], seeds: string[]): SeedJson {
	return { peer: identity.peer, addrs, seeds, stun, version: versionOf() };
}

function urlOf(options: SeedOptions, port: number): string {
	const everywhere = options.host === '0.0.0.0' || options.host === '::';
	const host = everywhere ? 'localhost' : options.host;
	const bracketed = host.includes(':') ? `[${host}]` : host;
	return `${options.tls === null ? 'http' : 'https'}://${bracketed}:${port}/`;
}

interface Running {
	readonly ending: AbortController;
	readonly node: SeedNode;
	readonly port: OpenPort;
	readonly memory: LobbyMemory;
}

async function stop({ ending, node, port, memory }: Running): Promise<void> {
	ending.abort();
	await memory.stop();
	await node.stop();
	port.close();
}
