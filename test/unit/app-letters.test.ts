import { describe, expect, it, vi } from 'vitest';
import { openLetterBox } from '#lib/app/people/letter-box.ts';
import { createLetterDesk, type LetterNetwork } from '#lib/app/people/letter-desk.ts';
import { loadPeople } from '#lib/app/people/people.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { LetterAnswer, MeetingPoint, Store } from '#lib/io/ports.ts';
import { reachKeyOf, reachSecretOf } from '#lib/p2p/wire/card.ts';
import { peerIdOf, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { DELIVER_MIN_MS, INBOX_MAX, OUTBOX_MAX, STRANGERS_MAX } from '#lib/p2p/wire/limits.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const HOUR_MS = 3_600_000;
const ROOM = encodeRoomKey('ab'.repeat(20) as RoomId);
type Taker = (from: PeerId, sealed: Uint8Array) => Promise<LetterAnswer>;

/** Wires that carry letters to whoever is there. */
function postOffice() {
	const takers = new Map<PeerId, Taker>();
	const points = new Map<MeetingPoint, PeerId>();
	/** Only found where their cards say. */
	const far = new Set<PeerId>();
	const carried: Uint8Array[] = [];
	return {
		takers,
		points,
		far,
		carried,
		networkOf(me: PeerId) {
			let reached = 1;
			let changed: (reached: number) => void = () => undefined;
			const network: LetterNetwork = {
				letters: {
					async send(to, sealed) {
						await Promise.resolve();
						const taker = takers.get(to.peer);
						if (taker === undefined || (far.has(to.peer) && to.addrs.length === 0))
							throw new Error('Nobody answers.');
						carried.push(sealed);
						return taker(me, sealed);
					},
					onLetter(take) {
						takers.set(me, take);
						return () => void takers.delete(me);
					}
				},
				directory: {
					announce: (at) => void points.set(at, me),
					withdraw: (at) => void points.delete(at),
					async *find(at) {
						await Promise.resolve();
						const peer = points.get(at);
						if (peer !== undefined) yield { peer, addrs: ['/dns4/elsewhere/tcp/1/ws'] };
					}
				},
				seeds: {
					reached: () => reached,
					onChange(listener) {
						changed = listener;
						return () => undefined;
					}
				}
			};
			const setReached = (count: number): void => {
				reached = count;
				changed(count);
			};
			return { network, setReached };
		}
	};
}

type Office = ReturnType<typeof postOffice>;

async function person(office: Office, name: string, store: Store = createMemoryStore()) {
	const keySeed = newKeySeed();
	const keys = await createKeys(keySeed);
	const peer = peerIdOf(keys.publicKey);
	const clock = createFakeClock(1_790_000_000_000);
	const people = await loadPeople({ store, me: peer, nowMs: () => clock.nowMs() });
	const hidden = new Set<PeerId>();
	const open = async () => {
		const box = await openLetterBox(store, peer);
		return createLetterDesk({
			me: { peer, keySeed },
			myName: () => name,
			isHidden: (other) => hidden.has(other),
			onNotice: () => Promise.resolve(),
			keys,
			people,
			box,
			clock
		});
	};
	const desk = await open();
	const arrived: string[] = [];
	desk.onArrival((letter) => arrived.push(letter.title));
	const { network, setReached } = office.networkOf(peer);
	const secret = reachSecretOf(keySeed);
	const card = { peer, name, secret };
	const write = (title: string, access = ROOM, liveMs = HOUR_MS) =>
		({ place: 'room', access, title, note: '', untilMs: clock.nowMs() + liveMs }) as const;
	const connect = (): void => desk.connect(network);
	return {
		peer,
		hidden,
		desk,
		people,
		clock,
		arrived,
		connect,
		network,
		setReached,
		card,
		write,
		open,
		store
	};
}

const titles = (letters: readonly { title: string }[]): string[] =>
	letters.map(({ title }) => title);

async function setup() {
	const office = postOffice();
	const [hanna, sam] = [await person(office, 'Hanna'), await person(office, 'Sam')];
	await sam.people.follow({ ...hanna.card, name: 'My Hanna' });
	await hanna.people.follow(sam.card);
	return { office, hanna, sam };
}

describe('an invitation', () => {
	it('reaches whoever is there, once, and is told to them', async () => {
		const { hanna, sam } = await setup();
		hanna.connect();
		sam.connect();
		expect(await hanna.desk.invite(sam.peer, hanna.write('Figs'))).toBe(true);
		await vi.waitFor(() => {
			expect(sam.arrived).toEqual(['Figs']);
		});
		expect(sam.desk.received).toMatchObject([
			{ from: hanna.peer, fromName: 'Hanna', access: ROOM, title: 'Figs' }
		]);
		await vi.waitFor(() => {
			expect(hanna.desk.sent).toMatchObject([{ to: sam.peer, roomKey: ROOM, delivered: true }]);
		});
		hanna.clock.advance(HOUR_MS / 2);
		expect(sam.arrived).toEqual(['Figs']);
	});

	it('waits in its writer’s app, over a restart, until the other is there', async () => {
		const { office, hanna, sam } = await setup();
		hanna.connect();
		await hanna.desk.invite(sam.peer, hanna.write('Figs'));
		await vi.waitFor(() => {
			expect(hanna.clock.alarms()).toBe(1);
		});
		expect(hanna.desk.sent).toMatchObject([{ delivered: false }]);
		const again = await hanna.open();
		expect(again.sent).toMatchObject([{ title: 'Figs', delivered: false }]);
		sam.connect();
		again.connect(office.networkOf(hanna.peer).network);
		await vi.waitFor(() => {
			expect(sam.arrived).toEqual(['Figs']);
		});
	});

	it('is tried again, less and less often, and when a seed is reached', async () => {
		const { hanna, sam } = await setup();
		hanna.setReached(0);
		hanna.connect();
		await hanna.desk.invite(sam.peer, hanna.write('Figs'));
		sam.connect();
		await vi.waitFor(() => {
			expect(hanna.clock.alarms()).toBe(1);
		});
		hanna.clock.advance(DELIVER_MIN_MS);
		expect(sam.arrived).toEqual([]);
		hanna.setReached(1);
		await vi.waitFor(() => {
			expect(sam.arrived).toEqual(['Figs']);
		});
	});

	it('finds who is far away by their card, and nobody without one', async () => {
		const { office, hanna, sam } = await setup();
		const ben = await person(office, 'Ben');
		office.far.add(sam.peer);
		hanna.connect();
		ben.connect();
		sam.connect();
		await ben.people.follow({ ...sam.card, secret: null });
		await sam.people.follow(ben.card);
		await ben.desk.invite(sam.peer, ben.write('Without'));
		await hanna.desk.invite(sam.peer, hanna.write('With'));
		await vi.waitFor(() => {
			expect(sam.arrived).toEqual(['With']);
		});
		await vi.waitFor(() => {
			expect(ben.clock.alarms()).toBe(1);
		});
		expect(ben.desk.sent).toMatchObject([{ delivered: false }]);
		expect(office.points.get(reachKeyOf(sam.card))).toBe(sam.peer);
	});

	it('of somebody who is not followed is kept aside, and is told to nobody', async () => {
		const { office, sam } = await setup();
		const eve = await person(office, 'Eve');
		eve.connect();
		sam.connect();
		await eve.desk.invite(sam.peer, eve.write('Spam 1'));
		await eve.desk.invite(sam.peer, eve.write('Spam 2', encodeRoomKey('cd'.repeat(20) as RoomId)));
		await vi.waitFor(() => {
			expect(titles(sam.desk.strangers)).toEqual(['Spam 2']);
		});
		expect(sam.arrived).toEqual([]);
		expect(sam.desk.received).toEqual([]);
		await sam.people.follow(eve.card);
		expect(titles(sam.desk.received)).toEqual(['Spam 2']);
	});

	it('of somebody I do not want to see is taken, and thrown away', async () => {
		const { hanna, sam } = await setup();
		hanna.connect();
		sam.connect();
		sam.hidden.add(hanna.peer);
		await hanna.desk.invite(sam.peer, hanna.write('Figs'));
		await vi.waitFor(() => {
			expect(hanna.desk.sent).toMatchObject([{ delivered: true }]);
		});
		expect([sam.arrived, sam.desk.received, sam.desk.strangers]).toEqual([[], [], []]);
	});

	it('is over when its time is, on both sides', async () => {
		const { hanna, sam } = await setup();
		hanna.connect();
		sam.connect();
		await hanna.desk.invite(sam.peer, hanna.write('Figs', ROOM, HOUR_MS));
		await vi.waitFor(() => {
			expect(sam.desk.received).toHaveLength(1);
		});
		sam.clock.advance(HOUR_MS);
		expect(sam.desk.received).toEqual([]);
		await hanna.desk.invite(sam.peer, { ...hanna.write('Late'), untilMs: sam.clock.nowMs() });
		await vi.waitFor(() => {
			expect(hanna.desk.sent[0]).toMatchObject({ title: 'Late', delivered: true });
		});
		expect(sam.desk.received).toEqual([]);
	});
});

describe('what comes in', () => {
	it('is unreadable where it was changed, is for another, or is brought by another', async () => {
		const { office, hanna, sam } = await setup();
		hanna.connect();
		sam.connect();
		await hanna.desk.invite(sam.peer, hanna.write('Figs'));
		await vi.waitFor(() => {
			expect(sam.arrived).toEqual(['Figs']);
		});
		const take = office.takers.get(sam.peer)!;
		const [sealed] = office.carried;
		const changed = sealed!.slice();
		changed[500] = (changed[500] ?? 0) ^ 1;
		expect(await take(hanna.peer, changed)).toBe('unreadable');
		expect(await take(sam.peer, sealed!)).toBe('unreadable');
		expect(await office.takers.get(hanna.peer)!(hanna.peer, sealed!)).toBe('unreadable');
		expect(await take(hanna.peer, sealed!)).toBe('taken');
		expect(sam.arrived).toEqual(['Figs']);
	});

	it('is there in the end where there was no space for it at first', async () => {
		const office = postOffice();
		const store = createMemoryStore();
		const [hanna, sam] = [await person(office, 'Hanna'), await person(office, 'Sam', store)];
		await sam.people.follow(hanna.card);
		await hanna.people.follow(sam.card);
		sam.connect();
		const put = vi.spyOn(store, 'put').mockRejectedValue(new Error('QuotaExceededError'));
		hanna.connect();
		await hanna.desk.invite(sam.peer, hanna.write('Figs'));
		await vi.waitFor(() => {
			expect(put).toHaveBeenCalled();
		});
		expect(sam.arrived).toEqual([]);
		put.mockRestore();
		await vi.waitFor(() => {
			hanna.clock.advance(DELIVER_MIN_MS);
			expect(sam.arrived).toEqual(['Figs']);
		});
		expect(titles((await sam.open()).received)).toEqual(['Figs']);
	});

	it('that leads to no room is not kept', async () => {
		const { hanna, sam } = await setup();
		hanna.connect();
		sam.connect();
		await hanna.desk.invite(sam.peer, hanna.write('Trap', 'https://example.org/'));
		await vi.waitFor(() => {
			expect(hanna.desk.sent).toMatchObject([{ delivered: true }]);
		});
		expect(sam.desk.received).toEqual([]);
	});

	it('stays within bounds, on both sides', async () => {
		const { office, hanna, sam } = await setup();
		hanna.connect();
		sam.connect();
		const room = (i: number) => encodeRoomKey(i.toString(16).padStart(40, '0') as RoomId);
		for (let i = 0; i < INBOX_MAX + 3; i++)
			await hanna.desk.invite(sam.peer, hanna.write(`Room ${i}`, room(i)));
		await vi.waitFor(() => {
			expect(sam.desk.received[0]?.title).toBe(`Room ${INBOX_MAX + 2}`);
		});
		expect(sam.desk.received).toHaveLength(INBOX_MAX);
		expect(hanna.desk.sent.length).toBeLessThanOrEqual(OUTBOX_MAX);
		for (let i = 0; i < STRANGERS_MAX + 2; i++) {
			const eve = await person(office, `Eve ${i}`);
			eve.connect();
			await eve.desk.invite(sam.peer, eve.write(`From ${i}`));
		}
		await vi.waitFor(() => {
			expect(sam.desk.strangers[0]?.title).toBe(`From ${STRANGERS_MAX + 1}`);
		});
		expect(sam.desk.strangers).toHaveLength(STRANGERS_MAX);
		const again = await openLetterBox(sam.store, sam.peer);
		expect(again.received).toHaveLength(INBOX_MAX + STRANGERS_MAX);
	}, 20_000);
});
