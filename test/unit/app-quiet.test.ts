import { describe, expect, it } from 'vitest';
import { loadQuietList, QUIET_MAX, type QuietPerson } from '#lib/app/quiet-list.ts';
import { createQuietEar, SPEAKING_LASTS_MS } from '#lib/app/state/quiet-ear.ts';
import { fakePeer, fakeSeat, fakeView } from '../lib/fake-session.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { person } from './room-people.ts';

const quiet = (number: number, how: QuietPerson['how'] = 'muted'): QuietPerson => {
	const { peer, name } = person(number);
	return { peer, name, how };
};

describe('whom we do not want to hear', () => {
	it('is remembered by the device, the latest first and each once', async () => {
		const store = createMemoryStore();
		const list = await loadQuietList(store);
		let changes = 0;
		const stop = list.onChange(() => changes++);
		await list.put(quiet(1));
		await list.put(quiet(2, 'hidden'));
		await list.put(quiet(1, 'hidden'));
		expect(changes).toBe(3);
		stop();
		const next = await loadQuietList(store);
		expect(next.people).toEqual([quiet(1, 'hidden'), quiet(2, 'hidden')]);
		await next.forget(quiet(1).peer);
		expect((await loadQuietList(store)).people).toEqual([quiet(2, 'hidden')]);
		expect(changes).toBe(3);
	});

	it('is so at once, also where the browser keeps nothing', async () => {
		const full = { ...createMemoryStore(), put: () => Promise.reject(new Error('full')) };
		const list = await loadQuietList(full);
		const kept = list.put(quiet(1));
		expect(list.people).toEqual([quiet(1)]);
		await expect(kept).rejects.toThrow('full');
		expect(list.people).toEqual([quiet(1)]);
	});

	it('is at most so many, and nobody whom the record has in another form', async () => {
		const store = createMemoryStore();
		const list = await loadQuietList(store);
		for (let i = 0; i <= QUIET_MAX; i++) await list.put(quiet(i));
		expect(list.people).toHaveLength(QUIET_MAX);
		expect(list.people[0]).toEqual(quiet(QUIET_MAX));
		const odd = [quiet(3), { peer: 'nobody', how: 'muted' }, null, { ...quiet(4), how: 'loud' }];
		await store.put('quiet-list', new TextEncoder().encode(JSON.stringify(odd)));
		expect((await loadQuietList(store)).people).toEqual([quiet(3)]);
		await store.put('quiet-list', Uint8Array.of(1, 2, 3));
		expect((await loadQuietList(store)).people).toEqual([]);
	});
});

describe('who speaks unheard', () => {
	const [ana, bela] = [fakePeer('Ana'), fakePeer('Béla')];
	const view = fakeView({ stage: [fakeSeat('Ana'), fakeSeat('Béla')] });
	const quieted: QuietPerson[] = [{ peer: ana, name: 'Ana', how: 'muted' }];
	const levels = (...who: (typeof ana)[]) => new Map(who.map((peer) => [peer, 0.5] as const));

	it('is told while it lasts, pauses between words included', () => {
		const ear = createQuietEar();
		const names = (speakers: (typeof ana)[], nowMs: number) =>
			ear({ view, quieted, blocked: [], levels: levels(...speakers) }, nowMs).map(
				({ name }) => name
			);
		expect(names([bela], 0)).toEqual([]);
		expect(names([ana, bela], 1_000)).toEqual(['Ana']);
		expect(names([], 999 + SPEAKING_LASTS_MS)).toEqual(['Ana']);
		expect(names([], 1_000 + SPEAKING_LASTS_MS)).toEqual([]);
	});

	it('is nobody any more when heard again', () => {
		const ear = createQuietEar();
		const speaking = ear({ view, quieted, blocked: [], levels: levels(ana) }, 0);
		expect(speaking).toHaveLength(1);
		// The same list while nothing changes: nothing is drawn anew.
		expect(ear({ view, quieted, blocked: [], levels: levels(ana) }, 100)).toBe(speaking);
		expect(ear({ view, quieted: [], blocked: [], levels: levels(ana) }, 200)).toEqual([]);
	});

	it('is also whom we have blocked from our own rooms, in the room of another', () => {
		const ear = createQuietEar();
		const speaking = ear({ view, quieted: [], blocked: [bela], levels: levels(ana, bela) }, 0);
		expect(speaking.map(({ name }) => name)).toEqual(['Béla']);
	});
});
