/** Where captions come from, as the app sees it: which languages there are, what is still to be loaded, and to begin. */
import type { CaptionSource } from '../ports.ts';
import { createCaptioner } from './captioner.ts';
import { openPackStore, PACK_FOLDER, type PackStore } from './pack-store.ts';

/** `origin`: of the app. Nothing is asked before it is needed. */
export function createCaptionSource(origin: string): CaptionSource {
	const base = new URL(`/${PACK_FOLDER}`, origin).href;
	let opened: Promise<PackStore> | null = null;
	const store = (): Promise<PackStore> =>
		(opened ??= openPackStore(base).catch((error: unknown) => {
			// A browser that could not now may be able to the next time.
			opened = null;
			throw error;
		}));
	return {
		packs: async (signal) => (await store()).list(signal),
		missingBytes: async (path, signal) => (await store()).missingBytes(path, signal),
		start: (path, onNews, how) => createCaptioner({ base, path, onNews, ...how })
	};
}
