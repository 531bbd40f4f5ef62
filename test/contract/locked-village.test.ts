/** A locked room of whole peers, with the keys and ciphers of this platform: who hears, who carries, who finds nothing. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { passOf } from '#lib/p2p/lock/secrets.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import {
	engineVillage,
	type AccessIn,
	type EngineVillage,
	type Villager
} from '../lib/engine-village.ts';

const PATIENCE = { timeout: 15_000, interval: 20 };
const OPUS = Uint8Array.of(0x78, 1, 2, 3);
const TICK_MS = 20;
const bytes = new Uint8Array(16).fill(6);
const SECRET: AccessIn = () => ({ kind: 'secret', bytes });
const PASS: AccessIn = (room) => ({ kind: 'pass', bytes: passOf(room, bytes) });

let village: EngineVillage;
let host: Villager;
let voice: ReturnType<typeof setInterval>;

const phase = (who: Villager, what: string): Promise<void> =>
	vi.waitFor(() => expect(who.view()?.phase).toBe(what), PATIENCE);
const frames = (who: Villager): number => who.sounds.filter(({ type }) => type === 'frame').length;
const hears = (who: Villager): Promise<void> =>
	vi.waitFor(() => {
		const heard = who.sounds.find((sound) => sound.type === 'frame');
		expect(heard).toMatchObject({ opus: OPUS });
	}, PATIENCE);

beforeEach(async () => {
	village = engineVillage();
	host = await village.join('Hanna', 1, SECRET);
	await phase(host, 'joined');
	await vi.waitFor(() => expect(host.view()?.stage).toHaveLength(1), PATIENCE);
	host.wish({ type: 'unmute' });
	let seq = 0;
	voice = setInterval(() => {
		host.engine.feed({ type: 'voice', seq: ++seq, level: 20, opus: OPUS });
	}, TICK_MS);
});

afterEach(() => {
	clearInterval(voice);
	village.stop();
});

describe('a locked room of whole peers', { timeout: 60_000 }, () => {
	it('is heard through a relay that has the pass and hears nothing, and not found by the key', async () => {
		const relay = await village.join('Relay', 2, PASS);
		await vi.waitFor(() => expect(relay.diagnostics().parent).toBe(host.peer), PATIENCE);
		const ada = await village.join('Ada', 2, SECRET);
		await vi.waitFor(() => expect(ada.diagnostics().parent).toBe(relay.peer), PATIENCE);
		await hears(ada);
		await vi.waitFor(() => {
			expect(ada.view()).toMatchObject({ title: 'Village', lock: { doorClosed: false } });
			expect(relay.diagnostics().lock?.unread).toBeGreaterThan(0);
		}, PATIENCE);
		expect(relay.diagnostics().lock).toMatchObject({ key: 0, epoch: 1 });
		expect(frames(relay)).toBe(0);
		expect(relay.view()?.title).toBe('');
		const eve = await village.join('Eve', 2);
		await phase(eve, 'nobody-there');
	});

	it('shows its seeds no event, and not its name', async () => {
		await village.join('Ada', 2, SECRET);
		await vi.waitFor(() => expect(village.gossiped.length).toBeGreaterThan(3), PATIENCE);
		const { room } = host.view() ?? {};
		for (const { at, message } of village.gossiped) {
			expect(at).not.toBe(room);
			expect(openEnvelope(message).ok).toBe(false);
		}
	});

	it('has another key after a removal, for all but the one removed', async () => {
		const ada = await village.join('Ada', 2, SECRET);
		const rex = await village.join('Rex', 0, SECRET);
		await hears(ada);
		await hears(rex);
		host.wish({ type: 'remove', peer: rex.peer, block: false });
		await vi.waitFor(() => expect(ada.diagnostics().lock?.key).toBe(2), PATIENCE);
		expect(rex.diagnostics().lock?.key).toBe(1);
		await phase(rex, 'removed');
		const before = frames(ada);
		await vi.waitFor(() => expect(frames(ada)).toBeGreaterThan(before + 30), PATIENCE);
	});

	it('keeps its door: who comes is named there, and hears once let in', async () => {
		host.wish({ type: 'door', closed: true });
		const dora = await village.join('Dora', 2, SECRET);
		await phase(dora, 'at-door');
		await vi.waitFor(() => {
			expect(host.view()?.lock?.door.map(({ name }) => name)).toEqual(['Dora']);
		}, PATIENCE);
		expect(frames(dora)).toBe(0);
		host.wish({ type: 'answer-door', peer: dora.peer, admit: true });
		await phase(dora, 'joined');
		await hears(dora);
	});
});
