/** A Store that forgets when the test ends. */
import type { Store } from '#lib/io/ports.ts';

export function createMemoryStore(): Store {
	const records = new Map<string, Uint8Array>();
	let changing: Promise<void> = Promise.resolve();
	return {
		get: (name) => Promise.resolve(records.get(name)?.slice() ?? null),
		put: (name, value) => Promise.resolve(void records.set(name, value.slice())),
		/** By its own `get` and `put`: a test may have others in their place. */
		change(name, change) {
			const changed = changing
				.catch(() => undefined)
				.then(async () => this.put(name, change(await this.get(name))));
			changing = changed;
			return changed;
		},
		delete: (name) => Promise.resolve(void records.delete(name))
	};
}
