import { describe, expect, it } from 'vitest';
import {
	FLOOR_MAX_MS,
	GRAFT_AFTER_MS,
	LOSABLE_UNKNOWN,
	SILENT_MS
} from '#lib/p2p/peer/repair-timing.ts';
import { openRoom, type Room } from './room.ts';
import type { Member } from './world.ts';

const SEEDS = [1, 2, 3];
/** Round trips of at most 70 ms, and half of that for every hop of the news. */
const ROUND_TRIP_MS = 70;
/** Frames before and after the death that are looked at: long before anything, and until all is well again. */
const BEFORE = 50;
const AFTER = 60;

/** How late each frame came to each listener, by its number. */
function listen({ world }: Room): Map<Member, Map<number, number>> {
	const delays = new Map<Member, Map<number, number>>();
	world.ears.push((listener, _speaker, seq, delayMs) => {
		const its = delays.get(listener) ?? new Map<number, number>();
		delays.set(listener, its.set(seq, delayMs));
	});
	return delays;
}

/** Somebody right below the speaker who carries others dies without a word, while the speaker talks. */
function killParent(seed: number) {
	const room = openRoom(
		{ seed, delayMs: [15, 35], loss: 0, gossip: true },
		{ speakers: 1, listeners: 20, fanout: 3 }
	);
	const { world, host, listeners } = room;
	const diagnostics = (one: Member) => one.peer.diagnostics(world.nowMs);
	const ready = () => listeners.every((one) => diagnostics(one).backups.length === 2);
	world.until('everybody has two backups', ready, 20_000);
	const delays = listen(room);
	world.run(BEFORE * 20);
	const victim = listeners.find((one) => {
		const { parent, children } = diagnostics(one);
		return parent === host.id && children.length > 0;
	});
	if (victim === undefined) throw new Error(`seed ${seed}: nobody carries anybody`);
	const below = listeners.filter(
		(one) => one !== victim && diagnostics(one).path.includes(victim.id)
	);
	const diedAt = host.seq;
	world.kill(victim);
	world.run(400);
	const attached = below.filter((one) => {
		const { path } = diagnostics(one);
		return path.length > 0 && !path.includes(victim.id);
	});
	world.run(AFTER * 20);
	const lateness = below.map((one) =>
		latenessOf(delays.get(one) ?? new Map<number, number>(), diedAt)
	);
	return { below, attached, lateness };
}

/** By how much frames around the death came later than any before it; Infinity where one never came. */
function latenessOf(delays: ReadonlyMap<number, number>, diedAt: number): number {
	const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
	const usual = range(diedAt - BEFORE + 10, diedAt - 10).map((seq) => delays.get(seq) ?? Infinity);
	const around = range(diedAt - 10, diedAt + AFTER - 20).map((seq) => delays.get(seq) ?? Infinity);
	return Math.max(...around) - Math.max(...usual);
}

describe('the death of a parent while somebody talks', () => {
	it.each(SEEDS)(
		'loses no frame, and delays none for longer than playout waits, seed %i',
		(seed) => {
			const { below, lateness } = killParent(seed);
			expect(below.length).toBeGreaterThan(0);
			// Lines this young are not known yet.
			const silentMs = SILENT_MS + 20 * LOSABLE_UNKNOWN;
			const floorMs = Math.min(FLOOR_MAX_MS, silentMs + ROUND_TRIP_MS);
			for (const lateMs of lateness) expect(lateMs).toBeLessThanOrEqual(floorMs);
		}
	);

	it('is over once everybody hears by another way, soon after', () => {
		const { below, attached } = killParent(SEEDS[0] ?? 1);
		expect(SILENT_MS + GRAFT_AFTER_MS + 2 * ROUND_TRIP_MS).toBeLessThan(400);
		expect(attached).toEqual(below);
	});
});
