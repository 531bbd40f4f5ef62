import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toString } from 'uint8arrays/to-string';
import {
	decodeControl,
	decodeKnock,
	decodeRefusal,
	encodeControl,
	encodeKnock,
	encodeRefusal,
	type ControlMessage
} from '#lib/p2p/wire/control.ts';
import { CAPTIONS_PER_MESSAGE_MAX } from '#lib/p2p/wire/caption-limits.ts';
import { CHAT_PER_MESSAGE_MAX } from '#lib/p2p/wire/chat-limits.ts';
import { FILL_FRAMES_MAX, FILL_RANGES_MAX } from '#lib/p2p/wire/filling.ts';
import { peerIdOf, ROOM_ID_BYTES, type EventId, type RoomId } from '#lib/p2p/wire/ids.ts';
import {
	ADDR_BYTES_MAX,
	CANDIDATES_MAX,
	CONTACT_ADDRS_MAX,
	CONTROL_BYTES_MAX,
	ENVELOPE_BYTES_MAX,
	EVENTS_PER_MESSAGE_MAX,
	KNOCK_BYTES_MAX,
	LOG_IDS_MAX,
	PATH_MAX,
	PRESENCE_SAMPLE_MAX,
	REACTION_CODES_MAX,
	REACTIONS_PER_MESSAGE_MAX,
	REFUSAL_BYTES_MAX,
	ROUTE_PEERS_MAX,
	SEATS_MAX
} from '#lib/p2p/wire/limits.ts';
import { anyControl, candidates, controlOf, reasons } from '../lib/any-control.ts';
import { Dice } from '../sim/dice.ts';

const someone = peerIdOf(new Uint8Array(32).fill(5));
const contact = { peer: someone, addrs: ['/dns4/a.example/tcp/443'] };
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** `message` as bytes with a number at `at` replaced: a length that lies. */
function lying(message: ControlMessage, at: number, ...values: readonly number[]): Uint8Array {
	const bytes = encodeControl(message);
	bytes.set(values, at);
	return bytes;
}

