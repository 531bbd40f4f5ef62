import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	encodeUnsigned,
	eventIdOf,
	openEnvelope,
	seal,
	SIGNATURE_BYTES,
	signingBytes
} from '#lib/p2p/wire/envelope.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { SPEAKERS } from '#lib/p2p/wire/act.ts';
import { headOf, toHex, type EventId, type IdHead } from '#lib/p2p/wire/ids.ts';
import {
	ENVELOPE_BYTES_MAX,
	END_WORDS_BYTES_MAX,
	LANGUAGE_BYTES_MAX,
	LINK_BYTES_MAX,
	NAME_BYTES_MAX,
	PIN_TEXT_BYTES_MAX,
	QUEUE_HANDS_MAX,
	TITLE_BYTES_MAX,
	TOPIC_BYTES_MAX,
	TOPICS_MAX
} from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { host, nonce, openBody, person, room } from './room-people.ts';

const u32 = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const u48 = fc.integer({ min: 1, max: 2 ** 48 - 1 });
const ids = fc
	.uint8Array({ minLength: 16, maxLength: 16 })
	.filter((bytes) => bytes.some((byte) => byte !== 0))
	.map((bytes) => toHex(bytes) as EventId);
const names = fc
	.string({ unit: 'binary', maxLength: 40 })
	.map((text) => cleanText(text, NAME_BYTES_MAX));
const peers = fc.nat(500).map((number) => person(number).peer);

const bodies: fc.Arbitrary<EventBody> = fc.oneof(
	fc.record({
		kind: fc.constant('open' as const),
		nonce: fc.uint8Array({ minLength: 8, maxLength: 8 }),
		title: fc.string({ maxLength: 100 }).map((text) => cleanText(text, TITLE_BYTES_MAX)),
		hostName: names,
		createdAtMs: u48
	}),
	fc.record({ kind: fc.constantFrom('ask' as const, 'here' as const), name: names }),
	fc.record({ kind: fc.constant('react' as const), code: fc.nat(15) }),
	fc.record({ kind: fc.constant('unask' as const) }),
	fc.record({ kind: fc.constant('invite' as const), to: peers }),
	fc.record({ kind: fc.constant('decline' as const), invite: ids }),
	fc.record({ kind: fc.constant('sit' as const), invite: fc.option(ids), name: names }),
	fc.record({ kind: fc.constantFrom('stand' as const, 'unseat' as const), sit: ids }),
	fc.record({ kind: fc.constant('mic' as const), sit: ids, open: fc.boolean() }),
	...acts()
);

/** One for each kind of act. */
function acts(): fc.Arbitrary<EventBody>[] {
	const heads = ids.map((id) => headOf(id));
	return [
		fc.record({
			kind: fc.constant('name-cohost' as const),
			to: peers,
			scope: fc.nat(65_535),
			through: u32,
			untilMs: fc.nat(2 ** 48 - 1)
		}),
		fc.record({ kind: fc.constant('unname-cohost' as const), who: peers, seen: fc.nat(99) }),
		fc.record({ kind: fc.constant('speakers' as const), who: fc.constantFrom(...SPEAKERS) }),
		fc.record({ kind: fc.constantFrom('lower' as const, 'readmit' as const), who: peers }),
		fc.record({ kind: fc.constantFrom('clear' as const, 'mute-all' as const) }),
		fc.record({ kind: fc.constant('queue' as const), hands: fc.array(heads) }),
		fc.record({ kind: fc.constant('mute' as const), sit: ids }),
		fc.record({ kind: fc.constant('floor' as const), held: fc.boolean() }),
		fc.record({ kind: fc.constant('remove' as const), who: peers, block: fc.boolean() }),
		fc.record({
			kind: fc.constant('pin' as const),
			text: fc.string({ maxLength: 40 }).map((text) => cleanText(text, PIN_TEXT_BYTES_MAX)),
			link: fc.constantFrom('', 'https://grapevine.example/a?b=c')
		}),
		fc.record({ kind: fc.constant('unpin' as const), pin: ids }),
		fc.record({
			kind: fc.constant('settings' as const),
			title: names,
			listed: fc.boolean(),
			language: fc.constantFrom('', 'fr', 'zh-Hans'),
			topics: fc.array(fc.constantFrom('music', 'garden'), { maxLength: TOPICS_MAX })
		}),
		fc.record({ kind: fc.constant('end' as const), words: names })
	];
}

const drafts = fc.record({ sequence: u32, lamport: u48, body: bodies }).map((draft) => ({
	...draft,
	room,
	authorKey: host.key,
	sequence: ['here', 'react'].includes(draft.body.kind) ? 0 : draft.sequence
}));

