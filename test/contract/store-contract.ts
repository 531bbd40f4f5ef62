/** What every Store must do. */
import { describe, expect, it } from 'vitest';
import type { Store } from '#lib/io/ports.ts';

/** `fresh` yields an empty store; `reopened` the same one as after a reload. */
export function storeContract(
	name: string,
	fresh: () => Promise<{ store: Store; reopened: () => Promise<Store> }>
): void {
	describe(`${name}, as a Store`, () => {
		it('knows nothing at first', async () => {
			const { store } = await fresh();
			expect(await store.get('identity')).toBeNull();
		});

		it('gives back what was put, byte for byte', async () => {
			const { store } = await fresh();
			const value = Uint8Array.from({ length: 256 }, (_, i) => i);
			await store.put('identity', value);
			expect(await store.get('identity')).toEqual(value);
		});

		it('keeps the bytes as they were when put, whatever happens to the array', async () => {
			const { store } = await fresh();
			const value = Uint8Array.of(1, 2, 3);
			await store.put('settings', value);
			value.fill(9);
			expect(await store.get('settings')).toEqual(Uint8Array.of(1, 2, 3));
		});

		it('keeps the part of a larger buffer that was put, and no more', async () => {
			const { store } = await fresh();
			await store.put('settings', new Uint8Array(100).fill(7).subarray(10, 12));
			expect(await store.get('settings')).toEqual(Uint8Array.of(7, 7));
		});

		it('replaces what had the name before', async () => {
			const { store } = await fresh();
			await store.put('settings', new Uint8Array(1000));
			await store.put('settings', Uint8Array.of(5));
			expect(await store.get('settings')).toEqual(Uint8Array.of(5));
		});

		it('keeps an empty record apart from none', async () => {
			const { store } = await fresh();
			await store.put('settings', new Uint8Array(0));
			expect(await store.get('settings')).toEqual(new Uint8Array(0));
		});

		it('keeps names apart', async () => {
			const { store } = await fresh();
			await store.put('identity', Uint8Array.of(1));
			await store.put('identity.damaged', Uint8Array.of(2));
			await store.delete('identity');
			expect(await store.get('identity')).toBeNull();
			expect(await store.get('identity.damaged')).toEqual(Uint8Array.of(2));
		});

		it('is content to delete what is not there', async () => {
			const { store } = await fresh();
			await expect(store.delete('identity')).resolves.toBeUndefined();
		});

		it('ends with one whole record when several are put at once', async () => {
			const { store } = await fresh();
			const values = [1, 2, 3, 4].map((byte) => new Uint8Array(5000).fill(byte));
			await Promise.all(values.map((value) => store.put('settings', value)));
			const kept = await store.get('settings');
			expect(values).toContainEqual(kept);
		});

		it('changes what is there, and none of those who do so at once is lost', async () => {
			const { store } = await fresh();
			const added = (byte: number) => (value: Uint8Array | null) =>
				Uint8Array.of(...(value ?? []), byte);
			const bytes = [1, 2, 3, 4, 5, 6];
			await Promise.all(bytes.map((byte) => store.change('settings', added(byte))));
			const kept = [...((await store.get('settings')) ?? [])];
			expect(kept.toSorted((a, b) => a - b)).toEqual(bytes);
		});

		it('leaves what is there where the change breaks, and can be changed again', async () => {
			const { store } = await fresh();
			await store.put('settings', Uint8Array.of(1));
			const breaks = (): never => {
				throw new Error('broken');
			};
			await expect(store.change('settings', breaks)).rejects.toThrow('broken');
			await store.change('settings', () => Uint8Array.of(2));
			expect(await store.get('settings')).toEqual(Uint8Array.of(2));
		});

		it('still has it after a reload', async () => {
			const { store, reopened } = await fresh();
			await store.put('identity', Uint8Array.of(1, 2, 3));
			expect(await (await reopened()).get('identity')).toEqual(Uint8Array.of(1, 2, 3));
		});
	});
}
