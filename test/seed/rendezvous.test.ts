import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { DHT_PROTOCOL, ROOM_TOPIC_PREFIX } from '#lib/io/net/protocols.ts';
import { newFolder, startSeed, type RunningSeed } from './seed-process.ts';
import { all, roomCid, until, visit, type Visitor } from './visitor.ts';

const TOPIC = `${ROOM_TOPIC_PREFIX}${'7'.repeat(40)}`;

async function addrOf(seed: RunningSeed): Promise<string> {
	return (await seed.info()).seeds[0] ?? '';
}

/** Says it again at each heartbeat: what is published before both have opened their streams goes nowhere. */
function sayUntil(visitor: Visitor, text: string, heard: Promise<unknown>): Promise<void> {
	const { pubsub } = visitor.services;
	let times = 0;
	// Numbered, for the same message is passed on but once.
	const say = (): void =>
		void pubsub.publish(TOPIC, new TextEncoder().encode(`${text} ${times++}`));
	pubsub.addEventListener('gossipsub:heartbeat' as never, say);
	say();
	return heard.then(() => {
		pubsub.removeEventListener('gossipsub:heartbeat' as never, say);
	});
}

/** Resolves once the seed at the other end takes part in the topic's gossip. */
async function heardBySeed(visitor: Visitor, addr: string): Promise<void> {
	const { pubsub } = visitor.services;
	const seed = addr.slice(addr.lastIndexOf('/') + 1);
	await until(pubsub, ['subscription-change', 'gossipsub:graft'], () =>
		pubsub.getSubscribers(TOPIC).some((peer) => peer.toString() === seed) ? true : null
	);
}

function nextMessage(visitor: Visitor): Promise<string> {
	return new Promise((resolve) => {
		visitor.services.pubsub.addEventListener('message', ({ detail }) => {
			if (detail.topic === TOPIC) resolve(new TextDecoder().decode(detail.data));
		});
	});
}

async function provide(visitor: Visitor, room: string): Promise<void> {
	await all(visitor.services.dht.provide(roomCid(room)));
}

async function providers(visitor: Visitor, room: string): Promise<string[]> {
	const found = new Set<string>();
	for await (const event of visitor.services.dht.findProviders(roomCid(room))) {
		if (event.name === 'PROVIDER') for (const { id } of event.providers) found.add(id.toString());
	}
	return [...found];
}

/** Resolves once the visitor knows that the peer at `addr` answers for the DHT. */
async function dhtReady(visitor: Visitor, addr: string): Promise<void> {
	const seed = visitor.getPeers().find((peer) => addr.endsWith(peer.toString()));
	if (seed === undefined) throw new Error('not connected');
	const known = new Set<string>();
	const look = async (): Promise<void> => {
		const { protocols } = await visitor.peerStore.get(seed);
		for (const protocol of protocols) known.add(protocol);
	};
	await look();
	if (known.has(DHT_PROTOCOL)) return;
	await new Promise<void>((resolve) => {
		visitor.addEventListener('peer:identify', () => {
			resolve();
		});
	});
}

