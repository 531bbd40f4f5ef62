/**
 * A peer without a browser: the same core, the same packets, WebRTC by node-datachannel. It has no ears and
 * no microphone of its own; it can listen, pass on, take a seat, and send packets it is given.
 */
import { createEngine, type Engine } from '#lib/app/engine/engine.ts';
import { createRoomNetwork } from '#lib/app/engine/room-network.ts';
import type { EngineStatus } from '#lib/app/engine/messages.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import { nodeSimplePeer } from '#lib/io/link/node-simple-peer.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode } from '#lib/io/net/peer-node.ts';
import type { Clock, Gossip, LinkChannels, Store } from '#lib/io/ports.ts';
import type { PeerOptions, Wish } from '#lib/p2p/peer/io.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import { peerIdOf, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';

export interface HeadlessOptions {
	/** Multiaddrs of seeds, each with `/p2p/<id>`. */
	readonly seeds: readonly string[];
	readonly room: RoomId;
	readonly name: string;
	/** Children it carries at most. */
	readonly fanout: number;
	readonly clock: Clock;
	readonly iceServers: readonly RTCIceServer[];
	/** What would be played; frames are whole Opus packets. */
	readonly onSound: (inputs: readonly PlayoutInput[]) => void;
	readonly onStatus: (status: EngineStatus) => void;
	/** Who it is, where that is to be known beforehand; otherwise its key is made for the occasion. */
	readonly keySeed?: Uint8Array;
	/** Set by who opens the room, whose id is made of its key and this nonce. */
	readonly opening?: PeerOptions['opening'];
	/** What its link holds behind the key, in a locked room. */
	readonly access?: PeerOptions['access'];
	/** Where it remembers what it has to; left out: nowhere, for it ends with its program. */
	readonly store?: Store;
	/** Comes between the run loop and a link's channels, for trials on lines worse than this machine's own. */
	readonly shape?: (peer: PeerId, channels: LinkChannels) => LinkChannels;
	/** False: no direct connections for gossip. Events come over links alone, and nobody calls without a seed. */
	readonly gossip?: boolean;
}

export interface HeadlessPeer {
	readonly peer: PeerId;
	readonly engine: Engine;
	wish(wish: Wish): void;
	/** Leaves the room and the network. */
	stop(): Promise<void>;
}

/** Resolves when the peer has begun to look for the room. */
export async function startHeadlessPeer(options: HeadlessOptions): Promise<HeadlessPeer> {
	const { clock, room, name, fanout, seeds, iceServers } = options;
	const keySeed = options.keySeed ?? newKeySeed();
	const shape = options.shape ?? ((_, channels) => channels);
	const keys = await createKeys(keySeed);
	const node = await createPeerNode({ keySeed, seeds, clock, iceServers });
	const me = peerIdOf(keys.publicKey);
	const engine = createEngine(
		{
			me,
			publicKey: keys.publicKey,
			room,
			name,
			fanout,
			opening: options.opening ?? null,
			access: options.access ?? null,
			chance: newKeySeed()
		},
		{
			clock,
			keys,
			store: options.store ?? forgetfulStore(),
			order: (order) => network.carry(order),
			play: options.onSound,
			onStatus: options.onStatus,
			onMicrophone: () => undefined
		}
	);
	const network = createRoomNetwork({
		me,
		room,
		keys,
		clock,
		gossip: options.gossip === false ? noGossip() : node.gossip,
		directory: node.directory,
		calls: node.signalling,
		mayCall: (peer) => node.mayCall(peer),
		links: (signalling, onEvent) =>
			createLinks({
				me,
				signalling,
				simplePeer: nodeSimplePeer,
				iceServers,
				clock,
				onEvent
			}),
		onNews: (news) => engine.news(news),
		onChannels: (peer, channels) => engine.take(peer, shape(peer, channels))
	});
	const tellAddress = (): void => engine.feed({ type: 'address', addrs: node.contact().addrs });
	const stopSeeds = node.seeds.onChange(tellAddress);
	await engine.start();
	tellAddress();
	return {
		peer: me,
		engine,
		wish: (wish) => engine.feed({ type: 'wish', wish }),
		async stop() {
			await engine.leave();
			stopSeeds();
			network.stop();
			await node.stop();
		}
	};
}

function noGossip(): Gossip {
	const room = {
		publish: () => Promise.resolve(),
		befriend: () => undefined,
		leave: () => undefined
	};
	return { join: () => room };
}

/** It ends with its program, and there is nothing to come back to. */
function forgetfulStore(): Store {
	return {
		get: () => Promise.resolve(null),
		put: () => Promise.resolve(),
		change: () => Promise.resolve(),
		delete: () => Promise.resolve()
	};
}
