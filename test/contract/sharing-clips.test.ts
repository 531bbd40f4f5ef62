/** Clips handed out from peer to peer: real nodes, real files, a real seed between them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRecordingKeys, saveRecordingKeys } from '#lib/app/engine/recording-keys.ts';
import { clipFile } from '#lib/app/replay/clip-file.ts';
import { bytesAsSource } from '#lib/io/disk/byte-sources.ts';
import { checkClip } from '#lib/io/disk/clip-check.ts';
import { openFolder } from '#lib/io/disk/recording-files.ts';
import type { ShareLink } from '#lib/p2p/archive/share-link.ts';
import { createVault } from '#lib/p2p/lock/vault.ts';
import type { RecordingId, StreamId } from '#lib/p2p/wire/ids.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import {
	endSharers,
	fetchBy,
	found,
	linkOf,
	OPEN_TO_ALL,
	openSharer,
	putTape,
	shelfOf,
	when,
	type Sharer
} from '../lib/sharer.ts';
import { makeTape, type MadeTape } from '../lib/tape-maker.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';

const DAY_MS = 86_400_000;
const CUT = { fromMs: 2_000, toMs: 9_000 };
const TEST_MS = 60_000;

let seed: WholeSeed;
beforeEach(async () => {
	seed = await startWholeSeed();
});
afterEach(async () => {
	await endSharers();
	await seed.stop();
});

/** Every tape's. */
const { room: tapeRoom } = await makeTape({ seconds: 1, speakers: 1, signed: false });

/** A host with a recording of now. */
async function hostOf(tape: MadeTape, sealed = false): Promise<{ host: Sharer; of: RecordingId }> {
	const host = await openSharer(seed, { keySeed: new Uint8Array(32).fill(1) });
	const startedAtMs = Date.now();
	const of = await putTape(host, tape, { startedAtMs, endedAtMs: startedAtMs, sealed });
	return { host, of };
}

/** Eleven who talk at once: what one cuts has several pieces. */
const signedTape = (): Promise<MadeTape> =>
	makeTape({ seconds: 10, speakers: 11, talks: () => true });

async function cutBy({ disk, keys }: Sharer, of: RecordingId): Promise<Uint8Array> {
	const reader = (await openFolder(disk, of))!;
	return (await clipFile({ reader, cut: CUT, keys, nowMs: Date.now() }))!;
}

const stateAt = ({ desk }: Sharer, id: RecordingId) => desk.copy(id)?.state;

/** Fetches it to the last piece. */
async function fetchWhole(who: Sharer, link: ShareLink): Promise<void> {
	await fetchBy(who, link);
	await when(who, () => stateAt(who, link.id) === 'whole');
}

