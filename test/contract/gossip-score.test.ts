/** What gossip does with who breaks the rules: real nodes, real scores. */
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAuthorRates, THRESHOLDS } from '#lib/io/net/gossip-score.ts';
import { createGossip, type GossipSub } from '#lib/io/net/gossipsub.ts';
import type { NeighbourKeeper } from '#lib/io/net/neighbours.ts';
import { roomTopic } from '#lib/io/net/protocols.ts';
import type { GossipRoom, Verdict } from '#lib/io/ports.ts';
import { GOSSIP_AUTHOR_RATE, GOSSIP_AUTHORS_MAX } from '#lib/p2p/wire/limits.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { startTinySeed, type TinySeed } from '../lib/tiny-seed.ts';
import { startWholeSeed } from '../lib/whole-seed.ts';
import { visit } from '../seed/visitor.ts';
import { newRoom } from './network-contract.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const scoreOf = (service: unknown, peer: string): number =>
	(service as { getScore(peer: string): number }).getScore(peer);

/** No direct connections: these nodes are connected already. */
const noNeighbours = (): NeighbourKeeper =>
	({
		enter: () => undefined,
		meet: () => undefined,
		leave: () => undefined,
		deny: () => false,
		stop: () => undefined,
		list: () => []
	}) as unknown as NeighbourKeeper;

/** A member that judges, connected with others who say something. */
async function setup() {
	const seen: string[] = [];
	const seed: TinySeed = await startTinySeed(newKeySeed());
	running.push(seed);
	const { gossip: service } = seed.node.services as unknown as { gossip: GossipSub };
	const room = newRoom();
	const judge = (data: Uint8Array): Promise<Verdict> => {
		const text = new TextDecoder().decode(data);
		seen.push(text);
		if (text.startsWith('forged')) return Promise.resolve('reject');
		return Promise.resolve(text.startsWith('early') ? 'ignore' : 'accept');
	};
	const joined: GossipRoom = createGossip(service, noNeighbours()).join(room, judge);
	const member = async () => {
		const node = await visit(seed.addr);
		const topic = roomTopic(room);
		node.services.pubsub.subscribe(topic);
		await vi.waitFor(() => {
			expect(node.services.pubsub.getSubscribers(topic).length).toBeGreaterThan(0);
			expect(service.getSubscribers(topic).map(String)).toContain(node.peerId.toString());
		});
		const say = (text: string) => node.services.pubsub.publish(topic, bytes(text));
		return { node, say, id: node.peerId.toString() };
	};
	return { seen, service, joined, member, room };
}

describe('a member of a room', () => {
	it('hears nothing more from who has brought it two forgeries', async () => {
		const { seen, service, member } = await setup();
		const [eve, ann] = [await member(), await member()];
		await eve.say('forged 1');
		await eve.say('forged 2');
		await vi.waitFor(() => {
			expect(scoreOf(service, eve.id)).toBeLessThan(THRESHOLDS.graylistThreshold);
		}, 5_000);
		await eve.say('from eve');
		await ann.say('from ann');
		await vi.waitFor(() => {
			expect(seen).toContain('from ann');
		});
		expect(seen).not.toContain('from eve');
		expect(scoreOf(service, ann.id)).toBeGreaterThanOrEqual(0);
	});

	it('holds nothing against who brings what it cannot judge yet', async () => {
		const { seen, service, member } = await setup();
		const ann = await member();
		for (let i = 0; i < 20; i++) await ann.say(`early ${i}`);
		await vi.waitFor(() => {
			expect(seen).toHaveLength(20);
		});
		expect(scoreOf(service, ann.id)).toBeGreaterThanOrEqual(0);
	});

	it('keeps no scores of a room it has left', async () => {
		const { service, joined, member } = await setup();
		const ann = await member();
		await ann.say('hello');
		const { score } = service as unknown as {
			score: {
				params: { topics: Record<string, unknown> };
				peerStats: Map<string, { topics: Record<string, unknown> }>;
			};
		};
		await vi.waitFor(() => {
			expect(Object.keys(score.peerStats.get(ann.id)?.topics ?? {})).toHaveLength(1);
		});
		joined.leave();
		expect(Object.keys(score.params.topics)).toEqual([]);
		expect(Object.keys(score.peerStats.get(ann.id)?.topics ?? {})).toEqual([]);
	});
});

describe('a seed', () => {
	it('stops passing on who floods a room, and goes on with the others', async () => {
		const seed = await startWholeSeed();
		running.push(seed);
		const topic = roomTopic(newRoom());
		const heard: string[] = [];
		const [eve, ann, ben] = [
			await visit(seed.addr),
			await visit(seed.addr),
			await visit(seed.addr)
		];
		ben.services.pubsub.addEventListener('message', ({ detail }) => {
			heard.push(new TextDecoder().decode(detail.data));
		});
		for (const { services } of [eve, ann, ben]) services.pubsub.subscribe(topic);
		await vi.waitFor(() => {
			for (const { services } of [eve, ann, ben])
				expect(services.pubsub.getSubscribers(topic).map(String)).toEqual([
					seed.node.peerId.toString()
				]);
		}, 5_000);
		const floodMax = 3 * GOSSIP_AUTHOR_RATE.burst;
		for (let i = 0; i < floodMax; i++) await eve.services.pubsub.publish(topic, bytes(`eve ${i}`));
		await vi.waitFor(() => {
			const score = scoreOf(seed.node.services.pubsub, eve.peerId.toString());
			expect(score).toBeLessThan(THRESHOLDS.graylistThreshold);
		}, 5_000);
		await ann.services.pubsub.publish(topic, bytes('ann'));
		await vi.waitFor(() => {
			expect(heard).toContain('ann');
		}, 5_000);
		const ofEve = heard.filter((text) => text.startsWith('eve')).length;
		expect(ofEve).toBeGreaterThan(0);
		expect(ofEve).toBeLessThan(2 * GOSSIP_AUTHOR_RATE.burst);
		expect(
			ben.getConnections().some(({ remoteAddr }) => remoteAddr.equals(multiaddr(seed.addr)))
		).toBe(true);
	}, 20_000);
});

describe('the rates of authors', () => {
	it('blame an author that is at the other end, not whoever passes its words on', () => {
		const rates = createAuthorRates({ burst: 2, perSecond: 1 });
		const judged = [0, 1, 2].map(() => rates.judge('eve', 'eve', 1_000));
		expect(judged).toEqual(['accept', 'accept', 'reject']);
		expect(rates.judge('eve', 'ann', 1_000)).toBe('ignore');
		expect(rates.judge('ann', 'ann', 1_000)).toBe('accept');
		expect(rates.judge('eve', 'eve', 2_000)).toBe('accept');
	});

	it('are kept of so many, those who spoke last', () => {
		const rates = createAuthorRates({ burst: 1, perSecond: 0.001 });
		rates.judge('first', 'first', 0);
		for (let i = 0; i < GOSSIP_AUTHORS_MAX - 1; i++) rates.judge(`author ${i}`, 'x', 0);
		expect(rates.judge('first', 'first', 0)).toBe('reject');
		rates.judge('one more', 'x', 0);
		expect(rates.judge('author 0', 'x', 0)).toBe('accept');
		expect(rates.judge('first', 'first', 0)).toBe('reject');
	});
});
