/** What only the real peer can show: seeds that come and go, and relays that are given back. */
import type * as relayLibrary from '@libp2p/circuit-relay-v2';
import { afterEach, assert, describe, expect, it, vi } from 'vitest';
import type { Clock } from '#lib/io/ports.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { SLOT_RENEW_MS } from '#lib/io/net/rendezvous.ts';
import { peerIdOf, type RoomId } from '#lib/p2p/wire/ids.ts';
import {
	ANNOUNCE_RETRY_MS,
	RELAY_IDLE_MS,
	SEED_RETRY_MAX_MS,
	SEED_RETRY_MIN_MS
} from '#lib/p2p/wire/limits.ts';
import { createFakeClock, type FakeClock } from '../lib/fake-clock.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startTinySeed, type SlotDesk, type TinySeed } from '../lib/tiny-seed.ts';
import { newRoom } from './network-contract.ts';

type Relays = typeof relayLibrary;

/** What libp2p's relay transport keeps its slots in. */
interface Slots {
	getReservation(seed: unknown): { expire: bigint } | undefined;
	addRelay(seed: unknown, type: 'configured'): Promise<unknown>;
}

/** Of each peer, in the order they were made. */
const slotsOf = vi.hoisted(() => [] as Slots[]);
vi.mock('@libp2p/circuit-relay-v2', async (load) => {
	const relays = await load<Relays>();
	const circuitRelayTransport: Relays['circuitRelayTransport'] = (init) => (components) => {
		const transport = relays.circuitRelayTransport(init)(components);
		slotsOf.push((transport as unknown as { reservationStore: Slots }).reservationStore);
		return transport;
	};
	return { ...relays, circuitRelayTransport };
});

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
	slotsOf.length = 0;
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

const lone = () => ({ keySeed: newKeySeed(), clock: createSystemClock() });

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

	it('leaves out seeds whose address says nothing, and reaches the one beside them', async () => {
		const { addr } = await seedOn();
		const [, id = ''] = addr.split('/p2p/');
		const wrong = [
			'',
			'/ip4/127.0.0.1/tcp/1/ws',
			'/ip4/127.0.0.1/tcp/1/ws/p2p/nobody',
			`/ip4/203.0.113.300/tcp/1/ws/p2p/${id}`,
			`/ip4/203.0.113.3/tcp/99999/ws/p2p/${id}`,
			`/ip6/2001::db8::1/tcp/1/ws/p2p/${id}`,
			`/ip4/example.org/tcp/1/ws/p2p/${id}`,
			'seed.example'
		];
		const alone = await createPeerNode({ ...lone(), seeds: wrong });
		const node = await createPeerNode({ ...lone(), seeds: [...wrong, addr] });
		running.push(alone, node);
		expect([alone.seeds.count, node.seeds.count]).toEqual([0, 1]);
		await reachSeeds(node, 1);
		expect(node.contact().addrs).toEqual([`${addr}/p2p-circuit/p2p/${node.peer}`]);
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

describe('the peer and its slot on a relay', () => {
	/** RESERVATION_REFUSED of circuit relay v2. */
	const REFUSED = 200;
	const HOUR_S = 3_600n;

	/** As by a clock that is `aheadS` ahead of ours. */
	function tellsTime({ slotDesk }: TinySeed, aheadS: bigint): void {
		const make: SlotDesk['makeReservation'] = slotDesk.makeReservation.bind(slotDesk);
		vi.spyOn(slotDesk, 'makeReservation').mockImplementation((peer, expireS) =>
			make(peer, expireS + aheadS)
		);
	}

	const refuses = ({ slotDesk }: TinySeed) =>
		vi.spyOn(slotDesk.reservationStore, 'reserve').mockReturnValue({ status: REFUSED });

	it('takes a new one where libp2p gives it up while the connection stands', async () => {
		const seed = await seedOn();
		const clock = createFakeClock();
		const [bob, alice] = [await peerWith([seed], clock), await peerWith([seed], clock)];
		await Promise.all([reachSeeds(alice, 1), reachSeeds(bob, 1)]);
		const [{ addrs }, connections] = [bob.contact(), seed.node.getConnections()];
		const [slots] = slotsOf;
		const slot = slots?.getReservation(seed.node.peerId);
		assert(slots !== undefined && slot !== undefined);
		const refusing = refuses(seed);
		slot.expire = 0n;
		await expect(slots.addRelay(seed.node.peerId, 'configured')).rejects.toThrow();
		expect([bob.seeds.reached(), bob.contact().addrs]).toEqual([0, []]);

		refusing.mockRestore();
		const back = reachSeeds(bob, 1);
		clock.advance(SEED_RETRY_MIN_MS);
		await back;
		expect(bob.contact().addrs).toEqual(addrs);
		expect(await echo(alice, bob)).toEqual(Uint8Array.of(1, 2, 3));
		expect(seed.node.getConnections()).toEqual(expect.arrayContaining(connections));
	});

	it('asks with pauses that grow for as long as the seed has none to give', async () => {
		const seed = await seedOn();
		const clock = createFakeClock();
		const node = await peerWith([seed], clock);
		await reachSeeds(node, 1);
		const asked = refuses(seed);
		const lost = reachSeeds(node, 0);
		clock.advance(SLOT_RENEW_MS);
		await lost;
		for (const pauseMs of [SEED_RETRY_MIN_MS, 2 * SEED_RETRY_MIN_MS, 4 * SEED_RETRY_MIN_MS]) {
			await vi.waitFor(() => {
				expect(clock.alarms()).toBe(1);
			});
			const before = asked.mock.calls.length;
			clock.advance(pauseMs - 1);
			expect(clock.alarms()).toBe(1);
			clock.advance(1);
			await vi.waitFor(() => {
				expect(asked.mock.calls.length).toBe(before + 1);
			});
		}
	});

	it('takes one from a seed whose clock is hours behind ours', async () => {
		const seed = await seedOn();
		tellsTime(seed, -10n * HOUR_S);
		const [alice, bob] = [await peerWith([seed]), await peerWith([seed])];
		await Promise.all([reachSeeds(alice, 1), reachSeeds(bob, 1)]);
		expect(await echo(alice, bob)).toEqual(Uint8Array.of(1, 2, 3));
	});

	it('renews it in time where the clock of the seed is hours ahead', async () => {
		const seed = await seedOn();
		tellsTime(seed, 10n * HOUR_S);
		const clock = createFakeClock();
		const node = await peerWith([seed], clock);
		await reachSeeds(node, 1);
		const asked = vi.spyOn(seed.slotDesk.reservationStore, 'reserve');
		for (const times of [1, 2]) {
			await vi.waitFor(() => {
				expect(clock.alarms()).toBe(1);
			});
			clock.advance(SLOT_RENEW_MS);
			await vi.waitFor(() => {
				expect(asked).toHaveBeenCalledTimes(times);
			});
		}
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
