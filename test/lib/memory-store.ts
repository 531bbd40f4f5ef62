/** A Store that forgets when the test ends. */
import type { Store } from '#lib/io/ports.ts';

export function createMemoryStore(): Store {
	const records = new Map<string, Uint8Array>();
	return {
		get: (name) => Promise.resolve(records.get(name)?.slice() ?? null),
		put: (name, value) => Promise.resolve(void records.set(name, value.slice())),
		delete: (name) => Promise.resolve(void records.delete(name))
	};
}
