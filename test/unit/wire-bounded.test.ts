import { describe, expect, it } from 'vitest';
import { forgetOldest, putNewest } from '#lib/p2p/wire/bounded.ts';

describe('a map with a bound', () => {
	it('keeps what came last', () => {
		const kept = new Map([1, 2, 3, 4].map((key) => [key, '']));
		forgetOldest(kept, 2);
		expect([...kept.keys()]).toEqual([3, 4]);
		forgetOldest(kept, 2);
		expect(kept.size).toBe(2);
	});

	it('counts what comes again as new', () => {
		const kept = new Map<string, number>();
		for (const key of ['ann', 'bob', 'ann', 'cem']) putNewest(kept, key, kept.size, 2);
		expect([...kept]).toEqual([
			['ann', 2],
			['cem', 2]
		]);
	});

	it('may be a set', () => {
		const kept = new Set(['ann', 'bob', 'cem']);
		forgetOldest(kept, 1);
		expect([...kept]).toEqual(['cem']);
	});
});
