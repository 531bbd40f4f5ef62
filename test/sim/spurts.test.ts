/** People talk and pause, open their microphone and close it: nobody is blamed for a silence that nobody broke. */
import { createTalk } from '#lib/p2p/voice/talk.ts';
import { describe, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import { createGauge } from './gauge.ts';
import { createWatch } from './invariants.ts';
import { CALM, openRoom } from './room.ts';
import type { Member, World } from './world.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [81, 83];
const TICK_MS = 20;
/** As in conversation: a second or two of talk, and pauses of up to eight seconds. */
const SPURT_TICKS = [25, 150] as const;
const PAUSE_TICKS = [20, 400] as const;
const FOR_MS = 40_000;
const LISTENERS = 24;
/** Stand-ins asked for, for each listener: some packets come late, and some not at all. */
const LEASES_MAX = 4;

/** Speaks with pauses, in every third of which the microphone is closed, as the app does it. */
function converse(world: World, member: Member, dice: Dice): void {
	const talk = createTalk(member.seq + 1);
	const between = ([least, most]: readonly [number, number]): number =>
		Math.round(least + dice.next() * (most - least));
	let [active, muted, leftTicks] = [true, false, between(SPURT_TICKS)];
	const tick = (): void => {
		if (!member.alive) return;
		world.after(TICK_MS, tick);
		if (leftTicks-- === 0) {
			active = !active;
			muted = !active && dice.chance(1 / 3);
			leftTicks = between(active ? SPURT_TICKS : PAUSE_TICKS);
		}
		const step = talk({ active, muted });
		if (step.type === 'silence') world.feed(member, step);
		else if (step.type === 'voice') world.say(member, step.seq);
	};
	tick();
}

describe.each(SEEDS)('a conversation, seed %i', PATIENCE, (seed) => {
	it.each([
		['good lines', { loss: 0 }, 0.99],
		['lines that lose a little', { loss: 0.01 }, 0.99],
		['lines that lose much', { loss: 0.12 }, 0.9]
	])('over %s makes nobody think that a parent holds it back', (_, lines, heardMin) => {
		const room = openRoom(
			{ ...CALM, ...lines, delayMs: [5, 60], seed },
			{ speakers: 2, listeners: LISTENERS, fanout: 3, talkEveryMs: 0 }
		);
		const { world, speakers, listeners, host } = room;
		for (const speaker of speakers) {
			world.wish(speaker, { type: 'unmute' });
			converse(world, speaker, new Dice(seed + speaker.number));
		}
		const watch = createWatch(world);
		world.run(20_000, watch.check);
		const leases = (): number =>
			listeners.reduce((sum, one) => sum + one.peer.diagnostics(world.nowMs).repair.leasesAsked, 0);
		const before = leases();
		const gauge = createGauge(world, host, listeners);
		world.run(FOR_MS, watch.check);
		gauge.stop();
		world.run(1_000, watch.check);
		const faults = listeners.flatMap((one) =>
			one.peer.diagnostics(world.nowMs).blamed.map(({ reason }) => reason)
		);
		expect(faults, `seed ${seed}`).not.toContain('withheld');
		// Where lines lose much a parent may well fall silent in the midst of a word.
		if (lines.loss < 0.1) expect(faults, `seed ${seed}`).toEqual([]);
		expect((leases() - before) / LISTENERS, `seed ${seed}`).toBeLessThanOrEqual(LEASES_MAX);
		expect(gauge.shareWithin(300), `seed ${seed}`).toBeGreaterThan(heardMin);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});
});
