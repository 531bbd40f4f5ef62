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

/** A peer that carries `carried` children and loses `share` of what it sends, second by second. */
function setup() {
	let uplink = newUplink();
	let seconds = 0;
	let packets = 0;
	let unsent = 0;
	const pass = (count: number, carried: number, share: number): Uplink => {
		for (let i = 0; i < count; i++) {
			seconds++;
			packets += 50 * carried;
			unsent += 50 * carried * share;
			uplink = nextUplink(uplink, { carried, packets, unsent }, seconds * 1_000);
		}
		return uplink;
	};
	return {
		pass,
		restart: () => {
			packets = unsent = 0;
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

	it('gives one child more time: that child may just be gone', () => {
		const { pass } = setup();
		pass(5, 4, 0);
		expect(pass(9, 4, 0.25).cap).toBeNull();
		expect(pass(1, 4, 0.25).cap).toBe(3);
	});

	it('forgives a child that went, once its link is given up', () => {
		const { pass } = setup();
		pass(5, 4, 0);
		// As long as the tree waits, and a sample more.
		pass(LINK_DEAD_MS / 1_000 + 1, 4, 0.25);
		expect(pass(60, 3, 0).cap).toBeNull();
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

	it('begins anew where the counters do', () => {
		const { pass, restart } = setup();
		pass(10, 6, 0.04);
		restart();
		expect(pass(1, 6, 0.04).cap).toBeNull();
		expect(pass(2, 6, 0.5).cap).toBe(3);
	});
});
