/** Every decoder of `wire`, given what nobody of ours writes: noise, and good bytes with some changed, cut or put in. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCard, parseCard } from '#lib/p2p/wire/card.ts';
import { decodeChecked, encodeChecked } from '#lib/p2p/wire/checked-text.ts';
import {
	decodeControl,
	decodeKnock,
	decodeRefusal,
	encodeControl,
	encodeKnock,
	encodeRefusal
} from '#lib/p2p/wire/control.ts';
import { encodeUnsigned, openEnvelope, seal, SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import { PASSED_BY } from '#lib/p2p/wire/event.ts';
import { concat, parsePeerId, type StreamId } from '#lib/p2p/wire/ids.ts';
import { ENVELOPE_BYTES_MAX, REPORT_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { encodeListing, readListing } from '#lib/p2p/wire/listing.ts';
import {
	decodeAskAnswer,
	decodeLobbyRequest,
	decodeTellAnswer,
	encodeAskAnswer,
	encodeLobbyRequest,
	encodeTellAnswer
} from '#lib/p2p/wire/lobby.ts';
import {
	decodePacket,
	encodeFrames,
	encodeSealed,
	encodeVoice,
	readContent
} from '#lib/p2p/wire/packet.ts';
import { proofBytes, readProof } from '#lib/p2p/wire/proof.ts';
import { decodeDigest, decodePull, encodeDigest, encodePull } from '#lib/p2p/wire/repair.ts';
import { encodeReport, openReport } from '#lib/p2p/wire/report.ts';
import { decodeAccess, encodeAccess } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey, parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { encodeSaid, openSaid } from '#lib/p2p/wire/routed.ts';
import { sealedText } from '#lib/p2p/wire/text.ts';
import { anyControl } from '../lib/any-control.ts';
import { bodyOf } from '../lib/every-event.ts';
import { listing } from '../lib/listings.ts';
import { Dice } from '../sim/dice.ts';
import { host, person, room } from './room-people.ts';

const PATIENCE = { timeout: 120_000 };
const ROUNDS = 10_000;
const noSignature = new Uint8Array(SIGNATURE_BYTES);
const stream = '0011223344556677' as StreamId;
const voice = encodeVoice(stream, 7, 30, new Uint8Array(60).fill(9));
const entries = [{ tag: 1, seq: 2, bits: 3 }];
const signature = new Uint8Array(64).fill(8);
const proof = { mask: 5, link: new Uint8Array(8), hashes: new Uint8Array(12).fill(4), signature };

const envelopes = Object.values(bodyOf).map((body) => {
	const sequence = PASSED_BY.has(body.kind) ? 0 : 3;
	return seal(
		encodeUnsigned({ room, authorKey: host.key, sequence, lamport: 5, body }),
		noSignature
	);
});
const report = encodeReport({
	room,
	reporterKey: host.key,
	madeAtMs: 9,
	about: person(1).peer,
	words: 'Loud',
	events: envelopes.slice(0, 2),
	sound: [{ stream, frames: [{ ageMs: 4, bytes: voice }] }]
});
const contact = { peer: person(1).peer, addrs: ['/dns4/a.example'] };
const posted = [{ ageMs: 5, listing: listing(1, 1).bytes }];
const domain = Uint8Array.of(1, 2, 3);
const access = { kind: 'secret', bytes: new Uint8Array(16).fill(3) } as const;
const letters = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const card = encodeCard({ peer: host.peer, name: 'Ann', secret: new Uint8Array(16).fill(7) });

interface Tried {
	readonly good: readonly Uint8Array[];
	/** What came of reading: written again, where there is one spelling; else what is to be no more than the input. */
	read(bytes: Uint8Array): Uint8Array | number | null;
}

const same = <T>(value: T | null, write: (value: T) => Uint8Array): Uint8Array | null =>
	value === null ? null : write(value);
const some = (value: unknown): number | null => (value === null ? null : 0);

