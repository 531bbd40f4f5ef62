/** Recordings handed out from peer to peer: real nodes, real files, a real seed between them. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadRecordingKeys, saveRecordingKeys } from '#lib/app/engine/recording-keys.ts';
import { createRoomMemory } from '#lib/app/engine/room-memory.ts';
import { openFolder, folderSources } from '#lib/io/disk/recording-files.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode } from '#lib/io/net/peer-node.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { PIECE_BYTES } from '#lib/p2p/archive/limits.ts';
import { shareKeyOf, type ShareLink } from '#lib/p2p/archive/share-link.ts';
import { decodeQuestion, encodeAnswer, encodeQuestion } from '#lib/p2p/archive/share-message.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
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
	type Sharer,
	type SharerOptions
} from '../lib/sharer.ts';
import { makeTape, type MadeTape } from '../lib/tape-maker.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';

const DAY_MS = 86_400_000;
const TEST_MS = 60_000;

let seed: WholeSeed;
let tape: MadeTape;

beforeAll(async () => {
	// Eleven who talk at once: some forty pieces.
	tape = await makeTape({ seconds: 60, speakers: 11, talks: () => true, signed: false });
}, TEST_MS);

const others: { stop(): Promise<void> }[] = [];

afterEach(async () => {
	await endSharers();
	await Promise.all(others.splice(0).map((one) => one.stop()));
	await seed.stop();
});

/** A host that has shared the tape. */
async function hosting(
	options: SharerOptions = {},
	terms = OPEN_TO_ALL
): Promise<{ host: Sharer; id: RecordingId; link: ShareLink }> {
	seed = await startWholeSeed();
	const host = await openSharer(seed, options);
	const startedAtMs = Math.floor((options.clock ?? createSystemClock()).nowMs());
	const id = await putTape(host, tape, { startedAtMs, endedAtMs: startedAtMs });
	await host.desk.share(id, terms);
	return { host, id, link: linkOf(host, id) };
}

const isWhole = (who: Sharer, id: RecordingId): boolean => who.desk.copy(id)?.state === 'whole';

const share = (who: Sharer, id: RecordingId): number => {
	const { done, pieces } = who.desk.copy(id)!;
	return pieces === 0 ? 0 : done / pieces;
};

/** All bytes of it, as they are read to be listened to. */
async function contentOf({ disk }: Sharer, id: RecordingId): Promise<Uint8Array[]> {
	const sources = await folderSources(disk, id);
	return Promise.all(
		[sources.meta, sources.log, sources.index, sources.sound].map((part) => part.read(0, part.size))
	);
}

