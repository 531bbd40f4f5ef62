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
		async get(name) {
			const value: unknown = await db.get(TABLE, name);
			return value instanceof Uint8Array ? value : null;
		},
		async put(name, value) {
			await db.put(TABLE, value.slice(), name);
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
