import { describe, expect, it, vi } from 'vitest';
import { createEngine } from '#lib/app/engine/engine.ts';
import type { EngineStatus, NetworkOrder } from '#lib/app/engine/messages.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { encodeUnsigned, seal } from '#lib/p2p/wire/envelope.ts';
import { peerIdOf, roomIdOf } from '#lib/p2p/wire/ids.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

/** A listener whose network fails at whatever `fails` says. */
async function listener(fails: (order: NetworkOrder) => boolean = () => false) {
	const keys = await createKeys(newKeySeed());
	const clock = createFakeClock();
	const orders: NetworkOrder[] = [];
	const statuses: EngineStatus[] = [];
	const me = peerIdOf(keys.publicKey);
	const room = roomIdOf(keys.publicKey, new Uint8Array(8));
	const engine = createEngine(
		{ me, publicKey: keys.publicKey, room, name: 'Ada', fanout: 2, opening: null },
		{
			clock,
			keys,
			store: createMemoryStore(),
			order(order) {
				orders.push(order);
				if (fails(order)) throw new Error(`No ${order.type} today.`);
			},
			play: () => undefined,
			onStatus: (status) => statuses.push(status),
			onMicrophone: () => undefined
		}
	);
	await engine.start();
	return { engine, clock, orders, statuses };
}

describe('the run loop', () => {
	it('goes on, and says so, where an order of the core cannot be carried out', async () => {
		const { engine, clock, orders } = await listener(({ type }) => type === 'open');
		const someone = peerIdOf(new Uint8Array(32).fill(9));
		const find = (): void =>
			engine.feed({ type: 'members', contacts: [{ peer: someone, addrs: [] }] });
		find();
		const opens = (): number => orders.filter(({ type }) => type === 'open').length;
		expect(opens()).toBe(1);
		for (let i = 0; i < 3; i++) {
			clock.advance(20_000);
			find();
		}
		expect(opens()).toBeGreaterThan(2);
		expect(orders.some(({ type }) => type === 'find')).toBe(true);
		expect(engine.diagnostics().engine.errors).toContain('No open today.');
	});

	it('blames nobody for events of a later version, and whoever brings noise', async () => {
		const { engine, orders } = await listener(() => false);
		const envelope = encodeUnsigned({
			room: roomIdOf(new Uint8Array(32), new Uint8Array(8)),
			authorKey: new Uint8Array(32),
			sequence: 1,
			lamport: 2,
			body: { kind: 'unask' }
		});
		const later = seal(envelope, new Uint8Array(64));
		later[63] = 127;
		engine.news({ type: 'gossip', ticket: 1, bytes: later });
		engine.news({ type: 'gossip', ticket: 2, bytes: seal(envelope, new Uint8Array(64)) });
		engine.news({ type: 'gossip', ticket: 3, bytes: new Uint8Array(200) });
		await vi.waitFor(() => {
			const verdicts = orders.filter((order) => order.type === 'verdict');
			expect(verdicts.map(({ ticket, verdict }) => [ticket, verdict]).sort()).toEqual([
				[1, 'ignore'],
				[2, 'reject'],
				[3, 'ignore']
			]);
		});
	});

	it('tells a screen that it is alive by the very view it has, until something in it is new', async () => {
		const { engine, clock, statuses } = await listener();
		const someone = peerIdOf(new Uint8Array(32).fill(9));
		clock.advance(5_000);
		const searching = new Set(statuses.map(({ view }) => view));
		expect(statuses.length).toBeGreaterThan(3);
		expect(searching.size).toBe(1);
		const before = statuses.length;
		// Worth a look, and nothing that is on a screen.
		engine.feed({ type: 'address', addrs: ['/dns4/seed.example/tcp/443'] });
		engine.feed({ type: 'closed', peer: someone });
		clock.advance(200);
		expect(statuses.length).toBeGreaterThan(before);
		expect(searching).toContain(statuses.at(-1)?.view);
		engine.feed({ type: 'members', contacts: [{ peer: someone, addrs: [] }] });
		clock.advance(200);
		expect(statuses.at(-1)?.view.phase).toBe('attaching');
		expect(searching).not.toContain(statuses.at(-1)?.view);
	});
});
