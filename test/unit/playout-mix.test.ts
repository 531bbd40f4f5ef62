import { describe, expect, it } from 'vitest';
import { createLimiter } from '#lib/p2p/playout/limiter.ts';
import { createPlayout, type OwnedDecoder, type Playout } from '#lib/p2p/playout/playout.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { SEATS_MAX, STREAMS_MAX } from '#lib/p2p/wire/limits.ts';

const BLOCK = 128;

function setup() {
	const made: OwnedDecoder[] = [];
	const freed: OwnedDecoder[] = [];
	const playout = createPlayout(() => {
		const decoder: OwnedDecoder = {
			ready: true,
			failures: 1,
			decode: () => new Float32Array(FRAME_SAMPLES).fill(0.2),
			conceal: () => new Float32Array(FRAME_SAMPLES).fill(0.2),
			free: () => freed.push(decoder)
		};
		made.push(decoder);
		return decoder;
	});
	return { playout, made, freed };
}

/** Ticks `first` to `first + ticks` of all of them; gives the last block of it. */
function speak(playout: Playout, names: readonly string[], ticks: number, first = 0): Float32Array {
	const [out, right] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
	for (let now = first * FRAME_SAMPLES, tick = first; tick < first + ticks; now += BLOCK) {
		for (; tick * FRAME_SAMPLES <= now && tick < first + ticks; tick++) {
			for (const name of names) playout.handle(frame(name, tick), now);
		}
		playout.pull({ left: out, right }, now, now / 48);
	}
	return out;
}

function frame(name: string, seq: number) {
	return { type: 'frame', stream: name as StreamId, seq, opus: Uint8Array.of(1) } as const;
}

describe('playout', () => {
	it('mixes all who speak', () => {
		const { playout } = setup();
		const out = speak(playout, ['a', 'b', 'c'], 20);
		expect(out[BLOCK - 1]).toBeCloseTo(0.6, 3);
	});

	it('keeps eleven loud voices within full scale', () => {
		const { playout } = setup();
		const out = speak(
			playout,
			Array.from({ length: SEATS_MAX }, (_, i) => `s${i}`),
			20
		);
		expect(Math.max(...out)).toBeLessThanOrEqual(0.971);
		expect(Math.max(...out)).toBeGreaterThan(0.9);
	});

	it('turns nobody down for what is no sound: others are as loud as before at once', () => {
		const samples = { a: 0.2, noise: 0 };
		const voices = [() => samples.a, () => samples.noise];
		const playout = createPlayout(() => {
			const level = voices.shift() ?? (() => 0);
			const sound = () => new Float32Array(FRAME_SAMPLES).fill(level());
			return { ready: true, failures: 0, decode: sound, conceal: sound, free: () => undefined };
		});
		speak(playout, ['a', 'noise'], 20);
		for (const wrong of [42_349, -42_349, NaN]) {
			samples.noise = wrong;
			speak(playout, ['a', 'noise'], 1, 20);
		}
		samples.noise = 0;
		const out = speak(playout, ['a', 'noise'], 15, 23);
		expect(out[BLOCK - 1]).toBeCloseTo(0.2, 2);
	});

	it('reports when each stream is first heard, once', () => {
		const { playout } = setup();
		speak(playout, ['a'], 5);
		expect(playout.news).toBe(true);
		const { firstHeard } = playout.report();
		expect(firstHeard).toHaveLength(1);
		expect(firstHeard[0]?.atMs).toBeGreaterThan(15);
		expect(firstHeard[0]?.atMs).toBeLessThan(30);
		expect(playout.report().firstHeard).toEqual([]);
	});

	it('frees the decoder of a stream that is dropped', () => {
		const { playout, made, freed } = setup();
		speak(playout, ['a', 'b'], 3);
		playout.handle({ type: 'drop', stream: 'a' as StreamId }, 0);
		expect(freed).toEqual([made[0]]);
		expect(Object.keys(playout.report().streams)).toEqual(['b']);
		expect(playout.report().decoderFailures).toBe(2);
	});

	it('holds each stream to its own floor, even one told before its first frame', () => {
		const { playout } = setup();
		playout.handle({ type: 'floor', stream: 'a' as StreamId, ms: 80 }, 0);
		speak(playout, ['a', 'b'], 20);
		const { streams } = playout.report();
		expect(streams['a' as StreamId]?.targetMs).toBe(100);
		expect(streams['b' as StreamId]?.targetMs).toBeLessThan(50);
	});

	it('makes room for a new stream by dropping the one that has been quiet the longest', () => {
		const { playout, freed } = setup();
		const names = Array.from({ length: STREAMS_MAX }, (_, i) => `s${i}`);
		for (const [i, name] of names.entries()) playout.handle(frame(name, 0), i * BLOCK);
		playout.handle(frame('s0', 1), 1000 * BLOCK);
		playout.handle(frame('new', 0), 1001 * BLOCK);
		const { streams } = playout.report();
		expect(Object.keys(streams)).toHaveLength(STREAMS_MAX);
		expect(streams).not.toHaveProperty('s1');
		expect(freed).toHaveLength(1);
	});

	it('ignores a pause and a drop of a stream it does not know', () => {
		const { playout, made } = setup();
		playout.handle({ type: 'pause', stream: 'x' as StreamId }, 0);
		playout.handle({ type: 'drop', stream: 'x' as StreamId }, 0);
		expect(made).toEqual([]);
	});
});

describe('the limiter', () => {
	it('leaves what fits as it is', () => {
		const block = new Float32Array(BLOCK).fill(0.9);
		createLimiter()(block);
		expect(block).toEqual(new Float32Array(BLOCK).fill(0.9));
	});

	it('comes back to full level after a loud moment', () => {
		const limit = createLimiter();
		limit(new Float32Array(BLOCK).fill(2));
		let block = new Float32Array(BLOCK);
		for (let i = 0; i < 60; i++) {
			block = new Float32Array(BLOCK).fill(0.5);
			limit(block);
		}
		expect(block[0]).toBeCloseTo(0.5, 3);
	});
});
