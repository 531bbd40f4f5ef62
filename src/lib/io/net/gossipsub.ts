/**
 * Signed room events among members, by gossipsub. The only file that names the package: it stands in for
 * `@chainsafe/libp2p-gossipsub`, which does not work with libp2p 3 yet, and can be swapped back here.
 */
import {
	gossipsub,
	TopicValidatorResult,
	type GossipSub,
	type GossipSubComponents,
	type Message
} from '@libp2p/gossipsub';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Gossip, Verdict } from '#lib/io/ports.ts';
import { GOSSIP_BYTES_MAX, GOSSIP_RPC_BYTES_MAX, ROOMS_JOINED_MAX } from '#lib/p2p/wire/limits.ts';
import { forgetTopic, scoreParams, scoreTopic, THRESHOLDS } from './gossip-score.ts';
import type { NeighbourKeeper } from './neighbours.ts';
import { roomTopic } from './protocols.ts';

export { type GossipSub } from '@libp2p/gossipsub';
/** What the library lets us choose. */
export type GossipChoices = NonNullable<Parameters<typeof gossipsub>[0]>;

/**
 * A hub keeps every leaf in its mesh: beyond gossipsub's own 12 the others would hear of a message a second
 * later or never (40 leaves: 71 % in 3 s with the defaults, 100 % in 0.3 s with these).
 */
const HUB_MESH = { D: 256, Dlo: 128, Dhi: 512, Dscore: 4, Dout: 2 };

export interface GossipServiceOptions {
	/** True on a seed, where all leaves meet. */
	readonly hub: boolean;
	/** Peer ids whose score never falls. */
	readonly trusted: ReadonlySet<string>;
}

/** The libp2p service, for peers and seeds alike: both must agree on message ids and signatures. */
export function gossipService(
	options: GossipServiceOptions
): (c: GossipSubComponents) => GossipSub {
	return gossipsub({
		globalSignaturePolicy: 'StrictSign',
		msgIdFn: messageId,
		// The first member of a room speaks before anybody listens.
		allowPublishToZeroTopicPeers: true,
		// The core repeats events when it repairs; the second time is no mistake.
		ignoreDuplicatePublishError: true,
		fallbackToFloodsub: false,
		doPX: false,
		maxInboundDataLength: GOSSIP_RPC_BYTES_MAX,
		scoreParams: scoreParams(options.trusted),
		scoreThresholds: THRESHOLDS,
		...(options.hub ? HUB_MESH : {})
	});
}

/** The hash of topic and data: the same event has one id whoever wraps it, and another in another room. */
function messageId(message: Message): Uint8Array {
	return sha256
		.create()
		.update(new TextEncoder().encode(message.topic))
		.update(message.data)
		.digest();
}

/** The Gossip port over a running service. A message sent right after joining may miss neighbours: sync by digest. */
export function createGossip(service: GossipSub, neighbours: NeighbourKeeper): Gossip {
	return {
		join(room, judge) {
			const topic = roomTopic(room);
			if (service.topicValidators.has(topic)) throw new Error('This room is joined already.');
			if (service.topicValidators.size >= ROOMS_JOINED_MAX)
				throw new Error('Too many rooms are joined.');
			service.topicValidators.set(topic, (_, message) => judged(message.data, judge));
			scoreTopic(service, topic);
			service.subscribe(topic);
			neighbours.enter(room);
			let joined = true;
			return {
				async publish(message) {
					if (!joined) return;
					if (message.length > GOSSIP_BYTES_MAX)
						throw new RangeError('The message is too long to gossip.');
					await service.publish(topic, message);
				},
				befriend(contacts) {
					if (joined) neighbours.meet(contacts);
				},
				leave() {
					if (!joined) return;
					joined = false;
					service.unsubscribe(topic);
					service.topicValidators.delete(topic);
					forgetTopic(service, topic);
					neighbours.leave(room);
				}
			};
		}
	};
}

async function judged(
	data: Uint8Array,
	judge: (message: Uint8Array) => Promise<Verdict>
): Promise<TopicValidatorResult> {
	if (data.length > GOSSIP_BYTES_MAX) return TopicValidatorResult.Reject;
	return VERDICTS[await judge(data)];
}

/** Our verdicts in the library's words. */
export const VERDICTS: Record<Verdict, TopicValidatorResult> = {
	accept: TopicValidatorResult.Accept,
	ignore: TopicValidatorResult.Ignore,
	reject: TopicValidatorResult.Reject
};
