import { describe, expect, it, vi } from 'vitest';
import { openHostDesk } from '#lib/app/lobby/host-desk.ts';
import { createLobbyDesk, type LobbyNetwork, type LobbyView } from '#lib/app/lobby/lobby-desk.ts';
import { openReminders, REMINDERS_MAX } from '#lib/app/lobby/reminders.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { LobbyPage, Store } from '#lib/io/ports.ts';
import { roomIdOf, type RoomId } from '#lib/p2p/wire/ids.ts';
import { ANNOUNCED_LATE_MS, LISTING_REFRESH_MS, LOBBY_LOOK_MS } from '#lib/p2p/wire/limits.ts';
import { readListing } from '#lib/p2p/wire/listing.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { fakeState, fakeView } from '../lib/fake-session.ts';
import { lister, NOW_MS } from '../lib/listings.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const HOUR_MS = 3_600_000;

/** Seeds that say what the test has put there, and remember what they are told. */
function fakeSeeds() {
	const told: Uint8Array[] = [];
	const looks: unknown[] = [];
	let pages: LobbyPage[] = [];
	let reached = 1;
	const listeners = new Set<(reached: number) => void>();
	const network: LobbyNetwork = {
		lobby: {
			tell(listing) {
				told.push(listing);
				return Promise.resolve(['taken']);
			},
			look(before) {
				looks.push(before);
				return Promise.resolve(pages);
			}
		},
		seeds: {
			reached: () => reached,
			onChange(listener) {
				listeners.add(listener);
				return () => void listeners.delete(listener);
			}
		}
	};
	return {
		network,
		looks,
		told: () => told.map((bytes) => readListing(bytes)!.listing),
		post(seed: string, revision: number, ...listings: Uint8Array[]) {
			const posted = listings.map((listing) => ({ ageMs: 0, listing }));
			pages = [...pages.filter((page) => page.seed !== seed), { seed, epoch: 1, revision, posted }];
		},
		setReached(count: number) {
			reached = count;
			for (const listener of listeners) listener(count);
		}
	};
}

async function lobby() {
	const clock = createFakeClock(NOW_MS);
	const desk = createLobbyDesk(await createKeys(newKeySeed()), clock);
	const seeds = fakeSeeds();
	const views: LobbyView[] = [];
	return { clock, desk, seeds, views, watch: () => desk.watch((view) => views.push(view)) };
}

const titles = (view: LobbyView | undefined): string[] =>
	view?.rooms.map(({ title }) => title) ?? [];

describe('the lobby on a screen', () => {
	it('shows what hosts signed, once, the fullest rooms first, then announced ones, the next first', async () => {
		const { desk, seeds, views, watch } = await lobby();
		const [hanna, sam] = [await lister(), await lister()];
		const announced = { state: 'announced', people: 0 } as const;
		const all = [
			await hanna.list(1, { title: 'Small', people: 2 }),
			await hanna.list(2, { title: 'Later', ...announced, startsAtMs: NOW_MS + 2 * HOUR_MS }),
			await hanna.list(3, { title: 'Soon', ...announced, startsAtMs: NOW_MS + HOUR_MS }),
			await sam.list(1, { title: 'Full', people: 90 })
		];
		seeds.post('seed 1', 4, ...all);
		seeds.post('seed 2', 9, ...all);
		desk.connect(seeds.network);
		watch();
		await vi.waitFor(() => {
			expect(titles(views.at(-1))).toEqual(['Full', 'Small', 'Soon', 'Later']);
		});
		expect(views.at(-1)?.state).toBe('ready');
		expect(desk.dropped).toBe(0);
	});

	it('drops what nobody signed, and noise', async () => {
		const { desk, seeds, views, watch } = await lobby();
		const hanna = await lister();
		const bytes = await hanna.list(1);
		const changed = bytes.slice();
		changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
		seeds.post('seed', 3, changed, new Uint8Array(90), await hanna.list(2));
		desk.connect(seeds.network);
		watch();
		await vi.waitFor(() => {
			expect(titles(views.at(-1))).toEqual(['Room 2']);
		});
		expect(desk.dropped).toBe(2);
	});

	it('asks only while somebody looks, and only for what is new', async () => {
		const { clock, desk, seeds, views, watch } = await lobby();
		seeds.post('seed', 7);
		desk.connect(seeds.network);
		expect(seeds.looks).toEqual([]);
		const stop = watch();
		await vi.waitFor(() => {
			expect(views.at(-1)?.state).toBe('ready');
		});
		clock.advance(LOBBY_LOOK_MS);
		expect(seeds.looks).toEqual([[], [{ seed: 'seed', epoch: 1, revision: 7 }]]);
		await vi.waitFor(() => {
			expect(clock.alarms()).toBe(1);
		});
		stop();
		clock.advance(10 * LOBBY_LOOK_MS);
		expect(seeds.looks).toHaveLength(2);
	});

	it('says when no seed is there, goes on showing what it knew, and asks when one is back', async () => {
		const { clock, desk, seeds, views, watch } = await lobby();
		seeds.post('seed', 1, await (await lister()).list(1));
		desk.connect(seeds.network);
		watch();
		await vi.waitFor(() => {
			expect(titles(views.at(-1))).toEqual(['Room 1']);
		});
		seeds.setReached(0);
		expect(views.at(-1)).toMatchObject({ state: 'no-seed', rooms: [{ title: 'Room 1' }] });
		clock.advance(1);
		const looks = seeds.looks.length;
		seeds.setReached(1);
		expect(seeds.looks.length).toBe(looks + 1);
		await vi.waitFor(() => {
			expect(views.at(-1)?.state).toBe('ready');
		});
	});
});

