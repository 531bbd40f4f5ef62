/** The seed's command line. */
import { isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { multiaddr } from '@multiformats/multiaddr';
import { isSeedAddr, PORT_MAX, SEED_ADDRS_MAX, webSocketAddrOf } from '#lib/io/net/seed-info.ts';

export interface SeedOptions {
	/** Host name or IP address of the interface to listen on. */
	readonly host: string;
	/** 0 takes any free one. */
	readonly port: number;
	readonly dataFolder: string;
	/** URLs or multiaddrs of other seeds. */
	readonly join: readonly string[];
	/** Files in PEM; both or neither. */
	readonly tls: { readonly cert: string; readonly key: string } | null;
	/** Multiaddrs without peer id under which the world reaches this seed; empty: as the interfaces are. */
	readonly announce: readonly string[];
	readonly quiet: boolean;
}

export type Command =
	| { readonly type: 'run'; readonly options: SeedOptions }
	| { readonly type: 'help' }
	| { readonly type: 'version' }
	| { readonly type: 'wrong'; readonly line: string };

export const HELP = `Runs a Grapevine seed: it serves the app and helps people in a room find each other. No sound
passes through it.

Usage: npm start -- [options]        or: node src/seed/main.ts [options]

  --host <address>    interface to listen on (127.0.0.1: this computer only; 0.0.0.0 or :: all)
  --port <number>     TCP port for the app and libp2p, UDP port for STUN (8080; 0: any free one)
  --data <folder>     where the seed keeps its identity (data/seed-<port>)
  --join <seed>       another seed, by the address of its app (https://...) or its multiaddr
                      (/dns4/.../p2p/...); may be given more than once
  --cert <file>       TLS certificate (PEM, with its chain): the app is served by https
  --key <file>        private key of the certificate (PEM)
  --announce <url>    how the world reaches this seed, where that is not what it sees itself (behind a
                      proxy or a router): https://... or a multiaddr; may be given more than once
  --quiet             print only what goes wrong
  --version           print the version
  --help              print this

Browsers start the app on https and on localhost only: for others, give --cert and --key or put a proxy
with TLS in front. Ctrl-C ends the seed.
`;

const OPTIONS = {
	host: { type: 'string', default: '127.0.0.1' },
	port: { type: 'string', default: '8080' },
	data: { type: 'string' },
	join: { type: 'string', multiple: true, default: [] as string[] },
	cert: { type: 'string' },
	key: { type: 'string' },
	announce: { type: 'string', multiple: true, default: [] as string[] },
	quiet: { type: 'boolean', default: false },
	version: { type: 'boolean', default: false },
	help: { type: 'boolean', short: 'h', default: false }
} as const;

/** Reads the words after the program's name. */
export function readCommand(words: readonly string[]): Command {
	let values: ReturnType<typeof parse>;
	try {
		values = parse(words);
	} catch (error) {
		// Node's own words, which name the option; only the first sentence is about it.
		const message = error instanceof Error ? error.message : String(error);
		return wrong(message.split(/\.\s|\n/)[0] ?? message);
	}
	if (values.help) return { type: 'help' };
	if (values.version) return { type: 'version' };
	const { host, port: portText, data, cert, key, quiet } = values;
	const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Infinity;
	if (port > PORT_MAX)
		return wrong(`--port ${portText} is no port: give a number from 0 to ${PORT_MAX}`);
	if ((cert === undefined) !== (key === undefined)) {
		return wrong(
			`--cert and --key go together: ${cert === undefined ? '--cert' : '--key'} is missing`
		);
	}
	const join = values.join.map((seed) => seed.replace(/\/$/, ''));
	const noSeed = join.find((seed) => !isSeed(seed));
	if (noSeed !== undefined)
		return wrong(`--join ${noSeed} is neither a URL nor a seed's multiaddr`);
	if (join.length > SEED_ADDRS_MAX)
		return wrong(`--join can be given ${SEED_ADDRS_MAX} times at most`);
	const announce = values.announce.map(announcedAddr);
	const noAddress = announce.indexOf(null);
	if (noAddress >= 0) {
		return wrong(
			`--announce ${String(values.announce[noAddress])} is neither a URL nor a multiaddr`
		);
	}
	return {
		type: 'run',
		options: {
			host,
			port,
			dataFolder: data ?? fileURLToPath(new URL(`../../data/seed-${port}`, import.meta.url)),
			join,
			tls: cert !== undefined && key !== undefined ? { cert, key } : null,
			announce: announce.filter((address) => address !== null),
			quiet
		}
	};
}

/** Whether a seed lets in others than this computer, and as far as it knows by plain http alone. */
export function isHttpForOthers({ host, tls, announce }: SeedOptions): boolean {
	const isSecure = tls !== null || announce.some((address) => /\/(tls\/ws|wss)$/.test(address));
	return !isSecure && !isLoopback(host);
}

/** Whether a browser takes `host` for its own computer, however the address is written. */
function isLoopback(host: string): boolean {
	const url = `http://${isIPv6(host) ? `[${host}]` : host}/`;
	const isOwn = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
	return URL.canParse(url) && isOwn.test(new URL(url).hostname);
}

function parse(words: readonly string[]) {
	return parseArgs({ args: [...words], options: OPTIONS, strict: true }).values;
}

function wrong(text: string): Command {
	return { type: 'wrong', line: `${text}. See --help.` };
}

function isSeed(text: string): boolean {
	return isSeedAddr(text) || webSocketAddrOf(text) !== null;
}

function announcedAddr(text: string): string | null {
	const address = webSocketAddrOf(text) ?? text.replace(/\/p2p\/[^/]+$/, '');
	const isWebSocket = /^\/(dns|dns4|dns6|ip4|ip6)\/[^/]+\/tcp\/\d+(\/tls\/ws|\/ws|\/wss)$/;
	return isWebSocket.test(address) && isMultiaddr(address) ? address : null;
}

/** Whether the numbers in it are addresses and ports. */
function isMultiaddr(text: string): boolean {
	try {
		multiaddr(text);
		return true;
	} catch {
		return false;
	}
}
