import { describe, expect, it } from 'vitest';
import { damping, NO_FLAPS, noteLeft, noteSpoke } from '#lib/p2p/peer/flaps.ts';
import {
	FLAP_BACK_MS,
	FLAPS_COUNTED_MAX,
	FLAPS_REMEMBERED_MS
} from '#lib/p2p/peer/repair-timing.ts';
import { person } from './room-people.ts';

const [PARENT, OTHER] = [person(1).peer, person(2).peer];
const afterFlaps = (count: number, atMs = 0) =>
	Array.from({ length: count }).reduce<typeof NO_FLAPS>(
		(flaps) => noteSpoke(noteLeft(flaps, PARENT, atMs), PARENT, atMs + 100),
		NO_FLAPS
	);

describe('a parent that was left as silent', () => {
	it('makes us slower where it speaks again at once, up to a bound', () => {
		expect([0, 1, 2, 3].map((count) => damping(afterFlaps(count), 100))).toEqual([1, 2, 4, 4]);
		expect(2 ** FLAPS_COUNTED_MAX).toBe(4);
	});

	it('does not where it comes back late, or where it is another who speaks', () => {
		const left = noteLeft(NO_FLAPS, PARENT, 0);
		expect(damping(noteSpoke(left, OTHER, 100), 100)).toBe(1);
		expect(damping(noteSpoke(left, PARENT, FLAP_BACK_MS + 1), FLAP_BACK_MS + 1)).toBe(1);
	});

	it('counts once, however much it says', () => {
		const once = noteSpoke(noteLeft(NO_FLAPS, PARENT, 0), PARENT, 10);
		expect(damping(noteSpoke(once, PARENT, 20), 20)).toBe(2);
	});

	it('is forgotten when nothing has flapped for a while, and counted from one again', () => {
		const flaps = afterFlaps(2);
		expect(damping(flaps, 100 + FLAPS_REMEMBERED_MS)).toBe(4);
		expect(damping(flaps, 101 + FLAPS_REMEMBERED_MS)).toBe(1);
		const laterMs = 2 * FLAPS_REMEMBERED_MS;
		expect(damping(noteSpoke(noteLeft(flaps, PARENT, laterMs), PARENT, laterMs), laterMs)).toBe(2);
	});
});