describe('a clip that is handed out by a link', () => {
	it(
		'comes whole with its signatures, of its maker and of others, and goes where it is taken back',
		async () => {
			const { host, of } = await hostOf(await signedTape());
			const file = await cutBy(host, of);
			const id = await host.desk.shareClip(file, OPEN_TO_ALL);
			const link = linkOf(host, id);
			const [ann, ben] = [await openSharer(seed), await openSharer(seed)];
			const { manifest } = await found(ann, link);
			expect(manifest).toMatchObject({ clip: true, durationMs: 7_000, bytes: file.length });
			await fetchWhole(ann, link);
			await when(host, () => host.desk.shared(id)!.fetched === 1);
			// Its maker's app is closed.
			await host.close();
			await fetchWhole(ben, link);
			for (const one of [ann, ben]) {
				const bytes = (await one.desk.clipBytes(id))!;
				expect(bytes).toEqual(file);
				const checked = await checkClip(bytesAsSource(bytes), (...what) =>
					one.keys.verify(...what)
				);
				expect(checked).toMatchObject({ faults: [], gaps: [], maker: host.peer });
				// It is no recording, and not listed as one.
				expect(await shelfOf(one).list()).toEqual([]);
			}
			const back = await host.reopened();
			expect(back.desk.clips.map((clip) => clip.id)).toEqual([id]);
			await back.desk.withdraw(id);
			expect(back.desk.clips).toEqual([]);
			expect(await back.disk.folders()).toEqual([of]);
			await Promise.all([ann, ben].map((one) => when(one, () => stateAt(one, id) === 'withdrawn')));
			for (const one of [ann, ben]) expect(await one.disk.folders()).toEqual([]);
		},
		TEST_MS
	);

	it(
		'lives as long as its recording, kept or not, and goes with it',
		async () => {
			const { host, of } = await hostOf(await signedTape());
			const clock = createFakeClock(Date.now());
			const guest = await openSharer(seed, { clock });
			const id = await host.desk.shareClip(await cutBy(host, of), OPEN_TO_ALL);
			const link = linkOf(host, id);
			await fetchWhole(guest, link);
			const until = (who: Sharer): number | null => who.desk.copy(id)!.manifest.expiresAtMs;
			expect(until(guest)).toBe(host.desk.clips[0]!.manifest.expiresAtMs);
			expect(until(guest)! - Date.now()).toBeGreaterThan(29 * DAY_MS);
			await shelfOf(host).keep(of, true);
			let later = await guest.reopened();
			await when(later, () => until(later) === null);
			await shelfOf(host).keep(of, false);
			later = await later.reopened();
			await when(later, () => until(later) !== null);
			clock.advance(31 * DAY_MS);
			await when(later, () => stateAt(later, id) === 'expired');
			expect(await later.disk.folders()).toEqual([]);
			await shelfOf(host).remove(of);
			expect(host.desk.shared(id)!.state).toBe('withdrawn');
			expect(await host.disk.folders()).toEqual([]);
		},
		TEST_MS
	);

	it(
		'is cut from somebody else’s recording by their leave alone, and ends with that',
		async () => {
			const { host, of } = await hostOf(await signedTape());
			await host.desk.share(of, { passedOn: false, opened: false });
			let ann = await openSharer(seed);
			const eve = await openSharer(seed);
			await fetchWhole(ann, linkOf(host, of));
			const file = await cutBy(ann, of);
			expect(ann.desk.clipLeave(of).share).toBe(false);
			await expect(ann.desk.shareClip(file, OPEN_TO_ALL)).rejects.toThrow('passed on');
			await host.desk.share(of, OPEN_TO_ALL);
			ann = await ann.reopened();
			await when(ann, () => ann.desk.clipLeave(of).share);
			const id = await ann.desk.shareClip(file, OPEN_TO_ALL);
			await fetchWhole(eve, linkOf(ann, id));
			await host.desk.withdraw(of);
			await when(ann, () => stateAt(ann, of) === 'withdrawn');
			await when(eve, () => stateAt(eve, id) === 'withdrawn');
			for (const one of [ann, eve]) expect(await one.disk.folders()).toEqual([]);
		},
		TEST_MS
	);

	it(
		'of a locked room opens to members alone, and once it is opened, with no more keys than it needs',
		async () => {
			const keys = [1, 2].map((epoch) => ({ epoch, key: new Uint8Array(32).fill(epoch) }));
			const stream = '1'.repeat(32) as StreamId;
			const tape = await makeTape({
				...{ seconds: 10, speakers: 2, talks: () => true, signed: false },
				opus(speaker, tick) {
					const vault = createVault(tapeRoom, new Uint8Array(32).fill(speaker));
					for (const { epoch, key } of keys) vault.learn(epoch, key);
					const opus = new Uint8Array(60).fill(tick);
					return vault.sealFrame(2, { stream, seq: tick, level: 30, opus });
				}
			});
			const { host, of } = await hostOf(tape, true);
			await saveRecordingKeys(host.store, of, keys);
			const id = await host.desk.shareClip(await cutBy(host, of), OPEN_TO_ALL);
			const link = linkOf(host, id);
			const guest = await openSharer(seed);
			expect((await found(guest, link)).manifest).toMatchObject({ sealed: true, keysHash: null });
			await fetchWhole(guest, link);
			expect(await loadRecordingKeys(guest.store, id)).toEqual([]);
			await host.desk.share(id, { passedOn: true, opened: true });
			const later = await guest.reopened();
			await when(later, () => later.desk.copy(id)!.manifest.keysHash !== null);
			await expect.poll(() => loadRecordingKeys(later.store, id)).toEqual([keys[1]]);
		},
		TEST_MS
	);
});
