/** What only the real peer can show: seeds that come and go, and relays that are given back. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '#lib/io/ports.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { peerIdOf, type RoomId } from '#lib/p2p/wire/ids.ts';
import {
	ANNOUNCE_RETRY_MS,
	RELAY_IDLE_MS,
	SEED_RETRY_MAX_MS,
	SEED_RETRY_MIN_MS
} from '#lib/p2p/wire/limits.ts';
import { createFakeClock, type FakeClock } from '../lib/fake-clock.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startTinySeed, type TinySeed } from '../lib/tiny-seed.ts';
import { newRoom } from './network-contract.ts';

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function seedOn(keySeed = newKeySeed(), port = 0): Promise<TinySeed> {
	const seed = await startTinySeed(keySeed, port);
	running.push(seed);
	return seed;
}

async function peerWith(
	seeds: readonly TinySeed[],
	clock: Clock = createSystemClock()
): Promise<PeerNode> {
	const addrs = seeds.map(({ addr }) => addr);
	const node = await createPeerNode({ keySeed: newKeySeed(), seeds: addrs, clock });
	running.push(node);
	return node;
}

const portOf = (seed: TinySeed): number => Number(/\/tcp\/(\d+)\//.exec(seed.addr)?.[1]);

/** What a call through the network brings back from who echoes. */
async function echo(from: PeerNode, to: PeerNode): Promise<Uint8Array> {
	to.signalling.onStream((stream) => {
		stream.listen({
			message: (bytes) => {
				stream.send(bytes);
			},
			closed: () => undefined
		});
	});
	const stream = await from.signalling.open(
		{ peer: to.peer, addrs: [] },
		AbortSignal.timeout(5_000)
	);
	return new Promise((resolve, reject) => {
		stream.send(Uint8Array.of(1, 2, 3));
		stream.listen({
			message(bytes) {
				resolve(new Uint8Array(bytes));
				stream.close();
			},
			closed: () => {
				reject(new Error('closed without an answer'));
			}
		});
	});
}

/** Resolves when `finder` sees `member` in the room, and nobody else. */
async function foundBy(
	finder: PeerNode,
	room: RoomId,
	member: PeerNode,
	clock: FakeClock
): Promise<void> {
	await vi.waitFor(async () => {
		clock.advance(ANNOUNCE_RETRY_MS);
		const search = finder.directory.find(room, AbortSignal.timeout(1_000));
		const found = await Array.fromAsync(search);
		expect(found.map(({ peer }) => peer)).toEqual([member.peer]);
	}, 5_000);
}

describe('the peer and its seeds', () => {
	it('has the peer id of its key, and addresses through each seed it reaches', async () => {
		const keySeed = newKeySeed();
		const seeds = [await seedOn(), await seedOn()];
		const addrs = seeds.map(({ addr }) => addr);
		const node = await createPeerNode({ keySeed, seeds: addrs, clock: createSystemClock() });
		running.push(node);
		expect(node.peer).toBe(peerIdOf((await createKeys(keySeed)).publicKey));
		expect(node.contact()).toEqual({ peer: node.peer, addrs: [] });
		await reachSeeds(node, 2);
		const expected = addrs.map((addr) => `${addr}/p2p-circuit/p2p/${node.peer}`);
		expect(node.contact().addrs.toSorted()).toEqual(expected.toSorted());
	});

	it('refuses a seed address without an id', async () => {
		const made = createPeerNode({
			keySeed: newKeySeed(),
			seeds: ['/ip4/127.0.0.1/tcp/1/ws'],
			clock: createSystemClock()
		});
		await expect(made).rejects.toThrow(RangeError);
	});

	it('is reached through a seed it never heard of, by the address in its contact', async () => {
		const [left, right] = [await seedOn(), await seedOn()];
		const alice = await peerWith([left]);
		const bob = await peerWith([right]);
		await Promise.all([reachSeeds(alice, 1), reachSeeds(bob, 1)]);
		const taken = new Promise((resolve) => {
			bob.signalling.onStream((stream) => {
				resolve(stream.peer);
			});
		});
		const stream = await alice.signalling.open(bob.contact(), AbortSignal.timeout(5_000));
		stream.send(Uint8Array.of(1));
		expect(await taken).toBe(alice.peer);
	});
});