describe('a control message', () => {
	it('gives back what was put in', () => {
		fc.assert(
			fc.property(anyControl, (message) => {
				expect(decodeControl(encodeControl(message))).toEqual(message);
			})
		);
	});

	it('is not read with one byte more or one less', () => {
		fc.assert(
			fc.property(anyControl, (message) => {
				const bytes = encodeControl(message);
				expect(decodeControl(Uint8Array.of(...bytes, 0))).toBeNull();
				expect(decodeControl(bytes.subarray(0, -1))).toBeNull();
			}),
			{ numRuns: 50 }
		);
	});

	it('fits its bound with the longest lists of each kind', () => {
		const id = '00'.repeat(16) as EventId;
		const far = { peer: someone, addrs: times(CONTACT_ADDRS_MAX, 'x'.repeat(ADDR_BYTES_MAX)) };
		const longest: ControlMessage[] = [
			{ type: 'log-ids', ids: times(LOG_IDS_MAX, id) },
			{ type: 'path', path: times(PATH_MAX, someone), delayMs: 1e9, roots: times(SEATS_MAX, far) },
			{ type: 'detach', reason: 'full', candidates: times(CANDIDATES_MAX, far) },
			{
				type: 'presence-up',
				count: 2 ** 32 - 1,
				kept: times(PRESENCE_SAMPLE_MAX, true),
				here: times(PRESENCE_SAMPLE_MAX, new Uint8Array(ENVELOPE_BYTES_MAX))
			}
		];
		for (const message of longest) {
			const bytes = encodeControl(message);
			expect(bytes.length).toBeLessThanOrEqual(CONTROL_BYTES_MAX);
			expect(decodeControl(bytes)?.type).toBe(message.type);
		}
	});

	it('leaves out an address that no peer would read, and those beyond the fourth', () => {
		const long = 'x'.repeat(ADDR_BYTES_MAX + 1);
		const hello = {
			type: 'hello',
			addrs: [long, 'a', 'b', 'c', 'd', 'e'],
			here: new Uint8Array(0)
		} as const;
		expect(decodeControl(encodeControl(hello))).toEqual({ ...hello, addrs: ['a', 'b', 'c', 'd'] });
	});

	it('names no more ways out than are read', () => {
		const bye = { type: 'bye', candidates: times(CANDIDATES_MAX + 5, contact) } as const;
		const read = decodeControl(encodeControl(bye));
		expect(read).toEqual({ ...bye, candidates: times(CANDIDATES_MAX, contact) });
	});

	const path = { type: 'path', path: [someone], delayMs: 1, roots: [] } as const;
	it.each([
		['nothing', new Uint8Array(0)],
		['of a later version', lying({ type: 'attach' }, 0, 2)],
		['of an unknown kind', lying({ type: 'attach' }, 1, 99)],
		[
			'that detaches for an unknown reason',
			lying({ type: 'detach', reason: 'full', candidates: [] }, 2, 99)
		],
		['with a path longer than any', lying(path, 2, PATH_MAX + 1)],
		['that promises more than it brings', lying(path, 2, 2)],
		['with too many roots', lying(path, 2 + 1 + 32 + 2, SEATS_MAX + 1)],
		['with too many ids', lying({ type: 'log-ids', ids: [] }, 2, 0xff, 0xff)],
		[
			'with too many events',
			lying({ type: 'events', envelopes: [] }, 2, 0, EVENTS_PER_MESSAGE_MAX + 1)
		],
		[
			'with an event larger than any',
			encodeControl({ type: 'events', envelopes: [new Uint8Array(ENVELOPE_BYTES_MAX + 1)] })
		],
		['longer than its bound', new Uint8Array(CONTROL_BYTES_MAX + 1).fill(1)],
		[
			'with an address that is no UTF-8',
			lying({ type: 'hello', addrs: ['abc'], here: new Uint8Array(0) }, 5, 0xff)
		]
	])('is dropped %s', (_, bytes) => {
		expect(decodeControl(bytes)).toBeNull();
	});
});

describe('a knock and its refusal', () => {
	const room = '0a'.repeat(ROOM_ID_BYTES) as RoomId;

	it('give back what was put in, within their bounds', () => {
		for (const want of ['parent', 'mesh'] as const) {
			const bytes = encodeKnock({ room, want, fanout: 2 });
			expect(decodeKnock(bytes)).toEqual({ room, want, fanout: 2 });
			const spot = { x: -12.5, y: 3, height: 4.125, error: 0 };
			const told = { room, want, fanout: 2, spot };
			expect(decodeKnock(encodeKnock(told))).toEqual(told);
			expect(bytes.length).toBeLessThanOrEqual(KNOCK_BYTES_MAX);
		}
		fc.assert(
			fc.property(reasons, candidates, (reason, ways) => {
				const refusal = { reason, candidates: ways };
				expect(decodeRefusal(encodeRefusal(refusal))).toEqual(refusal);
			})
		);
		const far = { peer: someone, addrs: times(CONTACT_ADDRS_MAX, 'x'.repeat(ADDR_BYTES_MAX)) };
		const longest = encodeRefusal({ reason: 'full', candidates: times(CANDIDATES_MAX, far) });
		expect(longest.length).toBeLessThanOrEqual(REFUSAL_BYTES_MAX);
	});

	it('are dropped where anything is off', () => {
		const knock = encodeKnock({ room, want: 'mesh', fanout: 2 });
		const refusal = encodeRefusal({ reason: 'full', candidates: [contact] });
		for (const bytes of [knock, refusal]) {
			const read = bytes === knock ? decodeKnock : decodeRefusal;
			expect(read(new Uint8Array(0))).toBeNull();
			expect(read(Uint8Array.of(...bytes, 0))).toBeNull();
			expect(read(bytes.subarray(0, -1))).toBeNull();
			expect(read(Uint8Array.of(9, ...bytes.subarray(1)))).toBeNull();
		}
		expect(decodeKnock(Uint8Array.of(...knock.subarray(0, -2), 9, 0))).toBeNull();
	});
});