/** By the name of the decoder. */
const decoders: Readonly<Record<string, Tried>> = {
	openEnvelope: {
		good: envelopes,
		read(bytes) {
			const opened = openEnvelope(bytes);
			return opened.ok ? seal(encodeUnsigned(opened.event), opened.signature) : null;
		}
	},
	openReport: {
		good: [concat(report, noSignature)],
		read: (bytes) =>
			same(openReport(bytes), (one) => concat(encodeReport(one.report), one.signature))
	},
	openSaid: {
		good: [
			concat(encodeSaid({ side: 'caller', kind: 'message', count: 1, content: voice }), noSignature)
		],
		read: (bytes) => same(openSaid(bytes), (one) => concat(encodeSaid(one.said), one.signature))
	},
	readListing: {
		good: [listing(1, 1, { topics: ['figs'] }).bytes],
		read: (bytes) =>
			same(readListing(bytes), (one) => concat(encodeListing(one.listing), one.signature))
	},
	decodeControl: {
		good: fc.sample(anyControl, { numRuns: 200, seed: 5 }).map((one) => encodeControl(one)),
		read: (bytes) => same(decodeControl(bytes), encodeControl)
	},
	decodeKnock: {
		good: [encodeKnock({ room, want: 'parent', fanout: 4, proof: new Uint8Array(16) })],
		read: (bytes) => some(decodeKnock(bytes))
	},
	decodeRefusal: {
		good: [encodeRefusal({ reason: 'full', candidates: [contact, contact] })],
		read: (bytes) => same(decodeRefusal(bytes), encodeRefusal)
	},
	decodePacket: {
		good: [encodeFrames([voice, encodeSealed(stream, 8, new Uint8Array(40))])],
		read: (bytes) => some(decodePacket(bytes))
	},
	readContent: { good: [voice], read: (bytes) => same(readContent(bytes), (one) => one.bytes) },
	readProof: {
		good: [proofBytes(proof)],
		read: (bytes) => readProof(bytes, 0)?.hashes.length ?? null
	},
	decodeDigest: {
		good: [encodeDigest(entries)],
		read: (bytes) => same(decodeDigest(bytes), encodeDigest)
	},
	decodePull: {
		good: [encodePull({ leaseMs: 4, entries })],
		read: (bytes) => same(decodePull(bytes), encodePull)
	},
	decodeLobbyRequest: {
		good: [
			encodeLobbyRequest({ type: 'tell', listing: voice }),
			encodeLobbyRequest({ type: 'ask', epoch: 1, since: 2 })
		],
		read: (bytes) => same(decodeLobbyRequest(bytes), encodeLobbyRequest)
	},
	decodeTellAnswer: {
		good: [encodeTellAnswer('old')],
		read: (bytes) => same(decodeTellAnswer(bytes), encodeTellAnswer)
	},
	decodeAskAnswer: {
		good: [encodeAskAnswer({ epoch: 1, revision: 2, more: true, posted })],
		read: (bytes) => some(decodeAskAnswer(bytes))
	},
	parseCard: { good: [letters(card)], read: (bytes) => some(parseCard(text(bytes))) },
	parsePeerId: {
		good: [letters(host.peer)],
		read: (bytes) => same(parsePeerId(text(bytes)), letters)
	},
	parseRoomKey: {
		good: [
			letters(encodeRoomKey(room)),
			letters(`${encodeRoomKey(room)}#${encodeAccess(room, access)}`)
		],
		read: (bytes) => (parseRoomKey(text(bytes)).ok ? 0 : null)
	},
	decodeAccess: {
		good: [letters(encodeAccess(room, access))],
		read: (bytes) => some(decodeAccess(room, text(bytes)))
	},
	decodeChecked: {
		good: [letters(encodeChecked(domain, voice))],
		read: (bytes) => decodeChecked(domain, text(bytes), 300)?.length ?? null
	}
};

/** Anything, long or short, or good with some of it changed, cut off, doubled or put in. */
function strange(good: readonly Uint8Array[], dice: Dice): Uint8Array {
	const noise = (most: number): Uint8Array =>
		Uint8Array.from({ length: dice.next() * most }, () => dice.next() * 256);
	if (dice.chance(0.2)) return noise(dice.chance(0.02) ? 2 * ENVELOPE_BYTES_MAX : 90);
	const bytes = good[Math.floor(dice.next() * good.length)]?.slice() ?? noise(90);
	for (let n = 0; n <= dice.next() * 4; n++)
		bytes[Math.floor(dice.next() * bytes.length)] = dice.next() * 256;
	const at = dice.next() * bytes.length;
	if (dice.chance(0.1)) return bytes.subarray(0, at);
	return dice.chance(0.1) ? concat(bytes.subarray(0, at), noise(9), bytes.subarray(at)) : bytes;
}

describe('bytes of strangers', PATIENCE, () => {
	it.each(Object.entries(decoders))(
		'never throw at %s, and are what is read of them',
		(_, tried) => {
			const dice = new Dice(31);
			for (const good of tried.good) expect(tried.read(good)).not.toBeNull();
			for (let i = 0; i < ROUNDS; i++) {
				const bytes = strange(tried.good, dice);
				const read = tried.read(bytes);
				if (read === null) continue;
				if (typeof read === 'number') expect(read).toBeLessThanOrEqual(bytes.length);
				else expect([...read]).toEqual([...bytes]);
			}
		}
	);

	it('are tried with every decoder there is', () => {
		const folder = new URL('../../src/lib/p2p/wire/', import.meta.url);
		const code = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
		const declared = /export function ((?:read|decode|open|parse)[A-Z]\w*)(?:<\w+>)?\(([^)]*)/g;
		// What takes a reader is a part of one of these.
		const names = [...code.join('\n').matchAll(declared)]
			.filter(([, , parameters = '']) => !parameters.includes('ByteReader'))
			.map(([, name]) => name);
		expect(Object.keys(decoders).sort()).toEqual(names.sort());
	});

	it('are not even looked at where they are longer than anything', () => {
		expect(openEnvelope(new Uint8Array(ENVELOPE_BYTES_MAX + 1))).toMatchObject({ reason: 'size' });
		expect(openReport(new Uint8Array(REPORT_BYTES_MAX + 1))).toBeNull();
		expect(parseCard('1'.repeat(1_000_000))).toBeNull();
		expect(parseRoomKey('1'.repeat(1_000_000))).toMatchObject({ ok: false });
		expect(decodeAccess(room, '1'.repeat(1_000_000))).toBeNull();
		expect(parsePeerId('1'.repeat(1_000_000))).toBeNull();
	});

	it('are no sealed text where they only look like one', () => {
		const look = sealedText(Uint8Array.of(1, 2, 3));
		const body = { kind: 'ask', name: 'abcdefg' } as const;
		const unsigned = encodeUnsigned({ room, authorKey: host.key, sequence: 1, lamport: 1, body });
		unsigned.set(letters(look), unsigned.length - look.length);
		expect(openEnvelope(seal(unsigned, noSignature))).toMatchObject({ reason: 'malformed' });
	});
});
