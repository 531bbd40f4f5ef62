import { deleteDB } from 'idb';
import { afterEach } from 'vitest';
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