describe('a seed', () => {
	it('lets two people who know nothing but it find and reach each other', async () => {
		const addr = await addrOf(await startSeed());
		const ann = await visit(addr, { reachable: true });
		const bob = await visit(addr);
		await Promise.all([dhtReady(ann, addr), dhtReady(bob, addr)]);
		await provide(ann, 'room');
		expect(await providers(bob, 'room')).toEqual([ann.peerId.toString()]);
		const relayed = await bob.dial(multiaddr(`${addr}/p2p-circuit/p2p/${ann.peerId.toString()}`));
		expect(relayed.remotePeer.toString()).toBe(ann.peerId.toString());
		// Signalling only.
		const { bytes = 0n } = relayed.limits ?? {};
		expect(bytes).toBeGreaterThan(100n * 1024n);
		expect(bytes).toBeLessThanOrEqual(128n * 1024n);
	});

	it('passes on what is said in a room among its members', async () => {
		const addr = await addrOf(await startSeed());
		const visitors = await Promise.all([visit(addr), visit(addr), visit(addr)]);
		for (const visitor of visitors) visitor.services.pubsub.subscribe(TOPIC);
		await Promise.all(visitors.map((visitor) => heardBySeed(visitor, addr)));
		const [speaker, ...others] = visitors;
		const heard = Promise.all(others.map(nextMessage));
		await sayUntil(speaker, 'hello', heard);
		for (const message of await heard) expect(message).toMatch(/^hello \d+$/);
	});

	it('leaves a room after the last of its members', async () => {
		const addr = await addrOf(await startSeed());
		const [ann, bob] = await Promise.all([visit(addr), visit(addr)]);
		const seedListens = (): true | null =>
			bob.services.pubsub.getSubscribers(TOPIC).length === 0 ? true : null;
		ann.services.pubsub.subscribe(TOPIC);
		await heardBySeed(bob, addr);
		await ann.stop();
		await until(bob.services.pubsub, ['subscription-change'], seedListens);
	});

	it('carries no topic that is not a room', async () => {
		const addr = await addrOf(await startSeed());
		const [ann, bob] = await Promise.all([visit(addr), visit(addr)]);
		ann.services.pubsub.subscribe('something-else');
		ann.services.pubsub.subscribe(TOPIC);
		// Both wishes went out in this order; the second has arrived, so the first was refused.
		await heardBySeed(bob, addr);
		expect(bob.services.pubsub.getSubscribers('something-else')).toEqual([]);
	});
});

describe('two seeds that are joined', () => {
	it.each(['url', 'multiaddr'] as const)('find rooms for each other (joined by %s)', async (by) => {
		const a = await startSeed();
		const b = await startSeed('--join', by === 'url' ? a.url : await addrOf(a));
		await b.said(/Joined the seed/);
		const [addrA, addrB] = [await addrOf(a), await addrOf(b)];
		expect((await b.info()).seeds).toEqual([addrB, addrA]);
		const ann = await visit(addrA, { reachable: true });
		const bob = await visit(addrB, { reachable: true });
		await Promise.all([dhtReady(ann, addrA), dhtReady(bob, addrB)]);
		await provide(ann, 'room of a');
		expect(await providers(bob, 'room of a')).toEqual([ann.peerId.toString()]);
		await provide(bob, 'room of b');
		expect(await providers(ann, 'room of b')).toEqual([bob.peerId.toString()]);
	});

	it('pass on what is said in a room', async () => {
		const a = await startSeed();
		const b = await startSeed('--join', a.url);
		await b.said(/Joined the seed/);
		const [addrA, addrB] = [await addrOf(a), await addrOf(b)];
		const [ann, bob] = await Promise.all([visit(addrA), visit(addrB)]);
		for (const visitor of [ann, bob]) visitor.services.pubsub.subscribe(TOPIC);
		await Promise.all([heardBySeed(ann, addrA), heardBySeed(bob, addrB)]);
		const heard = nextMessage(bob);
		await sayUntil(ann, 'hello', heard);
		expect(await heard).toMatch(/^hello \d+$/);
	});

	it('meet again after one of them was restarted', async () => {
		const folder = newFolder();
		const a = await startSeed('--data', folder);
		const b = await startSeed('--join', a.url);
		await b.said(/Joined the seed/);
		await a.end();
		await b.said(/Lost the seed/);
		await startSeed('--data', folder, '--port', String(a.port));
		await b.said(/Joined the seed[^]*Joined the seed/);
	});

	it('do not mind when the other is not there yet, or is the seed itself', async () => {
		const folder = newFolder();
		const probe = await startSeed('--data', folder);
		await probe.end();
		const lonely = await startSeed('--join', probe.url);
		await lonely.said(/Cannot join the seed .* it does not answer; trying again/);
		const selfish = await startSeed(
			...['--data', folder, '--port', String(probe.port), '--join', probe.url]
		);
		await selfish.said(/is this seed itself/);
		await lonely.said(/Joined the seed/);
	});
});
