/** Where captions come from, as the app sees it: which languages there are, what is still to be loaded, and to begin. */
import { once } from '../once.ts';
import type { CaptionSource } from '../ports.ts';
import { createCaptioner } from './captioner.ts';
import { openPackStore, PACK_FOLDER } from './pack-store.ts';

/** `origin`: of the app. Nothing is asked before it is needed. */
export function createCaptionSource(origin: string): CaptionSource {
	const base = new URL(`/${PACK_FOLDER}`, origin).href;
	const store = once(() => openPackStore(base));
	return {
		packs: async (signal) => (await store()).list(signal),
		missingBytes: async (path, signal) => (await store()).missingBytes(path, signal),
		start: (path, onNews, how) => createCaptioner({ base, path, onNews, ...how })
	};
}
