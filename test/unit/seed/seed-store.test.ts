import { Key } from 'interface-datastore';
import { describe, expect, it } from 'vitest';
import { SeedStore } from '#lib/io/net/seed-store.ts';
import { PROVIDERS_MAX } from '#lib/p2p/wire/limits.ts';
import { Dice } from '../../sim/dice.ts';

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
		const store = new SeedStore({ bytesMax: 10 * 200 });
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
		const store = new SeedStore({ bytesMax: 1_000 });
		store.put(record(1), Uint8Array.of(1));
		for (let n = 0; n < 100; n++) store.put(record(2), new Uint8Array(50));
		expect(await store.has(record(1))).toBe(true);
	});

	it('takes no record as large as the DHT would let one be', () => {
		expect(() => new SeedStore().put(record(1), new Uint8Array(1 << 20))).toThrow(RangeError);
	});

	it('tells of those who are there first, however many are not', async () => {
		const here = new Set(['0007', '0150']);
		const store = new SeedStore({ isHere: (peer, room) => room === 'room' && here.has(peer) });
		for (let n = 0; n < 200; n++) store.put(record(n), Uint8Array.of(n));
		const told = await membersOf(store);
		expect(told.slice(0, 2)).toEqual([...here]);
		expect(told.length).toBeGreaterThan(2);
		expect(told.length).toBeLessThan(PROVIDERS_MAX / 2);
	});

	it('tells of each member of a crowd as often as of any other', async () => {
		const dice = new Dice(1);
		const store = new SeedStore({ chance: () => dice.next() });
		for (let n = 0; n < 100; n++) store.put(record(n), Uint8Array.of(n));
		const times = new Map<string, number>();
		for (let asked = 0; asked < 1_000; asked++) {
			const told = await membersOf(store);
			expect(new Set(told).size).toBe(PROVIDERS_MAX);
			for (const peer of told) times.set(peer, (times.get(peer) ?? 0) + 1);
		}
		// 200 times each, give or take four deviations of 13.
		expect(Math.min(...times.values())).toBeGreaterThan(148);
		expect(Math.max(...times.values())).toBeLessThan(252);
		expect(times.size).toBe(100);
	});

	it('tells nothing of whom it has forgotten, nor of another room, and lists all records to who cleans up', async () => {
		const store = new SeedStore();
		store.put(record(1), Uint8Array.of(1));
		store.put(record(2), Uint8Array.of(2));
		store.put(new Key('/dht/provider/room2/0003'), Uint8Array.of(3));
		store.put(new Key('/peers/0001'), Uint8Array.of(4));
		store.delete(record(1));
		expect(await membersOf(store)).toEqual(['0002']);
		expect(await membersOf(store, 'empty')).toEqual([]);
		const all = await Array.fromAsync(store.query({ prefix: '/dht/provider' }));
		expect(all.map(({ key }) => key.name())).toEqual(['0002', '0003']);
	});
});

async function membersOf(store: SeedStore, room = 'room'): Promise<string[]> {
	const records = await Array.fromAsync(store.query({ prefix: `/dht/provider/${room}` }));
	return records.map(({ key }) => key.name());
}
