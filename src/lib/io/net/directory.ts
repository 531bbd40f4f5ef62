/** Who is in a room, and who a card names, by kad-dht: they are the providers of the hash of a name. */
import type { Identify } from '@libp2p/identify';
import type { Libp2p, PeerInfo } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import { sha256 } from '@noble/hashes/sha2.js';
import { CID } from 'multiformats/cid';
import { create as digestOf } from 'multiformats/hashes/digest';
import type { Clock, Directory, MeetingPoint } from '#lib/io/ports.ts';
import { SHARES_ANNOUNCED_MAX } from '#lib/p2p/archive/share-limits.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { concat, fromHex, parsePeerId } from '#lib/p2p/wire/ids.ts';
import {
	ADDR_BYTES_MAX,
	ANNOUNCE_EVERY_MS,
	ANNOUNCE_RETRY_MS,
	CONTACT_ADDRS_MAX,
	PROVIDERS_MAX,
	ROOMS_JOINED_MAX
} from '#lib/p2p/wire/limits.ts';
import { ROOM_TOPIC_PREFIX } from './protocols.ts';
import type { Rendezvous } from './rendezvous.ts';

/** The multicodec of raw bytes and the multihash code of SHA2-256. */
const RAW = 0x55;
const SHA2_256 = 0x12;
/** An announcement asks each seed twice; what takes longer is lost. */
const ANNOUNCE_TIMEOUT_MS = 10_000;
/** Between two tries that found no seed to ask: the DHT knows one some 20 ms after it was reached. */
const RETRY_MIN_MS = 25;
const FIND_RETRY_MAX_MS = 1_000;
/** Who has found nobody to ask for so long makes itself known to the seeds again. */
const REINTRODUCE_MS = 400;

export type DhtNode = Libp2p<{ dht: KadDHT; identify: Identify }>;

/** Where a room, or whoever a card names, is found in the DHT: both are hashes already, each of its own domain. */
export function roomCid(room: MeetingPoint): CID {
	const name = concat(new TextEncoder().encode(ROOM_TOPIC_PREFIX), fromHex(room));
	return CID.createV1(RAW, digestOf(SHA2_256, sha256(name)));
}

export function createDirectory(
	node: DhtNode,
	rendezvous: Rendezvous,
	clock: Clock
): Directory & { stop(): void } {
	/** Rooms, our own card, and what we share. */
	const pointsMax = ROOMS_JOINED_MAX + SHARES_ANNOUNCED_MAX;
	const rooms = new Map<MeetingPoint, Announcer>();
	const unsubscribe = rendezvous.onChange((reached) => {
		if (reached === 0) return;
		for (const announcer of rooms.values()) announcer.announce();
	});
	return {
		announce(room) {
			if (rooms.has(room)) return;
			if (rooms.size >= pointsMax) throw new Error('Too many places are announced.');
			const announcer = createAnnouncer(node, room, clock);
			rooms.set(room, announcer);
			announcer.announce();
		},
		withdraw(room) {
			rooms.get(room)?.stop();
			rooms.delete(room);
		},
		find: (room, signal) => find(node, room, signal, clock),
		stop() {
			unsubscribe();
			for (const announcer of rooms.values()) announcer.stop();
			rooms.clear();
		}
	};
}

interface Announcer {
	/** Now. What is under way began with other seeds, or none, and is given up. */
	announce(): void;
	stop(): void;
}

/**
 * Repeats every `ANNOUNCE_EVERY_MS`, and with pauses that grow up to `ANNOUNCE_RETRY_MS` until it succeeds: a seed
 * that was just reached is asked a moment later. At most one is under way at a time.
 */
function createAnnouncer(node: DhtNode, room: MeetingPoint, clock: Clock): Announcer {
	const cid = roomCid(room);
	let stopped = false;
	let underWay = new AbortController();
	let cancelAlarm: () => void = () => undefined;

	const announce = (retryMs: number): void => {
		if (stopped) return;
		cancelAlarm();
		underWay.abort();
		const mine = new AbortController();
		underWay = mine;
		void provide(node, cid, mine.signal).then((done) => {
			if (mine.signal.aborted) return;
			if (!done && retryMs >= REINTRODUCE_MS) reintroduce(node);
			const next = (): void => {
				announce(done ? RETRY_MIN_MS : Math.min(2 * retryMs, ANNOUNCE_RETRY_MS));
			};
			cancelAlarm = clock.wake(clock.nowMs() + (done ? ANNOUNCE_EVERY_MS : retryMs), next);
		});
	};
	return {
		announce() {
			announce(RETRY_MIN_MS);
		},
		stop() {
			stopped = true;
			underWay.abort();
			cancelAlarm();
			node.services.dht.cancelReprovide(cid).catch(() => undefined);
		}
	};
}

/** True where a seed was told. Without an address to be called at none would remember us. */
async function provide(node: DhtNode, cid: CID, givenUp: AbortSignal): Promise<boolean> {
	if (node.getMultiaddrs().length === 0) return false;
	let told = false;
	try {
		const signal = AbortSignal.any([givenUp, AbortSignal.timeout(ANNOUNCE_TIMEOUT_MS)]);
		for await (const event of node.services.dht.provide(cid, { signal })) {
			told ||= event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER';
		}
	} catch {
		// Some seed is slow or gone; another may have been told.
	}
	return told;
}

/** Searches until some seed has answered: before the first is reached, the DHT knows nobody to ask. */
async function* find(
	node: DhtNode,
	room: MeetingPoint,
	signal: AbortSignal,
	clock: Clock
): AsyncGenerator<Contact> {
	const seen = new Set<string>([node.peerId.toString()]);
	let pauseMs = RETRY_MIN_MS;
	let answered = false;
	while (!signal.aborted && !answered) {
		try {
			for await (const event of node.services.dht.findProviders(roomCid(room), { signal })) {
				answered ||= event.name === 'PEER_RESPONSE' && !event.from.equals(node.peerId);
				if (event.name !== 'PROVIDER') continue;
				for (const contact of event.providers.flatMap(contactOf)) {
					if (seen.has(contact.peer) || seen.size > PROVIDERS_MAX) continue;
					seen.add(contact.peer);
					yield contact;
				}
			}
		} catch {
			// Given up, or a seed broke off: the rest of the search has what the others say.
		}
		if (!answered && pauseMs >= REINTRODUCE_MS) reintroduce(node);
		if (!answered) await pause(clock, pauseMs, signal);
		pauseMs = Math.min(2 * pauseMs, FIND_RETRY_MAX_MS);
	}
}

/**
 * The DHT learns of a seed when libp2p has identified it, and pings it first. If that ping is lost with its
 * connection (a seed that restarts), it does not learn of it again: identifying once more is a second chance.
 */
function reintroduce(node: DhtNode): void {
	for (const connection of node.getConnections()) {
		if (connection.limits !== undefined) continue;
		node.services.identify.identify(connection).catch(() => undefined);
	}
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => {
		const done = (): void => {
			signal.removeEventListener('abort', done);
			cancel();
			resolve();
		};
		const cancel = clock.wake(clock.nowMs() + ms, done);
		signal.addEventListener('abort', done);
	});
}

function contactOf(provider: PeerInfo): Contact[] {
	const peer = parsePeerId(provider.id.toString());
	if (peer === null) return [];
	const addrs = provider.multiaddrs.map(String).filter((addr) => addr.length <= ADDR_BYTES_MAX);
	return [{ peer, addrs: addrs.slice(0, CONTACT_ADDRS_MAX) }];
}
