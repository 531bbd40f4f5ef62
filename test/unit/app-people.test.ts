import { describe, expect, it } from 'vitest';
import { belongingsOf, readBelongings } from '#lib/app/people/belongings.ts';
import { namedView } from '#lib/app/people/named-view.ts';
import { loadPeople, type Person } from '#lib/app/people/people.ts';
import { FOLLOWS_MAX } from '#lib/p2p/wire/limits.ts';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';
import { fakeListener, fakePeer, fakeSeat, fakeView } from '../lib/fake-session.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const me = fakePeer('Me');
const secret = new Uint8Array(16).fill(3);
const sam = { peer: fakePeer('Sam'), name: 'Sam', secret };
const ana = { peer: fakePeer('Ana'), name: 'Ana', secret: null };
const names = (list: readonly Person[]): string[] => list.map(({ name }) => name);

async function setup() {
	const store = createMemoryStore();
	const load = () => loadPeople({ store, me, nowMs: () => 5 });
	return { store, load, people: await load() };
}

describe('people I follow', () => {
	it('are kept, by the names I give them, over a restart', async () => {
		const { people, load } = await setup();
		const told: string[][] = [];
		people.onChange((list) => told.push(names(list)));
		await people.follow(sam);
		await people.follow(ana);
		await people.rename(sam.peer, ' Aunt\tSam ');
		expect(told).toEqual([['Sam'], ['Ana', 'Sam'], ['Ana', 'Aunt Sam']]);
		const again = await load();
		expect(again.list).toEqual(people.list);
		expect(again.find(sam.peer)).toEqual({ ...sam, name: 'Aunt Sam', sinceMs: 5 });
	});

	it('keep the name when their card comes later, and then have its secret', async () => {
		const { people } = await setup();
		await people.follow({ ...sam, secret: null });
		await people.rename(sam.peer, 'My Sam');
		await people.follow(sam);
		expect(people.find(sam.peer)).toMatchObject({ name: 'My Sam', secret });
		await people.follow({ ...sam, secret: null });
		expect(people.find(sam.peer)).toMatchObject({ secret });
	});

	it('can be let go and taken back as they were', async () => {
		const { people } = await setup();
		await people.follow(sam);
		const [before] = people.list;
		await people.unfollow(sam.peer);
		expect(people.list).toEqual([]);
		await people.restore(before!);
		expect(people.list).toEqual([before]);
	});

	it('are not lost where two tabs change them', async () => {
		const { people, load } = await setup();
		const other = await load();
		await people.follow(sam);
		await other.follow(ana);
		expect(names(other.list)).toEqual(['Ana', 'Sam']);
		expect(names((await load()).list)).toEqual(['Ana', 'Sam']);
	});

	it('are not lost where the browser will not look, and then keeps again', async () => {
		const store = createMemoryStore();
		let shut = false;
		const get = (name: string) => (shut ? Promise.reject(new Error('shut')) : store.get(name));
		const parts = { store: { ...store, get }, me, nowMs: () => 5 };
		const people = await loadPeople(parts);
		await people.follow(sam);
		shut = true;
		await expect(people.follow(ana)).rejects.toThrow('shut');
		shut = false;
		expect(names((await loadPeople(parts)).list)).toEqual(['Sam']);
	});

	it('do not include myself, nor more than there may be', async () => {
		const { people } = await setup();
		expect(await people.follow({ peer: me, name: 'Me', secret: null })).toEqual({
			ok: false,
			reason: 'myself'
		});
		const many = Array.from({ length: FOLLOWS_MAX }, (_, i): Person => {
			const key = new Uint8Array(32);
			new DataView(key.buffer).setUint32(0, i + 1);
			return { peer: peerIdOf(key), name: `P ${i}`, secret: null, sinceMs: 1 };
		});
		await people.adopt([...many, { ...sam, sinceMs: 1 }]);
		expect(people.list).toHaveLength(FOLLOWS_MAX);
		expect(await people.follow(ana)).toEqual({ ok: false, reason: 'full' });
	});

	it('are read as far as they can be read', async () => {
		const { store, load } = await setup();
		const good = { peer: sam.peer, name: '', secret: 'zz', sinceMs: 'x' };
		const json = JSON.stringify([good, { peer: 'nobody' }, 7, null]);
		await store.put('people', new TextEncoder().encode(json));
		expect((await load()).list).toEqual([
			{ peer: sam.peer, name: `Guest ${sam.peer.slice(-4)}`, secret: null, sinceMs: 0 }
		]);
		await store.put('people', new TextEncoder().encode('{'));
		expect((await load()).list).toEqual([]);
	});

	it('go along with an identity', () => {
		const people = [{ ...sam, sinceMs: 7 }];
		expect(readBelongings(belongingsOf('Hanna', people))).toEqual({ name: 'Hanna', people });
		expect(readBelongings(new TextEncoder().encode('[]'))).toEqual({ name: '', people: [] });
		expect(readBelongings(new Uint8Array([1]))).toEqual({ name: '', people: [] });
	});
});

describe('a room as I see it', () => {
	const people = [{ ...sam, name: 'Aunt Sam', sinceMs: 1 }];

	it('has my names for people I follow, and theirs for all others', () => {
		const view = fakeView({
			stage: [fakeSeat('Ana', { role: 'host' }), fakeSeat('Sam')],
			listeners: [fakeListener('Sam'), fakeListener('Ben')]
		});
		const seen = namedView(view, people);
		expect(seen.stage.map(({ name }) => name)).toEqual(['Ana', 'Aunt Sam']);
		expect(seen.listeners.map(({ name }) => name)).toEqual(['Aunt Sam', 'Ben']);
		expect(view.stage[1]?.name).toBe('Sam');
	});

	it('is the very same where I follow nobody', () => {
		const view = fakeView();
		expect(namedView(view, [])).toBe(view);
	});
});
