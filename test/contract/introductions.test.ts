/** Whole peers whose seeds have died: they go on meeting, over the links they have. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { engineVillage, type EngineVillage, type Villager } from '../lib/engine-village.ts';

const PATIENCE = { timeout: 15_000, interval: 20 };
const OPUS = Uint8Array.of(0x78, 1, 2, 3);

let village: EngineVillage;
afterEach(() => {
	village.stop();
});

async function seat(host: Villager, who: Villager): Promise<void> {
	host.wish({ type: 'invite', peer: who.peer });
	await vi.waitFor(() => expect(who.view()?.me.invitation).not.toBeNull(), PATIENCE);
	const invitation = who.view()?.me.invitation;
	if (invitation) who.wish({ type: 'accept', invitation: invitation.id });
	await vi.waitFor(() => expect(who.diagnostics().role).toBe('speaker'), PATIENCE);
}

const joined = (who: Villager): Promise<void> =>
	vi.waitFor(() => expect(who.view()?.phase).toBe('joined'), PATIENCE);

/** The host and two more on stage, and a chain of listeners below the host, the last one at `depth`. */
async function chain(depth: number) {
	village = engineVillage();
	const host = await village.join('Hanna', 1);
	await joined(host);
	const speakers = [host];
	for (const name of ['Sam', 'Tess']) {
		const speaker = await village.join(name, 0);
		await joined(speaker);
		await seat(host, speaker);
		await vi.waitFor(
			() => expect(speaker.diagnostics().mesh).toHaveLength(speakers.length),
			PATIENCE
		);
		speakers.push(speaker);
	}
	const listeners: Villager[] = [];
	for (let i = 1; i <= depth; i++) {
		const listener = await village.join(`Listener ${i}`, 1);
		await vi.waitFor(() => expect(listener.diagnostics().depth).toBe(i), PATIENCE);
		listeners.push(listener);
	}
	return { host, speakers, listeners };
}

const idsOf = (some: readonly Villager[]): PeerId[] => some.map(({ peer }) => peer).sort();
const meshOf = (one: Villager): PeerId[] => [...one.diagnostics().mesh].sort();

describe('a room without seeds', { timeout: 60_000 }, () => {
	it('links a listener at depth 3 with all speakers when it takes a seat, and all hear it', async () => {
		const { host, speakers, listeners } = await chain(3);
		const lena = listeners[2] as Villager;
		village.killSeeds();
		const before = village.calls();
		const linked = lena.diagnostics().links.map(({ peer }) => peer);
		expect(speakers.slice(1).some(({ peer }) => linked.includes(peer))).toBe(false);
		await seat(host, lena);
		await vi.waitFor(() => {
			expect(meshOf(lena)).toEqual(idsOf(speakers));
			for (const speaker of speakers) expect(meshOf(speaker)).toContain(lena.peer);
		}, PATIENCE);
		expect(village.calls()).toBe(before);
		lena.wish({ type: 'unmute' });
		await vi.waitFor(
			() => expect(lena.view()?.stage.find((seat) => seat.me)?.muted).toBe(false),
			PATIENCE
		);
		let seq = 1_000;
		await vi.waitFor(() => {
			lena.engine.feed({ type: 'voice', seq: seq++, level: 30, opus: OPUS });
			for (const other of [...speakers, listeners[0] as Villager]) {
				expect(other.sounds.some((sound) => sound.type === 'frame')).toBe(true);
			}
		}, PATIENCE);
	});

	it('finds another backup for a listener that lost one', async () => {
		const { speakers, listeners } = await chain(4);
		const last = listeners[3] as Villager;
		// Room beside the chain, of which the one at its end was told nothing.
		for (const speaker of speakers.slice(1)) speaker.wish({ type: 'fanout', children: 2 });
		const others = [await village.join('Bea', 1), await village.join('Cleo', 1)];
		for (const other of others) await joined(other);
		await vi.waitFor(() => expect(last.diagnostics().backups).toHaveLength(2), PATIENCE);
		const { backups, parent } = last.diagnostics();
		village.killSeeds();
		const before = village.calls();
		const everybody = [...speakers, ...listeners, ...others];
		const lost = everybody.find(
			({ peer }) => backups.includes(peer) && peer !== parent && peer !== speakers[0]?.peer
		);
		if (lost === undefined) throw new Error('Both backups are parent or host.');
		lost.die();
		await vi.waitFor(() => {
			const now = last.diagnostics().backups.filter((peer) => peer !== lost.peer);
			expect(now).toHaveLength(2);
		}, PATIENCE);
		expect(village.calls()).toBe(before);
	});
});
