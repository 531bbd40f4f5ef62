import { describe, expect, it } from 'vitest';
import { once } from '#lib/io/once.ts';

describe('what is made once', () => {
	it('is made for the first who asks, and the same for all who come later, or meanwhile', async () => {
		let made = 0;
		const get = once(() => Promise.resolve(++made));
		expect(await Promise.all([get(), get()])).toEqual([1, 1]);
		expect(await get()).toBe(1);
	});

	it('is tried again where it failed: a network may be back by then', async () => {
		let tries = 0;
		const get = once(() =>
			++tries === 1 ? Promise.reject(new Error('no network')) : Promise.resolve(tries)
		);
		await expect(Promise.all([get(), get()])).rejects.toThrow('no network');
		expect(await get()).toBe(2);
		expect(await get()).toBe(2);
	});
});
