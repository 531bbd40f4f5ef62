/**
 * Who is in which room, as far as a seed sees: members of a room listen to its gossip, under the name by which the
 * directory has it too. What is looked up there beside rooms (cards, shares) has no gossip: who is connected is there.
 */
import { base32 } from 'multiformats/bases/base32';
import type { RoomId } from '#lib/p2p/wire/ids.ts';
import { roomCid } from './directory.ts';
import { ROOM_TOPIC_PREFIX } from './protocols.ts';
import { createTopicLedger, type TopicLedger } from './seed-topics.ts';

export interface RoomsHere {
	readonly ledger: TopicLedger;
	/** Everybody who is connected, as the node says; no more than it lets in. */
	readonly connected: Set<string>;
	/** The seed carries this topic of the ledger from now on. */
	open(topic: string): void;
	close(topic: string): void;
	/** `room` as kad-dht names it: its multihash in base 32. */
	readonly isHere: (peer: string, room: string) => boolean;
}

export function createRoomsHere(): RoomsHere {
	const ledger = createTopicLedger();
	const connected = new Set<string>();
	/** Topics that are carried, by the names kad-dht has for them. */
	const topics = new Map<string, string>();
	return {
		ledger,
		connected,
		open(topic) {
			topics.set(kadName(topic), topic);
		},
		close(topic) {
			topics.delete(kadName(topic));
		},
		isHere(peer, room) {
			if (!connected.has(peer)) return false;
			const topic = topics.get(room);
			return topic === undefined || ledger.listens(peer, topic) !== false;
		}
	};
}

/** The ledger takes names of rooms alone. */
function kadName(topic: string): string {
	const room = topic.slice(ROOM_TOPIC_PREFIX.length) as RoomId;
	return base32.baseEncode(roomCid(room).multihash.bytes);
}
