/** Two tabs of one browser keep what they are told in the same place: neither puts its old list over the other's. */
import { describe, expect, it } from 'vitest';
import { loadBlockedList } from '#lib/app/blocked-list.ts';
import { openKeptList } from '#lib/app/kept-list.ts';
import { openReminders } from '#lib/app/lobby/reminders.ts';
import { loadPreferences } from '#lib/app/preferences.ts';
import { loadQuietList } from '#lib/app/quiet-list.ts';
import { loadVolumes } from '#lib/app/sound/volumes.ts';
import { ROOM_ID_BYTES, type RoomId } from '#lib/p2p/wire/ids.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { fakePeer } from '../lib/fake-session.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const muted = (name: string) => ({ peer: fakePeer(name), name, how: 'muted' }) as const;
const names = (people: readonly { readonly name: string }[]) => people.map(({ name }) => name);

const format = {
	record: 'letters',
	read: ({ letter }: Readonly<Record<string, unknown>>) =>
		typeof letter === 'string' ? { letter } : null,
	max: 3
};
const letters = (items: readonly { readonly letter: string }[]) =>
	items.map(({ letter }) => letter).join('');
const adds = (letter: string) => (items: readonly { readonly letter: string }[]) => [
	{ letter },
	...items
];

describe('two tabs', () => {
	it('keep both whom either does not want to hear, and forget whom either takes off', async () => {
		const store = createMemoryStore();
		const [one, two] = [await loadQuietList(store), await loadQuietList(store)];
		await one.put(muted('Zoe'));
		await two.put(muted('Xenia'));
		expect(names(two.people)).toEqual(['Xenia', 'Zoe']);
		await one.put(muted('Yves'));
		expect(names(one.people)).toEqual(['Yves', 'Xenia', 'Zoe']);
		await two.forget(fakePeer('Zoe'));
		expect(names((await loadQuietList(store)).people)).toEqual(['Yves', 'Xenia']);
	});

	it('unblock somebody without blocking anew whom the other has unblocked', async () => {
		const store = createMemoryStore();
		const blocked = ['Zoe', 'Xenia'].map((name) => ({ peer: fakePeer(name), name }));
		await store.put('blocked', new TextEncoder().encode(JSON.stringify(blocked)));
		const [one, two] = [await loadBlockedList(store), await loadBlockedList(store)];
		await one.unblock(fakePeer('Zoe'));
		await two.unblock(fakePeer('Xenia'));
		expect((await loadBlockedList(store)).people).toEqual([]);
		expect(two.people).toEqual([]);
	});

	it('choose different things, and both hold', async () => {
		const store = createMemoryStore();
		const [one, two] = [await loadPreferences(store), await loadPreferences(store)];
		await one.save({ fanout: 3 });
		await two.save({ chatSize: 'large' });
		expect((await loadPreferences(store)).settings).toMatchObject({ fanout: 3, chatSize: 'large' });
		expect(two.settings.fanout).toBe(3);
	});

	it('are to be told of different rooms, and of none that either has taken off', async () => {
		const store = createMemoryStore();
		const clock = createFakeClock();
		const [one, two] = [await openReminders(store, clock), await openReminders(store, clock)];
		const rooms = [1, 2, 3].map(
			(byte) => byte.toString(16).padStart(2 * ROOM_ID_BYTES, '0') as RoomId
		);
		const startsAtMs = clock.nowMs() + 3_600_000;
		await one.add({ room: rooms[0]!, title: 'Choir', startsAtMs });
		await two.add({ room: rooms[1]!, title: 'Union', startsAtMs });
		await one.remove(rooms[0]!);
		await two.add({ room: rooms[2]!, title: 'Radio', startsAtMs });
		const later = await openReminders(store, clock);
		expect(rooms.map((room) => later.has(room))).toEqual([false, true, true]);
	});

	it('hear different people louder', async () => {
		const store = createMemoryStore();
		const [one, two] = [await loadVolumes(store), await loadVolumes(store)];
		await one.put({ peer: fakePeer('Zoe'), gain: 0.5 });
		await two.put({ peer: fakePeer('Xenia'), gain: 1.5 });
		await one.put({ peer: fakePeer('Zoe'), gain: 1 });
		const later = await loadVolumes(store);
		expect([later.of(fakePeer('Zoe')), later.of(fakePeer('Xenia'))]).toEqual([1, 1.5]);
	});
});

describe('a kept list', () => {
	it('holds what was changed meanwhile, in the order of the changes', async () => {
		const store = createMemoryStore();
		const list = await openKeptList(store, format);
		const all = ['a', 'b', 'c', 'd'].map((letter) => list.change(adds(letter)));
		expect(letters(list.items)).toBe('dcb');
		await Promise.all(all);
		expect(letters(list.items)).toBe('dcb');
		expect(letters((await openKeptList(store, format)).items)).toBe('dcb');
	});

	it('tells of each change once, and once more where another tab has changed something', async () => {
		const store = createMemoryStore();
		let told = 0;
		const list = await openKeptList(store, format, () => told++);
		const other = await openKeptList(store, format);
		await list.change(adds('a'));
		expect(told).toBe(1);
		await other.change(adds('b'));
		await list.change(adds('c'));
		expect([told, letters(list.items)]).toEqual([3, 'cba']);
	});

	it('says that something is not kept, holds it, and keeps it with the next', async () => {
		const store = createMemoryStore();
		let isFull = true;
		const put: typeof store.put = (name, value) =>
			isFull ? Promise.reject(new Error('full')) : store.put(name, value);
		const list = await openKeptList({ ...store, put }, format);
		await expect(list.change(adds('a'))).rejects.toThrow('full');
		expect(letters(list.items)).toBe('a');
		isFull = false;
		await list.change(adds('b'));
		expect(letters(list.items)).toBe('ba');
		expect(letters((await openKeptList(store, format)).items)).toBe('ba');
	});
});
