/** People come, go, die, reload, step up and down, on lines that lose and delay. */
import { describe, expect, it } from 'vitest';
import { livelyMinute, TALK_EVERY_MS } from './churn.ts';
import { createWatch } from './invariants.ts';
import { isJoined, isSeated, openRoom, whoHearsNot } from './room.ts';

const GOOD = { name: 'on good lines', loss: 0.01, slow: { share: 0.05, addMs: 150 }, gossip: true };
const BAD = { name: 'on bad lines', loss: 0.05, slow: { share: 0.2, addMs: 400 }, gossip: true };
const LINKS = {
	name: 'by links alone',
	loss: 0.03,
	slow: { share: 0.1, addMs: 250 },
	gossip: false
};
const STORIES = [
	{ ...GOOD, seed: 10 },
	{ ...BAD, seed: 11 },
	{ ...LINKS, seed: 12 },
	{ ...BAD, seed: 20 }
];

describe.each(STORIES)('a lively room $name, seed $seed', { timeout: 120_000 }, (story) => {
	it('keeps its rules, and everybody hears everybody once it calms down', () => {
		const { seed, loss, slow, gossip } = story;
		const { world } = openRoom(
			{ seed, delayMs: [5, 40], loss, slow, gossip },
			{ speakers: 3, listeners: 20, fanout: 3, talkEveryMs: TALK_EVERY_MS }
		);
		const watch = createWatch(world);
		livelyMinute(world, seed, watch.check);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
		expect(world.alive.filter((member) => !isJoined(member)).map(({ number }) => number)).toEqual(
			[]
		);
		expect(whoHearsNot(world, 1_000), `seed ${seed}`).toEqual([]);
		const digests = world.alive.map((one) => one.peer.diagnostics(world.nowMs).log.digest);
		expect(new Set(digests).size, `seed ${seed}`).toBe(1);
		const listening = world.alive.filter((member) => !isSeated(member)).length;
		const isCounted = (): boolean =>
			world.alive.every((one) => one.peer.view().listenerCount === listening);
		world.until('everybody is counted once by all', isCounted, 20_000, watch.check);
	});
});