async function host(store: Store = createMemoryStore()) {
	const keySeed = newKeySeed();
	const keys = await createKeys(keySeed);
	const clock = createFakeClock(NOW_MS);
	const open = () =>
		openHostDesk({
			...{ publicKey: keys.publicKey, keys, myName: () => 'Hanna', store, clock },
			record: 'announced.me'
		});
	const nonce = '07'.repeat(8);
	const room = roomIdOf(keys.publicKey, new Uint8Array(8).fill(7));
	const settings = { title: 'Figs', listed: true, language: 'en', topics: ['figs'] };
	const state = (more: Parameters<typeof fakeView>[0] = {}) => {
		const view = fakeView({ room, title: 'Figs', opened: { nonce, createdAtMs: 5 }, settings });
		return fakeState({ view: { ...view, me: { ...view.me, role: 'host' }, ...more } });
	};
	return { desk: await open(), open, clock, seeds: fakeSeeds(), state, settings, room };
}

describe('a room of mine', () => {
	it('is listed while it is open and to be listed, told anew in time, and withdrawn when I leave', async () => {
		const { desk, clock, seeds, state, room } = await host();
		desk.connect(seeds.network);
		desk.show(state());
		desk.show(state({ listenerCount: 40 }));
		await vi.waitFor(() => {
			expect(seeds.told()).toHaveLength(1);
		});
		clock.advance(LISTING_REFRESH_MS);
		await vi.waitFor(() => {
			expect(seeds.told()).toHaveLength(2);
		});
		desk.show(null);
		await vi.waitFor(() => {
			expect(seeds.told()).toHaveLength(3);
		});
		const told = seeds.told();
		expect(told.map((one) => [one.state, one.people, one.room])).toEqual([
			['live', 2, room],
			['live', 41, room],
			['withdrawn', 41, room]
		]);
		expect(told.map((one) => one.hostName)).toEqual(['Hanna', 'Hanna', 'Hanna']);
		clock.advance(10 * LISTING_REFRESH_MS);
		expect(seeds.told()).toHaveLength(3);
	});

	it('is told at once when its title changes, and gone when it is no longer to be listed, or over', async () => {
		const { desk, seeds, state, settings } = await host();
		desk.connect(seeds.network);
		desk.show(state());
		desk.show(state({ title: 'Vines' }));
		desk.show(state({ settings: { ...settings, listed: false } }));
		desk.show(state());
		desk.show(state({ phase: 'ended' }));
		await vi.waitFor(() => {
			expect(seeds.told()).toHaveLength(5);
		});
		expect(seeds.told().map((one) => [one.state, one.title])).toEqual([
			['live', 'Figs'],
			['live', 'Vines'],
			['withdrawn', 'Vines'],
			['live', 'Figs'],
			['withdrawn', 'Figs']
		]);
		const issued = seeds.told().map((one) => one.issuedAtMs);
		expect(issued).toEqual([...new Set(issued)].sort((a, b) => a - b));
	});

	it('of another host, unlisted, or locked, is told to nobody', async () => {
		const { desk, seeds, state, settings } = await host();
		desk.connect(seeds.network);
		const unlisted = state({ settings: { ...settings, listed: false } });
		desk.show(unlisted);
		desk.show(state({ me: { ...state().view.me, role: 'speaker' } }));
		desk.show(state({ lock: { doorClosed: false, door: [], turnedAway: false } }));
		desk.show(null);
		await desk.announce({ title: 'A', language: '', topics: [], startsAtMs: NOW_MS + HOUR_MS });
		await vi.waitFor(() => {
			expect(seeds.told().map((one) => one.state)).toEqual(['announced']);
		});
	});

	it('that was announced is kept over a restart, told to a seed that comes, opened or called off', async () => {
		const { desk, open, seeds } = await host();
		const about = { title: 'Figs', language: 'fr', topics: ['figs'], startsAtMs: NOW_MS + HOUR_MS };
		const made = await desk.announce(about);
		await desk.announce({ ...about, title: 'Vines' });
		const again = await open();
		expect(again.announced).toEqual(desk.announced);
		again.connect(seeds.network);
		await vi.waitFor(() => {
			expect(seeds.told().map((one) => one.title)).toEqual(['Figs', 'Vines']);
		});
		expect(seeds.told()[0]?.room).toBe(made?.room);
		seeds.setReached(1);
		await again.drop(made!.room, 'opened');
		await again.drop(again.announced[0]!.room, 'called-off');
		await vi.waitFor(() => {
			expect(seeds.told()).toHaveLength(5);
		});
		expect(seeds.told().at(-1)).toMatchObject({ state: 'withdrawn', title: 'Vines' });
		expect((await open()).announced).toEqual([]);
	});

	it('that is called off while a seed is away is taken from that when it is back, also over a restart', async () => {
		const { desk, open, seeds, clock } = await host();
		const about = { title: 'Figs', language: 'fr', topics: [], startsAtMs: NOW_MS + HOUR_MS };
		const made = await desk.announce(about);
		await desk.announce({ ...about, title: 'Vines' });
		await desk.drop(made!.room, 'called-off');
		const again = await open();
		expect(again.announced.map(({ title }) => title)).toEqual(['Vines']);
		again.connect(seeds.network);
		await vi.waitFor(() => {
			expect(seeds.told().map((one) => [one.state, one.title])).toEqual([
				['announced', 'Vines'],
				['withdrawn', 'Figs']
			]);
		});
		clock.advance(HOUR_MS + ANNOUNCED_LATE_MS);
		const late = { ...about, startsAtMs: clock.nowMs() + HOUR_MS };
		await again.announce({ ...late, title: 'Leaves' });
		const titles = (): string[] => seeds.told().map((one) => one.title);
		await vi.waitFor(() => {
			expect(titles().at(-1)).toBe('Leaves');
		});
		const before = titles().length;
		seeds.setReached(1);
		await again.announce({ ...late, title: 'Last' });
		await vi.waitFor(() => {
			expect(titles().slice(before)).toEqual(['Leaves', 'Last']);
		});
	});
});

