/**
 * One libp2p peer, in the browser and in Node alike: the control plane of a room. Load it by dynamic import
 * (220 kB); audio never passes through here.
 */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify, identifyPush, type Identify } from '@libp2p/identify';
import { FaultTolerance, type Libp2p, type PeerInfo } from '@libp2p/interface';
import { kadDHT, type KadDHT } from '@libp2p/kad-dht';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { isPrivate } from '@libp2p/utils';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type {
	Clock,
	Directory,
	Gossip,
	Letters,
	Lobby,
	Sharing,
	Signalling
} from '#lib/io/ports.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { ADDR_BYTES_MAX, CONNECTIONS_MAX, CONTACT_ADDRS_MAX } from '#lib/p2p/wire/limits.ts';
import { createDirectLines, type DirectLines } from './direct-lines.ts';
import { createDirectory } from './directory.ts';
import { createGossip, gossipService, type GossipSub } from './gossipsub.ts';
import { createLetters } from './letters.ts';
import { createLobby } from './lobby.ts';
import { keepNeighbours, type NeighbourKeeper, type Neighbours } from './neighbours.ts';
import { DHT_PROTOCOL } from './protocols.ts';
import { createRelaySlots, type RelaySlots } from './relay-slots.ts';
import { keepRendezvous, readSeeds, type Rendezvous, type SeedAddress } from './rendezvous.ts';
import { createSharing, type ShareDesk } from './sharing.ts';
import { createSignalling } from './signalling.ts';

export type { Rendezvous } from './rendezvous.ts';

/** We repeat our announcements ourselves; the library's own clockwork for it sleeps. */
const NEVER_MS = 2 ** 31 - 1;

/** A seed that does not answer the DHT's ping in this time is asked again later. */
const DHT_PING_MS = 2_000;

/**
 * Who introduces two peers over a relay need not know what else they speak: each such connection would cost both of
 * them as much again for a description that nobody reads. Gossip takes to direct connections alone.
 */
const NOT_OVER_RELAYS = { runOnLimitedConnection: false };

export interface PeerNodeOptions {
	/** 32 bytes: the same Ed25519 key that signs room events. */
	readonly keySeed: Uint8Array;
	/** Multiaddrs of seeds, each with `/p2p/<id>`; the first `SEEDS_MAX` count. */
	readonly seeds: readonly string[];
	readonly clock: Clock;
	/** STUN servers for direct connections, the seeds' own; none on one network. */
	readonly iceServers?: readonly RTCIceServer[];
	/** No connection but by one of those that relay (TURN): no peer learns our address. */
	readonly relayOnly?: boolean;
}

export interface PeerNode {
	readonly peer: PeerId;
	/** Our id and how we can be called now. Without an address while no seed is reached. */
	contact(): Contact;
	readonly seeds: Rendezvous;
	readonly gossip: Gossip;
	/** Whom gossip reaches without a seed, while in a room. */
	readonly neighbours: Neighbours;
	readonly directory: Directory;
	readonly signalling: Signalling;
	readonly lobby: Lobby;
	readonly letters: Letters;
	readonly sharing: Sharing;
	/** Whether signalling can get through to this peer: a seed is reached, or gossip has a direct connection to it. */
	mayCall(peer: PeerId): boolean;
	/** Leaves the network. Nothing else may be called afterwards. */
	stop(): Promise<void>;
}