const noSignature = new Uint8Array(SIGNATURE_BYTES);
const unsignedOpen = encodeUnsigned({
	room,
	authorKey: host.key,
	sequence: 1,
	lamport: 1,
	body: openBody
});

/** An envelope around unsigned bytes with some of them changed, and what came of opening it. */
function openChanged(change: (unsigned: Uint8Array) => Uint8Array, body: EventBody = openBody) {
	const unsigned = encodeUnsigned({ room, authorKey: host.key, sequence: 7, lamport: 9, body });
	return openEnvelope(seal(change(unsigned), noSignature));
}

const set =
	(at: number, ...bytes: readonly number[]) =>
	(unsigned: Uint8Array): Uint8Array => {
		unsigned.set(bytes, at < 0 ? unsigned.length + at : at);
		return unsigned;
	};

describe('an envelope', () => {
	it('gives back every event that was put in, byte for byte', () => {
		fc.assert(
			fc.property(drafts, (draft) => {
				const unsigned = encodeUnsigned(draft);
				const envelope = seal(unsigned, noSignature);
				const opened = openEnvelope(envelope);
				if (!opened.ok) throw new Error(opened.reason);
				const { id, author, bytes, ...rest } = opened.event;
				expect(rest).toEqual(draft);
				expect(id).toBe(eventIdOf(unsigned));
				expect(author).toBe(host.peer);
				expect(bytes).toEqual(envelope);
				expect(opened.unsigned).toEqual(unsigned);
			}),
			{ numRuns: 2_000 }
		);
	});

	it('has the layout of docs/PROTOCOL.md', () => {
		const body: EventBody = { kind: 'ask', name: 'Ann' };
		const unsigned = encodeUnsigned({ room, authorKey: host.key, sequence: 7, lamport: 9, body });
		expect(toHex(unsigned)).toBe(
			`01${room}${toHex(host.key)}00000007000000000009020003${toHex(new TextEncoder().encode('Ann'))}`
		);
	});

	const long = 'ä'.repeat(1_000);
	const link = `https://${'l'.repeat(LINK_BYTES_MAX - 8)}`;
	const hands = Array.from({ length: QUEUE_HANDS_MAX + 1 }, () => 'ab'.repeat(8) as IdHead);
	it.each<[string, EventBody, number]>([
		['an opening', { ...openBody, kind: 'open', nonce, title: long, hostName: long }, 426],
		['a pin', { kind: 'pin', text: long, link }, 132 + PIN_TEXT_BYTES_MAX + LINK_BYTES_MAX],
		['a queue', { kind: 'queue', hands }, 129 + 8 * QUEUE_HANDS_MAX],
		['a last message', { kind: 'end', words: long }, 130 + END_WORDS_BYTES_MAX],
		[
			'settings',
			{ kind: 'settings', title: long, listed: true, language: long, topics: Array(9).fill(long) },
			// Of 35 bytes 34 are filled: half a letter is none.
			133 + TITLE_BYTES_MAX + LANGUAGE_BYTES_MAX + TOPICS_MAX * (2 + TOPIC_BYTES_MAX)
		]
	])('stays within its bound with the longest %s', (_, body, bytes) => {
		const unsigned = encodeUnsigned({ room, authorKey: host.key, sequence: 1, lamport: 1, body });
		const envelope = seal(unsigned, noSignature);
		expect(envelope.length).toBe(bytes);
		expect(bytes).toBeLessThan(ENVELOPE_BYTES_MAX);
		expect(openEnvelope(envelope).ok).toBe(true);
	});

	it('pins web addresses and nothing else', () => {
		const linkOf = (text: string): string => {
			const body = { kind: 'pin', text: 'x', link: text } as const;
			const unsigned = encodeUnsigned({ room, authorKey: host.key, sequence: 1, lamport: 1, body });
			const opened = openEnvelope(seal(unsigned, noSignature));
			return opened.ok && opened.event.body.kind === 'pin' ? opened.event.body.link : 'broken';
		};
		expect(linkOf('https://grapevine.example/r')).toBe('https://grapevine.example/r');
		const others = ['javascript:alert(1)', 'https://', 'https:///a', 'http://a b', `${link}l`];
		for (const other of others) expect(linkOf(other)).toBe('');
	});

	it('carries a signature that fits its author and nothing else', async () => {
		const { subtle } = webcrypto;
		const pair = (await subtle.generateKey('Ed25519', true, [
			'sign',
			'verify'
		])) as webcrypto.CryptoKeyPair;
		const authorKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
		const unsigned = encodeUnsigned({
			room,
			authorKey,
			sequence: 1,
			lamport: 2,
			body: { kind: 'unask' }
		});
		const signature = await subtle.sign('Ed25519', pair.privateKey, signingBytes(unsigned).slice());
		const opened = openEnvelope(seal(unsigned, new Uint8Array(signature)));
		if (!opened.ok) throw new Error(opened.reason);
		const verify = (message: Uint8Array) =>
			subtle.verify('Ed25519', pair.publicKey, opened.signature.slice(), message.slice());
		expect(opened.event.authorKey).toEqual(authorKey);
		expect(await verify(signingBytes(opened.unsigned))).toBe(true);
		expect(await verify(opened.unsigned)).toBe(false);
	});

	it('has one id whatever its signature', () => {
		const other = seal(
			unsignedOpen,
			noSignature.map(() => 9)
		);
		const ids = [seal(unsignedOpen, noSignature), other].map((envelope) => {
			const opened = openEnvelope(envelope);
			return opened.ok ? opened.event.id : opened.reason;
		});
		expect(ids[0]).toBe(ids[1]);
	});

	it('keeps its own copy of the bytes', () => {
		const buffer = seal(unsignedOpen, noSignature);
		const opened = openEnvelope(buffer);
		buffer.fill(0);
		expect(opened).toMatchObject({ ok: true, event: { bytes: seal(unsignedOpen, noSignature) } });
	});

	it.each([
		['another version', set(0, 2), 'version'],
		['an unknown kind', set(63, 99), 'kind'],
		['a sequence of 0', set(53, 0, 0, 0, 0), 'malformed'],
		['a Lamport time of 0', set(57, 0, 0, 0, 0, 0, 0), 'malformed'],
		['another kind than its body is of', set(63, 3), 'malformed'],
		['a trailing byte', (unsigned: Uint8Array) => Uint8Array.of(...unsigned, 0), 'malformed'],
		['a missing byte', (unsigned: Uint8Array) => unsigned.slice(0, -1), 'malformed'],
		[
			'nothing but a head and too little of it',
			(unsigned: Uint8Array) => unsigned.slice(0, 63),
			'size'
		],
		[
			'more than the bound',
			(unsigned: Uint8Array) => new Uint8Array([...unsigned, ...new Uint8Array(1_000)]),
			'size'
		]
	] as const)('with %s is dropped', (_, change, reason) => {
		expect(openChanged(change)).toEqual({ ok: false, reason });
	});

	it.each([
		['a line break in a name', 0x0a],
		['an escape in a name', 0x1b],
		['bytes that are no UTF-8', 0xff],
		['a space at the end of a name', 0x20]
	])('with %s is dropped', (_, byte) => {
		const ask: EventBody = { kind: 'ask', name: 'Annx' };
		expect(openChanged(set(-1, byte), ask)).toEqual({ ok: false, reason: 'malformed' });
	});

	it('with a switch that is neither on nor off is dropped', () => {
		const mic: EventBody = { kind: 'mic', sit: eventIdOf(unsignedOpen), open: true };
		expect(openChanged(set(-1, 2), mic)).toEqual({ ok: false, reason: 'malformed' });
	});

	it('with a sequence number in presence, which has none, is dropped', () => {
		expect(openChanged((unsigned) => unsigned, { kind: 'here', name: 'Ann' })).toEqual({
			ok: false,
			reason: 'malformed'
		});
	});

	it('never throws, whatever the bytes, and what opens is canonical', () => {
		const mangled = fc
			.tuple(drafts, fc.nat(500), fc.nat(255), fc.nat(3))
			.map(([draft, at, byte, cut]) => {
				const envelope = seal(encodeUnsigned(draft), noSignature);
				envelope[at % envelope.length] = byte;
				return envelope.subarray(0, envelope.length - cut);
			});
		fc.assert(
			fc.property(fc.oneof(mangled, fc.uint8Array({ maxLength: 600 })), (bytes) => {
				const opened = openEnvelope(bytes);
				if (opened.ok) expect(encodeUnsigned(opened.event)).toEqual(opened.unsigned);
			}),
			{ numRuns: 5_000 }
		);
	});
});

describe('clean text', () => {
	it('is one trimmed line without hidden turns of direction', () => {
		expect(cleanText(' Ann\r\n\u202eBob\u2066\ufeff\u0000 ', 80)).toBe('Ann Bob');
	});

	it('is cut between characters, never within', () => {
		expect(cleanText('😀😀😀', 11)).toBe('😀😀');
		expect(cleanText('ab c', 3)).toBe('ab');
	});

	it('stays as it is when cleaned again', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), fc.nat(100), (text, maxBytes) => {
				const clean = cleanText(text, maxBytes);
				expect(cleanText(clean, maxBytes)).toBe(clean);
			}),
			{ numRuns: 2_000 }
		);
	});
});
