/** One menu for all people of a room: it stays open while its person moves from one list to another. */
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { createContext } from 'svelte';

export interface PersonLookedAt {
	readonly peer: PeerId;
	/** As it was known when the menu was opened: who leaves keeps a name there. */
	readonly name: string;
}

/** How whatever shows a person opens that person's menu. */
export const [usePersonMenu, providePersonMenu] = createContext<(who: PersonLookedAt) => void>();
