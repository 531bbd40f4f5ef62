import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { toHex } from '#lib/p2p/wire/ids.ts';
import { FRAMES_PER_PACKET_MAX, OPUS_BYTES_MAX, SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import {
	decodePacket,
	encodeFrames,
	encodeHeartbeat,
	UNCOUNTED,
	encodeSilence,
	encodeVoice,
	markProven,
	withProof,
	type Packet
} from '#lib/p2p/wire/packet.ts';
import {
	coveredBy,
	draftProof,
	frameHash,
	LINK_BYTES,
	PROOF_SIGNATURE_BYTES,
	proofMessage
} from '#lib/p2p/wire/proof.ts';
import { encodeDigest, encodePull, tagOf } from '#lib/p2p/wire/repair.ts';
import { Dice } from '../sim/dice.ts';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const streams = fc
	.uint8Array({ minLength: 8, maxLength: 8 })
	.map((bytes) => toHex(bytes) as StreamId);
const voices = fc.record({
	kind: fc.constant('voice' as const),
	stream: streams,
	seq: u32,
	level: fc.nat(127),
	opus: fc.uint8Array({ minLength: 1, maxLength: 200 })
});
const silences = fc.record({
	kind: fc.constant('silence' as const),
	stream: streams,
	seq: u32,
	ticks: fc.integer({ min: 1, max: 0xffff }),
	muted: fc.boolean()
});
const frameLists = fc.array(fc.oneof(voices, silences), {
	minLength: 1,
	maxLength: FRAMES_PER_PACKET_MAX
});

const STREAM = '0011223344556677' as StreamId;
const voice = encodeVoice(STREAM, 1, 30, Uint8Array.of(0x78, 1, 2));
const silence = encodeSilence(STREAM, 2, 5);
const marked = markProven(encodeVoice(STREAM, 4, 20, Uint8Array.of(0x78, 3)));
const proof = {
	...draftProof([
		{ seq: 1, content: voice },
		{ seq: 2, content: silence },
		{ seq: 4, content: marked }
	]),
	signature: new Uint8Array(PROOF_SIGNATURE_BYTES).fill(9)
};
const proven = withProof(marked, proof);

/** `bytes` with those at `at` and after replaced. */
function changed(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
	const copy = bytes.slice();
	copy.set(values, at);
	return copy;
}

const losses = fc.nat(255).map((hundredths) => hundredths / 100);
const anyHeartbeat = fc.record({
	stampMs: u32,
	echoMs: u32,
	heldMs: fc.nat(0xffff),
	received: fc.nat(0xffff),
	sent: fc.nat(0xffff),
	lossesAbove: losses,
	lossesBelow: losses
});

describe('a packet', () => {
	it('gives back the frames that were put in, and the bytes of each as they came', () => {
		fc.assert(
			fc.property(frameLists, (frames) => {
				const encoded = frames.map((frame) =>
					frame.kind === 'voice'
						? encodeVoice(frame.stream, frame.seq, frame.level, frame.opus)
						: encodeSilence(frame.stream, frame.seq, frame.ticks, frame.muted)
				);
				const expected = frames.map((frame, i) => ({
					...frame,
					proof: null,
					content: encoded[i],
					bytes: encoded[i]
				}));
				expect(decodePacket(encodeFrames(encoded))).toEqual({ type: 'frames', frames: expected });
			})
		);
	});

	it('carries the proof of its frames behind them', () => {
		const packet = decodePacket(encodeFrames([voice, proven, silence]));
		if (packet?.type !== 'frames') throw new Error('It was not read.');
		const [, carrying, after] = packet.frames;
		expect(carrying).toMatchObject({ seq: 4, level: 20, proof, content: marked, bytes: proven });
		expect(after).toMatchObject({ kind: 'silence', proof: null });
		expect(coveredBy(4, proof)).toEqual([
			{ seq: 4, hash: frameHash(marked) },
			{ seq: 2, hash: frameHash(silence) },
			{ seq: 1, hash: frameHash(voice) }
		]);
	});

	it('leaves out of a proof what lies too far back', () => {
		const far = draftProof([
			{ seq: 2 ** 32 - 1, content: voice },
			{ seq: 2 ** 32 - 10, content: voice },
			{ seq: 6, content: silence }
		]);
		expect(far.mask).toBe(0b1000_0001);
		expect(far.hashes).toEqual(Uint8Array.of(...frameHash(silence), ...frameHash(voice)));
	});

	it('signs the stream and the number with the hashes', () => {
		const message = proofMessage(STREAM, 4, proof);
		expect(proofMessage('0011223344556678' as StreamId, 4, proof)).not.toEqual(message);
		expect(proofMessage(STREAM, 5, proof)).not.toEqual(message);
		expect(proofMessage(STREAM, 4, { ...proof, mask: 0x0b })).not.toEqual(message);
		const link = new Uint8Array(LINK_BYTES).fill(1);
		expect(proofMessage(STREAM, 4, { ...proof, link })).not.toEqual(message);
	});

	it('tells what is here, and asks for what is not', () => {
		const entries = [{ tag: tagOf(STREAM), seq: 0xfffe, bits: 0x8001 }];
		expect(decodePacket(encodeDigest(entries))).toEqual({ type: 'digest', digest: entries });
		const pull = { leaseMs: 300, entries };
		expect(decodePacket(encodePull(pull))).toEqual({ type: 'pull', pull });
		expect(decodePacket(encodePull({ leaseMs: 1e6, entries: [] }))).toEqual({
			type: 'pull',
			pull: { leaseMs: 0xffff, entries: [] }
		});
	});

	it('is read from the middle of a larger buffer as well', () => {
		const packet = encodeFrames([voice, silence]);
		const larger = new Uint8Array(packet.length + 20);
		larger.set(packet, 7);
		expect(decodePacket(larger.subarray(7, 7 + packet.length))).toEqual(decodePacket(packet));
	});

	it('may carry a heartbeat, modulo what its numbers hold', () => {
		fc.assert(
			fc.property(anyHeartbeat, (heartbeat) => {
				expect(decodePacket(encodeHeartbeat(heartbeat))).toEqual({ type: 'heartbeat', heartbeat });
			})
		);
		const wild = encodeHeartbeat({
			stampMs: 2 ** 32 + 5,
			echoMs: 7,
			heldMs: 1e9,
			received: 0x10003,
			sent: 0x10004,
			lossesAbove: 31,
			lossesBelow: -1
		});
		expect(decodePacket(wild)).toEqual({
			type: 'heartbeat',
			heartbeat: {
				stampMs: 5,
				echoMs: 7,
				heldMs: 0xffff,
				received: 3,
				sent: 4,
				lossesAbove: 2.55,
				lossesBelow: 0
			}
		});
	});

	it('caps what does not fit instead of telling something else', () => {
		const frames = [encodeVoice(STREAM, 1, 300, Uint8Array.of(1)), encodeSilence(STREAM, 1, 1e6)];
		const packet = decodePacket(encodeFrames([...frames, encodeSilence(STREAM, 1, 0)]));
		expect(packet).toMatchObject({ frames: [{ level: 127 }, { ticks: 0xffff }, { ticks: 1 }] });
	});

	const head = 1;
	it.each([
		['nothing at all', new Uint8Array(0)],
		['of an earlier version', changed(encodeFrames([voice]), 0, 0x11)],
		['of an unknown kind', changed(encodeFrames([voice]), 0, 0x2f)],
		['without a frame', encodeFrames([])],
		['with a proof cut off', encodeFrames([proven]).slice(0, -1)],
		['with a proof announced that is not there', encodeFrames([marked])],
		[
			'with a proof that does not cover its own frame',
			changed(encodeFrames([proven]), 1 + marked.length, 0, 2)
		],
		['with a length no frame has', changed(encodeFrames([voice]), head + 13, 0x40)],
		['with a digest cut off', encodeDigest([{ tag: 1, seq: 2, bits: 3 }]).slice(0, -1)],
		[
			'with a digest of too many streams',
			Uint8Array.of(0x33, ...new Uint8Array(6 * (SEATS_MAX + 1)))
		],
		['with a pull without its head', Uint8Array.of(0x34, 0)],
		['cut off', encodeFrames([voice]).slice(0, -1)],
		[
			'cut off in the head of a frame',
			encodeFrames([voice, silence]).slice(0, 1 + voice.length + 9)
		],
		['with something after its last frame', Uint8Array.of(...encodeFrames([voice]), 0)],
		['with a frame of no sound', encodeFrames([encodeVoice(STREAM, 1, 0, new Uint8Array(0))])],
		[
			'with a frame larger than Opus makes',
			encodeFrames([encodeVoice(STREAM, 1, 0, new Uint8Array(OPUS_BYTES_MAX + 1))])
		],
		['with a silence of no length', changed(encodeFrames([silence]), head + 15, 0, 0)],
		['with a level on silence', changed(encodeFrames([silence]), head + 12, 2)],
		['with a silence of three bytes', changed(encodeFrames([voice]), head + 12, 0)],
		[
			'of more frames than all seats make in two ticks',
			encodeFrames(Array.from({ length: FRAMES_PER_PACKET_MAX + 1 }, () => voice))
		],
		[
			'with a heartbeat too long',
			Uint8Array.of(...encodeHeartbeat({ stampMs: 1, echoMs: 1, heldMs: 1, ...UNCOUNTED }), 0)
		],
		[
			'with a heartbeat too short',
			encodeHeartbeat({ stampMs: 1, echoMs: 1, heldMs: 1, ...UNCOUNTED }).slice(0, -1)
		]
	])('is dropped %s', (_, bytes) => {
		expect(decodePacket(bytes)).toBeNull();
	});
});

describe('bytes of a stranger as a packet', { timeout: 60_000 }, () => {
	const ROUNDS = 300_000;

	/** What any packet that is read must be, whatever it was made of. */
	function check(packet: Packet | null, input: Uint8Array): void {
		if (packet?.type !== 'frames') return;
		const { frames } = packet;
		const size = 1 + frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
		const fits = frames.every((frame) =>
			frame.kind === 'voice'
				? frame.opus.length > 0 && frame.opus.length <= OPUS_BYTES_MAX
				: frame.ticks > 0
		);
		if (!fits || size !== input.length || frames.length > FRAMES_PER_PACKET_MAX) {
			throw new Error(`read from ${toHex(input)}`);
		}
	}

	it('never throw, and never make more than the limits, at random', () => {
		const dice = new Dice(1);
		for (let i = 0; i < ROUNDS; i++) {
			const bytes = new Uint8Array(dice.next() * 64);
			for (let at = 0; at < bytes.length; at++) bytes[at] = dice.next() * 256;
			if (bytes.length > 0 && i % 2 === 0) bytes[0] = 0x31 + (i % 4);
			check(decodePacket(bytes), bytes);
		}
	});

	it('never throw, and never make more than the limits, by changing good ones', () => {
		const dice = new Dice(2);
		const good = [
			encodeFrames([voice, silence, voice]),
			encodeFrames([silence, proven]),
			encodeFrames([voice]),
			encodeDigest([{ tag: 1, seq: 2, bits: 3 }]),
			encodePull({ leaseMs: 300, entries: [{ tag: 1, seq: 2, bits: 3 }] })
		];
		let read = 0;
		for (let i = 0; i < ROUNDS; i++) {
			const from = good[i % good.length] as Uint8Array;
			const bytes = from.slice(0, dice.chance(0.1) ? dice.next() * from.length : from.length);
			for (let n = 0; n <= dice.next() * 3; n++)
				bytes[Math.floor(dice.next() * bytes.length)] = dice.next() * 256;
			const packet = decodePacket(bytes);
			if (packet !== null) read++;
			check(packet, bytes);
		}
		expect(read).toBeGreaterThan(ROUNDS / 10);
	});
});
