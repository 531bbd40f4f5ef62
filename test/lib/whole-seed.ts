/** A seed's libp2p as it is, in this process, on a server of its own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createSeedNode, type SeedNode } from '#lib/io/net/seed-node.ts';
import type { Clock } from '#lib/io/ports.ts';

export interface WholeSeed {
	readonly node: SeedNode;
	/** With `/p2p/<id>`. */
	readonly addr: string;
	/** Peer ids of seeds it may dial. */
	readonly joined: Set<string>;
	stop(): Promise<void>;
}

export async function startWholeSeed(clock: Clock = createSystemClock()): Promise<WholeSeed> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const joined = new Set<string>();
	const keySeed = newKeySeed();
	const keys = await createKeys(keySeed);
	const listen = `/ip4/127.0.0.1/tcp/${port}/ws`;
	const node = await createSeedNode({
		...{ keySeed, server, listen, joined, keys, clock },
		announce: [],
		version: '0.0.0'
	});
	await node.start();
	return {
		node,
		joined,
		addr: `${listen}/p2p/${node.peerId.toString()}`,
		async stop() {
			await node.stop();
			server.close();
			server.closeAllConnections();
		}
	};
}
