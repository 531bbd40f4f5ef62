import { describe, expect, it } from 'vitest';
import {
	createReactionBoard,
	FLOAT_MS,
	FLOATERS_MAX,
	FLOATERS_PER_COUNT_MAX,
	SPOKEN_EVERY_MS,
	TALLY_MS
} from '#lib/app/state/reaction-board.ts';
import { createReactionBag } from '#lib/app/engine/reaction-bag.ts';
import type { ReactionNews } from '#lib/p2p/peer/io.ts';
import { REACTIONS } from '#lib/p2p/wire/reaction.ts';
import { person } from './room-people.ts';

const by = (number: number, code = 0): ReactionNews => {
	const { peer, name } = person(number);
	return { by: { peer, name }, code, count: 1 };
};
const crowd = (count: number, code = 0): ReactionNews => ({ by: null, code, count });

describe('reactions to be seen', () => {
	it('float for a while, and stay at the face of who showed them last', () => {
		const board = createReactionBoard();
		board.take([by(1, 2), by(1, 3)], 1_000);
		const { floaters, faces } = board.look(1_000);
		expect(floaters.map(({ code }) => code)).toEqual([2, 3]);
		expect(faces.get(person(1).peer)).toMatchObject({ code: 3 });
		expect(board.look(999 + FLOAT_MS).floaters).toHaveLength(2);
		const after = board.look(1_000 + FLOAT_MS);
		expect(after.floaters).toEqual([]);
		expect(after.faces.size).toBe(0);
	});

	it('are counted for a while longer, whoever they are of', () => {
		const board = createReactionBoard();
		board.take([by(1, 4), crowd(70, 1), by(2, 1)], 0);
		const tallies = [
			{ code: 1, count: 71 },
			{ code: 4, count: 1 }
		];
		expect(board.look(TALLY_MS - 1).tallies).toEqual(tallies);
		expect(board.look(TALLY_MS).tallies).toEqual([]);
	});

	it('stand for many where they are many', () => {
		const board = createReactionBoard();
		board.take([crowd(5_000)], 0);
		expect(board.look(0).floaters).toHaveLength(FLOATERS_PER_COUNT_MAX);
		for (let i = 0; i < 50; i++) board.take([by(i)], i);
		expect(board.look(50).floaters).toHaveLength(FLOATERS_MAX);
	});

	it('are not those of later versions', () => {
		const board = createReactionBoard();
		board.take([crowd(3, REACTIONS.length)], 0);
		expect(board.look(0)).toMatchObject({ floaters: [], tallies: [], atRest: true });
	});
});

describe('reactions said aloud', () => {
	it('name one person, and of several only what they showed', () => {
		const board = createReactionBoard();
		board.take([by(1, 1), by(1, 0)], 0);
		expect(board.look(0).spoken).toEqual({
			number: 1,
			name: person(1).name,
			tallies: [
				{ code: 0, count: 1 },
				{ code: 1, count: 1 }
			]
		});
		board.take([by(1), by(2)], SPOKEN_EVERY_MS);
		expect(board.look(SPOKEN_EVERY_MS).spoken).toMatchObject({ number: 2, name: null });
		board.take([crowd(1)], 2 * SPOKEN_EVERY_MS);
		expect(board.look(2 * SPOKEN_EVERY_MS).spoken).toMatchObject({ number: 3, name: null });
	});

	it('wait their turn, and none is left out', () => {
		const board = createReactionBoard();
		board.take([by(1)], 0);
		board.look(0);
		for (let ms = 100; ms < SPOKEN_EVERY_MS; ms += 100) {
			board.take([crowd(2)], ms);
			expect(board.look(ms).spoken.number).toBe(1);
		}
		const { spoken, atRest } = board.look(SPOKEN_EVERY_MS);
		expect(spoken.tallies).toEqual([{ code: 0, count: (SPOKEN_EVERY_MS / 100 - 1) * 2 }]);
		expect(atRest).toBe(false);
		expect(board.look(SPOKEN_EVERY_MS + TALLY_MS).atRest).toBe(true);
	});
});

describe('reactions that wait to be told to the screen', () => {
	it('are told once, a few by name and of a flood the rest by number', () => {
		const bag = createReactionBag();
		for (let i = 0; i < 100; i++) bag.add(by(i, i % 2));
		bag.add(crowd(7, 1));
		const told = bag.empty();
		expect(told.filter(({ by: who }) => who !== null)).toHaveLength(24);
		expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(107);
		expect(bag.isEmpty).toBe(true);
		expect(bag.empty()).toEqual([]);
	});
});
