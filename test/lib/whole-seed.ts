/** A seed's libp2p as it is, in this process, on a server of its own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createSeedNode, type SeedNode } from '#lib/io/net/seed-node.ts';

export interface WholeSeed {
	readonly node: SeedNode;
	/** With `/p2p/<id>`. */
	readonly addr: string;
	/** Peer ids of seeds it may dial. */
	readonly joined: Set<string>;
	stop(): Promise<void>;
}

export async function startWholeSeed(): Promise<WholeSeed> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const joined = new Set<string>();
	const keySeed = newKeySeed();
	const listen = `/ip4/127.0.0.1/tcp/${port}/ws`;
	const node = await createSeedNode({
		...{ keySeed, server, listen, joined },
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
