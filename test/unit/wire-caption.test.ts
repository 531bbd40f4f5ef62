import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Caption } from '#lib/p2p/wire/caption.ts';
import {
	CAPTION_TEXT_BYTES_MAX,
	CAPTION_TICKS_MAX,
	CAPTIONS_PER_MESSAGE_MAX
} from '#lib/p2p/wire/caption-limits.ts';
import { decodeControl, encodeControl } from '#lib/p2p/wire/control.ts';
import { encodeUnsigned, openEnvelope, seal, SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { ENVELOPE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { person, room } from './room-people.ts';

const caption: Caption = {
	stream: '0123456789abcdef' as StreamId,
	start: 0xffff_fff0,
	ticks: 130,
	final: true,
	language: 'en',
	text: 'He might even have been made amiable himself.'
};

function envelope(changes: Partial<Caption> = {}, sequence = 0): Uint8Array {
	const body = { kind: 'caption', ...caption, ...changes } as const;
	const { key: authorKey } = person(3);
	const unsigned = encodeUnsigned({ room, authorKey, sequence, lamport: 1_790_000_000_000, body });
	return seal(unsigned, new Uint8Array(SIGNATURE_BYTES));
}

describe('a caption in its envelope', () => {
	it('comes out as it went in, with its author and the time of its clock', () => {
		expect(openEnvelope(envelope())).toMatchObject({
			ok: true,
			event: {
				author: person(3).peer,
				lamport: 1_790_000_000_000,
				body: { kind: 'caption', ...caption }
			}
		});
	});

	it('may be empty, and has no number in the log', () => {
		expect(openEnvelope(envelope({ text: '', language: '' })).ok).toBe(true);
		expect(openEnvelope(envelope({}, 1))).toEqual({ ok: false, reason: 'malformed' });
	});

	it('is cut where it is long, and fits an envelope at its longest', () => {
		const read = openEnvelope(envelope({ text: '\u6c34'.repeat(500), language: 'x'.repeat(60) }));
		const text = read.ok && read.event.body.kind === 'caption' ? read.event.body.text : '';
		expect(new TextEncoder().encode(text)).toHaveLength(CAPTION_TEXT_BYTES_MAX);
		// Both texts sealed are 20 bytes longer each.
		expect(envelope({ text: 'x'.repeat(999) }).length + 2 * 20).toBeLessThan(ENVELOPE_BYTES_MAX);
	});

	it('is malformed where it goes on for too long', () => {
		expect(openEnvelope(envelope({ ticks: CAPTION_TICKS_MAX })).ok).toBe(true);
		expect(openEnvelope(envelope({ ticks: CAPTION_TICKS_MAX + 1 }))).toEqual({
			ok: false,
			reason: 'malformed'
		});
	});

	it('cut off or changed anywhere is another caption or none, and never throws', () => {
		const whole = envelope();
		fc.assert(
			fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
				const changed = whole.slice();
				changed[at] = (changed[at] ?? 0) ^ flip;
				const read = openEnvelope(changed);
				if (read.ok) expect(seal(read.unsigned, read.signature)).toEqual(changed);
				expect(openEnvelope(whole.subarray(0, at)).ok).toBe(false);
			}),
			{ numRuns: 500 }
		);
	});
});

describe('a message of captions', () => {
	it('comes out as it went in', () => {
		const message = { type: 'captions', signed: [envelope(), envelope({ final: false })] } as const;
		expect(decodeControl(encodeControl(message))).toEqual(message);
	});

	it('is malformed with more than go into one', () => {
		const many = (count: number) =>
			decodeControl(
				encodeControl({ type: 'captions', signed: Array.from({ length: count }, () => envelope()) })
			);
		expect(many(CAPTIONS_PER_MESSAGE_MAX)).not.toBeNull();
		expect(many(CAPTIONS_PER_MESSAGE_MAX + 1)).toBeNull();
	});
});
