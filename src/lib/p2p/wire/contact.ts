/** How to reach a peer: its id and where it said it listens. */
import type { PeerId } from './ids.ts';

export interface Contact {
	readonly peer: PeerId;
	/** Multiaddrs as text, at most `CONTACT_ADDRS_MAX`; empty means "through any seed you know". */
	readonly addrs: readonly string[];
}
