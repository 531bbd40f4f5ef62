import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, describe, expect, it } from 'vitest';
import type { SeedNode } from '#lib/io/net/seed-node.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';
import { until, visit } from './visitor.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0)) await close();
});

async function setup(): Promise<WholeSeed> {
	const seed = await startWholeSeed();
	closers.push(() => seed.stop());
	return seed;
}

/** The other end is connected a moment before the seed knows. */
function peersOf(node: SeedNode, count: number): Promise<string[]> {
	return until(node, ['peer:connect'], () => {
		const peers = node.getPeers().map(String);
		return peers.length === count ? peers : null;
	});
}

describe('the libp2p node of a seed', () => {
	it('listens where its server does, under its own peer id', async () => {
		const { node, addr } = await setup();
		expect(node.getMultiaddrs().map(String)).toEqual([addr]);
	});

	it('sees who connects, not a proxy', async () => {
		const { node, addr } = await setup();
		await visit(addr);
		await peersOf(node, 1);
		const [connection] = node.getConnections();
		expect(connection?.remoteAddr.toString()).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/);
	});

	it('gives a place on its relay free when its holder leaves', async () => {
		const { node, addr } = await setup();
		const { reservations } = node.services.relay;
		const ann = await visit(addr, { reachable: true });
		expect(reservations.size).toBe(1);
		const gone = new Promise((resolve) => {
			node.addEventListener('peer:disconnect', resolve);
		});
		await ann.stop();
		await gone;
		expect(reservations.size).toBe(0);
	});

	it('dials nobody but the seeds it was told to join', async () => {
		const { node, joined } = await setup();
		const other = await setup();
		await expect(node.dial(multiaddr(other.addr))).rejects.toThrow();
		expect(other.node.getConnections()).toEqual([]);
		joined.add(other.node.peerId.toString());
		await node.dial(multiaddr(other.addr));
		expect(await peersOf(other.node, 1)).toEqual([node.peerId.toString()]);
	});

	it('lets a crowd in from one address', async () => {
		const { node, addr } = await setup();
		const crowd = await Promise.all(Array.from({ length: 20 }, () => visit(addr)));
		const peers = crowd.map((visitor) => visitor.peerId.toString());
		expect((await peersOf(node, crowd.length)).sort()).toEqual(peers.sort());
	});
});
