/**
 * Which room topics the seed carries: those that somebody other than a seed listens to. Seeds do not count, or
 * two joined seeds would hold every room open for each other for good.
 */
import { ROOM_ID_BYTES } from '#lib/p2p/wire/ids.ts';
import { ROOM_TOPIC_PREFIX } from './protocols.ts';

/** Rooms on one seed at once. Each costs a mesh of up to 512 peers and one gossip of a second. */
export const TOPICS_MAX = 2_000;
/** Rooms of one peer at once; more than `ROOMS_JOINED_MAX` says somebody takes the seed's places. */
export const TOPICS_PER_PEER_MAX = 8;

export type TopicChange =
	| { readonly type: 'carry'; readonly topic: string }
	| { readonly type: 'drop'; readonly topic: string };

export interface TopicLedger {
	/** `peer` began or stopped to listen to `topic`. */
	subscription(peer: string, topic: string, subscribed: boolean): TopicChange[];
	/** `peer` turned out to be a seed: what it listens to does not count. */
	isSeed(peer: string): TopicChange[];
	gone(peer: string): TopicChange[];
	/** Whether `peer` listens to `topic`; of a topic that is not carried nothing is known: null. */
	listens(peer: string, topic: string): boolean | null;
}

/**
 * 1. A topic is carried exactly while at least one peer is in its set.
 * 2. No set is empty, no seed is in any.
 */
export function createTopicLedger(): TopicLedger {
	const listeners = new Map<string, Set<string>>();
	const topicsOf = new Map<string, Set<string>>();
	const seeds = new Set<string>();

	const add = (peer: string, topic: string): TopicChange[] => {
		const own = topicsOf.get(peer) ?? new Set();
		const peers = listeners.get(topic) ?? new Set();
		const fresh = peers.size === 0;
		if (own.size >= TOPICS_PER_PEER_MAX || (fresh && listeners.size >= TOPICS_MAX)) return [];
		topicsOf.set(peer, own.add(topic));
		listeners.set(topic, peers.add(peer));
		return fresh ? [{ type: 'carry', topic }] : [];
	};
	const remove = (peer: string, topic: string): TopicChange[] => {
		const peers = listeners.get(topic);
		if (peers?.delete(peer) !== true) return [];
		const own = topicsOf.get(peer);
		own?.delete(topic);
		if (own?.size === 0) topicsOf.delete(peer);
		if (peers.size > 0) return [];
		listeners.delete(topic);
		return [{ type: 'drop', topic }];
	};
	const removeAll = (peer: string): TopicChange[] =>
		[...(topicsOf.get(peer) ?? [])].flatMap((topic) => remove(peer, topic));

	return {
		subscription(peer, topic, subscribed) {
			if (!subscribed) return remove(peer, topic);
			return isRoomTopic(topic) && !seeds.has(peer) ? add(peer, topic) : [];
		},
		isSeed(peer) {
			seeds.add(peer);
			return removeAll(peer);
		},
		gone(peer) {
			seeds.delete(peer);
			return removeAll(peer);
		},
		listens: (peer, topic) => listeners.get(topic)?.has(peer) ?? null
	};
}

function isRoomTopic(topic: string): boolean {
	if (!topic.startsWith(ROOM_TOPIC_PREFIX)) return false;
	const id = topic.slice(ROOM_TOPIC_PREFIX.length);
	return id.length === 2 * ROOM_ID_BYTES && /^[0-9a-f]+$/.test(id);
}