describe('bytes of a stranger as a control message', { timeout: 60_000 }, () => {
	const ROUNDS = 150_000;

	/** What any message that is read must be: a bound for every list in it. */
	function check(message: ControlMessage | null): void {
		const lists: [readonly unknown[], number][] = [];
		if (message === null) return;
		if (message.type === 'hello') lists.push([message.addrs, CONTACT_ADDRS_MAX]);
		if (message.type === 'path')
			lists.push([message.path, PATH_MAX], [message.roots ?? [], SEATS_MAX]);
		if (message.type === 'log-ids') lists.push([message.ids, LOG_IDS_MAX]);
		if (message.type === 'events') lists.push([message.envelopes, EVENTS_PER_MESSAGE_MAX]);
		if (message.type === 'reactions')
			lists.push([message.counts, REACTION_CODES_MAX], [message.signed, REACTIONS_PER_MESSAGE_MAX]);
		if (message.type === 'captions') lists.push([message.signed, CAPTIONS_PER_MESSAGE_MAX]);
		if (message.type === 'chat') lists.push([message.pieces, CHAT_PER_MESSAGE_MAX]);
		if (message.type === 'fill-ask') lists.push([message.ranges, FILL_RANGES_MAX]);
		if (message.type === 'fill-give') lists.push([message.frames, FILL_FRAMES_MAX]);
		if (message.type === 'routed') lists.push([message.route, ROUTE_PEERS_MAX]);
		if ('kept' in message) lists.push([message.kept, PRESENCE_SAMPLE_MAX]);
		if ('here' in message && Array.isArray(message.here))
			lists.push([message.here, PRESENCE_SAMPLE_MAX]);
		if ('candidates' in message) lists.push([message.candidates, CANDIDATES_MAX]);
		for (const [list, max] of lists) {
			if (list.length > max) throw new Error(`${message.type} with ${list.length}`);
		}
	}

	it('never throw, and never make more than the limits, at random', () => {
		const dice = new Dice(3);
		const kinds = Object.keys(controlOf).length;
		for (let i = 0; i < ROUNDS; i++) {
			const bytes = new Uint8Array(dice.next() * 80);
			for (let at = 0; at < bytes.length; at++) bytes[at] = dice.next() * 256;
			bytes.set([1, dice.next() * kinds].slice(0, bytes.length));
			check(decodeControl(bytes));
			decodeKnock(bytes);
			decodeRefusal(bytes);
		}
	});

	it('never throw, and never make more than the limits, by changing good ones', () => {
		const dice = new Dice(4);
		const good = fc.sample(anyControl, { numRuns: 200, seed: 4 }).map((one) => encodeControl(one));
		let read = 0;
		for (let i = 0; i < ROUNDS; i++) {
			const from = good[i % good.length] as Uint8Array;
			const bytes = from.slice(0, dice.chance(0.05) ? dice.next() * from.length : from.length);
			const few = Math.min(bytes.length, 200);
			for (let n = 0; n <= dice.next() * 3; n++)
				bytes[Math.floor(dice.next() * few)] = dice.next() * 256;
			const message = decodeControl(bytes);
			if (message !== null) read++;
			check(message);
		}
		expect(read).toBeGreaterThan(ROUNDS / 10);
	});

	it('make the same message again, where they make one', () => {
		fc.assert(
			fc.property(anyControl, fc.nat(), fc.nat(255), (message, at, value) => {
				const bytes = encodeControl(message);
				bytes[at % bytes.length] = value;
				const read = decodeControl(bytes);
				if (read !== null)
					expect(toString(encodeControl(read), 'hex')).toBe(toString(bytes, 'hex'));
			})
		);
	});
});
