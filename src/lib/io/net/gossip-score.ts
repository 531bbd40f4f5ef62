/**
 * How gossip judges its neighbours (gossipsub v1.1, "Peer Scoring"): what counts for and against whom, and
 * from where on somebody is not listened to. The reasons are in docs/PROTOCOL.md, "Gossip".
 */
import type { Verdict } from '#lib/io/ports.ts';
import { putNewest } from '#lib/p2p/wire/bounded.ts';
import { GOSSIP_AUTHOR_RATE, GOSSIP_AUTHORS_MAX } from '#lib/p2p/wire/limits.ts';
import { fullBucket, take, type Bucket, type Rate } from '#lib/p2p/wire/rate.ts';
import type { GossipChoices, GossipSub } from './gossipsub.ts';

type ScoreParams = NonNullable<GossipChoices['scoreParams']>;
type TopicParams = NonNullable<ScoreParams['topics']>[string];

/** What we use of the service beyond its interface; checked when it is used. */
interface Scoring {
	readonly score: {
		readonly params: { readonly topics: Record<string, TopicParams> };
		readonly peerStats: ReadonlyMap<string, { readonly topics: Record<string, unknown> }>;
	};
}

/** Far above every penalty: a seed passes on what others send, and must not be silenced for it. */
const SEED_SCORE = 1000;

/**
 * Below the first, somebody hears no digests from us; below the second, nothing of what we say; below the third
 * nothing it says is read. One forgery costs 20, two cost 80: a second one within a minute closes our ears.
 */
export const THRESHOLDS = {
	gossipThreshold: -10,
	publishThreshold: -50,
	graylistThreshold: -75,
	acceptPXThreshold: 1000,
	opportunisticGraftThreshold: 1
};

/** Of every room alike. Parameters are those of gossipsub v1.1, P1 to P4; counters decay each second. */
const ROOM: TopicParams = {
	topicWeight: 1,
	// P1: who has been with us for a while is preferred to newcomers, by little: 5 after 17 minutes.
	timeInMeshWeight: 0.05,
	timeInMeshQuantum: 10_000,
	timeInMeshCap: 100,
	// P2: who brings news first is preferred. What is missing to the cap of 10 decays within half a minute.
	firstMessageDeliveriesWeight: 0.5,
	firstMessageDeliveriesDecay: 0.9,
	firstMessageDeliveriesCap: 20,
	// P3: off. A room in which nobody moderates has no messages for an hour, and all would be found wanting.
	meshMessageDeliveriesWeight: 0,
	meshMessageDeliveriesDecay: 0.5,
	meshMessageDeliveriesCap: 1,
	meshMessageDeliveriesThreshold: 1,
	meshMessageDeliveriesWindow: 10,
	meshMessageDeliveriesActivation: 60_000,
	meshFailurePenaltyWeight: 0,
	meshFailurePenaltyDecay: 0.5,
	// P4: an honest neighbour passes on nothing that the rules reject. Forgotten after four minutes.
	invalidMessageDeliveriesWeight: -20,
	invalidMessageDeliveriesDecay: 0.99
};

/** For every topic together; topics come and go with `scoreTopic` and `forgetTopic`. */
export function scoreParams(trusted: ReadonlySet<string>): ScoreParams {
	return {
		topics: {},
		// What is good in many rooms does not outweigh what was forged in one: P4 alone is below it at once.
		topicScoreCap: 10,
		appSpecificScore: (peer) => (trusted.has(peer) ? SEED_SCORE : 0),
		appSpecificWeight: 1,
		// P6: off. Many members behind one NAT, proxy or test machine are no attack.
		IPColocationFactorWeight: 0,
		// P7: broken promises and grafts too soon, which a page that was starved commits as well: six are free.
		behaviourPenaltyWeight: -5,
		behaviourPenaltyThreshold: 6,
		behaviourPenaltyDecay: 0.98,
		decayInterval: 1_000,
		decayToZero: 0.1,
		// Long enough that coming back does not wash anybody clean, short enough for a seed's memory.
		retainScore: 10 * 60_000
	};
}

/** From now on what happens in this topic counts. */
export function scoreTopic(service: GossipSub, topic: string): void {
	scoringOf(service).params.topics[topic] = ROOM;
}

/** After leaving it. The counters go with the parameters: the library trusts that where one is, the other is. */
export function forgetTopic(service: GossipSub, topic: string): void {
	// Names of topics are ours, and no property of anything else.
	/* eslint-disable @typescript-eslint/no-dynamic-delete */
	const { params, peerStats } = scoringOf(service);
	delete params.topics[topic];
	for (const stats of peerStats.values()) delete stats.topics[topic];
	/* eslint-enable @typescript-eslint/no-dynamic-delete */
}

function scoringOf(service: GossipSub | (GossipSub & Scoring)): Scoring['score'] {
	if (!('score' in service)) throw new Error('@libp2p/gossipsub has changed: no scores.');
	return service.score;
}

export interface AuthorRates {
	/** Whether what `author` says may pass; `source` is the neighbour that brought it. */
	judge(author: string, source: string, nowMs: number): Verdict;
}

/**
 * What a seed, which cannot know the law of each room, can check: how much one author says. Authors are proven
 * by gossip's own signatures. Who passes on a flood of another is not to blame for it.
 */
export function createAuthorRates(rate: Rate = GOSSIP_AUTHOR_RATE): AuthorRates {
	const buckets = new Map<string, Bucket>();
	return {
		judge(author, source, nowMs) {
			const bucket = buckets.get(author) ?? fullBucket(rate);
			// Said last, forgotten last.
			putNewest(buckets, author, bucket, GOSSIP_AUTHORS_MAX);
			if (take(bucket, rate, 1, nowMs)) return 'accept';
			return author === source ? 'reject' : 'ignore';
		}
	};
}
