import { deleteDB } from 'idb';
import { afterEach, expect, it } from 'vitest';
import { openIndexedDbStore, type ClosableStore } from '#lib/io/disk/indexed-db-store.ts';
import { storeContract } from '../contract/store-contract.ts';

const opened: { name: string; store: ClosableStore }[] = [];

afterEach(async () => {
	for (const { name, store } of opened.splice(0)) {
		await store.close();
		await deleteDB(name);
	}
});

async function open(name: string): Promise<ClosableStore> {
	const store = await openIndexedDbStore(name);
	opened.push({ name, store });
	return store;
}

storeContract('a store in IndexedDB', async () => {
	const name = `test-${crypto.randomUUID()}`;
	const store = await open(name);
	return {
		store,
		reopened: async () => {
			await store.close();
			return open(name);
		}
	};
});

it('a store in IndexedDB lets two tabs change one record at once, and keeps what both did', async () => {
	const name = `test-${crypto.randomUUID()}`;
	const tabs = [await open(name), await open(name)];
	const bytes = [1, 2, 3, 4, 5, 6, 7, 8];
	await Promise.all(
		bytes.map((byte) =>
			tabs[byte % 2]!.change('settings', (value) => Uint8Array.of(...(value ?? []), byte))
		)
	);
	const kept = [...((await tabs[0]!.get('settings')) ?? [])];
	expect(kept.toSorted((a, b) => a - b)).toEqual(bytes);
});
