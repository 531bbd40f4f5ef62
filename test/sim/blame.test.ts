/** One relay that lies, in a room of real cores: it is left within a second, and whoever left it says why. */
import { describe, expect, it } from 'vitest';
import { alters, invents, withholds } from './liars.ts';
import { CALM, openRoom, whoHearsNot, type Room } from './room.ts';
import type { Member } from './world.ts';

const SIZE = { speakers: 1, listeners: 24, fanout: 3 };
const SEEDS = [71, 72, 73];
const WITHIN_MS = 1_000;

/** A room that has settled, and the relay in it that carries most. */
function setup(seed: number) {
	const room = openRoom({ ...CALM, seed }, SIZE);
	room.world.run(4_000);
	const [liar] = [...room.listeners].sort((a, b) => childrenOf(room, b) - childrenOf(room, a));
	if (liar === undefined) throw new Error(`seed ${seed}: nobody listens`);
	const honest = room.listeners.filter((one) => one !== liar);
	return { ...room, liar, honest };
}

const childrenOf = ({ world }: Room, { peer }: Member): number =>
	peer.diagnostics(world.nowMs).children.length;

const LIES = [
	['changes what it passes on', alters, ['forged']],
	['says what was never said', invents, ['forged']],
	['keeps the sound to itself', withholds, ['silent', 'withheld']]
] as const;

describe.each(SEEDS)('a relay that lies, seed %i', (seed) => {
	it.each(LIES)(
		'and %s is left within a second, and named by all whom it carried',
		(_, lie, why) => {
			const { world, liar, honest } = setup(seed);
			const know = (one: Member) => one.peer.diagnostics(world.nowMs);
			const below = honest.filter((one) => know(one).parent === liar.id);
			expect(below.length, `seed ${seed}`).toBeGreaterThan(0);
			liar.lie = lie;
			world.run(WITHIN_MS);
			expect(below.filter((one) => know(one).parent === liar.id)).toEqual([]);
			for (const one of below) {
				const reasons = know(one).blamed.flatMap(({ peer, reason }) =>
					peer === liar.id ? [reason] : []
				);
				expect(why, `seed ${seed}: ${one.number}`).toContain(reasons[0]);
			}
			expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
			// Whoever hears by somebody that was deceived does not take that one for the liar.
			const named = new Set(honest.flatMap((one) => know(one).blamed.map(({ peer }) => peer)));
			expect([...named], `seed ${seed}`).toEqual([liar.id]);
			expect(honest.filter(({ wrong }) => wrong > 0)).toEqual([]);
		}
	);
});
