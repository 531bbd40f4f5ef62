import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeControl, encodeControl } from '#lib/p2p/wire/control.ts';
import { SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import { concat, peerIdOf, toHex, type IntroductionId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { ROUTE_PEERS_MAX, ROUTED_BODY_BYTES_MAX, SIGNAL_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import {
	ANSWER_BYTES,
	encodeSaid,
	introductionSigningBytes,
	NO_ANSWER,
	openSaid,
	type Routed,
	type Said
} from '#lib/p2p/wire/routed.ts';
import { Dice } from '../sim/dice.ts';
import { person, room } from './room-people.ts';

const ROUNDS = 6_000;
const introduction = '0f'.repeat(16) as IntroductionId;
const routeOf = (count: number) => Array.from({ length: count }, (_, i) => person(i).peer);
const routed = (change: Partial<Routed> = {}): Routed => ({
	type: 'routed',
	route: routeOf(4),
	at: 2,
	introduction,
	body: Uint8Array.of(1, 2, 3),
	...change
});

const said: fc.Arbitrary<Said> = fc.oneof(
	fc.constant<Said>({ side: 'caller', kind: 'open', count: 0, content: new Uint8Array(0) }),
	fc
		.uint8Array({ minLength: ANSWER_BYTES, maxLength: ANSWER_BYTES })
		.map((content): Said => ({ side: 'called', kind: 'accept', count: 0, content })),
	fc.record({
		side: fc.constantFrom('caller' as const, 'called' as const),
		kind: fc.constant('message' as const),
		count: fc.integer({ min: 1, max: 0xffff }),
		content: fc.uint8Array({ minLength: 1, maxLength: 300 })
	}),
	fc.record({
		side: fc.constantFrom('caller' as const, 'called' as const),
		kind: fc.constant('close' as const),
		count: fc.nat(0xffff),
		content: fc.constant(new Uint8Array(0))
	})
);
const signed = (words: Said): Uint8Array =>
	concat(encodeSaid(words), new Uint8Array(SIGNATURE_BYTES).fill(9));

describe('a routed message', () => {
	it('comes out as it went in, with the longest route and body and with the shortest', () => {
		const longest = new Uint8Array(ROUTED_BODY_BYTES_MAX).fill(5);
		for (const message of [
			routed(),
			routed({ route: routeOf(2), at: 1, body: new Uint8Array(0) }),
			routed({ route: routeOf(ROUTE_PEERS_MAX), at: ROUTE_PEERS_MAX - 1, body: longest })
		]) {
			expect(decodeControl(encodeControl(message))).toEqual(message);
		}
	});

	it.each([
		['somebody on its route twice', routed({ route: [...routeOf(3), person(0).peer] })],
		['a route too long', routed({ route: routeOf(ROUTE_PEERS_MAX + 1) })],
		['nobody it goes to', routed({ route: routeOf(1), at: 1 })],
		['a place at its source', routed({ at: 0 })],
		['a place behind its end', routed({ at: 4 })],
		['a body too long', routed({ body: new Uint8Array(ROUTED_BODY_BYTES_MAX + 1) })]
	])('is malformed with %s', (_, message) => {
		expect(decodeControl(encodeControl(message))).toBeNull();
	});

	it('never throws on bytes of strangers, and is the same where it is read', () => {
		const dice = new Dice(11);
		const good = encodeControl(routed());
		let read = 0;
		for (let i = 0; i < ROUNDS; i++) {
			const bytes = good.slice(0, dice.chance(0.1) ? dice.next() * good.length : good.length);
			for (let n = 0; n <= dice.next() * 3; n++) {
				bytes[Math.floor(2 + dice.next() * bytes.length)] = dice.next() * 256;
			}
			const message = decodeControl(bytes);
			if (message === null) continue;
			read++;
			expect(toHex(encodeControl(message))).toBe(toHex(bytes));
		}
		expect(read).toBeGreaterThan(ROUNDS / 10);
	});
});

describe('what is said in an introduction', () => {
	it('comes out as it went in, and its signed bytes as they were', () => {
		fc.assert(
			fc.property(said, (words) => {
				const opened = openSaid(signed(words));
				expect(opened?.said).toEqual(words);
				expect(opened?.unsigned).toEqual(encodeSaid(words));
				expect(opened?.signature).toEqual(new Uint8Array(SIGNATURE_BYTES).fill(9));
			})
		);
	});

	it('has room for the largest signalling message, and for none larger', () => {
		const message = (length: number): Said => ({
			side: 'caller',
			kind: 'message',
			count: 1,
			content: new Uint8Array(length)
		});
		expect(signed(message(SIGNAL_BYTES_MAX)).length).toBeLessThanOrEqual(ROUTED_BODY_BYTES_MAX);
		expect(openSaid(signed(message(SIGNAL_BYTES_MAX)))).not.toBeNull();
		expect(openSaid(signed(message(SIGNAL_BYTES_MAX + 1)))).toBeNull();
	});

	it.each<[string, Said]>([
		[
			'is opened by who is called',
			{ side: 'called', kind: 'open', count: 0, content: NO_ANSWER.subarray(0, 0) }
		],
		['is accepted by who calls', { side: 'caller', kind: 'accept', count: 0, content: NO_ANSWER }],
		[
			'is accepted without an answer',
			{ side: 'called', kind: 'accept', count: 0, content: NO_ANSWER.subarray(1) }
		],
		[
			'has a message before all others',
			{ side: 'caller', kind: 'message', count: 0, content: NO_ANSWER }
		],
		[
			'has a message of nothing',
			{ side: 'caller', kind: 'message', count: 1, content: NO_ANSWER.subarray(0, 0) }
		],
		['is closed with words', { side: 'caller', kind: 'close', count: 1, content: NO_ANSWER }]
	])('is nothing where it %s', (_, words) => {
		expect(openSaid(signed(words))).toBeNull();
	});

	it('never throws on bytes of strangers', () => {
		const dice = new Dice(12);
		let read = 0;
		for (let i = 0; i < ROUNDS; i++) {
			const bytes = new Uint8Array(dice.next() * 100);
			for (let at = 0; at < bytes.length; at++) bytes[at] = dice.next() * 256;
			bytes.set([dice.next() * 3, dice.next() * 5, 0, dice.next() * 2].slice(0, bytes.length));
			if (openSaid(bytes) !== null) read++;
		}
		expect(read).toBeGreaterThan(100);
	});

	it('is signed for one room, one pair, one introduction and one answer', () => {
		const [from, to, other] = [person(1).peer, person(2).peer, person(3).peer];
		const between = { room, from, to, introduction, answer: NO_ANSWER };
		const unsigned = Uint8Array.of(0, 2, 0, 1, 7);
		const variants = [
			introductionSigningBytes(between, unsigned),
			introductionSigningBytes({ ...between, room: '11'.repeat(20) as RoomId }, unsigned),
			introductionSigningBytes({ ...between, from: to, to: from }, unsigned),
			introductionSigningBytes({ ...between, to: other }, unsigned),
			introductionSigningBytes({ ...between, from: other }, unsigned),
			introductionSigningBytes(
				{ ...between, introduction: '0e'.repeat(16) as IntroductionId },
				unsigned
			),
			introductionSigningBytes(
				{ ...between, answer: new Uint8Array(ANSWER_BYTES).fill(1) },
				unsigned
			),
			introductionSigningBytes(between, Uint8Array.of(0, 2, 0, 2, 7))
		];
		expect(new Set(variants.map(toHex)).size).toBe(variants.length);
		expect(peerIdOf(person(1).key)).toBe(from);
	});
});
