/** Relays that lie. Nobody plays what was not said, and who lies is left. */
import { describe, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import { createWatch } from './invariants.ts';
import * as liars from './liars.ts';
import { CALM, isJoined, openRoom, whoHearsNot, type Room } from './room.ts';
import type { Lie, Member } from './world.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [71, 72, 73];
const SIZE = { speakers: 1, listeners: 24, fanout: 3 };
const LIARS = 3;
const LOOK_EVERY_MS = 50;

/** Those who carry others, the one with most first. */
function carriers({ world, listeners }: Room): Member[] {
	const childrenOf = (one: Member): number => one.peer.diagnostics(world.nowMs).children.length;
	return listeners
		.filter((one) => childrenOf(one) > 0)
		.sort((a, b) => childrenOf(b) - childrenOf(a));
}

/** A room that has settled, in which some relays begin to lie. */
function roomWithLiars(seed: number, lieOf: (liar: Member, room: Room) => Lie) {
	const room = openRoom({ ...CALM, seed }, SIZE);
	room.world.run(4_000);
	const crooks = carriers(room).slice(0, LIARS);
	const watch = createWatch(room.world, new Set(crooks));
	for (const crook of crooks) crook.lie = lieOf(crook, room);
	return { ...room, crooks, watch };
}

const below = ({ world, listeners }: Room, crooks: readonly Member[]): Member[] =>
	listeners.filter((one) => {
		const { parent } = one.peer.diagnostics(world.nowMs);
		return !crooks.includes(one) && crooks.some((crook) => crook.id === parent);
	});

/** The longest time that anybody hung from the same liar while `forMs` passed. */
function longestBelowMs(room: Room, crooks: readonly Member[], forMs: number): number {
	const { world } = room;
	const sinceMs = new Map<string, number>();
	let longestMs = 0;
	for (let passedMs = 0; passedMs < forMs; passedMs += LOOK_EVERY_MS) {
		const pairs = below(room, crooks).map(
			(one) => `${one.number} ${one.peer.diagnostics(world.nowMs).parent}`
		);
		for (const pair of sinceMs.keys()) if (!pairs.includes(pair)) sinceMs.delete(pair);
		for (const pair of pairs) {
			const since = sinceMs.get(pair) ?? world.nowMs;
			sinceMs.set(pair, since);
			longestMs = Math.max(longestMs, world.nowMs - since);
		}
		world.run(LOOK_EVERY_MS);
	}
	return longestMs;
}

const numbersOf = (members: readonly Member[]): number[] => members.map((one) => one.number);

describe.each(SEEDS)('relays that lie, seed %i', PATIENCE, (seed) => {
	const forgeries = [
		['change what they pass on', () => liars.alters],
		['say what was never said', () => liars.invents]
	] as const;
	it.each(forgeries)('and %s are left within a second', (_, lieOf) => {
		const room = roomWithLiars(seed, lieOf);
		const { world, crooks, watch } = room;
		expect(crooks, `seed ${seed}`).toHaveLength(LIARS);
		expect(longestBelowMs(room, crooks, 4_000), `seed ${seed}`).toBeLessThanOrEqual(1_000);
		expect(numbersOf(below(room, crooks)), `seed ${seed}`).toEqual([]);
		world.run(3_000, watch.check);
		// A liar has room, and may just have drawn in somebody who had not met it: that is over within a second.
		world.until('everybody hears', () => whoHearsNot(world, 300).length === 0, 1_000, watch.check);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('and keep the sound to themselves are left', () => {
		const room = roomWithLiars(seed, () => liars.withholds);
		const { world, crooks, watch } = room;
		world.run(4_000, watch.check);
		expect(numbersOf(below(room, crooks)), `seed ${seed}`).toEqual([]);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('and keep most of it to themselves are left as well, though repair hides it', () => {
		const dice = new Dice(seed);
		const room = roomWithLiars(seed, () => liars.withholdsSome(dice, 0.7));
		const { world, crooks, listeners, watch } = room;
		expect(longestBelowMs(room, crooks, 8_000), `seed ${seed}`).toBeLessThanOrEqual(4_000);
		const blamed = listeners.flatMap((one) => one.peer.diagnostics(world.nowMs).blamed);
		expect(blamed.map(({ reason }) => reason)).toContain('withheld');
		const held = blamed.filter(({ reason }) => reason === 'withheld');
		expect(
			held.filter(({ peer }) => !crooks.some(({ id }) => id === peer)),
			`seed ${seed}`
		).toEqual([]);
		// Who hangs from one may fall silent itself, and is left for that; but no liar goes without a name.
		const named = new Set<string>(blamed.map(({ peer }) => peer));
		expect(crooks.filter(({ id }) => !named.has(id)).map(({ number }) => number)).toEqual([]);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it.each([1, 40, 100])(
		'and say everything twice, %i packets later, are heard once and left',
		(lag) => {
			const room = roomWithLiars(seed, () => liars.replays(lag));
			const { world, crooks, listeners, watch } = room;
			const deceived = below(room, crooks);
			expect(deceived.length, `seed ${seed}`).toBeGreaterThan(0);
			// Whoever comes below one hears nothing a second time for so long.
			const firstMs = 20 * lag;
			expect(longestBelowMs(room, crooks, firstMs + 4_000), `seed ${seed}`).toBeLessThanOrEqual(
				firstMs + 1_000
			);
			const blamed = listeners.flatMap((one) => one.peer.diagnostics(world.nowMs).blamed);
			const replayers = blamed.filter(({ reason }) => reason === 'replayed');
			const named = new Set(replayers.map(({ peer }) => peer));
			expect([...named].sort(), `seed ${seed}`).toEqual(crooks.map(({ id }) => id).sort());
			world.run(2_000, watch.check);
			expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
			expect(watch.broken, `seed ${seed}`).toEqual([]);
		}
	);

	it('about their place lead nobody into a circle that lasts', () => {
		const { world, host, listeners, watch } = roomWithLiars(seed, (liar, { host }) =>
			liars.claimsShortPath(liar.id, host.id)
		);
		for (const one of listeners.slice(0, 8)) world.leave(one);
		world.run(15_000, watch.check);
		expect(host.alive && world.alive.every(isJoined), `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 1_000), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('about those they carry make the room no more than too big', () => {
		const { world, host, watch } = roomWithLiars(seed, () => liars.inventsCrowd);
		world.run(5_000, watch.check);
		expect(host.peer.view().listenerCount).toBeGreaterThanOrEqual(SIZE.listeners);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('and babble make nobody throw, and are counted', () => {
		const room = openRoom({ ...CALM, seed }, SIZE);
		const { world, host } = room;
		world.run(2_000);
		const crooks = carriers(room).slice(0, LIARS);
		const watch = createWatch(world, new Set(crooks));
		for (const crook of crooks) liars.babbles(world, crook, new Dice(seed));
		world.run(10_000, watch.check);
		const malformed = world.alive.filter(
			(one) => one.peer.diagnostics(world.nowMs).drops.malformed > 0
		);
		expect(malformed.length, `seed ${seed}`).toBeGreaterThan(LIARS);
		expect(host.alive, `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 1_000), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});
});
