import { describe, expect, it } from 'vitest';
import { bunch } from '#lib/ui/bunch.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';

const cells = (count: number, widest: number): string[] =>
	bunch(count, widest).flatMap(({ column, row }) => [`${row}:${column}`, `${row}:${column + 1}`]);

describe('a bunch of faces', () => {
	it.each([3, 4])('never seats two on one place, nor beside the grid of %i', (widest) => {
		for (let count = 0; count <= SEATS_MAX; count++) {
			const taken = cells(count, widest);
			expect(new Set(taken).size).toBe(2 * count);
			const columns = bunch(count, widest).map((place) => place.column);
			expect(columns.every((column) => column >= 1 && column < 2 * widest)).toBe(true);
		}
	});

	it('packs a full stage like grapes: rows of three and two in turn', () => {
		const rows = bunch(SEATS_MAX, 3).map((place) => place.row);
		expect(rows).toEqual([1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5]);
		expect(bunch(SEATS_MAX, 3).slice(3, 5)).toEqual([
			{ column: 2, row: 2 },
			{ column: 4, row: 2 }
		]);
	});

	it('leaves everybody above the last row where they sit when somebody joins', () => {
		for (let count = 1; count < SEATS_MAX; count++) {
			const before = bunch(count, 4);
			const last = before.at(-1)?.row ?? 0;
			const settled = before.filter((place) => place.row < last);
			expect(bunch(count + 1, 4).slice(0, settled.length)).toEqual(settled);
		}
	});
});
