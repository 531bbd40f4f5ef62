import { describe, expect, it } from 'vitest';
import { createKeys } from '#lib/io/keys/keys.ts';
import { loadIdentity } from '#lib/io/keys/identity.ts';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

describe('the identity', () => {
	it('is made on first use and the same after a reload', async () => {
		const store = createMemoryStore();
		const first = await loadIdentity(store);
		const second = await loadIdentity(store);
		expect(first.origin).toBe('new');
		expect(second).toEqual({ ...first, origin: 'kept' });
	});

	it('is one key: the peer id, the public key and the seed belong together', async () => {
		const { keySeed, publicKey, peer } = await loadIdentity(createMemoryStore());
		expect((await createKeys(keySeed)).publicKey).toEqual(publicKey);
		expect(peer).toBe(peerIdOf(publicKey));
		expect(peer).toMatch(/^12D3KooW/);
	});

	it.each([
		['cut short', (record: Uint8Array) => record.subarray(0, 20)],
		[
			'with a flipped bit',
			(record: Uint8Array) => record.map((byte, i) => (i === 9 ? byte ^ 4 : byte))
		],
		['of another version', (record: Uint8Array) => record.map((byte, i) => (i === 0 ? 9 : byte))],
		['empty', () => new Uint8Array(0)]
	])('puts a record %s aside and makes a fresh one, and says so', async (_, damage) => {
		const store = createMemoryStore();
		const first = await loadIdentity(store);
		const damaged = damage((await store.get('identity')) ?? new Uint8Array(0));
		await store.put('identity', damaged);

		const second = await loadIdentity(store);
		expect(second.origin).toBe('replaced');
		expect(second.peer).not.toBe(first.peer);
		expect(await store.get('identity.damaged')).toEqual(damaged);
		expect(await loadIdentity(store)).toEqual({ ...second, origin: 'kept' });
	});
});
