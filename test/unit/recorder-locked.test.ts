/** A locked room is recorded as it was signed: sealed, with its keys somewhere else. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createRecorder } from '#lib/app/engine/recorder.ts';
import { loadRecordingKeys } from '#lib/app/engine/recording-keys.ts';
import { createShelf } from '#lib/app/recordings/shelf.ts';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { openFolder } from '#lib/io/disk/recording-files.ts';
import { createVault } from '#lib/p2p/lock/vault.ts';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { toHex, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { lonePeer, ofType, START_MS } from '../lib/lone-peer.ts';
import { NO_SHARING } from '../lib/fake-sharing.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { QUIET_SHELF } from '../lib/quiet-shelf.ts';
import { unmute } from '../lib/stage.ts';
import { host, nonce, room } from './room-people.ts';

const ID = '0123456789abcdef0123456789abcdef' as RecordingId;
/** Found again wherever it is written as it is. */
const SAID = Uint8Array.from({ length: 40 }, (_, i) => 0x78 + i);

const folders: string[] = [];

afterEach(async () => {
	await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function lockedTape() {
	const folder = await mkdtemp(join(tmpdir(), 'grapevine-'));
	folders.push(folder);
	const [disk, store, clock] = [
		createFsDisk(folder),
		createMemoryStore(),
		createFakeClock(START_MS)
	];
	const opening = { title: 'Hedge', nonce, createdAtMs: 1, locked: true, recorded: true };
	const access = { kind: 'secret', bytes: new Uint8Array(16).fill(7) } as const;
	const lone = lonePeer(0, { opening, access, chance: new Uint8Array(32).fill(3) });
	const settle = (out: readonly PeerOutput[]): void => {
		for (let next = lone.sign(out); ofType(next, 'sign').length > 0; next = lone.sign(next));
	};
	settle(lone.wait(300));
	unmute(lone);
	settle(lone.wait(300));
	const recorder = createRecorder({
		...{ clock, disk, store, room, hostKey: host.key, newId: () => ID },
		taping: () => lone.peer.taping(),
		onStopped: () => undefined,
		note: (error) => {
			throw error;
		}
	});
	const hear = (out: readonly PeerOutput[]): void => {
		for (const output of ofType(out, 'record')) recorder.hear(output);
		for (const { ticket } of ofType(out, 'prove')) {
			hear(lone.feed({ type: 'proved', ticket, signature: new Uint8Array(64) }));
		}
	};
	for (let seq = 1; seq <= 150; seq++) {
		lone.nowMs += 20;
		clock.advance(20);
		hear(lone.feed({ type: 'voice', seq, level: 20, opus: SAID }));
		await recorder.idle();
	}
	await recorder.stop();
	return { disk, store, clock };
}

describe('the recording of a locked room', () => {
	it('holds neither sound nor words in the clear, and none of its keys', async () => {
		const { disk, store } = await lockedTape();
		const files = await disk.files(ID);
		const parts = await Promise.all(files.map(({ name, size }) => disk.read(ID, name, 0, size)));
		const whole = parts.map(toHex).join(' ');
		const keys = await loadRecordingKeys(store, ID);
		expect(keys).toHaveLength(1);
		const words = ['Hedge', host.name].map((word) => new TextEncoder().encode(word));
		for (const secret of [SAID, ...words, keys[0]!.key]) {
			expect(whole.includes(toHex(secret))).toBe(false);
		}
	});

	it('opens with them, word for word', async () => {
		const { disk, store } = await lockedTape();
		const vault = createVault(room, new Uint8Array(32));
		for (const { epoch, key } of await loadRecordingKeys(store, ID)) vault.learn(epoch, key);
		const reader = await openFolder(disk, ID);
		expect(reader!.recording.meta.sealed).toBe(true);
		expect(vault.openText(reader!.recording.meta.title)).toBe('Hedge');
		let frames = 0;
		for await (const some of reader!.frames(0)) {
			for (const { frame } of some) {
				if (frame.kind !== 'voice') continue;
				expect(frame.sealed).toBe(true);
				const said = vault.openFrame(frame.stream, frame.seq, frame.opus);
				expect(said).toEqual({ level: 20, opus: SAID });
				frames++;
			}
		}
		expect(frames).toBeGreaterThan(100);
	});

	it('has its title in the list of who has the keys', async () => {
		const { disk, store, clock } = await lockedTape();
		const shelf = (keys: typeof store) =>
			createShelf({
				...QUIET_SHELF,
				...{ disk, store: keys, clock, sharing: NO_SHARING }
			});
		expect(await shelf(store).list()).toMatchObject([{ title: 'Hedge', sealed: true }]);
		expect(await shelf(createMemoryStore()).list()).toMatchObject([{ title: '', sealed: true }]);
		expect(await shelf(store).persistence(true)).toBe('unknown');
	});
});
