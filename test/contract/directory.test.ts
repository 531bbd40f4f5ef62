/** The directory of a real seed, asked for a room most of whose members died without a word. */
import { afterAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { toHex, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { PROVIDERS_MAX } from '#lib/p2p/wire/limits.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startWholeSeed } from '../lib/whole-seed.ts';

/** More than a search tells of. */
const DEAD = PROVIDERS_MAX + 5;
const PATIENCE_MS = 60_000;

describe('the directory of a seed', () => {
	const ends: (() => Promise<unknown>)[] = [];
	afterAll(async () => {
		for (const end of ends.reverse()) await end();
	});

	it(
		'names who is there first, of a room in which more have died than it names',
		async () => {
			const seed = await startWholeSeed();
			ends.push(() => seed.stop());
			const come = async (): Promise<PeerNode> => {
				const keySeed = newKeySeed();
				const clock = createSystemClock();
				const node = await createPeerNode({ keySeed, seeds: [seed.addr], clock });
				await reachSeeds(node, 1);
				return node;
			};
			const room = toHex(newKeySeed()) as RoomId;
			const dead = await Promise.all(Array.from({ length: DEAD }, come));
			const asker = await come();
			ends.push(() => asker.stop());
			for (const node of dead) node.directory.announce(room);
			await expect.poll(() => found(asker, room)).toHaveLength(PROVIDERS_MAX);
			// The host spoke up last: in a list by age it would come last.
			const host = await come();
			ends.push(() => host.stop());
			host.directory.announce(room);
			await Promise.all(dead.map((node) => node.stop()));
			await expect.poll(async () => (await found(asker, room))[0]).toBe(host.peer);
			expect(await found(asker, room)).toHaveLength(PROVIDERS_MAX);
		},
		PATIENCE_MS
	);
});

async function found(asker: PeerNode, room: RoomId): Promise<PeerId[]> {
	const contacts = asker.directory.find(room, AbortSignal.timeout(5_000));
	return (await Array.fromAsync(contacts)).map(({ peer }) => peer);
}
