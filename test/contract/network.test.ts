import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';
import { createFakeNetwork } from '../lib/fake-network.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startTinySeed } from '../lib/tiny-seed.ts';
import { networkContract } from './network-contract.ts';

networkContract('the network in memory', () => {
	const network = createFakeNetwork();
	return Promise.resolve({
		newPeer: async () => network.join(peerIdOf((await createKeys(newKeySeed())).publicKey)),
		stop: () => Promise.resolve()
	});
});

networkContract('libp2p through a seed', async () => {
	const seed = await startTinySeed(newKeySeed());
	const clock = createSystemClock();
	const nodes: PeerNode[] = [];
	return {
		async newPeer() {
			const node = await createPeerNode({ keySeed: newKeySeed(), seeds: [seed.addr], clock });
			nodes.push(node);
			await reachSeeds(node, 1);
			return node;
		},
		async stop() {
			await Promise.all(nodes.map((node) => node.stop()));
			await seed.stop();
		}
	};
});
