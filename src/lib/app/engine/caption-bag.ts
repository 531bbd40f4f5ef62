/** Captions that wait to be told to the screen: of each phrase the newest words. */
import type { CaptionNews } from '#lib/p2p/peer/io.ts';

/** A full stage, and what comes with a new parent; more within a twelfth of a second is a flood. */
const PHRASES_MAX = 64;

export interface CaptionBag {
	readonly isEmpty: boolean;
	add(news: CaptionNews): void;
	/** Everything in it, which is then gone. */
	empty(): readonly CaptionNews[];
}

export function createCaptionBag(): CaptionBag {
	const phrases = new Map<string, CaptionNews>();
	return {
		get isEmpty() {
			return phrases.size === 0;
		},
		add(news) {
			const key = `${news.stream} ${news.start}`;
			if (phrases.has(key) || phrases.size < PHRASES_MAX) phrases.set(key, news);
		},
		empty() {
			const all = [...phrases.values()];
			phrases.clear();
			return all;
		}
	};
}
