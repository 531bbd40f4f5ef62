import { expect, it } from 'vitest';
import {
	canEncodeOpus,
	createOpusEncoder,
	type EncodeOutcome
} from '#lib/io/audio/opus-encoder.ts';
import { ENCODE_QUEUE_MAX_FRAMES, PACKET_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { voiceLike } from '../lib/sound.ts';

const FRAME = 960;
/** docs/PROTOCOL.md, "Sound": what stands before a frame's body, and a proof of eight frames behind it. */
const FRAME_HEAD_BYTES = 15;
const PROOF_BYTES_MAX = 2 + 8 + 8 * 6 + 64;

it('can be had in this browser', async () => {
	expect(await canEncodeOpus()).toBe(true);
});

it('gives one packet for each frame, in order, with its tag', async () => {
	const tags = Array.from({ length: 20 }, (_, i) => `frame ${i * 7}`);
	const source = voiceLike(0.4);
	const packets: { tag: string; opus: Uint8Array }[] = [];
	await new Promise<void>((resolve) => {
		const encoder = createOpusEncoder<string>((tag, opus) => {
			if (packets.push({ tag, opus }) === tags.length) resolve();
		});
		tags.forEach((tag, i) => {
			encoder.encode(source.slice(i * FRAME, (i + 1) * FRAME), tag);
		});
	});
	expect(packets.map(({ tag }) => tag)).toEqual(tags);
	// One frame of 20 ms, mono (RFC 6716, 3.1): the last three bits of the first byte are 0.
	expect(packets.every(({ opus }) => ((opus[0] ?? 7) & 7) === 0)).toBe(true);
	expect(packets.every(({ opus }) => opus.length > 2 && opus.length < 250)).toBe(true);
});

it('drops and counts what a busy encoder cannot take', () => {
	const encoder = createOpusEncoder<number>(() => undefined);
	const outcomes: EncodeOutcome[] = [];
	for (let i = 0; i < ENCODE_QUEUE_MAX_FRAMES + 5; i++) {
		outcomes.push(encoder.encode(new Float32Array(FRAME), i));
	}
	expect(outcomes.slice(-5)).toEqual(Array(5).fill('dropped'));
	expect(encoder.dropped).toBe(5);
	encoder.close();
});

it('stays closed and says so', () => {
	const encoder = createOpusEncoder<number>(() => undefined);
	expect(encoder.encode(new Float32Array(FRAME), 0)).toBe('taken');
	encoder.close();
	expect(encoder.encode(new Float32Array(FRAME), 1)).toBe('broken');
});

it('makes music stereo, each packet as long as the other, and short enough for three in a datagram', async () => {
	const [left, right] = [voiceLike(0.4), voiceLike(0.4).reverse()];
	const packets: Uint8Array[] = [];
	await new Promise<void>((resolve) => {
		const encoder = createOpusEncoder<number>((_, opus) => {
			if (packets.push(opus) === 20) resolve();
		}, 'music');
		for (let i = 0; i < 20; i++) {
			const [from, to] = [i * FRAME, (i + 1) * FRAME];
			// A device that has one channel only gives no right.
			encoder.encode(left.slice(from, to), i, i < 10 ? right.slice(from, to) : null);
		}
	});
	// One frame of 20 ms, stereo (RFC 6716, 3.1): the last three bits of the first byte are 4.
	expect(packets.every(({ 0: toc = 0 }) => (toc & 7) === 4)).toBe(true);
	expect(packets.map(({ length }) => length)).toEqual(Array(20).fill(240));
	expect(1 + 3 * (240 + FRAME_HEAD_BYTES + PROOF_BYTES_MAX)).toBeLessThanOrEqual(PACKET_BYTES_MAX);
});