describe('the peer, as seeds come and go,', () => {
	it('goes on with the seed that is left, and says how many there are', async () => {
		const [first, second] = [await seedOn(), await seedOn()];
		const alice = await peerWith([first, second]);
		const bob = await peerWith([first, second]);
		await Promise.all([reachSeeds(alice, 2), reachSeeds(bob, 2)]);
		await first.stop();
		await Promise.all([reachSeeds(alice, 1), reachSeeds(bob, 1)]);
		expect(await echo(alice, bob)).toEqual(Uint8Array.of(1, 2, 3));
		expect(bob.contact().addrs).toEqual([`${second.addr}/p2p-circuit/p2p/${bob.peer}`]);
	});

	it('comes back to a seed that restarts, can be called again and is found again', async () => {
		const keySeed = newKeySeed();
		const seed = await seedOn(keySeed);
		const clock = createFakeClock();
		const alice = await peerWith([seed], clock);
		const bob = await peerWith([seed], clock);
		const room = newRoom();
		await Promise.all([reachSeeds(alice, 1), reachSeeds(bob, 1)]);
		bob.directory.announce(room);
		await foundBy(alice, room, bob, clock);
		await seed.stop();
		await Promise.all([reachSeeds(alice, 0), reachSeeds(bob, 0)]);
		expect(bob.contact().addrs).toEqual([]);

		await seedOn(keySeed, portOf(seed));
		const back = Promise.all([reachSeeds(alice, 1), reachSeeds(bob, 1)]);
		clock.advance(SEED_RETRY_MAX_MS);
		await back;
		expect(await echo(alice, bob)).toEqual(Uint8Array.of(1, 2, 3));
		await foundBy(alice, room, bob, clock);
	});

	it('tries a dead seed again and again, with pauses that grow, and at once when asked', async () => {
		const keySeed = newKeySeed();
		const seed = await seedOn(keySeed);
		await seed.stop();
		const clock = createFakeClock();
		const node = await peerWith([seed], clock);
		for (let tries = 0; tries < 3; tries++) {
			await vi.waitFor(() => {
				expect(clock.alarms()).toBe(1);
			});
			clock.advance(SEED_RETRY_MAX_MS);
		}
		await vi.waitFor(() => {
			expect(clock.alarms()).toBe(1);
		});
		await seedOn(keySeed, portOf(seed));
		const back = reachSeeds(node, 1);
		node.seeds.retryNow();
		await back;
		expect(node.seeds.reached()).toBe(1);
	});

	it('tries soon again where it was asked to and nobody answered yet', async () => {
		const keySeed = newKeySeed();
		const seed = await seedOn(keySeed);
		await seed.stop();
		const clock = createFakeClock();
		const node = await peerWith([seed], clock);
		const hasFailed = (): Promise<void> =>
			vi.waitFor(() => {
				expect(clock.alarms()).toBe(1);
			});
		for (let tries = 0; tries < 3; tries++) {
			await hasFailed();
			clock.advance(SEED_RETRY_MAX_MS);
		}
		await hasFailed();
		node.seeds.retryNow();
		await hasFailed();
		await seedOn(keySeed, portOf(seed));
		const back = reachSeeds(node, 1);
		clock.advance(SEED_RETRY_MIN_MS);
		await back;
		expect(node.seeds.reached()).toBe(1);
	});
});

describe('the peer and what it borrows', () => {
	it('gives the relay back soon after the last word', async () => {
		const seed = await seedOn();
		const clock = createFakeClock();
		const [alice, bob] = [await peerWith([seed], clock), await peerWith([seed], clock)];
		await Promise.all([reachSeeds(alice, 1), reachSeeds(bob, 1)]);
		const hops = () =>
			seed.node
				.getConnections()
				.flatMap((connection) => connection.streams)
				.filter((stream) => stream.protocol.includes('/relay/')).length;
		await echo(alice, bob);
		expect(hops()).toBeGreaterThan(0);
		await vi.waitFor(() => {
			clock.advance(RELAY_IDLE_MS);
			expect(hops()).toBe(0);
		});
		expect([alice.seeds.reached(), bob.seeds.reached()]).toEqual([1, 1]);
		expect(await echo(bob, alice)).toEqual(Uint8Array.of(1, 2, 3));
	});

	it('takes a crowd of callers at once', async () => {
		const seed = await seedOn();
		const host = await peerWith([seed]);
		const callers = await Promise.all(Array.from({ length: 20 }, () => peerWith([seed])));
		await Promise.all([host, ...callers].map((node) => reachSeeds(node, 1)));
		const answers = await Promise.all(callers.map((caller) => echo(caller, host)));
		expect(answers).toEqual(callers.map(() => Uint8Array.of(1, 2, 3)));
	}, 20_000);
});
