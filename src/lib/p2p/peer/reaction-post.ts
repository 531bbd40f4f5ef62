/**
 * Reactions on their way to one neighbour. A few leave at once; those of a crowd wait a moment and leave together.
 * Kept at all times:
 * 1. no neighbour is sent more than REACTION_LINK_RATE, so that no crowd takes the way of the sound;
 * 2. each reaction is told once: signed, where there is room, else in the count of its kind;
 * 3. what could not be told in REACTION_WAIT_MAX_MS is let go.
 */
import type { ControlMessage } from '../wire/control.ts';
import {
	REACTION_COUNT_MAX,
	REACTION_LINK_RATE,
	REACTION_SENDS_RATE,
	REACTION_WAIT_MAX_MS,
	REACTIONS_PER_MESSAGE_MAX
} from '../wire/limits.ts';
import { available, fullBucket, type Bucket } from '../wire/rate.ts';

/** A checked envelope and what it shows. */
export interface SignedReaction {
	readonly code: number;
	readonly bytes: Uint8Array;
}

export interface ReactionPost {
	readonly bucket: Bucket;
	readonly counts: Map<number, number>;
	/** At most REACTIONS_PER_MESSAGE_MAX. */
	signed: SignedReaction[];
	/** Messages that may leave at once. */
	readonly sends: Bucket;
	/** Since when something waits. */
	waitsSinceMs: number;
}

/** Version, kind, number of counts, number of envelopes. */
const HEAD_BYTES = 1 + 1 + 1 + 2;
/** Code and count. */
const COUNT_BYTES = 1 + 2;
/** Length of an envelope. */
const LENGTH_BYTES = 2;

export const newReactionPost = (): ReactionPost => ({
	bucket: fullBucket(REACTION_LINK_RATE),
	counts: new Map(),
	signed: [],
	sends: fullBucket(REACTION_SENDS_RATE),
	waitsSinceMs: 0
});

const isEmpty = (post: ReactionPost): boolean => post.signed.length === 0 && post.counts.size === 0;

export function postSigned(post: ReactionPost, reaction: SignedReaction, nowMs: number): void {
	if (isEmpty(post)) post.waitsSinceMs = nowMs;
	if (post.signed.length < REACTIONS_PER_MESSAGE_MAX) post.signed.push(reaction);
	else addCount(post, reaction.code, 1);
}

export function postCount(post: ReactionPost, code: number, count: number, nowMs: number): void {
	if (isEmpty(post)) post.waitsSinceMs = nowMs;
	addCount(post, code, count);
}

function addCount({ counts }: ReactionPost, code: number, count: number): void {
	counts.set(code, Math.min(REACTION_COUNT_MAX, (counts.get(code) ?? 0) + count));
}

/** The message that is due, or null. `thinned`: how many signed ones in it became a count. */
export function takeFromPost(
	post: ReactionPost,
	nowMs: number
): { readonly message: ControlMessage; readonly thinned: number } | null {
	if (isEmpty(post) || available(post.sends, REACTION_SENDS_RATE, nowMs) < 1) return null;
	const leftBytes = available(post.bucket, REACTION_LINK_RATE, nowMs);
	const had = post.signed.length;
	while (post.signed.length > 0 && bytesOf(post) > leftBytes) {
		const last = post.signed.pop();
		if (last !== undefined) addCount(post, last.code, 1);
	}
	if (bytesOf(post) > leftBytes) {
		if (nowMs - post.waitsSinceMs > REACTION_WAIT_MAX_MS) post.counts.clear();
		return null;
	}
	post.bucket.tokens -= bytesOf(post);
	post.sends.tokens--;
	const counts = [...post.counts].map(([code, count]) => ({ code, count }));
	const signed = post.signed.map(({ bytes }) => bytes);
	const thinned = had - signed.length;
	post.counts.clear();
	post.signed = [];
	return { message: { type: 'reactions', counts, signed }, thinned };
}

function bytesOf({ counts, signed }: ReactionPost): number {
	const envelopes = signed.reduce((sum, { bytes }) => sum + LENGTH_BYTES + bytes.length, 0);
	return HEAD_BYTES + COUNT_BYTES * counts.size + envelopes;
}
