import { describe, expect, it } from 'vitest';
import {
	countRoom,
	MOMENTS_MAX,
	SPEAKERS_MAX,
	type RoomLook
} from '#lib/app/summary/room-summary.ts';
import { csvOf, type CsvWords } from '#lib/app/summary/summary-csv.ts';
import { loadSummaries } from '#lib/app/summary/summary-shelf.ts';
import { fakeListener, fakePeer, fakeSeat, fakeView } from '../lib/fake-session.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const START_MS = Date.UTC(2026, 10, 2, 18);
const view = fakeView({ stage: [fakeSeat('Ana'), fakeSeat('Ben')], listenerCount: 3 });
const { room } = view;

const look = (atMs: number, more: Partial<RoomLook> = {}): RoomLook => ({
	view,
	levels: new Map(),
	...{ reactions: 0, messages: [] },
	nowMs: START_MS + atMs,
	...more
});

const words: CsvWords = {
	...{ what: 'What', who: 'Who', when: 'When', value: 'Value', listeners: 'Listeners' },
	...{ peak: 'Peak', spoken: 'Spoken', hands: 'Hands', reactions: 'Reactions' },
	...{ messages: 'Messages', unnamed: 'Somebody' }
};

describe('the summary of a room', () => {
	it('adds up who was heard for how long, and nothing while the app slept', () => {
		const count = countRoom(room, null);
		const ana = new Map([[fakePeer('Ana'), 0.5]]);
		for (let ms = 0; ms <= 2_000; ms += 100) count.look(look(ms, { levels: ana }));
		count.look(look(60_000, { levels: ana }));
		count.look(look(60_100, { levels: new Map([[fakePeer('Ben'), 0.2]]) }));
		expect(count.summary.speakers).toEqual([
			{ peer: fakePeer('Ana'), name: 'Ana', spokenMs: 2_000 },
			{ peer: fakePeer('Ben'), name: 'Ben', spokenMs: 100 }
		]);
	});

	it('knows the most listeners there were, and each raised hand once', () => {
		const count = countRoom(room, null);
		const up = [fakeListener('Cleo', { handUp: true }), fakeListener('Dan')];
		const raised = { ...view, listeners: up, listenerCount: 12 };
		count.look(look(0));
		count.look(look(1_000, { view: raised, reactions: 3, messages: [START_MS] }));
		count.look(look(2_000, { view: raised, reactions: 1 }));
		count.look(look(3_000));
		count.look(look(4_000, { view: raised }));
		expect(count.summary).toMatchObject({
			peak: { atMs: START_MS + 1_000, listeners: 12 },
			hands: 2,
			reactions: 4,
			messages: 1
		});
	});

	it('counts nothing of a room that is over or was not entered', () => {
		const count = countRoom(room, null);
		count.look(look(0, { view: { ...view, phase: 'ended' }, reactions: 5 }));
		expect(count.summary.moments).toEqual([]);
		expect(count.summary.reactions).toBe(0);
	});

	it('stays as long as it is allowed to be, however long the evening', () => {
		const count = countRoom(room, null);
		for (let ms = 0; ms < 12 * 3_600_000; ms += 5_000) {
			count.look(look(ms, { view: { ...view, listenerCount: ms / 5_000 } }));
		}
		const { moments, peak } = count.summary;
		expect(moments.length).toBeLessThanOrEqual(MOMENTS_MAX);
		expect(moments.length).toBeGreaterThan(MOMENTS_MAX / 3);
		expect(moments[0]?.atMs).toBe(START_MS);
		expect(peak.listeners).toBe(8_639);
		const many = Array.from({ length: SPEAKERS_MAX + 5 }, (_, i) => fakeSeat(`Speaker ${i}`));
		const levels = new Map(many.map(({ peer }) => [peer, 1]));
		for (const ms of [0, 100]) {
			count.look(look(13 * 3_600_000 + ms, { view: { ...view, stage: many }, levels }));
		}
		expect(count.summary.speakers).toHaveLength(SPEAKERS_MAX);
	});

	it('goes on after a reload, from what this device kept', async () => {
		const store = createMemoryStore();
		const first = countRoom(room, null);
		const ana = { levels: new Map([[fakePeer('Ana'), 1]]) };
		const raised = { ...view, listeners: [fakeListener('Cleo', { handUp: true })] };
		const messages = [START_MS + 900];
		first.look(look(0, { ...ana, reactions: 2 }));
		first.look(look(1_000, { ...ana, view: raised, reactions: 2, messages }));
		await (await loadSummaries(store)).put(first.summary);
		const kept = (await loadSummaries(store)).find(room);
		expect(kept).toEqual(first.summary);
		const next = countRoom(room, kept);
		// What the room remembers comes anew, and Cleo's hand is still up.
		const again = [...messages, START_MS + 20_000];
		next.look(look(30_000, { ...ana, view: raised, messages: again }));
		next.look(look(31_000, { ...ana, view: raised }));
		const counts = { reactions: 4, messages: 2, hands: 1 };
		expect(next.summary).toMatchObject({ ...counts, speakers: [{ spokenMs: 2_000 }] });
		expect(next.summary.moments).toHaveLength(2);
	});

	it('is read as none where what was kept is broken', async () => {
		const store = createMemoryStore();
		await store.put('summaries', new TextEncoder().encode('[{"room":"xyz"},{"room":7},null'));
		expect((await loadSummaries(store)).find(room)).toBeNull();
		const odd = [{ room, moments: 'many', speakers: [{ peer: 'x' }], peak: null, hands: 'two' }];
		await store.put('summaries', new TextEncoder().encode(JSON.stringify(odd)));
		expect((await loadSummaries(store)).find(room)).toMatchObject({
			...{ moments: [], speakers: [], hands: 0 }
		});
	});
});

describe('a summary as a table', () => {
	it('has a row for all that was counted, and a name is never a formula', () => {
		const speaker = (name: string) => ({ peer: fakePeer(name), name, spokenMs: 61_400 });
		const names = ['=HYPERLINK("http://x")', 'Ben, "the voice"', ''];
		const text = csvOf(
			{
				...{ room, title: '', untilMs: START_MS, hands: 2, reactions: 3, messages: 4 },
				moments: [{ atMs: START_MS, listeners: 5 }],
				peak: { atMs: START_MS, listeners: 6 },
				speakers: names.map(speaker)
			},
			words
		);
		expect(text.split('\r\n')).toEqual([
			'What,Who,When,Value',
			'Peak,,2026-11-02T18:00:00.000Z,6',
			`Spoken,"'=HYPERLINK(""http://x"")",,61`,
			'Spoken,"Ben, ""the voice""",,61',
			'Spoken,Somebody,,61',
			'Hands,,,2',
			'Reactions,,,3',
			'Messages,,,4',
			'Listeners,,2026-11-02T18:00:00.000Z,5',
			''
		]);
	});
});
