/** A relay helper's eye on its own uplink. */
import { describe, expect, it } from 'vitest';
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import type { Wish } from '#lib/p2p/peer/io.ts';
import { watchUplink, type WatchedPeer } from '../../../src/seed/relay-peer.ts';
import { createFakeClock } from '../../lib/fake-clock.ts';

const PACKETS_PER_SECOND = 50;

/** A relay that has as many listeners as it would carry, and an uplink that bears `bears` of them. */
function setup(fanout: number) {
	const clock = createFakeClock();
	const wishes: Wish[] = [];
	const links: { due: number; unsent: number }[] = [];
	let carried = fanout;
	let packetsUp = 0;
	const diagnostics = () => ({
		children: links.slice(0, carried).map((_, child) => `child ${child}`),
		bytes: { packetsUp },
		engine: {
			unsentBy: Object.fromEntries(
				links.slice(0, carried).map((link, child) => [`child ${child}`, { ...link }])
			)
		}
	});
	const peer: WatchedPeer = {
		// The rule reads no more of it than this.
		engine: { diagnostics: () => diagnostics() as unknown as EngineDiagnostics },
		wish(wish) {
			wishes.push(wish);
			if (wish.type === 'fanout') carried = wish.children;
		}
	};
	const send = (share: number): void => {
		for (let child = 0; child < carried; child++) {
			const link = (links[child] ??= { due: 0, unsent: 0 });
			link.due += PACKETS_PER_SECOND;
			link.unsent += PACKETS_PER_SECOND * share;
			packetsUp += PACKETS_PER_SECOND;
		}
	};
	const stop = watchUplink(peer, { fanout, clock });
	return {
		clock,
		stop,
		wishes,
		/** How many it carries then. */
		pass: (seconds: number, bears: number): number => {
			for (let second = 0; second < seconds; second++) {
				send(Math.max(0, 1 - bears / carried));
				clock.advance(1_000);
			}
			return carried;
		}
	};
}

describe("a relay helper's uplink", () => {
	it('is left as many as it was told while it bears them', () => {
		const { pass, wishes } = setup(30);
		pass(600, 30);
		expect(wishes).toEqual([]);
	});

	it('has fewer within seconds where it is behind, and says so once', () => {
		const { pass, wishes } = setup(30);
		pass(5, 30);
		pass(20, 12);
		expect(wishes).toEqual([{ type: 'fanout', children: 12 }]);
	});

	it('has one more a minute, up to what it was told and no further, and then no wish any more', () => {
		const { pass, wishes } = setup(20);
		pass(5, 20);
		pass(5, 17);
		expect(pass(20 * 60, 20)).toBe(20);
		const told = wishes.flatMap((wish) => (wish.type === 'fanout' ? [wish.children] : []));
		expect(told).toEqual([17, 18, 19, 20]);
	});

	it('does not ask for all at once again where it had too many of them', () => {
		const { pass, wishes } = setup(30);
		pass(5, 30);
		pass(30 * 60, 18);
		const told = wishes.flatMap((wish) => (wish.type === 'fanout' ? [wish.children] : []));
		expect(Math.max(...told)).toBe(19);
		expect(told.length).toBeLessThan(12);
	});

	it('is watched no more once it has ended', () => {
		const { clock, stop, pass, wishes } = setup(4);
		stop();
		pass(60, 1);
		expect([wishes, clock.alarms()]).toEqual([[], 0]);
	});
});
