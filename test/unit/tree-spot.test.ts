import { describe, expect, it } from 'vitest';
import { moved, NOWHERE_YET, wayMs } from '#lib/p2p/tree/spot.ts';
import { SPOT_MAX_MS, type Spot } from '#lib/p2p/wire/contact.ts';
import { Dice } from '../sim/dice.ts';
import { peer } from './tree-rig.ts';

const PEOPLE = 40;
/** Each looks at few others, as neighbours in a tree do. */
const NEIGHBOURS = 5;

/** Where people really are: a plane, and a last mile of each. */
function town(dice: Dice): { x: number; y: number; height: number }[] {
	return Array.from({ length: PEOPLE }, () => ({
		x: dice.between(-60, 60),
		y: dice.between(-60, 60),
		height: dice.between(2, 8)
	}));
}

const realMs = (a: Omit<Spot, 'error'>, b: Omit<Spot, 'error'>): number =>
	Math.hypot(a.x - b.x, a.y - b.y) + a.height + b.height;

describe('where somebody is', () => {
	it('is learned from round trips to few neighbours, well enough to tell the way to strangers', () => {
		for (const seed of [1, 2, 3]) {
			const dice = new Dice(seed);
			const people = town(dice);
			const spots: Spot[] = people.map(() => NOWHERE_YET);
			const pick = (): number => Math.floor(dice.next() * PEOPLE);
			const near = people.map(() => Array.from({ length: NEIGHBOURS }, pick));
			for (let round = 0; round < 60; round++) {
				for (const [i, own] of spots.entries()) {
					for (const j of near[i]!) {
						if (j === i) continue;
						const oneWayMs = realMs(people[i]!, people[j]!) + dice.between(0, 2);
						spots[i] = moved(peer(i), spots[i] ?? own, spots[j]!, oneWayMs);
					}
				}
			}
			const off = people.flatMap((one, i) =>
				people.slice(i + 1).map((other, k) => {
					const ms = realMs(one, other);
					return Math.abs(wayMs(spots[i]!, spots[i + 1 + k]!) - ms) / ms;
				})
			);
			off.sort((a, b) => a - b);
			expect(off[Math.floor(off.length / 2)], `seed ${seed}`).toBeLessThan(0.2);
		}
	});

	it('is left at once by two who begin in the same place, each in its own direction', () => {
		const one = moved(peer(1), NOWHERE_YET, NOWHERE_YET, 40);
		const other = moved(peer(2), NOWHERE_YET, NOWHERE_YET, 40);
		expect(wayMs(one, other)).toBeGreaterThan(1);
	});

	it('stays where it is for what is no measurement', () => {
		for (const ms of [0, -5, NaN])
			expect(moved(peer(1), NOWHERE_YET, NOWHERE_YET, ms)).toBe(NOWHERE_YET);
	});

	it('stays within bounds, however far somebody claims to be', () => {
		let own = NOWHERE_YET;
		const liar: Spot = { x: SPOT_MAX_MS, y: -SPOT_MAX_MS, height: SPOT_MAX_MS, error: 0 };
		for (let i = 0; i < 1_000; i++) own = moved(peer(1), own, liar, i % 2 === 0 ? 1e9 : 1e-9);
		for (const value of [own.x, own.y, own.height]) {
			expect(Math.abs(value)).toBeLessThanOrEqual(SPOT_MAX_MS);
		}
		expect(own.error).toBeGreaterThanOrEqual(0);
		expect(own.error).toBeLessThanOrEqual(1);
	});
});
