import { describe, expect, it } from 'vitest';
import { available, fullBucket, take } from '#lib/p2p/wire/rate.ts';

const RATE = { burst: 4, perSecond: 2 };

describe('a rate', () => {
	it('allows a burst at once, and then so many a second', () => {
		const bucket = fullBucket(RATE);
		const allowed = Array.from({ length: 600 }, (_, i) => take(bucket, RATE, 1, 1_000 + i * 10));
		expect(allowed.slice(0, 5)).toEqual([true, true, true, true, false]);
		expect(allowed.filter(Boolean)).toHaveLength(RATE.burst + 5 * RATE.perSecond + 1);
	});

	it('takes nothing where it says no', () => {
		const bucket = fullBucket(RATE);
		expect(take(bucket, RATE, 5, 0)).toBe(false);
		expect(take(bucket, RATE, 4, 0)).toBe(true);
	});

	it('never saves up more than the burst, and gains nothing by a clock set back', () => {
		const bucket = fullBucket(RATE);
		take(bucket, RATE, 4, 1_000_000);
		expect(available(bucket, RATE, 0)).toBe(0);
		expect(available(bucket, RATE, 1_000_000)).toBe(RATE.burst);
	});
});
