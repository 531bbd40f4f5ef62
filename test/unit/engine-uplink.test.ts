/** The measured uplink: fewer children when packets stay behind, more again slowly. */
import { describe, expect, it } from 'vitest';
import {
	UPLINK_PATIENCE_MAX_MS,
	UPLINK_PATIENCE_MIN_MS,
	newUplink,
	nextUplink,
	type Uplink
} from '#lib/app/engine/uplink.ts';
import { LINK_DEAD_MS } from '#lib/p2p/tree/timing.ts';

/** What is lost on each link: of a peer with as many children and nobody else, or by neighbour. */
type Losses = readonly number[];

const evenly = (carried: number, share: number): Losses => Array<number>(carried).fill(share);
const PACKETS_PER_SECOND = 50;
/** Heartbeats, digests, and what was asked for: of links that carry no sound. */
const IDLE_PACKETS_PER_SECOND = 10;

/** A peer that sends to its neighbours second by second, and loses a share of it on each link. */
function setup(asked = 0) {
	let uplink = newUplink();
	let seconds = 0;
	let packets = 0;
	let counts: { due: number; unsent: number }[] = [];
	const send = (link: number, due: number, share: number): void => {
		const count = (counts[link] ??= { due: 0, unsent: 0 });
		count.due += due;
		count.unsent += due * share;
		packets += due;
	};
	/** The first `carried` of the links are children; `idle` more carry no sound. */
	const passBy = (count: number, losses: Losses, carried = losses.length, idle = 0): Uplink => {
		for (let i = 0; i < count; i++) {
			seconds++;
			losses.forEach((share, link) => send(link, PACKETS_PER_SECOND, share));
			for (let more = 0; more < idle; more++)
				send(losses.length + more, IDLE_PACKETS_PER_SECOND, 0);
			// Links that are gone are told of no more.
			counts.length = losses.length + idle;
			const unsentBy = Object.fromEntries(counts.map((link, peer) => [peer, { ...link }]));
			uplink = nextUplink(uplink, { carried, packets, unsentBy }, seconds * 1_000, asked);
		}
		return uplink;
	};
	return {
		/** Carries `carried` children and loses `share` of what it sends to each. */
		pass: (count: number, carried: number, share: number) => passBy(count, evenly(carried, share)),
		passBy,
		/** The link is made anew with the same neighbour. */
		renew: (link: number) => {
			counts[link] = { due: 0, unsent: 0 };
		},
		restart: () => {
			packets = 0;
			counts = [];
		}
	};
}

