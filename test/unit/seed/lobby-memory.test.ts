import { describe, expect, it } from 'vitest';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { Store } from '#lib/io/ports.ts';
import { createBoard } from '#lib/p2p/lobby/board.ts';
import { markVerified } from '#lib/p2p/wire/envelope.ts';
import { readListing } from '#lib/p2p/wire/listing.ts';
import { keepLobby } from '../../../src/seed/lobby-memory.ts';
import { createFakeClock } from '../../lib/fake-clock.ts';
import { lister, NOW_MS } from '../../lib/listings.ts';
import { createMemoryStore } from '../../lib/memory-store.ts';

const HOUR_MS = 3_600_000;
const announced = { state: 'announced', startsAtMs: NOW_MS + HOUR_MS } as const;

async function seed(store: Store, atMs = NOW_MS) {
	const clock = createFakeClock(atMs);
	const board = createBoard();
	const failures: unknown[] = [];
	const keys = await createKeys(newKeySeed());
	const onFailure = (error: unknown): void => void failures.push(error);
	const memory = await keepLobby({ board, store, keys, clock, onFailure });
	const titles = (): string[] => board.list(clock.nowMs()).map(({ listing }) => listing.title);
	const put = (bytes: Uint8Array) => {
		const { listing } = readListing(bytes)!;
		return board.put(markVerified(listing), { source: null }, clock.nowMs());
	};
	return { clock, board, failures, memory, titles, put };
}

describe('what a seed remembers of its lobby', () => {
	it('is what was announced, and nothing that was open', async () => {
		const store = createMemoryStore();
		const [hanna, first] = [await lister(), await seed(store)];
		first.put(await hanna.list(1, { ...announced, title: 'Later' }));
		first.put(
			await hanna.list(2, { ...announced, title: 'Latest', startsAtMs: NOW_MS + 5 * HOUR_MS })
		);
		first.put(await hanna.list(3, { title: 'Now' }));
		await first.memory.stop();
		expect((await seed(store)).titles()).toEqual(['Later', 'Latest']);
		expect((await seed(store, NOW_MS + 3 * HOUR_MS)).titles()).toEqual(['Latest']);
	});

	it('is written while it runs as well, for a seed may be killed', async () => {
		const store = createMemoryStore();
		const [hanna, first] = [await lister(), await seed(store)];
		first.put(await hanna.list(1, announced));
		first.clock.advance(60_000);
		await Promise.resolve();
		expect((await seed(store)).titles()).toEqual(['Room 1']);
	});

	it('is checked when it is read', async () => {
		const store = createMemoryStore();
		const [hanna, first] = [await lister(), await seed(store)];
		const forged = await hanna.list(1, announced);
		forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
		first.put(forged);
		first.put(await hanna.list(2, announced));
		await first.memory.stop();
		expect((await seed(store)).titles()).toEqual(['Room 2']);
		await store.put('announced', new Uint8Array([1, 2, 3, 4]));
		expect((await seed(store)).titles()).toEqual([]);
	});

	it('is told to fail where the disk refuses, and the lobby goes on', async () => {
		const store = createMemoryStore();
		const first = await seed(store);
		store.put = () => Promise.reject(new Error('The disk is full.'));
		first.put(await (await lister()).list(1, announced));
		await first.memory.stop();
		expect(first.failures).toEqual([new Error('The disk is full.')]);
		expect(first.titles()).toEqual(['Room 1']);
	});
});
