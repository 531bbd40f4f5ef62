/** Who wants to hear of changes. */
export interface Listeners<T> {
	add(listener: (value: T) => void): () => void;
	tell(value: T): void;
	readonly size: number;
}

export function createListeners<T>(): Listeners<T> {
	const all = new Set<(value: T) => void>();
	return {
		add(listener) {
			all.add(listener);
			return () => void all.delete(listener);
		},
		tell(value) {
			for (const listener of [...all]) listener(value);
		},
		get size() {
			return all.size;
		}
	};
}
