/** News that waits to be told to the screen: of each thing the newest. */

export interface NewsBag<T> {
	readonly isEmpty: boolean;
	add(news: T): void;
	/** Everything in it, which is then gone. */
	empty(): readonly T[];
}

/** Holds `max` things, told apart by `keyOf`; more within a twelfth of a second is a flood. */
export function createNewsBag<T>(max: number, keyOf: (news: T) => string): NewsBag<T> {
	const kept = new Map<string, T>();
	return {
		get isEmpty() {
			return kept.size === 0;
		},
		add(news) {
			const key = keyOf(news);
			if (kept.has(key) || kept.size < max) kept.set(key, news);
		},
		empty() {
			const all = [...kept.values()];
			kept.clear();
			return all;
		}
	};
}
