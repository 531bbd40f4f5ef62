/**
 * Whole peers in one process, as in a browser or in Node but for what lies below: WebRTC, gossip, the directory and
 * calls through seeds are in memory. The seeds can die: then nobody is found and no call gets through.
 */
import { createEngine, type Engine } from '#lib/app/engine/engine.ts';
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import { createRoomNetwork } from '#lib/app/engine/room-network.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import type { Directory, Gossip, Keys, Signalling } from '#lib/io/ports.ts';
import type { Wish } from '#lib/p2p/peer/io.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import { peerIdOf, roomIdOf, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';
import { createFakeNetwork, type FakeNetwork, type NetPeer } from './fake-network.ts';
import { createFakeWebRtc, type FakeWebRtc } from './fake-simple-peer.ts';
import { createMemoryStore } from './memory-store.ts';

export interface Villager {
	readonly peer: PeerId;
	readonly engine: Engine;
	view(): RoomView | null;
	diagnostics(): EngineDiagnostics;
	wish(wish: Wish): void;
	/** What was handed to playout last. */
	readonly sounds: PlayoutInput[];
	/** Gone without a word. */
	die(): void;
}

/** What somebody's link holds, of the room that it leads to. */
export type AccessIn = (room: RoomId) => Access | null;

export interface EngineVillage {
	/** The first one opens the room; where its link holds a secret, a locked one. */
	join(name: string, fanout: number, access?: AccessIn): Promise<Villager>;
	/** What gossip has carried, by the name of the place it was carried at: what a seed sees. */
	readonly gossiped: readonly { readonly at: RoomId; readonly message: Uint8Array }[];
	/** From now on there is no directory and no call, and no gossip either. */
	killSeeds(): void;
	/** Calls through seeds that got through. */
	readonly calls: () => number;
	stop(): void;
}

const SOUNDS_KEPT_MAX = 200;
const NONCE = Uint8Array.of(3, 1, 4, 1, 5, 9, 2, 6);

interface Village {
	readonly network: FakeNetwork;
	readonly webRtc: FakeWebRtc;
	readonly villagers: Villager[];
	room: RoomId | null;
	seedsAlive: boolean;
	calls: number;
	readonly gossiped: { at: RoomId; message: Uint8Array }[];
}

export function engineVillage(): EngineVillage {
	const village: Village = {
		network: createFakeNetwork(),
		webRtc: createFakeWebRtc(),
		villagers: [],
		room: null,
		seedsAlive: true,
		calls: 0,
		gossiped: []
	};
	return {
		join: (name, fanout, access) => join(village, name, fanout, access),
		gossiped: village.gossiped,
		killSeeds() {
			village.seedsAlive = false;
		},
		calls: () => village.calls,
		stop() {
			for (const villager of village.villagers) villager.die();
		}
	};
}

async function join(
	village: Village,
	name: string,
	fanout: number,
	accessIn: AccessIn = () => null
): Promise<Villager> {
	const keys = await createKeys(newKeySeed());
	const me = peerIdOf(keys.publicKey);
	const isHost = village.room === null;
	const room = (village.room ??= roomIdOf(keys.publicKey, NONCE));
	const access = accessIn(room);
	const about = { title: 'Village', nonce: NONCE, createdAtMs: Date.now() };
	const opening = isHost ? { ...about, locked: access !== null } : null;
	const chance = newKeySeed();
	const { publicKey } = keys;
	const options = { me, publicKey, room, name, fanout, opening, access, chance };
	const villager = move(village, options, keys);
	village.villagers.push(villager);
	await villager.engine.start();
	return villager;
}

function move(village: Village, options: Parameters<typeof createEngine>[0], keys: Keys): Villager {
	const clock = createSystemClock();
	const net = village.network.join(options.me);
	const sounds: PlayoutInput[] = [];
	let view: RoomView | null = null;
	const engine = createEngine(options, {
		clock,
		keys,
		store: createMemoryStore(),
		order: (order) => network.carry(order),
		play(inputs) {
			sounds.push(...inputs);
			sounds.splice(0, sounds.length - SOUNDS_KEPT_MAX);
		},
		onStatus(status) {
			view = status.view;
		},
		onMicrophone: () => undefined
	});
	const network = createRoomNetwork({
		me: options.me,
		room: options.room,
		keys,
		clock,
		gossip: mortalGossip(village, net),
		directory: mortalDirectory(village, net),
		calls: mortalCalls(village, net),
		mayCall: () => village.seedsAlive,
		links: (signalling, onEvent) =>
			createLinks({
				me: options.me,
				signalling,
				simplePeer: village.webRtc.simplePeer,
				iceServers: [],
				clock,
				onEvent
			}),
		onNews: (news) => engine.news(news),
		onChannels: (peer, channels) => engine.take(peer, channels)
	});
	return {
		peer: options.me,
		engine,
		view: () => view,
		diagnostics: () => engine.diagnostics(),
		wish: (wish) => engine.feed({ type: 'wish', wish }),
		sounds,
		die() {
			net.leave();
			network.stop();
			void engine.leave();
		}
	};
}

function mortalCalls(village: Village, { signalling }: NetPeer): Signalling {
	return {
		async open(to, signal) {
			if (!village.seedsAlive) throw new Error(`Nobody answers for ${to.peer}.`);
			village.calls++;
			return signalling.open(to, signal);
		},
		onStream: (take) => signalling.onStream(take)
	};
}

function mortalGossip(village: Village, { gossip }: NetPeer): Gossip {
	return {
		join(room, judge) {
			const joined = gossip.join(room, judge);
			return {
				...joined,
				publish(message) {
					if (!village.seedsAlive) return Promise.resolve();
					village.gossiped.push({ at: room, message });
					return joined.publish(message);
				}
			};
		}
	};
}

function mortalDirectory(village: Village, { directory }: NetPeer): Directory {
	return {
		...directory,
		async *find(room, signal) {
			if (village.seedsAlive) yield* directory.find(room, signal);
		}
	};
}