async function reminders(store: Store = createMemoryStore()) {
	const clock = createFakeClock(NOW_MS);
	const open = async () => {
		const desk = await openReminders(store, clock);
		const due: string[] = [];
		desk.onDue(({ title }) => due.push(title));
		return { desk, due };
	};
	return { ...(await open()), open, clock };
}

const announced = (number: number, inMs: number) => ({
	room: number.toString(16).padStart(40, '0') as RoomId,
	title: `Room ${number}`,
	startsAtMs: NOW_MS + inMs
});

describe('reminders', () => {
	it('are told once, shortly before, in order', async () => {
		const { desk, due, clock } = await reminders();
		desk.start();
		await desk.add(announced(2, 2 * HOUR_MS));
		await desk.add(announced(1, HOUR_MS));
		clock.advance(HOUR_MS - 120_001);
		expect(due).toEqual([]);
		clock.advance(1);
		expect(due).toEqual(['Room 1']);
		clock.advance(3 * HOUR_MS);
		expect(due).toEqual(['Room 1', 'Room 2']);
		expect(desk.has(announced(1, 0).room)).toBe(false);
	});

	it('are kept over a restart, told late rather than never, and not long after', async () => {
		const { desk, open, clock } = await reminders();
		desk.start();
		await desk.add(announced(1, HOUR_MS));
		await desk.add(announced(2, 5 * HOUR_MS));
		await desk.add(announced(3, 6 * HOUR_MS));
		await desk.remove(announced(3, 0).room);
		const again = await open();
		expect([1, 2, 3].map((n) => again.desk.has(announced(n, 0).room))).toEqual([true, true, false]);
		clock.advance(5 * HOUR_MS + 60_000);
		again.desk.start();
		expect(again.due).toEqual(['Room 2']);
	});

	it('have a bound', async () => {
		const { desk } = await reminders();
		for (let i = 0; i < REMINDERS_MAX; i++)
			expect(await desk.add(announced(i, HOUR_MS))).toBe(true);
		expect(await desk.add(announced(999, HOUR_MS))).toBe(false);
		expect(await desk.add(announced(3, 2 * HOUR_MS))).toBe(true);
	});
});
