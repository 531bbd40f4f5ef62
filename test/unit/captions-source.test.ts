import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCaptionSource } from '#lib/io/captions/source.ts';

afterEach(() => {
	vi.unstubAllGlobals();
});

describe('where captions come from', () => {
	it('is asked again where the browser could not open what it keeps the first time', async () => {
		const open = vi.fn().mockRejectedValueOnce(new DOMException('busy', 'UnknownError'));
		vi.stubGlobal('caches', { open: open.mockResolvedValue({}) });
		vi.stubGlobal('fetch', () => Promise.resolve(new Response('not found', { status: 404 })));
		const source = createCaptionSource('http://127.0.0.1/');
		const { signal } = new AbortController();
		await expect(source.packs(signal)).rejects.toThrow('busy');
		expect(await source.packs(signal)).toEqual([]);
		expect(open).toHaveBeenCalledTimes(2);
	});
});