describe('a shared recording', () => {
	it(
		'comes to three while its host leaves at 40 %, and who brings something else is dropped',
		async () => {
			const { host, id, link } = await hosting();
			const three = await Promise.all(
				[0, 1 / 3, 2 / 3].map((chance) => openSharer(seed, { chance }))
			);
			const liar = await liarAt(link, (await found(three[0]!, link)).signed);
			const dropped = new Set<Sharer>();
			let missing = 0;
			const leaving = Promise.all(
				three.map((one) => when(one, () => one.desk.copy(id) !== null && share(one, id) >= 0.4))
			).then(() => {
				missing = three.filter((one) => !isWhole(one, id)).length;
				return host.close();
			});
			for (const one of three) {
				one.desk.onChange(() => {
					if (one.desk.copy(id)!.dropped > 0) dropped.add(one);
				});
			}
			await Promise.all(three.map((one) => fetchBy(one, link)));
			await leaving;
			// What they lacked then came from each other.
			expect(missing).toBeGreaterThan(0);
			await Promise.all(three.map((one) => when(one, () => isWhole(one, id))));
			const original = await contentOf(host, id);
			for (const one of three) expect(await contentOf(one, id)).toEqual(original);
			expect(original.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(
				30 * PIECE_BYTES
			);
			// Who was quick enough has asked only others.
			expect(dropped.size).toBeGreaterThanOrEqual(1);
			expect(liar.asked()).toBeGreaterThanOrEqual(dropped.size);
			const reader = await openFolder(three[0]!.disk, id);
			expect(reader!.recording.durationMs).toBe(60_000);
		},
		TEST_MS
	);

	it(
		'goes on after a reload with what is there, and is counted by its host once it is whole',
		async () => {
			const { host, id, link } = await hosting();
			let guest = await openSharer(seed);
			const half = when(guest, () => guest.desk.copy(id) !== null && share(guest, id) >= 0.5);
			await fetchBy(guest, link);
			await half;
			guest = await guest.reopened();
			const first = guest.desk.copy(id)!;
			expect(first.state).toBe('fetching');
			await when(guest, () => guest.desk.copy(id)!.pieces > 0);
			expect(share(guest, id)).toBeGreaterThanOrEqual(0.5);
			await when(guest, () => isWhole(guest, id));
			expect(await contentOf(guest, id)).toEqual(await contentOf(host, id));
			await when(host, () => host.desk.shared(id)!.fetched === 1);
			// Not again, though it is asked again.
			guest = await guest.reopened();
			await found(guest, link);
			expect(host.desk.shared(id)!.fetched).toBe(1);
		},
		TEST_MS
	);

	it(
		'waits while the person pauses it, and for its host where nobody else may pass it on',
		async () => {
			const { host, id, link } = await hosting({}, { passedOn: false, opened: false });
			const [ann, ben] = [await openSharer(seed), await openSharer(seed)];
			const some = when(ann, () => ann.desk.copy(id) !== null && share(ann, id) > 0.1);
			await fetchBy(ann, link);
			await some;
			await ann.desk.pause(id);
			expect(ann.desk.copy(id)).toMatchObject({ state: 'paused', sources: 0 });
			await ann.desk.resume(id);
			await when(ann, () => isWhole(ann, id));
			const told = await found(ben, link);
			await host.close();
			await ben.desk.fetch(link, told);
			await when(ben, () => ben.desk.copy(id)!.alone);
			expect(ben.desk.copy(id)!.done).toBe(0);
			// Its host allows it now, and is there again.
			const back = await host.reopened();
			await when(ben, () => isWhole(ben, id));
			expect(back.desk.shared(id)!.passedOn).toBe(false);
		},
		TEST_MS
	);

	it(
		'is deleted wherever it is when its host takes it back, at once or on return',
		async () => {
			const { host, id, link } = await hosting();
			const [ann, ben] = [await openSharer(seed), await openSharer(seed)];
			for (const one of [ann, ben]) {
				await fetchBy(one, link);
				await when(one, () => isWhole(one, id));
			}
			await ben.close();
			await host.desk.withdraw(id);
			await when(ann, () => ann.desk.copy(id)!.state === 'withdrawn');
			expect(await ann.disk.folders()).toEqual([]);
			const later = await ben.reopened();
			await when(later, () => later.desk.copy(id)!.state === 'withdrawn');
			expect(await later.disk.folders()).toEqual([]);
			// The host keeps its own, and who comes later is told.
			expect(await host.disk.folders()).toEqual([id]);
			const eve = await openSharer(seed);
			expect((await found(eve, link)).manifest.state).toBe('withdrawn');
		},
		TEST_MS
	);

	it(
		'is deleted on return where it could not be when its host took it back',
		async () => {
			const { host, id, link } = await hosting();
			const noted: unknown[] = [];
			const ann = await openSharer(seed, { note: (error) => noted.push(error) });
			await fetchBy(ann, link);
			await when(ann, () => isWhole(ann, id));
			const removing = vi
				.spyOn(ann.disk, 'removeFolder')
				.mockRejectedValue(new Error('It is in use.'));
			await host.desk.withdraw(id);
			await expect.poll(() => removing.mock.calls.length, { timeout: TEST_MS }).toBeGreaterThan(0);
			await expect.poll(() => noted.length, { timeout: TEST_MS }).toBeGreaterThan(0);
			removing.mockRestore();
			const later = await ann.reopened();
			await when(later, () => later.desk.copy(id)!.state === 'withdrawn');
			expect(await later.disk.folders()).toEqual([]);
		},
		TEST_MS
	);

	it(
		'is told about, and given, to nobody who does not know its link',
		async () => {
			const { host, id, link } = await hosting();
			const eve = await openSharer(seed);
			const wrong = { ...link, secret: new Uint8Array(16).fill(3) };
			const look = encodeQuestion({
				type: 'look',
				key: shareKeyOf(wrong),
				manifest: new Uint8Array(0)
			});
			const signal = AbortSignal.timeout(10_000);
			await expect(
				eve.node.sharing.ask({ peer: host.peer, addrs: [] }, look, signal)
			).rejects.toThrow();
			expect(host.desk.shared(id)!.fetched).toBe(0);
		},
		TEST_MS
	);

	it(
		'says the same of itself though somebody signs another story',
		async () => {
			const { host, id, link } = await hosting();
			const guest = await openSharer(seed);
			await fetchBy(guest, link);
			await when(guest, () => isWhole(guest, id));
			// Signed by another key: neither host nor holder withdraws for that.
			const eve = await openSharer(seed, { keySeed: newKeySeed() });
			const forged = (await found(guest, link)).signed.slice();
			forged[1 + 16 + 20 + 32 + 6]! |= 1;
			const look = encodeQuestion({ type: 'look', key: shareKeyOf(link), manifest: forged });
			for (const one of [host, guest]) {
				await eve.node.sharing.ask(
					{ peer: one.peer, addrs: [] },
					look,
					AbortSignal.timeout(10_000)
				);
			}
			expect(isWhole(guest, id)).toBe(true);
			expect(host.desk.shared(id)!.state).toBe('shared');
		},
		TEST_MS
	);

	it(
		'is signed for by nobody but its host, also where another tab of the same browser has it',
		{ timeout: TEST_MS },
		async () => {
			const { host, id, link } = await hosting();
			const before = host.desk.shared(id);
			const other = await host.reopened({ keySeed: newKeySeed() });
			await expect(other.desk.withdraw(id)).rejects.toThrow('Only who hosted it');
			await expect(other.desk.share(id, OPEN_TO_ALL)).rejects.toThrow('Only who hosted it');
			await other.desk.renew(id);
			await other.desk.letGo(id);
			expect(other.desk.shared(id)).toEqual(before);
			const guest = await openSharer(seed);
			await other.reopened({ keySeed: host.keySeed });
			await fetchBy(guest, link);
			await when(guest, () => isWhole(guest, id));
		}
	);
});

describe('a shared recording of a locked room', () => {
	it(
		'opens to members alone, and to whoever has the link once its host opens it',
		async () => {
			seed = await startWholeSeed();
			const [host, member, guest] = [
				await openSharer(seed),
				await openSharer(seed),
				await openSharer(seed)
			];
			const startedAtMs = Date.now();
			const id = await putTape(host, tape, { startedAtMs, endedAtMs: startedAtMs, sealed: true });
			const keys = [1, 2].map((epoch) => ({ epoch, key: new Uint8Array(32).fill(epoch) }));
			await saveRecordingKeys(host.store, id, keys);
			// What a member's app remembers of the room: its secret, the newest epoch, and the key of that.
			const [secret, epoch] = [new Uint8Array(16), [0, 0, 0, 2]];
			await createRoomMemory(member.store, tape.room).saveKeys(
				Uint8Array.of(...secret, ...epoch, ...keys[1]!.key)
			);
			await host.desk.share(id, OPEN_TO_ALL);
			const link = linkOf(host, id);
			for (const one of [member, guest]) {
				await fetchBy(one, link);
				await when(one, () => isWhole(one, id));
			}
			expect(await loadRecordingKeys(member.store, id)).toEqual([keys[1]]);
			expect(await loadRecordingKeys(guest.store, id)).toEqual([]);
			await host.desk.share(id, { passedOn: true, opened: true });
			const later = await guest.reopened();
			await when(later, () => later.desk.copy(id)!.manifest.keysHash !== null);
			await expect.poll(() => loadRecordingKeys(later.store, id)).toEqual(keys);
			expect(host.desk.shared(id)).toMatchObject({ sealed: true, opened: true });
		},
		TEST_MS
	);
});

describe('thirty days of a shared recording', () => {
	it(
		'end at an honest peer too, open or closed; what its host keeps is kept',
		async () => {
			const { host, id, link } = await hosting();
			const clocks = [1, 2, 3].map(() => createFakeClock(Date.now()));
			const [open, closed, last] = await Promise.all(
				clocks.map((clock) => openSharer(seed, { clock }))
			);
			for (const one of [open!, closed!, last!]) {
				await fetchBy(one, link);
				await when(one, () => isWhole(one, id));
			}
			await Promise.all([closed!.close(), last!.close()]);
			clocks[0]!.advance(30 * DAY_MS - 60 * 60_000);
			expect(isWhole(open!, id)).toBe(true);
			clocks[0]!.advance(2 * 60 * 60_000);
			await when(open!, () => open!.desk.copy(id)!.state === 'expired');
			expect(await open!.disk.folders()).toEqual([]);
			clocks[1]!.advance(31 * DAY_MS);
			const later = await closed!.reopened();
			await when(later, () => later.desk.copy(id)!.state === 'expired');
			expect(await later.disk.folders()).toEqual([]);
			const shelf = shelfOf(host);
			await shelf.keep(id, true);
			const kept = await last!.reopened();
			await when(kept, () => kept.desk.copy(id)!.manifest.expiresAtMs === null);
			clocks[2]!.advance(400 * DAY_MS);
			expect(isWhole(kept, id)).toBe(true);
			// Its host deletes it after all, and those who have it with it.
			await shelf.remove(id);
			expect(await host.disk.folders()).toEqual([]);
			await when(kept, () => kept.desk.copy(id)!.state === 'withdrawn');
			expect(await kept.disk.folders()).toEqual([]);
		},
		TEST_MS
	);
});

/** Has all of it, it says, and gives other bytes. */
async function liarAt(link: ShareLink, manifest: Uint8Array): Promise<{ asked(): number }> {
	const keySeed = newKeySeed();
	const clock = createSystemClock();
	const node = await createPeerNode({ keySeed, seeds: [seed.addr], clock });
	others.push(node);
	await reachSeeds(node, 1);
	let asked = 0;
	node.sharing.listen(true);
	node.directory.announce(shareKeyOf(link));
	node.sharing.onQuestion((_, bytes) => {
		const question = decodeQuestion(bytes);
		switch (question?.type) {
			case 'look': {
				const keys = new Uint8Array(0);
				return Promise.resolve(encodeAnswer({ type: 'offer', manifest, gives: true, keys }));
			}
			case 'map': {
				const has = new Array<boolean>(countOf()).fill(true);
				return Promise.resolve(encodeAnswer({ type: 'map', has }));
			}
			case 'piece': {
				asked++;
				const wrong = new Uint8Array(PIECE_BYTES).fill(asked);
				return Promise.resolve(
					encodeAnswer({ type: 'piece', piece: question.piece, bytes: wrong })
				);
			}
			case 'hashes': {
				const hashes = [new Uint8Array(32).fill(++asked)];
				return Promise.resolve(encodeAnswer({ type: 'hashes', from: question.from, hashes }));
			}
			case 'whole':
			case undefined:
				return Promise.resolve(null);
		}
	});
	return { asked: () => asked };
}

/** Pieces of the tape. */
function countOf(): number {
	const { meta, log, index, sound } = tape.parts;
	const bytes = 24 + meta.length + log.length + index.length + sound.length;
	return Math.ceil(bytes / PIECE_BYTES);
}
