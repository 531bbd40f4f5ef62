/** Whom a host has blocked is kept on its device, from room to room. */
import { describe, expect, it, vi } from 'vitest';
import { loadBlockedList } from '#lib/app/blocked-list.ts';
import type { RemovedView, RoomView } from '#lib/p2p/peer/view.ts';
import { BLOCKED_MAX } from '#lib/p2p/wire/limits.ts';
import { fakePeer, fakePerson, fakeSession, fakeState, fakeView } from '../lib/fake-session.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const asHost = { ...fakeView().me, peer: fakePeer('Ana'), role: 'host' } as const;
const out = (name: string, more: Partial<RemovedView> = {}): RemovedView => ({
	...fakePerson(name),
	blocked: true,
	by: fakePerson('Ana'),
	canReadmit: true,
	...more
});
const hosting = (removed: readonly RemovedView[], more: Partial<RoomView> = {}) =>
	fakeState({ view: fakeView({ me: asHost, removed, ...more }) });

/** The list, and a room that it watches. */
async function setup(removed: readonly RemovedView[] = [], store = createMemoryStore()) {
	const list = await loadBlockedList(store);
	const room = fakeSession(hosting(removed));
	list.watch(room.session);
	return { list, room, store };
}

const names = ({ people }: { people: readonly { name: string }[] }): string[] =>
	people.map(({ name }) => name);

describe('the list of the blocked', () => {
	it('takes up whom the host or a co-host blocks, the latest first, and keeps it on the device', async () => {
		const { list, room, store } = await setup();
		room.setView({ removed: [out('Zoe'), out('Yves', { blocked: false })] });
		room.setView({ removed: [out('Zoe'), out('Xenia', { by: fakePerson('Béla') })] });
		expect(names(list)).toEqual(['Xenia', 'Zoe']);
		await vi.waitFor(async () => {
			expect(names(await loadBlockedList(store))).toEqual(['Xenia', 'Zoe']);
		});
	});

	it('is not for those who only see it happen', async () => {
		const { list, room } = await setup();
		room.setView({ me: fakeView().me, removed: [out('Zoe')] });
		expect(list.people).toEqual([]);
	});

	it('lets go of whom the host lets in again', async () => {
		const { list, room } = await setup([out('Zoe')]);
		expect(names(list)).toEqual(['Zoe']);
		room.setView({ removed: [] });
		expect(list.people).toEqual([]);
	});

	it('loses nobody when the room is left or not yet there', async () => {
		const { list, room } = await setup([out('Zoe')]);
		room.setView({ phase: 'reconnecting', removed: [] });
		expect(names(list)).toEqual(['Zoe']);
	});

	it('unblocks, in the room that is open as well', async () => {
		const { list, room } = await setup([out('Zoe')]);
		await list.unblock(fakePeer('Zoe'));
		expect(room.calls).toEqual([`moderate readmit ${fakePeer('Zoe')}`]);
		expect(list.people).toEqual([]);
	});

	it('does not block anew whom an old room still has as blocked, but whom it blocks again', async () => {
		const { list, store } = await setup([out('Zoe')]);
		await list.unblock(fakePeer('Zoe'));
		const again = await setup([out('Zoe')], store);
		expect(again.list.people).toEqual([]);
		again.room.setView({ removed: [] });
		again.room.setView({ removed: [out('Zoe')] });
		expect(names(again.list)).toEqual(['Zoe']);
	});

	it('remembers the name in a room that has never heard it', async () => {
		const { store } = await setup([out('Zoe')]);
		await vi.waitFor(async () => {
			expect(names(await loadBlockedList(store))).toEqual(['Zoe']);
		});
		const later = await setup([], store);
		later.room.setView({ removed: [{ ...out('Zoe'), name: '' }] });
		expect(names(later.list)).toEqual(['Zoe']);
	});

	it('holds as many as a room takes', async () => {
		const many = Array.from({ length: BLOCKED_MAX + 20 }, (_, i) => out(`Pest ${i}`));
		const { list } = await setup(many);
		expect(list.people).toHaveLength(BLOCKED_MAX);
	});

	it('reads what it can of a damaged record', async () => {
		const store = createMemoryStore();
		const good = { peer: fakePeer('Zoe'), name: 'Zoe\u202e', lifted: false };
		const text = JSON.stringify([good, { peer: 'nobody' }, null, 7]);
		await store.put('blocked', new TextEncoder().encode(text));
		expect((await loadBlockedList(store)).people).toEqual([{ peer: good.peer, name: 'Zoe' }]);
		await store.put('blocked', Uint8Array.of(1, 2, 3));
		expect((await loadBlockedList(store)).people).toEqual([]);
	});

	it('tells who listens', async () => {
		const { list, room } = await setup();
		let told = 0;
		const stop = list.onChange(() => told++);
		room.setView({ removed: [out('Zoe')] });
		stop();
		room.setView({ removed: [] });
		expect(told).toBe(1);
	});
});
