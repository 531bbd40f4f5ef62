/** A recording is fetched onto a disk that fills up on the way: real nodes, real files, a disk that refuses as a browser's does. */
import { afterEach, expect, it } from 'vitest';
import { openFolder } from '#lib/io/disk/recording-files.ts';
import { PIECE_BYTES } from '#lib/p2p/archive/limits.ts';
import { narrow } from '../lib/narrow-disk.ts';
import {
	endSharers,
	fetchBy,
	linkOf,
	OPEN_TO_ALL,
	openSharer,
	putTape,
	when
} from '../lib/sharer.ts';
import { makeTape } from '../lib/tape-maker.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';

const TEST_MS = 60_000;
const PIECES_FITTING = 5;

let seed: WholeSeed;
afterEach(async () => {
	await endSharers();
	await seed.stop();
});

const room = { bytes: Infinity };

it(
	'waits where the disk is full, loses nothing over a restart, and goes on when there is room',
	async () => {
		seed = await startWholeSeed();
		const tape = await makeTape({
			...{ seconds: 20, speakers: 11, talks: () => true, signed: false }
		});
		const host = await openSharer(seed);
		const startedAtMs = Date.now();
		const id = await putTape(host, tape, { startedAtMs, endedAtMs: startedAtMs });
		await host.desk.share(id, OPEN_TO_ALL);
		let guest = await openSharer(seed, { disk: (disk) => narrow(disk, room) });
		room.bytes = (PIECES_FITTING + 0.5) * PIECE_BYTES;
		await fetchBy(guest, linkOf(host, id));
		await when(guest, () => guest.desk.copy(id)!.state === 'paused');
		expect(guest.desk.copy(id)!.problem).toBe('disk-full');
		// The app is closed, and opened again; what is there stays, and nothing is fetched by itself.
		guest = await guest.reopened();
		expect(guest.desk.copy(id)).toMatchObject({ state: 'paused' });
		room.bytes = Infinity;
		const more = when(guest, () => guest.desk.copy(id)!.done >= PIECES_FITTING);
		await guest.desk.resume(id);
		await more;
		await when(guest, () => guest.desk.copy(id)!.state === 'whole');
		const written = await guest.disk.files(id);
		const pieces = written.find(({ name }) => name === 'pieces')!.size / PIECE_BYTES;
		expect(pieces).toBe(Math.ceil(guest.desk.copy(id)!.manifest.bytes / PIECE_BYTES));
		expect((await openFolder(guest.disk, id))!.recording.durationMs).toBe(20_000);
	},
	TEST_MS
);
