/**
 * Reactions travel like presence, along the tree and between speakers, and are forgotten when shown. From each
 * neighbour goes on what it told us, to everybody on the tree but itself: so each reaction comes to each peer once,
 * as itself or in a count. Kept at all times:
 * 1. what is signed is checked here before it is shown or goes on;
 * 2. nobody reacts for more people than it says are below it, nor any author faster than REACTION_AUTHOR_RATE;
 * 3. nothing is shown of who is out of the room, of what is late, or twice.
 */
import { putNewest } from '../wire/bounded.ts';
import { encodeUnsigned, openEnvelope, type Verified } from '../wire/envelope.ts';
import type { ControlMessage } from '../wire/control.ts';
import type { RoomEvent } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import {
	NEIGHBOURS_REMEMBERED_MAX,
	REACTION_AUTHOR_RATE,
	REACTION_LATE_MS,
	REACTION_OWN_RATE,
	REACTORS_REMEMBERED_MAX,
	VERIFYING_MAX
} from '../wire/limits.ts';
import { available, fullBucket, take, type Bucket, type Rate } from '../wire/rate.ts';
import type { PeerOutput } from './io.ts';
import {
	newReactionPost,
	postCount,
	postSigned,
	takeFromPost,
	type ReactionPost
} from './reaction-post.ts';
import { onwardsFrom, sideOf, sidesOf } from './sides.ts';
import { send, type PeerState } from './state.ts';
import { nameOf } from './view-of-law.ts';

export interface ReactionCounts {
	/** Shown here: by name, and by number alone. */
	signed: number;
	counted: number;
	/** Messages sent, and their bytes. */
	sent: number;
	bytesUp: number;
	/** Signed ones that went on as a number for want of room. */
	thinned: number;
	/** Turned away: too old, too many of one author, more than live below who told them. */
	late: number;
	hasty: number;
	unbelieved: number;
}

interface Reactor {
	/** By the author's clock. */
	lastMs: number;
	readonly bucket: Bucket;
}

export interface Reactions {
	readonly posts: Map<PeerId, ReactionPost>;
	/** At most REACTORS_REMEMBERED_MAX, who reacted longest ago first. */
	readonly authors: Map<PeerId, Reactor>;
	/** What neighbours may still tell; at most NEIGHBOURS_REMEMBERED_MAX, least recently heard first. */
	readonly claims: Map<PeerId, Bucket>;
	readonly own: Bucket;
	lastOwnMs: number;
	/** Listeners in the room, as the last parent that told of them said. */
	crowd: number;
	readonly counts: ReactionCounts;
}

type Message = Extract<ControlMessage, { type: 'reactions' }>;

export function newReactions(): Reactions {
	return {
		posts: new Map(),
		authors: new Map(),
		claims: new Map(),
		own: fullBucket(REACTION_OWN_RATE),
		lastOwnMs: 0,
		crowd: 0,
		counts: {
			signed: 0,
			counted: 0,
			sent: 0,
			bytesUp: 0,
			thinned: 0,
			late: 0,
			hasty: 0,
			unbelieved: 0
		}
	};
}

/** Our own wish: to be signed, and then shown and told like those of others. More than may be is let go without a word. */
export function react(peer: PeerState, code: number, nowMs: number): PeerOutput[] {
	const { reactions, options } = peer;
	if (!take(reactions.own, REACTION_OWN_RATE, 1, nowMs)) {
		reactions.counts.hasty++;
		return [];
	}
	// Later than the one before, whatever the clock does: repetitions are known by it.
	reactions.lastOwnMs = Math.max(Math.floor(nowMs), reactions.lastOwnMs + 1);
	const unsigned = encodeUnsigned({
		room: options.room,
		authorKey: options.publicKey,
		sequence: 0,
		lamport: reactions.lastOwnMs,
		body: { kind: 'react', code }
	});
	return [{ type: 'sign', unsigned, gossip: false }];
}

export function onReactions(
	peer: PeerState,
	from: PeerId,
	message: Message,
	nowMs: number
): PeerOutput[] {
	// On its way somebody has moved: what it tells comes to us by another way as well.
	if (sideOf(peer, from) === null) return [];
	const out: PeerOutput[] = [];
	for (const envelope of message.signed) out.push(...check(peer, envelope, from, nowMs));
	for (const { code, count } of message.counts) {
		const believed = believe(peer, from, count, nowMs);
		if (believed > 0) out.push(...spreadCount(peer, { code, count: believed, from }, nowMs));
	}
	return [...out, ...tellReactions(peer, nowMs)];
}

/** To the verifier, unless it is known without it that it is not wanted. */
function check(peer: PeerState, envelope: Uint8Array, from: PeerId, nowMs: number): PeerOutput[] {
	const opened = openEnvelope(envelope);
	const isOurs = opened.ok && opened.event.room === peer.options.room;
	if (!isOurs || opened.event.body.kind !== 'react') {
		peer.drops.malformed++;
		return [];
	}
	const { author, lamport } = opened.event;
	if (author === peer.options.me || isRepeated(peer, author, lamport)) return [];
	if (peer.out.has(author)) {
		peer.drops.outcast++;
		return [];
	}
	if (believe(peer, from, 1, nowMs) === 0) return [];
	if (peer.verifying >= VERIFYING_MAX) {
		peer.drops.overload++;
		return [];
	}
	peer.verifying++;
	return [{ type: 'verify', envelope: opened.event.bytes, from }];
}

const isRepeated = ({ reactions }: PeerState, author: PeerId, saidMs: number): boolean =>
	(reactions.authors.get(author)?.lastMs ?? 0) >= saidMs;

