/** The directory of a real seed, asked for a room from which most who were in it are gone. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { ROOM_ID_BYTES, toHex, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { PROVIDERS_MAX } from '#lib/p2p/wire/limits.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';

/** More than a search tells of. */
const CROWD = PROVIDERS_MAX + 5;
const PATIENCE_MS = 60_000;

describe('the directory of a seed', () => {
	const ends: (() => Promise<unknown>)[] = [];
	let seed: WholeSeed;
	beforeAll(async () => {
		seed = await startWholeSeed();
	});
	afterEach(async () => {
		await Promise.all(ends.splice(0).map((end) => end()));
	});
	afterAll(() => seed.stop());

	async function come(): Promise<PeerNode> {
		const clock = createSystemClock();
		const node = await createPeerNode({ keySeed: newKeySeed(), seeds: [seed.addr], clock });
		ends.push(() => node.stop());
		await reachSeeds(node, 1);
		return node;
	}
	/** In a room one is found, and hears its gossip. */
	function enter(node: PeerNode, room: RoomId): () => void {
		const joined = node.gossip.join(room, () => Promise.resolve('accept'));
		node.directory.announce(room);
		return () => {
			joined.leave();
			node.directory.withdraw(room);
		};
	}
	async function fill(room: RoomId): Promise<{ crowd: PeerNode[]; leave: () => void }> {
		const crowd = await Promise.all(Array.from({ length: CROWD }, come));
		const leaves = crowd.map((node) => enter(node, room));
		return {
			crowd,
			leave() {
				for (const each of leaves) each();
			}
		};
	}

	it(
		'names who is there first, of a room in which more have died than it names',
		async () => {
			const room = newRoom();
			const { crowd } = await fill(room);
			const asker = await come();
			await expect.poll(() => found(asker, room)).toHaveLength(PROVIDERS_MAX);
			// The host speaks up last: in a list by age it would come last.
			const host = await come();
			enter(host, room);
			await Promise.all(crowd.map((node) => node.stop()));
			await expect.poll(async () => (await found(asker, room))[0]).toBe(host.peer);
			// A few of the others, who may be with another seed.
			expect((await found(asker, room)).length).toBeLessThan(PROVIDERS_MAX / 2);
		},
		PATIENCE_MS
	);

	it(
		'does so where more have left the room than it names, and are connected still',
		async () => {
			const room = newRoom();
			const { leave } = await fill(room);
			const [asker, host] = [await come(), await come()];
			enter(host, room);
			await expect.poll(() => found(asker, room)).toHaveLength(PROVIDERS_MAX);
			leave();
			await expect.poll(async () => (await found(asker, room))[0]).toBe(host.peer);
			// By chance it would be first once in 26 times, and hardly three times more.
			for (let again = 0; again < 3; again++) {
				expect((await found(asker, room))[0]).toBe(host.peer);
			}
		},
		PATIENCE_MS
	);

	it('names whoever is connected of those who have no gossip: cards and shares', async () => {
		const [asker, owner] = [await come(), await come()];
		const card = newRoom();
		owner.directory.announce(card);
		await expect.poll(() => found(asker, card)).toEqual([owner.peer]);
	});
});

const newRoom = (): RoomId => toHex(newKeySeed().subarray(0, ROOM_ID_BYTES)) as RoomId;

async function found(asker: PeerNode, room: RoomId): Promise<PeerId[]> {
	const contacts = asker.directory.find(room, AbortSignal.timeout(5_000));
	return (await Array.fromAsync(contacts)).map(({ peer }) => peer);
}
