/**
 * libp2p over WebSocket on a server that is not libp2p's: the seed's own HTTP server serves the app and hands
 * every upgrade over. `@libp2p/websockets` brings its own server, which answers 400 to pages; a proxy in front
 * of it would hide who connects. So its dialler is used, and its listener replaced by libp2p's public interface.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
	transportSymbol,
	TypedEventEmitter,
	type ComponentLogger,
	type Libp2pEvents,
	type Listener,
	type ListenerEvents,
	type Transport,
	type TypedEventTarget,
	type Upgrader
} from '@libp2p/interface';
import { getThinWaistAddresses, ipPortToMultiaddr } from '@libp2p/utils';
import { webSockets } from '@libp2p/websockets';
import type { Multiaddr } from '@multiformats/multiaddr';
import { WebSocketServer, type WebSocket } from 'ws';
import { SeedSocket } from './seed-socket.ts';

/** One WebSocket message. libp2p sends noise frames, which have at most 65,535 bytes and 2 of length. */
const MESSAGE_BYTES_MAX = 128 * 1024;

interface TransportComponents {
	readonly logger: ComponentLogger;
	readonly events: TypedEventTarget<Libp2pEvents>;
}

/** Listens on `server`, which must be listening already, and dials as `@libp2p/websockets` does. */
export function seedTransport(server: Server): (components: TransportComponents) => Transport {
	return (components) => {
		const dialler = webSockets()(components);
		return {
			[transportSymbol]: true,
			[Symbol.toStringTag]: 'grapevine-seed-websockets',
			dial: (address, options) => dialler.dial(address, options),
			dialFilter: (addresses) => dialler.dialFilter(addresses),
			listenFilter: (addresses) => dialler.listenFilter(addresses),
			createListener: ({ upgrader }) => createListener(server, upgrader, components.logger)
		};
	};
}

function createListener(server: Server, upgrader: Upgrader, logger: ComponentLogger): Listener {
	const events = new TypedEventEmitter<ListenerEvents>();
	const closing = new AbortController();
	const handshake = new WebSocketServer({
		noServer: true,
		maxPayload: MESSAGE_BYTES_MAX,
		perMessageDeflate: false
	});
	const log = logger.forComponent('grapevine:seed:websocket');
	let listening: Multiaddr | null = null;

	const accept = (websocket: WebSocket, socket: Duplex, request: IncomingMessage): void => {
		const { remoteAddress, remotePort } = request.socket;
		if (remoteAddress === undefined || remotePort === undefined) {
			// Reset before we looked: what it sent by then may still be found broken.
			websocket.on('error', () => undefined);
			websocket.terminate();
			return;
		}
		const remoteAddr = ipPortToMultiaddr(unmapped(remoteAddress), remotePort).encapsulate('/ws');
		const connection = new SeedSocket({ websocket, socket, remoteAddr, log });
		upgrader.upgradeInbound(connection, { signal: closing.signal }).catch((error: unknown) => {
			connection.abort(error instanceof Error ? error : new Error(String(error)));
		});
	};
	const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
		handshake.handleUpgrade(request, socket, head, (websocket) => {
			accept(websocket, socket, request);
		});
	};

	return Object.assign(events, {
		listen(address: Multiaddr): Promise<void> {
			listening = address;
			server.on('upgrade', onUpgrade);
			events.safeDispatchEvent('listening');
			return Promise.resolve();
		},
		getAddrs: () => (listening === null ? [] : addressesOf(server, listening)),
		close(): Promise<void> {
			listening = null;
			server.off('upgrade', onUpgrade);
			closing.abort();
			events.safeDispatchEvent('close');
			return Promise.resolve();
		},
		updateAnnounceAddrs: () => undefined
	});
}

/** Where the server really listens: a wildcard is every interface of this machine. */
function addressesOf(server: Server, listening: Multiaddr): Multiaddr[] {
	const bound = server.address();
	if (bound === null || typeof bound === 'string') return [];
	const suffix = listening.toString().includes('/tls/') ? '/tls/ws' : '/ws';
	return getThinWaistAddresses(listening, bound.port).map((address) => address.encapsulate(suffix));
}

/** A dual-stack server shows IPv4 clients as `::ffff:192.0.2.1` (RFC 4291, section 2.5.5.2). */
function unmapped(address: string): string {
	return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}