/** A reaction whose signature holds; `from` is null for our own, and for what gossip brought, which is none of its business. */
export function takeReaction(
	peer: PeerState,
	event: Verified<RoomEvent>,
	from: PeerId | null,
	nowMs: number
): PeerOutput[] {
	const { author, lamport, body, bytes } = event;
	if (body.kind !== 'react' || (from === null) !== (author === peer.options.me)) return [];
	if (isRepeated(peer, author, lamport) || peer.out.has(author)) return [];
	const { counts } = peer.reactions;
	const { code } = body;
	if (Math.abs(nowMs - lamport) > REACTION_LATE_MS) {
		counts.late++;
		// Straight from its author it is not late: it is the author's clock that is wrong, and nobody else would believe it.
		const isFresh = from === author && noteAuthor(peer, author, lamport, nowMs);
		return isFresh ? deliver(peer, spreadCount(peer, { code, count: 1, from }, nowMs), nowMs) : [];
	}
	if (!noteAuthor(peer, author, lamport, nowMs)) return [];
	counts.signed++;
	for (const post of postsBut(peer, from)) postSigned(post, { code, bytes }, nowMs);
	const name = nameOf(peer, author);
	return deliver(peer, [{ type: 'reaction', by: { peer: author, name }, code, count: 1 }], nowMs);
}

const deliver = (peer: PeerState, shown: PeerOutput[], nowMs: number): PeerOutput[] => [
	...shown,
	...tellReactions(peer, nowMs)
];

/** Remembers the author's latest; false where that one is too fast. */
function noteAuthor(peer: PeerState, author: PeerId, saidMs: number, nowMs: number): boolean {
	const { authors, counts } = peer.reactions;
	const reactor = authors.get(author) ?? { lastMs: 0, bucket: fullBucket(REACTION_AUTHOR_RATE) };
	reactor.lastMs = saidMs;
	putNewest(authors, author, reactor, REACTORS_REMEMBERED_MAX);
	if (take(reactor.bucket, REACTION_AUTHOR_RATE, 1, nowMs)) return true;
	counts.hasty++;
	return false;
}

function spreadCount(
	peer: PeerState,
	{
		code,
		count,
		from
	}: { readonly code: number; readonly count: number; readonly from: PeerId | null },
	nowMs: number
): PeerOutput[] {
	peer.reactions.counts.counted += count;
	for (const post of postsBut(peer, from)) postCount(post, code, count, nowMs);
	return [{ type: 'reaction', by: null, code, count }];
}

/**
 * How many of so many reactions a neighbour may tell us of: those of the people it says are on its side, each at the
 * rate of its app. Who makes up reactions has to make up people, and no more than PRESENCE_COUNT_MAX.
 */
function believe(peer: PeerState, from: PeerId, count: number, nowMs: number): number {
	const { claims, counts } = peer.reactions;
	const rate = claimRate(peer, from);
	const bucket = claims.get(from) ?? fullBucket(rate);
	putNewest(claims, from, bucket, NEIGHBOURS_REMEMBERED_MAX);
	const believed = Math.min(count, Math.floor(available(bucket, rate, nowMs)));
	bucket.tokens -= believed;
	counts.unbelieved += count - believed;
	return believed;
}

/** A neighbour itself, who may be a speaker, is not among the listeners it counts; nor are other speakers. */
function claimRate(peer: PeerState, from: PeerId): Rate {
	const direction = from === peer.tree.parent ? 'down' : 'up';
	const told = peer.presence.countOf(direction, from);
	// A new parent tells within a second; the room is as big as it was.
	const listeners = direction === 'down' && told === 0 ? peer.reactions.crowd : told;
	if (direction === 'down') peer.reactions.crowd = listeners;
	const speakers = direction === 'down' ? peer.room.seats.length : 1;
	const people = listeners + speakers;
	const { burst, perSecond } = REACTION_OWN_RATE;
	// Some joy had gathered when it became our neighbour, and it was one of more people than it knew.
	return {
		burst: burst * people + REACTION_AUTHOR_RATE.burst,
		perSecond: (1 + people) * perSecond
	};
}

/** What waits for each neighbour that is to hear what `from` told us, or what we say ourselves. */
const postsBut = (peer: PeerState, from: PeerId | null): ReactionPost[] =>
	onwardsFrom(peer, from).map((to) => postOf(peer, to));

function postOf({ reactions: { posts } }: PeerState, to: PeerId): ReactionPost {
	const known = posts.get(to);
	if (known !== undefined) return known;
	const post = newReactionPost();
	posts.set(to, post);
	return post;
}

/** Sends what is due. To be called with every tick as well. */
export function tellReactions(peer: PeerState, nowMs: number): PeerOutput[] {
	const { posts, counts } = peer.reactions;
	if (posts.size === 0) return [];
	const { above, below } = sidesOf(peer);
	const near = new Set([...above, ...below]);
	const out: PeerOutput[] = [];
	for (const [to, post] of posts) {
		// Who comes back within the minute finds its rate as it left it, or could be sent without end.
		if (!near.has(to)) {
			post.counts.clear();
			post.signed = [];
			if (nowMs - post.bucket.atMs > FORGET_MS) posts.delete(to);
			continue;
		}
		const due = takeFromPost(post, nowMs);
		if (due === null) continue;
		const message = send(peer, to, due.message);
		counts.sent++;
		counts.thinned += due.thinned;
		if (message.type === 'control') counts.bytesUp += message.bytes.length;
		out.push(message);
	}
	return out;
}

/** An empty rate is full again after this. */
const FORGET_MS = 60_000;
