/** Opens the seed's one port: TCP for pages and libp2p, UDP of the same number for STUN. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIPv4 } from 'node:net';
import type { Certificate } from './certificate.ts';
import { codeOf, listenProblem, type Outcome } from './failure.ts';
import { startStun, type StunServer } from './stun-server.ts';

/** Sockets at once: libp2p's connections (2,000) and browsers that load the app (six each). */
const SOCKETS_MAX = 4_000;
/** A page request is one packet; a slower one only holds a place. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than a browser takes to ask for all the app's files, one after the other. */
const KEEP_ALIVE_MS = 10_000;
/** With `--port 0` a free TCP port may have its UDP twin taken: another try nearly always does. */
const TRIES_MAX = 5;

export interface OpenPort {
	readonly server: Server;
	readonly stun: StunServer;
	/** The address it is bound to. */
	readonly ip: string;
	readonly port: number;
	/** Multiaddr of the WebSocket listener, for libp2p. */
	readonly listen: string;
	close(): void;
}

export interface Door {
	readonly host: string;
	readonly port: number;
	readonly tls: Certificate | null;
	readonly pages: RequestListener;
}

/** Listens; pages are answered from now on, upgrades once libp2p has taken them over. */
export async function openPort(door: Door): Promise<Outcome<OpenPort>> {
	let problem: unknown;
	for (let tries = 0; tries < (door.port === 0 ? TRIES_MAX : 1); tries++) {
		const server = makeServer(door);
		try {
			const { address: ip } = await lookup(door.host);
			server.listen(door.port, ip);
			await once(server, 'listening');
			const port = portOf(server);
			const stun = await startStun(ip, port);
			return { ok: true, value: opened(door, { server, stun, ip, port }) };
		} catch (error) {
			server.close();
			problem = error;
			if (codeOf(error) !== 'EADDRINUSE') break;
		}
	}
	return { ok: false, line: listenProblem(problem, door.host, door.port) };
}

function opened(door: Door, parts: Pick<OpenPort, 'server' | 'stun' | 'ip' | 'port'>): OpenPort {
	const { server, stun, ip, port } = parts;
	// From here on an error of the server itself (too many files) concerns one socket that was not accepted.
	server.on('error', () => undefined);
	return {
		...parts,
		listen: `/${isIPv4(ip) ? 'ip4' : 'ip6'}/${ip}/tcp/${port}${door.tls ? '/tls' : ''}/ws`,
		close() {
			stun.close();
			server.close();
			server.closeAllConnections();
		}
	};
}

function makeServer({ tls, pages }: Door): Server {
	const settings = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS };
	const server =
		tls === null ? createServer(settings, pages) : createTlsServer({ ...settings, ...tls }, pages);
	server.maxConnections = SOCKETS_MAX;
	server.on('clientError', (_, socket) => {
		// A reset socket takes no answer; anything else that is no HTTP gets one.
		if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
		else socket.destroy();
	});
	server.on('connect', (_, socket) => {
		socket.destroy();
	});
	return server;
}

function portOf(server: Server): number {
	const address = server.address();
	return address !== null && typeof address === 'object' ? address.port : 0;
}
