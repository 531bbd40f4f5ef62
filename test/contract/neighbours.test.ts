/** Gossip without a seed: direct connections among members, and what becomes of relayed ones. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import type { SignalStream } from '#lib/io/ports.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { PeerId, RoomId } from '#lib/p2p/wire/ids.ts';
import { GOSSIP_NEIGHBOURS, GOSSIP_NEIGHBOURS_MAX } from '#lib/p2p/wire/limits.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startTinySeed, type TinySeed } from '../lib/tiny-seed.ts';
import { newRoom } from './network-contract.ts';

/** Members leave each other alone for two seconds, or four; a call takes a fraction of one. */
const NEIGHBOURS_MS = 10_000;
const TEST_MS = 30_000;
const NOBODY = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN' as PeerId;

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
});

interface Member {
	readonly node: PeerNode;
	readonly room: RoomId;
	readonly heard: string[];
	say(text: string): Promise<void>;
	leave(): void;
	befriend(...others: readonly Member[]): void;
	befriendContacts(contacts: readonly Contact[]): void;
}

/** A seed and what it takes to start it again. */
interface Seed extends TinySeed {
	readonly keySeed: Uint8Array;
	readonly port: number;
}

async function seedOn(): Promise<Seed> {
	const keySeed = newKeySeed();
	const seed = await startTinySeed(keySeed);
	running.push(seed);
	return { ...seed, keySeed, port: Number(/\/tcp\/(\d+)\//.exec(seed.addr)?.[1]) };
}

async function nodeOn(seed: TinySeed): Promise<PeerNode> {
	const clock = createSystemClock();
	const node = await createPeerNode({ keySeed: newKeySeed(), seeds: [seed.addr], clock });
	running.push(node);
	await reachSeeds(node, 1);
	return node;
}

function enter(node: PeerNode, room: RoomId): Member {
	const heard: string[] = [];
	const joined = node.gossip.join(room, (message) => {
		heard.push(new TextDecoder().decode(message));
		return Promise.resolve('accept');
	});
	return {
		node,
		room,
		heard,
		say: (text) => joined.publish(new TextEncoder().encode(text)),
		leave: () => {
			joined.leave();
		},
		befriend: (...others) => {
			joined.befriend(others.map(({ node: { peer } }) => ({ peer, addrs: [] })));
		},
		befriendContacts: (contacts) => {
			joined.befriend(contacts);
		}
	};
}

async function setup(count: number): Promise<{ seed: Seed; members: Member[] }> {
	const seed = await seedOn();
	const nodes = await Promise.all(Array.from({ length: count }, () => nodeOn(seed)));
	const room = newRoom();
	const members = nodes.map((node) => enter(node, room));
	return { seed, members };
}

function everybodyMeets(members: readonly Member[]): void {
	for (const one of members) one.befriend(...members.filter((other) => other !== one));
}

/** Resolves when `member` has exactly `count` neighbours. */
async function hasNeighbours({ node }: Member, count: number): Promise<void> {
	if (node.neighbours.list().length === count) return;
	await new Promise<void>((resolve, reject) => {
		const late = setTimeout(() => {
			reject(new Error(`${node.neighbours.list().length} neighbours instead of ${count}`));
		}, NEIGHBOURS_MS);
		const done = node.neighbours.onChange((peers) => {
			if (peers.length !== count) return;
			clearTimeout(late);
			done();
			resolve();
		});
	});
}

/** Each says something that all others hear. */
async function eachIsHeard(members: readonly Member[], what: string): Promise<void> {
	const lines = members.map((_, i) => `${what} ${i}`);
	await Promise.all(members.map((one, i) => one.say(lines[i] as string)));
	await vi.waitFor(() => {
		for (const [i, one] of members.entries()) {
			expect(one.heard).toEqual(expect.arrayContaining(lines.filter((_, other) => other !== i)));
		}
	}, 5_000);
}

/** Resolves when `member` has as many neighbours as it wants, or more. */
async function hasEnough({ node }: Member): Promise<void> {
	await vi.waitFor(() => {
		expect(node.neighbours.list().length).toBeGreaterThanOrEqual(GOSSIP_NEIGHBOURS);
	}, NEIGHBOURS_MS);
}

/** The next signalling stream that somebody opens to `member`. */
function streamTo({ node }: Member): Promise<SignalStream> {
	return new Promise((resolve) => {
		node.signalling.onStream((stream) => {
			stream.listen({ message: () => undefined, closed: () => undefined });
			resolve(stream);
		});
	});
}

const soon = (): AbortSignal => AbortSignal.timeout(5_000);

async function losesSeed(seed: TinySeed, members: readonly Member[]): Promise<void> {
	await seed.stop();
	await Promise.all(members.map(({ node }) => reachSeeds(node, 0)));
}

describe('gossip among neighbours', () => {
	it(
		'brings what each says to both others when the seed is dead',
		async () => {
			const { seed, members } = await setup(3);
			everybodyMeets(members);
			await Promise.all(members.map((one) => hasNeighbours(one, 2)));
			await losesSeed(seed, members);
			await eachIsHeard(members, 'without a seed');
		},
		TEST_MS
	);

	it(
		'goes on over direct connections where relayed ones came first and end with the seed',
		async () => {
			const { seed, members } = await setup(3);
			const [alice, bob] = members as [Member, Member, Member];
			const taken = streamTo(bob);
			const held = await alice.node.signalling.open(bob.node.contact(), soon());
			held.send(Uint8Array.of(1));
			await taken;
			await eachIsHeard(members, 'through the seed');
			everybodyMeets(members);
			await Promise.all(members.map((one) => hasNeighbours(one, 2)));
			const closed = new Promise<void>((resolve) => {
				held.listen({ message: () => undefined, closed: resolve });
			});
			await losesSeed(seed, members);
			await closed;
			await eachIsHeard(members, 'without a seed');
		},
		TEST_MS
	);

	it(
		'holds a room together in which nobody is connected to all others',
		async () => {
			const { seed, members } = await setup(9);
			everybodyMeets(members);
			await Promise.all(members.map(hasEnough));
			for (const { node } of members) {
				expect(node.neighbours.list().length).toBeLessThanOrEqual(GOSSIP_NEIGHBOURS_MAX);
			}
			await losesSeed(seed, members);
			await eachIsHeard(members, 'without a seed');
		},
		TEST_MS
	);

	it(
		'is not held up by members that do not answer',
		async () => {
			const { seed, members } = await setup(3);
			const stranger = await nodeOn(seed);
			for (const one of members) {
				one.befriendContacts([{ peer: NOBODY, addrs: [] }, stranger.contact()]);
			}
			everybodyMeets(members);
			await Promise.all(members.map((one) => hasNeighbours(one, 2)));
			expect(stranger.neighbours.list()).toEqual([]);
			await losesSeed(seed, members);
			await eachIsHeard(members, 'without a seed');
		},
		TEST_MS
	);
});

describe('neighbours', () => {
	it(
		'are let go on leaving, and are found again on coming back',
		async () => {
			const { members } = await setup(2);
			const [alice, bob] = members as [Member, Member];
			everybodyMeets(members);
			await Promise.all(members.map((one) => hasNeighbours(one, 1)));
			alice.leave();
			await Promise.all(members.map((one) => hasNeighbours(one, 0)));
			const again = enter(alice.node, bob.room);
			again.befriend(bob);
			bob.befriend(again);
			await Promise.all([again, bob].map((one) => hasNeighbours(one, 1)));
		},
		TEST_MS
	);

	it(
		'can be introduced to each other without a seed, and change nothing in how we are called',
		async () => {
			const { seed, members } = await setup(2);
			const [alice, bob] = members as [Member, Member];
			const addrs = alice.node.contact().addrs;
			everybodyMeets(members);
			await Promise.all(members.map((one) => hasNeighbours(one, 1)));
			expect(alice.node.contact().addrs).toEqual(addrs);
			await losesSeed(seed, members);
			expect(alice.node.contact().addrs).toEqual([]);
			const taken = streamTo(bob);
			const stream = await alice.node.signalling.open(bob.node.contact(), soon());
			stream.send(Uint8Array.of(1));
			expect((await taken).peer).toBe(alice.node.peer);
			stream.close();
		},
		TEST_MS
	);

	it(
		'are found by those who came first and met only those who came to them',
		async () => {
			const { members } = await setup(3);
			const [first, ...later] = members as [Member, Member, Member];
			for (const one of later) first.befriend(one);
			for (const one of members) one.node.directory.announce(one.room);
			await Promise.all(members.map((one) => hasNeighbours(one, 2)));
		},
		TEST_MS
	);

	it(
		'wait for a seed where there is none, and are called when it is back',
		async () => {
			const { seed, members } = await setup(2);
			await losesSeed(seed, members);
			everybodyMeets(members);
			const back = await startTinySeed(seed.keySeed, seed.port);
			running.push(back);
			await Promise.all(members.map((one) => hasNeighbours(one, 1)));
		},
		TEST_MS
	);
});
