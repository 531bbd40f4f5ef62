import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatBody } from '#lib/p2p/wire/chat.ts';
import { CHAT_PER_MESSAGE_MAX, CHAT_TEXT_BYTES_MAX } from '#lib/p2p/wire/chat-limits.ts';
import { decodeControl, encodeControl } from '#lib/p2p/wire/control.ts';
import { encodeUnsigned, openEnvelope, seal, SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { ENVELOPE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { person, room } from './room-people.ts';

const said: ChatBody = { kind: 'say', name: 'Ada', text: 'Which page are we on?' };
const unsaid: ChatBody = { kind: 'unsay', said: 'ab'.repeat(16) as EventId };

function envelope(body: ChatBody, sequence = 0): Uint8Array {
	const { key: authorKey } = person(3);
	const unsigned = encodeUnsigned({ room, authorKey, sequence, lamport: 1_790_000_000_000, body });
	return seal(unsigned, new Uint8Array(SIGNATURE_BYTES));
}

describe('a chat message in its envelope', () => {
	it('comes out as it went in, and so does what takes it back', () => {
		for (const body of [said, unsaid]) {
			const event = { author: person(3).peer, lamport: 1_790_000_000_000, body };
			expect(openEnvelope(envelope(body))).toMatchObject({ ok: true, event });
			expect(openEnvelope(envelope(body, 1))).toEqual({ ok: false, reason: 'malformed' });
		}
	});

	it('is cut where it is long, and fits an envelope at its longest, sealed as well', () => {
		const read = openEnvelope(envelope({ kind: 'say', name: 'x', text: '\u6c34'.repeat(500) }));
		const text = read.ok && read.event.body.kind === 'say' ? read.event.body.text : '';
		const bytes = new TextEncoder().encode(text).length;
		expect(bytes).toBeLessThanOrEqual(CHAT_TEXT_BYTES_MAX);
		expect(bytes).toBeGreaterThan(CHAT_TEXT_BYTES_MAX - 3);
		const longest = envelope({ kind: 'say', name: 'x'.repeat(99), text: 'x'.repeat(999) });
		// Both texts sealed are 20 bytes longer each.
		expect(longest.length + 2 * 20).toBeLessThan(ENVELOPE_BYTES_MAX);
	});

	it('cut off or changed anywhere is another message or none, and never throws', () => {
		const whole = envelope(said);
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

describe('pieces of chat on a link', () => {
	const pieces = (count: number) =>
		Array.from({ length: count }, (_, i) => ({ agoMs: i * 1_000, signed: envelope(said) }));

	it('come out as they went in', () => {
		const message = { type: 'chat', pieces: pieces(CHAT_PER_MESSAGE_MAX) } as const;
		expect(decodeControl(encodeControl(message))).toEqual(message);
	});

	it('are malformed where there are more than go into one, or something is cut off', () => {
		const many = { type: 'chat', pieces: pieces(CHAT_PER_MESSAGE_MAX + 1) } as const;
		expect(decodeControl(encodeControl(many))).toBeNull();
		const whole = encodeControl({ type: 'chat', pieces: pieces(2) });
		for (let at = 0; at < whole.length; at++)
			expect(decodeControl(whole.subarray(0, at))).toBeNull();
	});
});
