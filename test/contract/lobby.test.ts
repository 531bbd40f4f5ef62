/** Listings between real peers and a real seed. */
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { sourceOf } from '#lib/io/net/seed-lobby.ts';
import type { LobbyPage } from '#lib/io/ports.ts';
import {
	LISTING_LIVE_MS,
	LISTING_RATE,
	LISTINGS_PER_ANSWER_MAX,
	LISTINGS_PER_HOST_MAX,
	LOBBY_RATE
} from '#lib/p2p/wire/limits.ts';
import { readListing } from '#lib/p2p/wire/listing.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { lister, type Lister } from '../lib/listings.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
});

/** The seed's clock, which everybody's listings are made by. */
async function setup(seeds = 1) {
	const clock = createFakeClock();
	const all: WholeSeed[] = [];
	for (let i = 0; i < seeds; i++) {
		const seed = await startWholeSeed(clock);
		running.push(seed);
		all.push(seed);
	}
	const connect = async (keySeed = newKeySeed()): Promise<PeerNode> => {
		const addrs = all.map(({ addr }) => addr);
		const node = await createPeerNode({ keySeed, seeds: addrs, clock: createSystemClock() });
		running.push(node);
		await reachSeeds(node, seeds);
		return node;
	};
	const now = (): { issuedAtMs: number; startsAtMs: number } => ({
		issuedAtMs: clock.nowMs(),
		startsAtMs: clock.nowMs()
	});
	/** A host and the node that its key runs. */
	const host = async (): Promise<Lister & { node: PeerNode }> => {
		const someone = await lister();
		return { ...someone, node: await connect(someone.keySeed) };
	};
	return { clock, connect, host, now };
}

const titles = (pages: readonly LobbyPage[]): string[] =>
	pages.flatMap(({ posted }) => posted.map((one) => readListing(one.listing)?.listing.title ?? ''));

describe('the lobby', () => {
	it('tells a stranger what a host has listed, byte for byte, with its age', async () => {
		const { clock, connect, host, now } = await setup();
		const hanna = await host();
		const bytes = await hanna.list(1, { ...now(), title: 'Figs' });
		expect(await hanna.node.lobby.tell(bytes)).toEqual(['taken']);
		clock.advance(7_000);
		const pages = await (await connect()).lobby.look([]);
		expect(pages.map(({ posted }) => posted)).toEqual([[{ ageMs: 7_000, listing: bytes }]]);
	});

	it('tells only what is new to who has looked before, also that a room is gone', async () => {
		const { connect, host, now } = await setup();
		const hanna = await host();
		const ada = await connect();
		await hanna.node.lobby.tell(await hanna.list(1, now()));
		const first = await ada.lobby.look([]);
		expect(titles(first)).toEqual(['Room 1']);
		const second = await ada.lobby.look(first);
		expect(titles(second)).toEqual([]);
		await hanna.node.lobby.tell(await hanna.list(2, now()));
		const gone = { issuedAtMs: now().issuedAtMs + 1, state: 'withdrawn', title: '' } as const;
		await hanna.node.lobby.tell(await hanna.list(1, gone));
		const third = await ada.lobby.look(second);
		const states = third[0]?.posted.map((one) => readListing(one.listing)?.listing.state);
		expect(states).toEqual(['live', 'withdrawn']);
		expect(titles(await ada.lobby.look([]))).toEqual(['Room 2']);
	});

	it('forgets a room of which nothing is heard any more', async () => {
		const { clock, connect, host, now } = await setup();
		const hanna = await host();
		await hanna.node.lobby.tell(await hanna.list(1, now()));
		clock.advance(LISTING_LIVE_MS);
		expect(titles(await (await connect()).lobby.look([]))).toEqual([]);
	});

	it('takes no listing of another host, nor one that was changed', async () => {
		const { connect, host, now } = await setup();
		const hanna = await host();
		const eve = await host();
		const bytes = await hanna.list(1, now());
		expect(await eve.node.lobby.tell(bytes)).toEqual(['invalid']);
		const changed = bytes.slice();
		changed[changed.length - 70] = (changed[changed.length - 70] ?? 0) ^ 1;
		expect(readListing(changed)?.listing.host).toBe(hanna.peer);
		expect(await hanna.node.lobby.tell(changed)).toEqual(['invalid']);
		expect(await hanna.node.lobby.tell(new Uint8Array(100))).toEqual(['invalid']);
		expect(titles(await (await connect()).lobby.look([]))).toEqual([]);
	});

	it('has bounds for one host, in number and in time', async () => {
		const { host, now } = await setup();
		const hanna = await host();
		const answers: string[] = [];
		for (let room = 0; room <= LISTING_RATE.burst; room++)
			answers.push(...(await hanna.node.lobby.tell(await hanna.list(room, now()))));
		const taken = answers.slice(0, LISTINGS_PER_HOST_MAX);
		expect(new Set(taken)).toEqual(new Set(['taken']));
		expect(answers[LISTINGS_PER_HOST_MAX]).toBe('full');
		expect(answers.at(-1)).toBe('busy');
	});

	it('stops answering who asks without a pause', async () => {
		const { connect } = await setup();
		const ada = await connect();
		for (let i = 0; i < LOBBY_RATE.burst; i++) expect(await ada.lobby.look([])).toHaveLength(1);
		expect(await ada.lobby.look([])).toEqual([]);
		expect(ada.seeds.reached()).toBe(1);
	});

	it('gives more than fits one answer in several', async () => {
		const { connect, host, now } = await setup();
		const rooms = LISTINGS_PER_ANSWER_MAX + 4;
		const hosts = await Promise.all(
			Array.from({ length: Math.ceil(rooms / LISTINGS_PER_HOST_MAX) }, () => host())
		);
		for (const one of hosts)
			for (let room = 0; room < LISTINGS_PER_HOST_MAX; room++)
				expect(await one.node.lobby.tell(await one.list(room, now()))).toEqual(['taken']);
		const [page] = await (await connect()).lobby.look([]);
		expect(page?.posted.length).toBe(hosts.length * LISTINGS_PER_HOST_MAX);
	}, 30_000);

	it('is told by each seed, and by none where none is there', async () => {
		const { connect, host, now } = await setup(2);
		const hanna = await host();
		expect(await hanna.node.lobby.tell(await hanna.list(1, now()))).toEqual(['taken', 'taken']);
		expect(titles(await (await connect()).lobby.look([]))).toEqual(['Room 1', 'Room 1']);
		const alone = await createPeerNode({
			keySeed: newKeySeed(),
			seeds: [],
			clock: createSystemClock()
		});
		running.push(alone);
		expect(await alone.lobby.look([])).toEqual([]);
		expect(await alone.lobby.tell(new Uint8Array(1))).toEqual([]);
	});
});

describe('the source of a listing', () => {
	it.each([
		['/ip4/9.8.7.6/tcp/1', '9.8.7.6'],
		['/ip6/2001:db9:0:7::1/tcp/1', '2001:db9:0:7'],
		['/ip6/2001:db9::/tcp/1', '2001:db9:0:0'],
		['/ip4/127.0.0.1/tcp/1', null],
		['/ip4/10.1.2.3/tcp/1', null]
	])('of %s is %s', (addr, source) => {
		expect(sourceOf(multiaddr(addr))).toBe(source);
	});
});
