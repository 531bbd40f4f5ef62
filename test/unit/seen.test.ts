import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeen } from '#lib/p2p/tree/seen.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { SEEN_WINDOW_TICKS, STALE_RUN_MAX, STREAMS_MAX } from '#lib/p2p/wire/limits.ts';
import { seqAdd } from '#lib/p2p/wire/seq.ts';

const stream = (number: number): StreamId => number.toString(16).padStart(16, '0') as StreamId;
const ONE = stream(1);

describe('seen frames', () => {
	it('are new once, in whatever order they come, also around the wrap of numbers', () => {
		const start = fc.oneof(fc.nat(2 ** 31), fc.integer({ min: 2 ** 32 - 600, max: 2 ** 32 - 1 }));
		const offsets = fc.array(fc.nat(SEEN_WINDOW_TICKS - 1), { minLength: 1, maxLength: 300 });
		fc.assert(
			fc.property(start, offsets, (first, steps) => {
				const seen = createSeen();
				const seqs = [first, ...steps.map((step) => seqAdd(first, step))];
				const fresh = seqs.filter((seq) => seen.isNew(ONE, seq));
				expect(fresh).toEqual([...new Set(seqs)]);
			})
		);
	});

	it('of two streams have nothing to do with each other', () => {
		const seen = createSeen();
		expect([seen.isNew(ONE, 5), seen.isNew(stream(2), 5)]).toEqual([true, true]);
	});

	it('older than the window cannot be told, and are not taken', () => {
		const seen = createSeen();
		seen.isNew(ONE, 10_000);
		expect(seen.isNew(ONE, 10_001 - SEEN_WINDOW_TICKS)).toBe(true);
		expect(seen.isNew(ONE, 10_000 - SEEN_WINDOW_TICKS)).toBe(false);
	});

	it('forget what lies before a jump of more than the window', () => {
		const seen = createSeen();
		for (const seq of [1, 2, 3, 5_000]) seen.isNew(ONE, seq);
		expect(seen.isNew(ONE, 5_000 - SEEN_WINDOW_TICKS + 1)).toBe(true);
		expect(seen.isNew(ONE, 5_000)).toBe(false);
	});

	it('believe a speaker that began to count anew after a run of old numbers', () => {
		const seen = createSeen();
		seen.isNew(ONE, 2 ** 31);
		const fresh = Array.from({ length: 2 * STALE_RUN_MAX }, (_, i) => seen.isNew(ONE, i));
		expect(fresh.indexOf(true)).toBe(STALE_RUN_MAX - 1);
		expect(fresh.slice(STALE_RUN_MAX).every(Boolean)).toBe(true);
	});

	it('do not take strays between good frames for a new beginning', () => {
		const seen = createSeen();
		for (let i = 0; i < 10 * STALE_RUN_MAX; i++) {
			expect(seen.isNew(ONE, 2 ** 20 + i)).toBe(true);
			expect(seen.isNew(ONE, i)).toBe(false);
		}
	});

	it('that were released are new once more, and not missed until then', () => {
		const seen = createSeen();
		for (const seq of [1, 2, 3]) seen.isNew(ONE, seq);
		seen.release(ONE, 2);
		expect(seen.has(ONE, 2)).toBe(true);
		expect(seen.absent(ONE, 3, 0b11)).toBe(0);
		expect([seen.isNew(ONE, 2), seen.isNew(ONE, 2)]).toEqual([true, false]);
		seen.forget(ONE, 2);
		expect(seen.absent(ONE, 3, 0b11)).toBe(0b10);
	});

	it('are remembered for a bounded number of streams, and a seat left makes room', () => {
		const seen = createSeen();
		for (let i = 0; i < STREAMS_MAX; i++) expect(seen.isNew(stream(i), 1)).toBe(true);
		expect(seen.isNew(stream(99), 1)).toBe(false);
		seen.keep([stream(3)]);
		expect(seen.isNew(stream(99), 1)).toBe(true);
		expect(seen.isNew(stream(3), 1)).toBe(false);
	});
});

describe('numbers that a speaker has vouched for', () => {
	it('keep absurd ones out, however often they come', () => {
		const seen = createSeen();
		seen.isNew(ONE, 1_000);
		seen.trust(ONE, 1_000);
		const absurd = Array.from({ length: 4 * STALE_RUN_MAX }, (_, i) => 2 ** 20 + i);
		expect(absurd.every((seq) => seen.isFar(ONE, seq) && !seen.isNew(ONE, seq))).toBe(true);
		expect(seen.isNew(ONE, 1_001)).toBe(true);
	});

	it('never go back, however often old ones come', () => {
		const seen = createSeen();
		seen.isNew(ONE, 2 ** 20);
		seen.trust(ONE, 2 ** 20);
		for (let i = 0; i < 4 * STALE_RUN_MAX; i++) expect(seen.isNew(ONE, i)).toBe(false);
	});

	it('lead back whoever was led astray by the first ones', () => {
		const seen = createSeen();
		seen.isNew(ONE, 2 ** 30);
		seen.trust(ONE, 500);
		expect([seen.has(ONE, 500), seen.isNew(ONE, 501), seen.isFar(ONE, 2 ** 30)]).toEqual([
			false,
			true,
			true
		]);
	});

	it('open the way after a long silence', () => {
		const seen = createSeen();
		seen.isNew(ONE, 1);
		seen.trust(ONE, 1);
		expect(seen.isNew(ONE, 50_000)).toBe(false);
		seen.trust(ONE, 50_003);
		expect([50_000, 50_001, 50_002, 50_003].map((seq) => seen.isNew(ONE, seq))).toEqual(
			Array(4).fill(true)
		);
	});

	it('of the author itself are believed at once where they are far ahead', () => {
		const seen = createSeen();
		seen.isNew(ONE, 1);
		seen.trust(ONE, 1);
		seen.vouch(ONE, 50_000);
		expect(seen.isNew(ONE, 50_000)).toBe(true);
	});
});
