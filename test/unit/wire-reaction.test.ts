import { describe, expect, it } from 'vitest';
import { decodeControl, encodeControl } from '#lib/p2p/wire/control.ts';
import { encodeUnsigned, openEnvelope, seal, SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import { REACTION_CODES_MAX, REACTIONS_PER_MESSAGE_MAX } from '#lib/p2p/wire/limits.ts';
import { REACTIONS } from '#lib/p2p/wire/reaction.ts';
import { person, room } from './room-people.ts';

const envelope = (code: number, sequence = 0): Uint8Array => {
	const body = { kind: 'react', code } as const;
	const { key: authorKey } = person(3);
	const unsigned = encodeUnsigned({ room, authorKey, sequence, lamport: 1_790_000_000_000, body });
	return seal(unsigned, new Uint8Array(SIGNATURE_BYTES));
};

describe('a reaction in its envelope', () => {
	it('comes out as it went in, with its author and the time of its clock', () => {
		expect(openEnvelope(envelope(2))).toMatchObject({
			ok: true,
			event: {
				author: person(3).peer,
				lamport: 1_790_000_000_000,
				body: { kind: 'react', code: 2 }
			}
		});
	});

	it('has no number in the log, and a code that can be told', () => {
		expect(openEnvelope(envelope(0, 1))).toEqual({ ok: false, reason: 'malformed' });
		expect(openEnvelope(envelope(REACTION_CODES_MAX))).toEqual({ ok: false, reason: 'malformed' });
		expect(openEnvelope(envelope(REACTION_CODES_MAX - 1)).ok).toBe(true);
		expect(REACTIONS.length).toBeLessThanOrEqual(REACTION_CODES_MAX);
	});
});

describe('a message of reactions', () => {
	const counts = [
		{ code: 1, count: 1 },
		{ code: 15, count: 65_535 }
	];

	it('comes out as it went in, within a few bytes', () => {
		const message = { type: 'reactions', counts, signed: [envelope(0)] } as const;
		const bytes = encodeControl(message);
		expect(decodeControl(bytes)).toEqual(message);
		expect(encodeControl({ ...message, signed: [] })).toHaveLength(2 + 1 + 2 * 3 + 2);
	});

	it.each([
		['a code twice', [...counts, counts[0]!]],
		['a code out of range', [{ code: REACTION_CODES_MAX, count: 1 }]],
		['none counted', [{ code: 1, count: 0 }]]
	])('is malformed with %s', (_, wrong) => {
		const bytes = encodeControl({ type: 'reactions', counts: wrong, signed: [] });
		expect(decodeControl(bytes)).toBeNull();
	});

	it('is malformed with more signed ones than go into one', () => {
		const signed = (many: number) => Array.from({ length: many }, () => envelope(0));
		const many = (count: number) =>
			decodeControl(encodeControl({ type: 'reactions', counts: [], signed: signed(count) }));
		expect(many(REACTIONS_PER_MESSAGE_MAX)).not.toBeNull();
		expect(many(REACTIONS_PER_MESSAGE_MAX + 1)).toBeNull();
	});
});
