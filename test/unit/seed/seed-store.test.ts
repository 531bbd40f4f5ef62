import { Key } from 'interface-datastore';
import { describe, expect, it } from 'vitest';
import { SeedStore } from '#lib/io/net/seed-store.ts';

const record = (n: number) => new Key(`/dht/provider/room/${n.toString().padStart(4, '0')}`);

describe('the store of a seed', () => {
	it('gives back what was put and forgets what was deleted', async () => {
		const store = new SeedStore();
		store.put(record(1), Uint8Array.of(1));
		expect(await store.get(record(1))).toEqual(Uint8Array.of(1));
		store.delete(record(1));
		expect(await store.has(record(1))).toBe(false);
	});

	it('stays within its bytes by forgetting what was written longest ago', async () => {
		const store = new SeedStore(10 * 200);
		for (let n = 0; n < 100; n++) {
			store.put(record(n), new Uint8Array(50));
			// Said again and again, so never the oldest.
			store.put(record(0), new Uint8Array(50));
		}
		expect(await store.has(record(0))).toBe(true);
		expect(await store.has(record(99))).toBe(true);
		expect(await store.has(record(50))).toBe(false);
	});

	it('does not run full by the same record', async () => {
		const store = new SeedStore(1_000);
		store.put(record(1), Uint8Array.of(1));
		for (let n = 0; n < 100; n++) store.put(record(2), new Uint8Array(50));
		expect(await store.has(record(1))).toBe(true);
	});

	it('takes no record as large as the DHT would let one be', () => {
		expect(() => new SeedStore().put(record(1), new Uint8Array(1 << 20))).toThrow(RangeError);
	});
});
