/** What the app remembers, in the browser's IndexedDB: one database, one table, names to bytes. */
import { openDB, type IDBPDatabase } from 'idb';
import type { Store } from '#lib/io/ports.ts';

const TABLE = 'records';

export interface ClosableStore extends Store {
	/** Waits for what is under way; the store is of no use afterwards. */
	close(): Promise<void>;
}

/** Rejects where the browser gives no database (private windows of some browsers, a full disk). */
export async function openIndexedDbStore(database = 'grapevine'): Promise<ClosableStore> {
	const db: IDBPDatabase = await openDB(database, 1, {
		upgrade: (fresh) => {
			fresh.createObjectStore(TABLE);
		},
		// Another tab wants to delete or upgrade: standing in its way would hang it.
		blocking: () => {
			db.close();
		}
	});
	return {
		get: async (name) => bytesOf(await db.get(TABLE, name)),
		async put(name, value) {
			await db.put(TABLE, value.slice(), name);
		},
		async change(name, change) {
			// One transaction that writes runs at a time, whichever tab it is of.
			const transaction = db.transaction(TABLE, 'readwrite');
			const before = bytesOf(await transaction.store.get(name));
			await Promise.all([transaction.store.put(change(before).slice(), name), transaction.done]);
		},
		async delete(name) {
			await db.delete(TABLE, name);
		},
		close() {
			db.close();
			return Promise.resolve();
		}
	};
}

const bytesOf = (value: unknown): Uint8Array | null => (value instanceof Uint8Array ? value : null);
