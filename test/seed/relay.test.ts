/** The relay helper from its beginning to its end, in a room of Node peers. */
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { roomIdOf, type RoomId } from '#lib/p2p/wire/ids.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import type { HeadlessPeer } from '../../src/seed/headless-peer.ts';
import { endMembers, join } from './members.ts';
import { endRelays, runRelay, type RunningRelay } from './relay-process.ts';
import { newFolder, startSeed, type RunningSeed } from './seed-process.ts';

const NONCE = Uint8Array.of(1, 6, 1, 8, 0, 3, 3, 9);
/** Seeds are dialled again after ten seconds at most, and members are found a moment later. */
const BACK_MAX_MS = 40_000;

afterEach(async () => {
	endRelays();
	await endMembers();
});

/** A room with nobody in it but its host, who carries one listener, and a relay helper, which is that one. */
async function setup(): Promise<{
	seed: RunningSeed;
	folder: string;
	room: RoomId;
	host: HeadlessPeer;
	relay: RunningRelay;
	/** With which code the relay ended. */
	ended: Promise<number | null>;
}> {
	const folder = newFolder();
	const seed = await startSeed('--data', folder);
	const keySeed = newKeySeed();
	const room = roomIdOf((await createKeys(keySeed)).publicKey, NONCE);
	const opening = { title: 'Lent', nonce: NONCE, createdAtMs: Date.now() };
	const host = await join(seed, room, { name: 'Hanna', fanout: 1, keySeed, opening });
	const relay = runRelay(encodeRoomKey(room), '--seed', seed.url);
	const ended = once(relay.child, 'exit').then(([code]) => code as number | null);
	await relay.said(/Lent: joined/);
	return { seed, folder, room, host, relay, ended };
}

describe('a relay helper', () => {
	it('outlives its seed, and carries who comes once that is back', async () => {
		const { seed, folder, room, host } = await setup();
		const [relay] = host.engine.diagnostics().children;
		await seed.end('SIGKILL');
		const back = await startSeed('--data', folder, '--port', String(seed.port));
		const zoe = await join(back, room, { name: 'Zoe', fanout: 0 });
		const path = [host.peer, relay, zoe.peer];
		await vi.waitFor(() => {
			expect(zoe.engine.diagnostics().path).toEqual(path);
		}, BACK_MAX_MS);
	});

	it('ends by itself when the room does', async () => {
		const { host, relay, ended } = await setup();
		host.wish({ type: 'end', words: '' });
		await relay.said(/Lent: ended/);
		expect(await ended).toBe(0);
	});

	it('ends when the room will not have it', async () => {
		const { host, relay, ended } = await setup();
		const [child] = host.engine.diagnostics().children;
		if (child === undefined) throw new Error('The host carries nobody.');
		host.wish({ type: 'remove', peer: child, block: false });
		await relay.said(/Lent: removed/);
		expect(await ended).toBe(0);
	});

	it('stops at once where its seed hangs', async () => {
		const { seed, relay, ended } = await setup();
		seed.child.kill('SIGSTOP');
		relay.child.kill('SIGTERM');
		await relay.said(/Handing over/);
		expect(await ended).toBe(0);
	});
});