describe('the uplink', () => {
	it('has no limit while everything leaves', () => {
		expect(setup().pass(600, 6, 0.04).cap).toBeNull();
	});

	it('goes down at once to about what leaves in time', () => {
		const { pass } = setup();
		pass(5, 6, 0);
		expect(pass(1, 6, 0.5).cap).toBeNull();
		expect(pass(1, 6, 0.5).cap).toBe(3);
	});

	it('gives what one more child may make by being gone more time', () => {
		const { pass } = setup();
		pass(5, 4, 0);
		expect(pass(9, 4, 0.25).cap).toBeNull();
		expect(pass(1, 4, 0.25).cap).toBe(3);
	});

	it.each([
		['a child that went', [0, 0, 0, 1]],
		['two that went at once', [0, 0, 1, 1]]
	])('forgives %s, once the links are given up', (_, losses) => {
		const { pass, passBy } = setup();
		pass(5, 4, 0);
		// As long as the tree waits, and a sample more.
		passBy(LINK_DEAD_MS / 1_000 + 1, losses);
		expect(pass(60, losses.filter((share) => share === 0).length, 0).cap).toBeNull();
	});

	it.each([0.3, 1])('lets nobody go because of one neighbour that loses %d of all', (share) => {
		const { pass, passBy } = setup();
		pass(5, 4, 0);
		expect(passBy(600, [share, 0, 0, 0]).cap).toBeNull();
		expect(passBy(600, [0.01, share, 0.02]).cap).toBeNull();
		expect(passBy(600, [0, share]).cap).toBeNull();
	});

	it('goes down where as much is lost on every link', () => {
		const { pass } = setup();
		pass(5, 4, 0);
		expect(pass(9, 4, 0.3).cap).toBeNull();
		expect(pass(1, 4, 0.3).cap).toBe(2);
	});

	it('knows on stage by the others there whose line it is', () => {
		const sick = setup();
		sick.passBy(5, [0, 0, 0], 1);
		expect(sick.passBy(600, [0.3, 0, 0], 1).cap).toBeNull();
		expect(sick.passBy(600, [0, 0.3, 0], 1).cap).toBeNull();
		const behind = setup();
		behind.passBy(5, [0, 0, 0], 1);
		expect(behind.passBy(10, [0.3, 0.3, 0.3], 1).cap).toBe(0);
	});

	it('leaves a lone child where it is while most of its sound leaves: nobody tells whose line it is', () => {
		const { pass } = setup();
		pass(1, 1, 0);
		expect(pass(600, 1, 0.3).cap).toBeNull();
		expect(pass(10, 1, 0.6).cap).toBe(0);
	});

	it('does not take it for the end of the trouble where only a lone child is left for a while', () => {
		const { passBy } = setup();
		passBy(1, [0, 0]);
		passBy(5, [0.3, 0.3]);
		passBy(3, [0.3]);
		expect(passBy(1, [0.3, 0.3]).cap).toBeNull();
		expect(passBy(1, [0.3, 0.3]).cap).toBe(1);
	});

	it('tries a second child beside a lone one that loses some: that one tells', () => {
		const { pass } = setup();
		pass(1, 2, 0);
		expect(pass(10, 2, 0.3).cap).toBe(1);
		expect(pass(59, 1, 0.3).cap).toBe(1);
		expect(pass(1, 1, 0.3).cap).toBe(2);
	});

	it('does not count those as others who are sent no sound', () => {
		const { passBy } = setup();
		passBy(1, [0], 1, 12);
		expect(passBy(10, [0.6], 1, 12).cap).toBe(0);
	});

	it('counts a link that was made anew from its beginning', () => {
		const { passBy, renew } = setup();
		passBy(5, [0, 0]);
		renew(1);
		expect(passBy(10, [0.3, 0.3]).cap).toBe(1);
	});

	it('lets those go whom it let go before it judges again', () => {
		const { pass } = setup();
		pass(1, 6, 0);
		expect(pass(2, 6, 0.5).cap).toBe(3);
		expect(pass(4, 6, 0.5).cap).toBe(3);
		expect(pass(20, 3, 0.5).cap).toBe(1);
	});

	it('gives everybody up where not even one child can be carried', () => {
		const { pass } = setup();
		pass(1, 1, 0);
		expect(pass(10, 1, 0.9).cap).toBe(0);
	});

	it('says nothing of the uplink while nobody talks', () => {
		const { pass } = setup();
		pass(1, 4, 0);
		expect(pass(60, 0, 0.9).cap).toBeNull();
	});

	it('says nothing of the uplink where nobody is carried', () => {
		const { passBy } = setup();
		passBy(1, [0, 0], 0);
		expect(passBy(60, [0.9, 0.9], 0).cap).toBeNull();
	});

	it('tries one more child after a minute without trouble', () => {
		const { pass } = setup();
		pass(1, 6, 0);
		pass(2, 6, 0.5);
		expect(pass(59, 3, 0).cap).toBe(3);
		expect(pass(1, 3, 0).cap).toBe(4);
		expect(pass(60, 4, 0).cap).toBe(5);
	});

	it('counts that minute from the last trouble, however short', () => {
		const { pass } = setup();
		pass(1, 6, 0);
		pass(2, 6, 0.5);
		pass(58, 3, 0);
		pass(1, 3, 0.5);
		expect(pass(59, 3, 0).cap).toBe(3);
		expect(pass(1, 3, 0).cap).toBe(4);
	});

	it('tries more seldom after each relapse, but at least every quarter of an hour', () => {
		const { pass } = setup();
		pass(1, 4, 0);
		let uplink = pass(2, 4, 0.5);
		const waits = [];
		for (let relapse = 0; relapse < 7; relapse++) {
			waits.push(uplink.patienceMs);
			pass(uplink.patienceMs / 1_000, 2, 0);
			uplink = pass(5, 3, 0.6);
		}
		expect(waits).toEqual([1, 2, 4, 8, 16, 16, 16].map((factor) => factor * 60_000));
		expect([UPLINK_PATIENCE_MIN_MS, UPLINK_PATIENCE_MAX_MS]).toEqual([60_000, 960_000]);
	});

	it('forgets the past once it has gone well for long', () => {
		const { pass } = setup();
		pass(1, 6, 0);
		pass(2, 6, 0.5);
		expect(pass(60 * 14, 3, 0)).toMatchObject({ cap: null, patienceMs: UPLINK_PATIENCE_MIN_MS });
	});

	it('forgets nothing below what was asked of it', () => {
		const { pass } = setup(30);
		pass(1, 30, 0);
		expect(pass(2, 30, 0.5).cap).toBe(15);
		expect(pass(60 * 15, 15, 0).cap).toBe(30);
		expect(pass(60, 30, 0).cap).toBeNull();
	});

	it('begins anew where the counters do', () => {
		const { pass, restart } = setup();
		pass(10, 6, 0.04);
		restart();
		expect(pass(1, 6, 0.04).cap).toBeNull();
		expect(pass(2, 6, 0.5).cap).toBe(3);
	});
});
