/** Reactions that wait to be told to the screen: a few one by one, of a flood the rest by number. */
import type { ReactionNews } from '#lib/p2p/peer/io.ts';

/** More than these would only cover each other on a screen that is told twelve times a second. */
const SIGNED_MAX = 24;

export interface ReactionBag {
	readonly isEmpty: boolean;
	add(news: ReactionNews): void;
	/** Everything in it, which is then gone. */
	empty(): readonly ReactionNews[];
}

export function createReactionBag(): ReactionBag {
	let signed: ReactionNews[] = [];
	// By code: at most REACTION_CODES_MAX.
	const counts = new Map<number, number>();
	return {
		get isEmpty() {
			return signed.length === 0 && counts.size === 0;
		},
		add({ by, code, count }) {
			if (by !== null && signed.length < SIGNED_MAX) signed.push({ by, code, count });
			else counts.set(code, (counts.get(code) ?? 0) + count);
		},
		empty() {
			const counted = [...counts].map(([code, count]) => ({ by: null, code, count }));
			const all = [...signed, ...counted];
			signed = [];
			counts.clear();
			return all;
		}
	};
}
