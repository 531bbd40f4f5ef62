/** The way into the network: the seed that the app was loaded from, and libp2p, loaded beside the first screen. */
import type { PeerNode } from '#lib/io/net/peer-node.ts';
import { fetchSeedInfo, type SeedInfo } from '#lib/io/net/seed-info.ts';
import { hides, iceServersOf, type NetworkChoice } from './network/network-choice.ts';
import type { Clock } from '#lib/io/ports.ts';

/** First and longest pause between two tries to ask the seed. */
const SEED_ASK_MIN_MS = 500;
const SEED_ASK_MAX_MS = 10_000;

/** A person waits this long for a room to open before we say that no seed answers. */
const NETWORK_PATIENCE_MS = 15_000;

export interface Network {
	readonly node: PeerNode;
	/** With what the person chose beside it. */
	readonly info: Pick<SeedInfo, 'seeds' | 'iceServers'>;
	/** Direct connections go by a TURN server or not at all. */
	readonly relayOnly: boolean;
}

/** Resolves once our peer runs, which is before it has reached a seed. */
export async function joinNetwork(
	keySeed: Uint8Array,
	clock: Clock,
	choice: NetworkChoice
): Promise<Network> {
	const [{ createPeerNode }, told] = await Promise.all([
		import('#lib/io/net/peer-node.ts'),
		choice.seeds === null ? askSeed(clock) : askSeedOnce()
	]);
	const seeds = choice.seeds ?? told.seeds;
	const info = { seeds, iceServers: [...iceServersOf(choice, told.iceServers)] };
	const relayOnly = hides(choice);
	const node = await createPeerNode({ keySeed, clock, relayOnly, ...info });
	// After half a minute in a tunnel the next try would be up to ten seconds away.
	addEventListener('online', () => {
		node.seeds.retryNow();
	});
	return { node, info, relayOnly };
}

/** Whoever has seeds of their own does not wait for the one that the app came from. */
async function askSeedOnce(): Promise<Network['info']> {
	const answer = await fetchSeedInfo(location.origin);
	return answer.ok ? answer.info : { seeds: [], iceServers: [] };
}

/** The network, or an error once `NETWORK_PATIENCE_MS` are over; the joining itself goes on. */
export async function within(network: Promise<Network>, clock: Clock): Promise<Network> {
	return new Promise((resolve, reject) => {
		const giveUp = clock.wake(clock.nowMs() + NETWORK_PATIENCE_MS, () => {
			reject(new Error('No seed answers.'));
		});
		network.then(resolve, reject).finally(giveUp);
	});
}

/** Asks until it answers: it may be restarting, or we may be offline. */
async function askSeed(clock: Clock): Promise<SeedInfo> {
	for (let pauseMs = SEED_ASK_MIN_MS; ; pauseMs = Math.min(2 * pauseMs, SEED_ASK_MAX_MS)) {
		const answer = await fetchSeedInfo(location.origin);
		if (answer.ok) return answer.info;
		await new Promise<void>((resolve) => clock.wake(clock.nowMs() + pauseMs, resolve));
	}
}
