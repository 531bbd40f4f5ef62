/** An identity on two devices: what goes along, and what stays as it was where something fails. */
import { describe, expect, it } from 'vitest';
import { openCommons } from '#lib/app/commons.ts';
import { loadIdentity } from '#lib/io/keys/identity.ts';
import type { Store, SystemNotices } from '#lib/io/ports.ts';
import { reachKeyOf } from '#lib/p2p/wire/card.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { fakePeer } from '../lib/fake-session.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const PASSPHRASE = 'five grapes on a vine';
const sam = { peer: fakePeer('Sam'), name: 'Sam', secret: new Uint8Array(16).fill(4) };
const silent: SystemNotices = {
	permission: () => 'unsupported',
	ask: () => Promise.resolve('unsupported'),
	show: () => undefined,
	onPressed: () => undefined
};

async function device(name: string, store: Store = createMemoryStore()) {
	const identity = { ...(await loadIdentity(store)), kept: true };
	let chosen = name;
	const commons = await openCommons({
		identity,
		store,
		clock: createFakeClock(1_790_000_000_000),
		notices: silent,
		isHidden: () => false,
		name: { shown: () => chosen || 'Guest', chosen: () => chosen },
		rename(next) {
			chosen = next;
			return Promise.resolve();
		}
	});
	return { commons, identity, store, name: () => chosen };
}

describe('an identity', () => {
	it('is the same person on another device, by the same name, following the same people', async () => {
		const old = await device('Hanna');
		await old.commons.people.follow(sam);
		const text = await old.commons.carryOut(PASSPHRASE);
		const fresh = await device('');
		expect(await fresh.commons.carryIn(text, PASSPHRASE)).toEqual({ ok: true });
		const after = await device(fresh.name(), fresh.store);
		expect(after.identity.peer).toBe(old.identity.peer);
		expect(after.commons.card).toEqual(old.commons.card);
		expect(reachKeyOf(after.commons.card)).toBe(reachKeyOf(old.commons.card));
		expect(after.commons.people.list).toEqual(old.commons.people.list);
	});

	it('stays who it was where the passphrase is another or nothing can be kept', async () => {
		const old = await device('Hanna');
		const text = await old.commons.carryOut(PASSPHRASE);
		const store = createMemoryStore();
		const fresh = await device('Ben', store);
		expect(await fresh.commons.carryIn(text, 'another one')).toEqual({
			ok: false,
			reason: 'wrong-passphrase'
		});
		expect(await fresh.commons.carryIn('hello', PASSPHRASE)).toEqual({
			ok: false,
			reason: 'not-an-identity'
		});
		store.put = () => Promise.reject(new Error('The disk is full.'));
		expect(await fresh.commons.carryIn(text, PASSPHRASE)).toEqual({
			ok: false,
			reason: 'store-failed'
		});
		expect((await loadIdentity(store)).peer).toBe(fresh.identity.peer);
		expect(fresh.name()).toBe('Ben');
	});
});
