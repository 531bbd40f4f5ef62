import type { PeerId } from '../wire/ids.ts';

/** What is remembered of the host being there. */
export interface HostWatch {
	/** Since when the host was not seen without a break; null while it is. */
	missingSinceMs: number | null;
	away: boolean;
	/** We are the host, are back, and want to sit: since when; null before. */
	sitsDownSinceMs: number | null;
	/** Neighbours above us, or about to be, that said last that it is away. Forgotten with their links. */
	readonly saidAway: Set<PeerId>;
}

export const newHostWatch = (): HostWatch => ({
	missingSinceMs: null,
	away: false,
	sitsDownSinceMs: null,
	saidAway: new Set()
});
