import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HASH_BYTES } from '#lib/p2p/archive/merkle.ts';
import { MANIFEST_BYTES_MAX, PIECE_BYTES, PIECES_MAX } from '#lib/p2p/archive/limits.ts';
import {
	ANSWER_BYTES_MAX,
	HASHES_PER_ANSWER_MAX,
	OPENED_KEYS_BYTES_MAX,
	QUESTION_BYTES_MAX
} from '#lib/p2p/archive/share-limits.ts';
import { encodeShareLink, parseShareLink, shareKeyOf } from '#lib/p2p/archive/share-link.ts';
import {
	decodeAnswer,
	decodeQuestion,
	encodeAnswer,
	encodeQuestion,
	type ShareAnswer,
	type ShareQuestion
} from '#lib/p2p/archive/share-message.ts';
import { toHex, type RecordingId, type ShareKey } from '#lib/p2p/wire/ids.ts';

const bytes = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> =>
	fc.uint8Array({ minLength, maxLength });
const key = bytes(20).map((raw) => toHex(raw) as ShareKey);
const piece = fc.nat(PIECES_MAX - 1);

const questions: fc.Arbitrary<ShareQuestion> = fc.oneof(
	fc.record({ type: fc.constant('look' as const), key, manifest: bytes(0, 600) }),
	fc.record({ type: fc.constant('map' as const), key }),
	fc.record({ type: fc.constant('hashes' as const), key, from: piece }),
	fc.record({ type: fc.constant('piece' as const), key, piece }),
	fc.record({ type: fc.constant('whole' as const), key })
);

const answers: fc.Arbitrary<ShareAnswer> = fc.oneof(
	fc.constantFrom<ShareAnswer>({ type: 'none' }, { type: 'taken' }, { type: 'busy' }),
	fc.record({
		type: fc.constant('offer' as const),
		manifest: bytes(0, 600),
		gives: fc.boolean(),
		keys: bytes(0, 200)
	}),
	fc.record({ type: fc.constant('map' as const), has: fc.array(fc.boolean()) }),
	fc.record({
		type: fc.constant('hashes' as const),
		from: piece,
		hashes: fc.array(bytes(HASH_BYTES), { minLength: 1, maxLength: 5 })
	}),
	fc.record({ type: fc.constant('piece' as const), piece, bytes: bytes(1, 300) }),
	fc.record({ type: fc.constant('lacks' as const), piece })
);

describe('what is said about pieces', () => {
	it('comes back as it was written', () => {
		fc.assert(
			fc.property(questions, (question) => {
				expect(decodeQuestion(encodeQuestion(question))).toEqual(question);
			})
		);
		fc.assert(
			fc.property(answers, (answer) => {
				expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
			})
		);
	});

	it('has one spelling, and whatever else comes is nothing', () => {
		fc.assert(
			fc.property(fc.oneof(bytes(0, 120), questions.map(encodeQuestion)), fc.nat(), (raw, at) => {
				const changed = raw.slice();
				if (changed.length > 0) changed[at % changed.length]! ^= 1 << (at & 7);
				for (const some of [raw, changed, raw.subarray(0, at % (raw.length + 1))]) {
					const question = decodeQuestion(some);
					if (question !== null) expect(encodeQuestion(question)).toEqual(some.slice());
				}
			}),
			{ numRuns: 2_000 }
		);
		fc.assert(
			fc.property(fc.oneof(bytes(0, 120), answers.map(encodeAnswer)), fc.nat(), (raw, at) => {
				const changed = raw.slice();
				if (changed.length > 0) changed[at % changed.length]! ^= 1 << (at & 7);
				for (const some of [raw, changed, raw.subarray(0, at % (raw.length + 1))]) {
					const answer = decodeAnswer(some);
					if (answer !== null) expect(encodeAnswer(answer)).toEqual(some.slice());
				}
			}),
			{ numRuns: 2_000 }
		);
	});

	it('fits its bounds at its longest, and is refused above them', () => {
		const shareKey = 'ab'.repeat(20) as ShareKey;
		const manifest = new Uint8Array(MANIFEST_BYTES_MAX);
		const look = encodeQuestion({ type: 'look', key: shareKey, manifest });
		expect(look.length).toBeLessThanOrEqual(QUESTION_BYTES_MAX);
		expect(decodeQuestion(look)).not.toBeNull();
		const hash = new Uint8Array(HASH_BYTES);
		const longest: ShareAnswer[] = [
			{ type: 'piece', piece: PIECES_MAX - 1, bytes: new Uint8Array(PIECE_BYTES) },
			{ type: 'hashes', from: 0, hashes: new Array<Uint8Array>(HASHES_PER_ANSWER_MAX).fill(hash) },
			{ type: 'map', has: new Array<boolean>(PIECES_MAX).fill(true) },
			{ type: 'offer', manifest, gives: true, keys: new Uint8Array(OPENED_KEYS_BYTES_MAX) }
		];
		for (const answer of longest) {
			const written = encodeAnswer(answer);
			expect(written.length).toBeLessThanOrEqual(ANSWER_BYTES_MAX);
			expect(decodeAnswer(written)).not.toBeNull();
		}
		const tooLong: ShareAnswer[] = [
			{ type: 'piece', piece: PIECES_MAX, bytes: new Uint8Array(1) },
			{ type: 'piece', piece: 0, bytes: new Uint8Array(PIECE_BYTES + 1) },
			{ type: 'map', has: new Array<boolean>(PIECES_MAX + 1).fill(true) },
			{ type: 'offer', manifest, gives: true, keys: new Uint8Array(OPENED_KEYS_BYTES_MAX + 1) },
			{
				type: 'hashes',
				from: 0,
				hashes: new Array<Uint8Array>(HASHES_PER_ANSWER_MAX + 1).fill(hash)
			}
		];
		for (const answer of tooLong) expect(decodeAnswer(encodeAnswer(answer))).toBeNull();
	});
});

describe('a link to something shared', () => {
	const link = {
		id: 'cd'.repeat(16) as RecordingId,
		hostKey: new Uint8Array(32).fill(7),
		secret: new Uint8Array(16).fill(9)
	};

	it('is read as it was made, from an address as well', () => {
		const text = encodeShareLink(link);
		expect(parseShareLink(text)).toEqual(link);
		expect(parseShareLink(`  https://vine.example/app/shared#${text}\n`)).toEqual(link);
		expect(text.length).toBeLessThan(100);
	});

	it('is none where a letter was changed, lost or added', () => {
		const text = encodeShareLink(link);
		fc.assert(
			fc.property(fc.nat(text.length - 1), fc.constantFrom('', '1', 'z', 'zz'), (at, put) => {
				const changed = text.slice(0, at) + put + text.slice(at + 1);
				if (changed !== text) expect(parseShareLink(changed)).toBeNull();
			})
		);
		expect(parseShareLink('z'.repeat(100_000))).toBeNull();
		fc.assert(fc.property(fc.string(), (any) => parseShareLink(any) === null));
	});

	it('leads to a place that follows from all of it', () => {
		const places = [
			link,
			{ ...link, id: 'ce'.repeat(16) as RecordingId },
			{ ...link, hostKey: new Uint8Array(32).fill(8) },
			{ ...link, secret: new Uint8Array(16).fill(8) }
		].map(shareKeyOf);
		expect(new Set(places).size).toBe(4);
		expect(places[0]).toMatch(/^[0-9a-f]{40}$/);
	});
});
