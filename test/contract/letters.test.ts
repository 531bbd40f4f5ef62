/** Letters between real peers, through a real seed's relay, to who is found by a card alone. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { SEALED_LETTER_BYTES } from '#lib/p2p/letter/letter.ts';
import { reachKeyOf, reachSecretOf } from '#lib/p2p/wire/card.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { LETTERS_FROM_ONE_RATE } from '#lib/p2p/wire/limits.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function seedHere(): Promise<WholeSeed> {
	const seed = await startWholeSeed();
	running.push(seed);
	return seed;
}

async function peerAt(seed: WholeSeed, keySeed = newKeySeed()): Promise<PeerNode> {
	const node = await createPeerNode({ keySeed, seeds: [seed.addr], clock: createSystemClock() });
	running.push(node);
	await reachSeeds(node, 1);
	return node;
}

const letter = (fill: number): Uint8Array => new Uint8Array(SEALED_LETTER_BYTES).fill(fill);
const soon = (): AbortSignal => AbortSignal.timeout(5_000);

describe('letters', () => {
	it('reach who is known by their id alone, through the seed both are at', async () => {
		const seed = await seedHere();
		const [hanna, sam] = [await peerAt(seed), await peerAt(seed)];
		const got: [PeerId, Uint8Array][] = [];
		sam.letters.onLetter((from, sealed) => {
			got.push([from, sealed]);
			return Promise.resolve('taken');
		});
		const answer = await hanna.letters.send({ peer: sam.peer, addrs: [] }, letter(7), soon());
		expect(answer).toBe('taken');
		expect(got).toEqual([[hanna.peer, letter(7)]]);
	});

	it('reach whom a card names, and by another secret nobody is found', async () => {
		const seed = await seedHere();
		const samSeed = newKeySeed();
		const [hanna, sam] = [await peerAt(seed), await peerAt(seed, samSeed)];
		sam.letters.onLetter(() => Promise.resolve('taken'));
		const point = reachKeyOf({ peer: sam.peer, secret: reachSecretOf(samSeed) });
		sam.directory.announce(point);
		const contact = await vi.waitFor(async () => {
			const [found] = await Array.fromAsync(hanna.directory.find(point, soon()));
			expect(found?.peer).toBe(sam.peer);
			return found!;
		}, 5_000);
		expect(contact.addrs.length).toBeGreaterThan(0);
		expect(await hanna.letters.send(contact, letter(1), soon())).toBe('taken');
		const guessed = reachKeyOf({ peer: sam.peer, secret: reachSecretOf(newKeySeed()) });
		expect(await Array.fromAsync(hanna.directory.find(guessed, soon()))).toEqual([]);
	});

	it('are not taken while nobody takes them, nor more than so many from one', async () => {
		const seed = await seedHere();
		const [hanna, sam, eve] = [await peerAt(seed), await peerAt(seed), await peerAt(seed)];
		const toSam = { peer: sam.peer, addrs: [] };
		expect(await hanna.letters.send(toSam, letter(1), soon())).toBe('busy');
		const stop = sam.letters.onLetter(() => Promise.resolve('taken'));
		const answers: string[] = [];
		for (let i = 0; i <= LETTERS_FROM_ONE_RATE.burst; i++)
			answers.push(await eve.letters.send(toSam, letter(i), soon()));
		expect(answers.at(-1)).toBe('busy');
		expect(new Set(answers.slice(0, -1))).toEqual(new Set(['taken']));
		expect(await hanna.letters.send(toSam, letter(2), soon())).toBe('taken');
		stop();
		expect(await hanna.letters.send(toSam, letter(3), soon())).toBe('busy');
	});

	it('of another size are not read', async () => {
		const seed = await seedHere();
		const [eve, sam] = [await peerAt(seed), await peerAt(seed)];
		let taken = 0;
		sam.letters.onLetter(() => {
			taken += 1;
			return Promise.resolve('taken');
		});
		const long = new Uint8Array(SEALED_LETTER_BYTES + 1);
		await expect(eve.letters.send({ peer: sam.peer, addrs: [] }, long, soon())).rejects.toThrow();
		expect(taken).toBe(0);
	});

	it('come to nothing where nobody is', async () => {
		const seed = await seedHere();
		const hanna = await peerAt(seed);
		const nobody = await createPeerNode({
			keySeed: newKeySeed(),
			seeds: [],
			clock: createSystemClock()
		});
		running.push(nobody);
		const sent = hanna.letters.send({ peer: nobody.peer, addrs: [] }, letter(1), soon());
		await expect(sent).rejects.toThrow('Nobody answers');
	});
});
