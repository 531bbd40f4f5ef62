/** What screens ask of the network beyond a room: which seeds and servers are in force, what it took, and another seed's address. */
import { fetchSeedInfo, isSeedAddr } from '#lib/io/net/seed-info.ts';
import type { Network } from '../join-network.ts';
import type { Preferences } from '../preferences.ts';
import type { DataUse, MonthOfData } from './data-use.ts';
import type { NetworkChoice } from './network-choice.ts';

export interface NetworkDesk {
	readonly choice: NetworkChoice;
	/** Holds from the next start of the app on. Rejects where the browser refuses to keep it. */
	change(changes: Partial<NetworkChoice>): Promise<void>;
	/** The seeds we were told of at this start; rejects where the network cannot be loaded. */
	seeds(): Promise<readonly string[]>;
	/** The multiaddr of a seed by its web address, or the multiaddr itself; null where there is no seed. */
	findSeed(address: string): Promise<string | null>;
	/** What rooms took this month. Not reactive: ask when a screen opens. */
	readonly data: MonthOfData;
}

export function createNetworkDesk(
	preferences: Preferences,
	network: () => Promise<Network>,
	data: DataUse
): NetworkDesk {
	return {
		get choice() {
			return preferences.settings.network;
		},
		change: (changes) =>
			preferences.save({ network: { ...preferences.settings.network, ...changes } }),
		seeds: async () => (await network()).info.seeds,
		async findSeed(address) {
			const text = address.trim();
			if (text.startsWith('/')) return isSeedAddr(text) ? text : null;
			const url = /^https?:\/\//.test(text) ? text : `https://${text}`;
			if (!URL.canParse(url)) return null;
			const answer = await fetchSeedInfo(url);
			return answer.ok ? (answer.info.seeds[0] ?? null) : null;
		},
		get data() {
			return data.now;
		}
	};
}
