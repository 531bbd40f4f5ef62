/** A libp2p node as a page has one, put together from the packages alone: what any client sees of a seed. */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { identify } from '@libp2p/identify';
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht';
import { sha256 } from '@noble/hashes/sha2.js';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { afterEach } from 'vitest';
import { gossipService } from '#lib/io/net/gossipsub.ts';
import { DHT_PROTOCOL } from '#lib/io/net/protocols.ts';

const RAW_CODEC = 0x55;
const SHA2_256 = 0x12;

export type Visitor = Awaited<ReturnType<typeof visit>>;

const visitors = new Set<{ stop(): PromiseLike<void> | void }>();

afterEach(async () => {
	await Promise.all([...visitors].map(async (visitor) => visitor.stop()));
	visitors.clear();
});

/** Connects to the seed at `addr`; with `reachable` it also takes a place on its relay. */
export async function visit(addr: string, { reachable = false } = {}) {
	const node = await createLibp2p({
		addresses: { listen: reachable ? [`${addr}/p2p-circuit`] : [] },
		transports: [webSockets(), circuitRelayTransport()],
		connectionEncrypters: [noise()],
		streamMuxers: [yamux()],
		services: {
			identify: identify(),
			ping: ping(),
			dht: kadDHT({
				protocol: DHT_PROTOCOL,
				clientMode: true,
				peerInfoMapper: passthroughMapper
			}),
			pubsub: gossipService({ hub: false, trusted: new Set() })
		}
	});
	visitors.add(node);
	await node.dial(multiaddr(addr));
	return node;
}

/** Any content id will do for a room. */
export function roomCid(name: string): CID {
	const hash = sha256(new TextEncoder().encode(name));
	return CID.createV1(RAW_CODEC, Digest.create(SHA2_256, hash));
}

/** Waits for the end of a query. */
export async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
	const seen: T[] = [];
	for await (const event of events) seen.push(event);
	return seen;
}

/** Resolves with the first value of `look` that is not null, looked for at each of the node's events. */
export function until<T>(
	target: { addEventListener: (type: never, listener: () => void) => void },
	types: readonly string[],
	look: () => T | null
): Promise<T> {
	return new Promise((resolve) => {
		const check = (): void => {
			const found = look();
			if (found !== null) resolve(found);
		};
		for (const type of types) target.addEventListener(type as never, check);
		check();
	});
}