/** Resolves when the peer runs, not when a seed is reached. A seed whose address cannot be read is left out. */
export async function createPeerNode({
	keySeed,
	seeds,
	clock,
	iceServers = [],
	relayOnly = false
}: PeerNodeOptions): Promise<PeerNode> {
	const addresses = readSeeds(seeds);
	const slots = createRelaySlots();
	const lines = createDirectLines(iceServers, relayOnly, clock);
	// No connection comes in before there is a room, and so before it is here.
	let neighbours: NeighbourKeeper | null = null;
	let sharing: ShareDesk | null = null;
	const gate: Gate = (from, connection) =>
		sharing?.admits(from, connection) !== true && (neighbours?.deny(from, connection) ?? false);
	const node = await startLibp2p({ keySeed, seeds: addresses, slots, lines, gate });
	const peer = parsePeerId(node.peerId.toString());
	if (peer === null) throw new Error('An Ed25519 key makes an Ed25519 peer id.');
	const signalling = await createSignalling({ node, seeds: addresses, clock });
	const letters = await createLetters({ node, seeds: addresses, clock });
	const rendezvous = keepRendezvous({ node, slots, seeds: addresses, clock });
	const directory = createDirectory(node, rendezvous, clock);
	const keeper = keepNeighbours({
		node,
		lines,
		seeds: addresses,
		rendezvous,
		directory,
		clock,
		isShared: (other) => sharing?.uses(other) ?? false
	});
	neighbours = keeper;
	const desk = await createSharing({
		...{ node, lines, seeds: addresses, clock },
		isNeighbour: (other) => keeper.list().includes(other)
	});
	sharing = desk;
	return {
		peer,
		contact: () => ({ peer, addrs: ownAddresses(node) }),
		seeds: rendezvous,
		gossip: createGossip(node.services.gossip, keeper),
		neighbours: keeper,
		directory,
		signalling,
		lobby: createLobby(node, addresses),
		letters,
		sharing: desk,
		mayCall: (other) => rendezvous.reached() > 0 || keeper.list().includes(other),
		async stop() {
			directory.stop();
			desk.stop();
			keeper.stop();
			rendezvous.stop();
			signalling.stop();
			await node.stop();
		}
	};
}

type Services = { dht: KadDHT; gossip: GossipSub; identify: Identify; directLines: object };

type Gate = NeighbourKeeper['deny'];

interface Libp2pParts {
	readonly keySeed: Uint8Array;
	readonly seeds: readonly SeedAddress[];
	readonly slots: RelaySlots;
	readonly lines: DirectLines;
	readonly gate: Gate;
}

async function startLibp2p({
	keySeed,
	seeds,
	slots,
	lines,
	gate
}: Libp2pParts): Promise<Libp2p<Services>> {
	const mayDialPrivate = seeds.some(({ addr }) => isPrivate(addr));
	return createLibp2p({
		privateKey: await generateKeyPairFromSeed('Ed25519', keySeed),
		transports: [webSockets(), slots.transport],
		connectionEncrypters: [noise()],
		streamMuxers: [yamux()],
		connectionGater: {
			// The browser default refuses every ws:// and private address, and so each seed at home. A stranger's
			// contact must still not send us into the private network of somebody who came from outside.
			denyDialMultiaddr: (addr) => !mayDialPrivate && isPrivate(addr),
			denyInboundUpgradedConnection: (from, connection) => gate(from.toString(), connection)
		},
		connectionManager: {
			maxConnections: CONNECTIONS_MAX,
			// All who call through one seed seem to come from one host.
			inboundConnectionThreshold: CONNECTIONS_MAX,
			maxIncomingPendingConnections: CONNECTIONS_MAX,
			// Seeds are dialled again by the rendezvous, everybody else when there is a reason.
			reconnectRetries: 0
		},
		transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
		services: {
			identify: identify(NOT_OVER_RELAYS),
			identifyPush: identifyPush(NOT_OVER_RELAYS),
			ping: ping(),
			dht: kadDHT({
				protocol: DHT_PROTOCOL,
				clientMode: true,
				peerInfoMapper: onlySeeds,
				// Else every search waits for a query for ourselves, which starts after a second and hangs for good
				// when the seed dies in the middle of it. The directory sees to it that somebody is asked.
				allowQueryWithZeroPeers: true,
				onPeerConnectTimeout: DHT_PING_MS,
				reprovide: { interval: NEVER_MS }
			}),
			directLines: lines.service,
			gossip: gossipService({ hub: false, trusted: new Set(seeds.map(({ id }) => id)) })
		}
	});
}

/**
 * Whom the DHT may ask and remember: seeds, which listen on their own. Left to itself it would take each member
 * it finds for a server of the DHT, and call it through the relay to see whether it is alive.
 */
function onlySeeds(info: PeerInfo): PeerInfo {
	const multiaddrs = info.multiaddrs.filter((addr) => !addr.toString().includes('/p2p-circuit'));
	return { ...info, multiaddrs };
}

function ownAddresses(node: Libp2p): string[] {
	const addrs = node.getMultiaddrs().map(String);
	return addrs.filter((addr) => addr.length <= ADDR_BYTES_MAX).slice(0, CONTACT_ADDRS_MAX);
}
