import { expect, it } from 'vitest';
import {
	canEncodeOpus,
	createOpusEncoder,
	type EncodeOutcome
} from '#lib/io/audio/opus-encoder.ts';
import { ENCODE_QUEUE_MAX_FRAMES } from '#lib/p2p/wire/limits.ts';
import { voiceLike } from '../lib/sound.ts';

const FRAME = 960;

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
