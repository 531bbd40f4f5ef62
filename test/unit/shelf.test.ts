import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createShelf } from '#lib/app/recordings/shelf.ts';
import { loadRecordingKeys, saveRecordingKeys } from '#lib/app/engine/recording-keys.ts';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { encodeMeta, type RecordingMeta } from '#lib/p2p/archive/meta.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { NO_SHARING } from '../lib/fake-sharing.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { QUIET_SHELF } from '../lib/quiet-shelf.ts';
import { putParts } from '../lib/tape-files.ts';
import { makeTape, STARTED_MS } from '../lib/tape-maker.ts';

const DAY_MS = 86_400_000;
const [OLD, NEW] = ['aa'.repeat(16), 'bb'.repeat(16)] as [RecordingId, RecordingId];

const folders: string[] = [];

afterEach(async () => {
	await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

/** Two recordings of ten seconds each, the second begun a day after the first. */
async function shelved(current: RecordingId | null = null) {
	const folder = await mkdtemp(join(tmpdir(), 'grapevine-'));
	folders.push(folder);
	const disk = createFsDisk(folder);
	const { parts, meta } = await makeTape({ seconds: 10, speakers: 2, signed: false });
	const put = async (id: RecordingId, changes: Partial<RecordingMeta>): Promise<void> => {
		await putParts(disk, id, { ...parts, meta: encodeMeta({ ...meta, id, ...changes }) });
	};
	await put(OLD, {});
	const startedAtMs = STARTED_MS + DAY_MS;
	await put(NEW, { title: 'Later', startedAtMs, endedAtMs: startedAtMs + 10_000 });
	const store = createMemoryStore();
	const clock = createFakeClock(STARTED_MS + 2 * DAY_MS);
	let asked = 0;
	/** As the app has it, after each start anew. */
	const open = () =>
		createShelf({
			...QUIET_SHELF,
			...{ disk, store, clock, sharing: NO_SHARING },
			isPersisted: () => Promise.resolve(false),
			askToPersist: () => Promise.resolve(++asked > 0),
			current: () => current
		});
	return { open, disk, store, clock };
}

describe('the shelf of recordings', () => {
	it('tells of each what it is, how long, how large, and when it goes', async () => {
		const { open } = await shelved();
		const list = await open().list();
		expect(list.map(({ id, title }) => [id, title])).toEqual([
			[NEW, 'Later'],
			[OLD, 'Made for a test']
		]);
		expect(list[1]).toMatchObject({
			durationMs: 10_000,
			endedAtMs: STARTED_MS + 10_000,
			deletedAtMs: STARTED_MS + 10_000 + 30 * DAY_MS
		});
		expect(list[1]?.people).toHaveLength(2);
		expect(list[1]?.bytes).toBeGreaterThan(20_000);
	});

	it('lets a recording go after thirty days, in an app that stays open', async () => {
		const { open, clock } = await shelved();
		const shelf = open();
		let changes = 0;
		shelf.onChange(() => changes++);
		clock.advance(28 * DAY_MS - 60_000);
		shelf.start();
		await shelf.sweep();
		expect((await shelf.list()).map(({ id }) => id)).toEqual([NEW, OLD]);
		clock.advance(60 * 60_000);
		await expect.poll(async () => (await shelf.list()).map(({ id }) => id)).toEqual([NEW]);
		expect(changes).toBe(1);
	});

	it('has let it go on day 31 though the app was closed in between, and keeps what is kept', async () => {
		const { open, clock, disk } = await shelved();
		await open().keep(NEW, true);
		clock.advance(60 * DAY_MS);
		const shelf = open();
		expect(await shelf.sweep()).toBe(1);
		expect((await shelf.list()).map(({ id, deletedAtMs }) => [id, deletedAtMs])).toEqual([
			[NEW, null]
		]);
		expect(await disk.folders()).toEqual([NEW]);
		// No longer kept: its thirty days are long over.
		await shelf.keep(NEW, false);
		expect(await shelf.sweep()).toBe(1);
		expect(await disk.folders()).toEqual([]);
	});

	it('removes one at once, with its keys', async () => {
		const { open, store } = await shelved();
		await saveRecordingKeys(store, OLD, [{ epoch: 1, key: new Uint8Array(32).fill(4) }]);
		expect(await loadRecordingKeys(store, OLD)).toEqual([
			{ epoch: 1, key: new Uint8Array(32).fill(4) }
		]);
		const shelf = open();
		await shelf.remove(OLD);
		expect((await shelf.list()).map(({ id }) => id)).toEqual([NEW]);
		expect(await loadRecordingKeys(store, OLD)).toEqual([]);
	});

	it('never touches the one that is being recorded', async () => {
		const { open, clock } = await shelved(OLD);
		clock.advance(400 * DAY_MS);
		const shelf = open();
		await shelf.sweep();
		expect((await shelf.list()).map(({ id }) => id)).toEqual([OLD]);
	});

	it('says whether the browser keeps it when space is short', async () => {
		const { open } = await shelved();
		expect(await open().persistence(false)).toBe('denied');
		expect(await open().persistence(true)).toBe('granted');
		const space = await open().space();
		expect(space.used).toBeGreaterThan(40_000);
		expect(space.left).toBeGreaterThan(0);
	});
});
