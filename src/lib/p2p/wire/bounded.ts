/** Maps and sets with a bound: what has been in them for longest goes first. */

interface Kept<K> {
	readonly size: number;
	keys(): Iterable<K>;
	delete(key: K): boolean;
}

/** Leaves the `most` that came last. */
export function forgetOldest<K>(kept: Kept<K>, most: number): void {
	// Mostly there is room, and it is asked for each frame.
	if (kept.size <= most) return;
	for (const oldest of kept.keys()) {
		if (kept.size <= most) return;
		kept.delete(oldest);
	}
}

/** Puts it in as the one that came last, though it may have been in there already, and leaves the `most` that came last. */
export function putNewest<K, V>(kept: Map<K, V>, key: K, value: V, most: number): void {
	kept.delete(key);
	kept.set(key, value);
	forgetOldest(kept, most);
}
