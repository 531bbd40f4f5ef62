/** The least that peers need to meet, for tests of the peer alone: relay, DHT server, gossip hub, on one port. */
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify, identifyPush } from '@libp2p/identify';
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import { gossipService, type GossipSub } from '#lib/io/net/gossipsub.ts';
import { DHT_PROTOCOL, ROOM_TOPIC_PREFIX } from '#lib/io/net/protocols.ts';

export interface TinySeed {
	/** With `/p2p/<id>`. */
	readonly addr: string;
	readonly node: Libp2p;
	/** What it says to those who want a slot on its relay, for tests to have it say something else. */
	readonly slotDesk: SlotDesk;
	stop(): Promise<void>;
}

/** Of libp2p's relay; its types keep both to themselves. */
export interface SlotDesk {
	readonly reservationStore: { reserve(...asked: unknown[]): { readonly status: number } };
	/** `expireS`: when the slot ends, in seconds since 1970 by the seed's clock. */
	makeReservation(peer: unknown, expireS: bigint): Promise<unknown>;
}

/** On a free port, or on the given one, as after a restart. */
export async function startTinySeed(keySeed: Uint8Array, port = 0): Promise<TinySeed> {
	const node = await createLibp2p({
		privateKey: await generateKeyPairFromSeed('Ed25519', keySeed),
		addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}/ws`] },
		transports: [webSockets()],
		connectionEncrypters: [noise()],
		streamMuxers: [yamux()],
		connectionManager: { inboundConnectionThreshold: 500, maxIncomingPendingConnections: 200 },
		services: {
			identify: identify(),
			identifyPush: identifyPush(),
			ping: ping(),
			relay: circuitRelayServer({
				reservations: { maxReservations: 500, defaultDataLimit: 131_072n },
				maxInboundHopStreams: 64,
				maxOutboundStopStreams: 300
			}),
			dht: kadDHT({
				protocol: DHT_PROTOCOL,
				clientMode: false,
				peerInfoMapper: passthroughMapper,
				allowQueryWithZeroPeers: true
			}),
			gossip: gossipService({ hub: true, trusted: new Set() })
		}
	});
	carryRooms(node.services.gossip);
	const addr = node.getMultiaddrs()[0]?.toString();
	if (addr === undefined) throw new Error('The seed listens nowhere.');
	const slotDesk = node.services.relay as unknown as SlotDesk;
	return { addr, node, slotDesk, stop: async () => node.stop() };
}

/** A hub passes on only what it is subscribed to. */
function carryRooms(gossip: GossipSub): void {
	gossip.addEventListener('subscription-change', ({ detail }) => {
		for (const { topic, subscribe } of detail.subscriptions) {
			if (subscribe && topic.startsWith(ROOM_TOPIC_PREFIX)) gossip.subscribe(topic);
		}
	});
}
