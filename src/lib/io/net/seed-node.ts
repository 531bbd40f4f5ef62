/**
 * libp2p as a seed runs it: where peers meet. It relays introductions, keeps the directory of rooms, passes on
 * room events, and dials nobody but the seeds it was told to join.
 */
import type { Server } from 'node:http';
import { circuitRelayServer, type CircuitRelayService } from '@libp2p/circuit-relay-v2';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify, identifyPush, type Identify, type IdentifyPush } from '@libp2p/identify';
import type { Libp2p, PeerId } from '@libp2p/interface';
import { kadDHT, passthroughMapper, type KadDHT } from '@libp2p/kad-dht';
import { noise } from '@libp2p/noise';
import { ping, type Ping } from '@libp2p/ping';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import { createBoard, type Board } from '#lib/p2p/lobby/board.ts';
import type { Clock, Keys } from '#lib/io/ports.ts';
import { GOSSIP_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { createAuthorRates, forgetTopic, scoreTopic } from './gossip-score.ts';
import { gossipService, VERDICTS, type GossipSub } from './gossipsub.ts';
import { DHT_PROTOCOL } from './protocols.ts';
import { serveLobby } from './seed-lobby.ts';
import { createRoomsHere, type RoomsHere } from './seed-rooms.ts';
import { SeedStore } from './seed-store.ts';
import type { TopicChange } from './seed-topics.ts';
import { seedTransport } from './seed-transport.ts';

/** One for each page that is open through this seed: about 100 KB of memory each. */
const CONNECTIONS_MAX = 2_000;
/** Connections a second from one address: a class or an office behind one NAT opens the link at once. */
const CONNECTIONS_PER_ADDRESS_MAX = 100;
/** Handshakes at once; each takes a few milliseconds of computing. */
const HANDSHAKES_MAX = 200;
/** Everybody connected may want to be reached. */
const RESERVATIONS_MAX = CONNECTIONS_MAX;
/** Clients renew five minutes before the end; a reservation also ends with its connection. */
const RESERVATION_MS = 60 * 60_000;
/** A relayed link carries signalling: 12 KB and seconds. Sound does not fit through, and shall not. */
const RELAYED_LINK_MS = 2 * 60_000;
const RELAYED_LINK_BYTES_MAX = 128n * 1024n;
/** Introductions one peer makes at once, and those it receives: a host greets a crowd. */
const HOP_STREAMS_MAX = 64;
const STOP_STREAMS_MAX = 300;
const HOP_TIMEOUT_MS = 30_000;
/** A member that says nothing for so long is gone; members speak up every four minutes. */
const RECORD_VALID_MS = 10 * 60_000;
const RECORD_THRESHOLD_MS = 6 * 60_000;
/** Expired records are found only by cleaning up. */
const RECORD_CLEANUP_MS = 60_000;

export interface SeedNodeOptions {
	/** 32 bytes: the seed's key, see io/keys. */
	readonly keySeed: Uint8Array;
	/** The server that takes WebSocket upgrades. It must listen before `start()`. */
	readonly server: Server;
	/** Multiaddr of where `server` listens, `/ip4/.../tcp/<port>(/tls)/ws`; the port may still be 0. */
	readonly listen: string;
	/** Multiaddrs to tell others instead of the interfaces' own; none means those. */
	readonly announce: readonly string[];
	/** Peer ids of seeds that this one may dial and trusts to pass on gossip. May grow later. */
	readonly joined: ReadonlySet<string>;
	readonly version: string;
	/** Checks what hosts say of their rooms. */
	readonly keys: Pick<Keys, 'verify'>;
	readonly clock: Clock;
	/** What is listed; whoever gives one may keep it over a restart. */
	readonly board?: Board;
}

export interface SeedServices {
	readonly [name: string]: unknown;
	readonly identify: Identify;
	readonly identifyPush: IdentifyPush;
	readonly ping: Ping;
	readonly relay: CircuitRelayService;
	readonly dht: KadDHT;
	readonly pubsub: GossipSub;
}

export type SeedNode = Libp2p<SeedServices>;

/** Makes the node; it is not started yet. */
export async function createSeedNode(options: SeedNodeOptions): Promise<SeedNode> {
	const mayDial = (peer: PeerId): boolean => options.joined.has(peer.toString());
	const rooms = createRoomsHere();
	const node: SeedNode = await createLibp2p<SeedServices>({
		start: false,
		privateKey: await generateKeyPairFromSeed('Ed25519', options.keySeed),
		nodeInfo: {
			name: 'grapevine-seed',
			version: options.version,
			userAgent: `grapevine-seed/${options.version}`
		},
		addresses: { listen: [options.listen], announce: [...options.announce] },
		transports: [seedTransport(options.server)],
		connectionEncrypters: [noise()],
		streamMuxers: [yamux()],
		datastore: new SeedStore({ isHere: rooms.isHere }),
		// Addresses come from strangers: nobody shall make the seed knock at doors inside its own network.
		connectionGater: { denyDialPeer: (peer) => !mayDial(peer) },
		connectionManager: {
			maxConnections: CONNECTIONS_MAX,
			inboundConnectionThreshold: CONNECTIONS_PER_ADDRESS_MAX,
			maxIncomingPendingConnections: HANDSHAKES_MAX
		},
		services: {
			identify: identify(),
			identifyPush: identifyPush(),
			ping: ping(),
			relay: relayService(),
			dht: directoryService(),
			pubsub: gossipService({ hub: true, trusted: options.joined })
		}
	});
	freeReservations(node);
	carryRooms(node, rooms);
	const [epoch = 1] = crypto.getRandomValues(new Uint32Array(1));
	await serveLobby({
		node,
		keys: options.keys,
		clock: options.clock,
		epoch,
		board: options.board ?? createBoard()
	});
	return node;
}

function relayService(): ReturnType<typeof circuitRelayServer> {
	return circuitRelayServer({
		hopTimeout: HOP_TIMEOUT_MS,
		maxInboundHopStreams: HOP_STREAMS_MAX,
		maxOutboundStopStreams: STOP_STREAMS_MAX,
		reservations: {
			maxReservations: RESERVATIONS_MAX,
			reservationTtl: RESERVATION_MS,
			defaultDurationLimit: RELAYED_LINK_MS,
			defaultDataLimit: RELAYED_LINK_BYTES_MAX
		}
	});
}

function directoryService(): ReturnType<typeof kadDHT> {
	return kadDHT({
		protocol: DHT_PROTOCOL,
		clientMode: false,
		// The default removes private addresses, and with them every room on a home or school network.
		peerInfoMapper: passthroughMapper,
		allowQueryWithZeroPeers: true,
		reprovide: {
			validity: RECORD_VALID_MS,
			threshold: RECORD_THRESHOLD_MS,
			interval: RECORD_CLEANUP_MS
		}
	});
}

/** A reservation outlives its connection in libp2p; a day of visitors would use them all up. */
function freeReservations(node: SeedNode): void {
	node.addEventListener('peer:disconnect', ({ detail: peer }) => {
		const { reservations } = node.services.relay;
		reservations.get(peer)?.signal.clear();
		reservations.delete(peer);
	});
}

/** Gossip passes through the seed only where it takes part: it does so while a member is there. */
function carryRooms(node: SeedNode, rooms: RoomsHere): void {
	const { ledger } = rooms;
	const { pubsub } = node.services;
	const rates = createAuthorRates();
	const carryOut = (changes: readonly TopicChange[]): void => {
		for (const change of changes) {
			switch (change.type) {
				case 'carry':
					rooms.open(change.topic);
					pubsub.topicValidators.set(change.topic, (source, message) => {
						// StrictSign lets no other kind through.
						if (message.type !== 'signed' || message.data.length > GOSSIP_BYTES_MAX)
							return VERDICTS.reject;
						const author = message.from.toString();
						return VERDICTS[rates.judge(author, source.toString(), Date.now())];
					});
					scoreTopic(pubsub, change.topic);
					pubsub.subscribe(change.topic);
					break;
				case 'drop':
					rooms.close(change.topic);
					pubsub.unsubscribe(change.topic);
					pubsub.topicValidators.delete(change.topic);
					forgetTopic(pubsub, change.topic);
					break;
			}
		}
	};
	pubsub.addEventListener('subscription-change', ({ detail }) => {
		const peer = detail.peerId.toString();
		for (const { topic, subscribe } of detail.subscriptions) {
			carryOut(ledger.subscription(peer, topic, subscribe));
		}
	});
	// Only seeds serve the DHT.
	node.addEventListener('peer:identify', ({ detail }) => {
		if (detail.protocols.includes(DHT_PROTOCOL)) carryOut(ledger.isSeed(detail.peerId.toString()));
	});
	node.addEventListener('peer:connect', ({ detail: peer }) => {
		rooms.connected.add(peer.toString());
	});
	node.addEventListener('peer:disconnect', ({ detail: peer }) => {
		rooms.connected.delete(peer.toString());
		carryOut(ledger.gone(peer.toString()));
	});
}
