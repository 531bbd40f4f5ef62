/** Questions about what is shared, between real peers: a short one over a seed's relay, pieces over a direct connection. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import { PIECE_BYTES } from '#lib/p2p/archive/limits.ts';
import { SHARE_QUESTIONS_FROM_ONE_RATE } from '#lib/p2p/archive/share-limits.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';
import { newRoom } from './network-contract.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function peerAt(seed: WholeSeed): Promise<PeerNode> {
	const clock = createSystemClock();
	const node = await createPeerNode({ keySeed: newKeySeed(), seeds: [seed.addr], clock });
	running.push(node);
	await reachSeeds(node, 1);
	return node;
}

/** Ann has something: she answers with as many bytes as she is asked for, and says by which way that was. */
async function setup() {
	const seed = await startWholeSeed();
	running.push(seed);
	const [ann, ben] = [await peerAt(seed), await peerAt(seed)];
	const ways: string[] = [];
	ann.sharing.listen(true);
	ann.sharing.onQuestion((from, question, way) => {
		expect(from).toBe(ben.peer);
		ways.push(way);
		const [fill = 0] = question;
		return Promise.resolve(way === 'relayed' ? question : new Uint8Array(PIECE_BYTES).fill(fill));
	});
	return { seed, ann, ben, ways, toAnn: { peer: ann.peer, addrs: [] } };
}

const soon = (): AbortSignal => AbortSignal.timeout(10_000);

describe('questions about what is shared', () => {
	it('go through the seed first, and then directly, answered in their order', async () => {
		const { seed, ben, ways, toAnn } = await setup();
		expect(await ben.sharing.ask(toAnn, Uint8Array.of(1), soon())).toEqual(Uint8Array.of(1));
		const line = await ben.sharing.line(toAnn, soon());
		const answers = await Promise.all([2, 3, 4, 5].map((one) => line.ask(Uint8Array.of(one))));
		expect(answers.map(({ length }) => length)).toEqual(new Array(4).fill(PIECE_BYTES));
		expect(answers.map(([fill]) => fill)).toEqual([2, 3, 4, 5]);
		expect(ways).toEqual(['relayed', 'direct', 'direct', 'direct', 'direct']);
		// What is under way does not need the seed.
		await seed.stop();
		expect((await line.ask(Uint8Array.of(6)))[0]).toBe(6);
		line.close();
		await expect(line.ask(Uint8Array.of(7))).rejects.toThrow('closed');
	}, 20_000);

	it('come directly from nobody who was not answered before', async () => {
		const { ben, ways, toAnn } = await setup();
		await expect(ben.sharing.line(toAnn, AbortSignal.timeout(4_000))).rejects.toThrow();
		expect(ways).toEqual([]);
	}, 20_000);

	it('leave a line that serves sharing alone when a room is left', async () => {
		const { ann, ben, toAnn } = await setup();
		await ben.sharing.ask(toAnn, Uint8Array.of(1), soon());
		const line = await ben.sharing.line(toAnn, soon());
		for (const node of [ann, ben]) {
			const room = node.gossip.join(newRoom(), () => Promise.resolve('accept'));
			room.leave();
		}
		expect((await line.ask(Uint8Array.of(9)))[0]).toBe(9);
	}, 20_000);

	it('are not answered too often over a relay, nor by who has nothing', async () => {
		const { ann, ben, toAnn } = await setup();
		const ask = () => ben.sharing.ask(toAnn, Uint8Array.of(1), soon());
		for (let i = 0; i < SHARE_QUESTIONS_FROM_ONE_RATE.burst; i++) await ask();
		await expect(ask()).rejects.toThrow();
		await expect(
			ann.sharing.ask({ peer: ben.peer, addrs: [] }, Uint8Array.of(1), soon())
		).rejects.toThrow();
	}, 20_000);

	it('end with the line when the other side goes', async () => {
		const { ann, ben, toAnn } = await setup();
		await ben.sharing.ask(toAnn, Uint8Array.of(1), soon());
		const line = await ben.sharing.line(toAnn, soon());
		let closed = false;
		line.onClose(() => (closed = true));
		await ann.stop();
		await vi.waitFor(() => expect(closed).toBe(true), 15_000);
	}, 30_000);
});
