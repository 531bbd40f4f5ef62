/** What a host lets a co-host do. */
import type { Power } from '#lib/p2p/wire/act.ts';

export interface CohostChoice {
	readonly powers: readonly Power[];
	/** How many events of its own the certificate covers; left out, the law's own number. */
	readonly events?: number;
	/** After so many ms it is over; left out, not by itself. */
	readonly lastsMs?: number;
}
