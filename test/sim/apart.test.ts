/** Walls, reloads and long absences: what was apart comes together again. */
import { describe, expect, it } from 'vitest';
import { SEAT_ABANDONED_MS } from '#lib/p2p/peer/stage.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { createWatch } from './invariants.ts';
import { CALM, hostOf, isJoined, isSeated, openMicrophone, openRoom, whoHearsNot } from './room.ts';
import { CLOSE_NOTICED_MS, type Member } from './world.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [31, 32, 33];
const room = { speakers: 3, listeners: 18, fanout: 3, talkEveryMs: 100 };

describe.each(SEEDS)('a room that is torn apart, seed %i', PATIENCE, (seed) => {
	it('hears in each half who speaks there, and becomes one again', () => {
		const { world, speakers, listeners } = openRoom({ ...CALM, seed }, room);
		const watch = createWatch(world);
		const [host, , third] = speakers as [Member, Member, Member];
		const half = [third, ...listeners.slice(0, 9)];
		world.run(1_000, watch.check);
		world.wires.split(new Set(half.map((member) => member.id)));
		world.run(30_000, watch.check);
		for (const member of half) {
			expect(
				heardOf(member, third, () => world.run(300)),
				`seed ${seed}`
			).toBe(true);
		}
		expect(world.alive.every(isJoined), `seed ${seed}`).toBe(true);
		world.wires.heal();
		world.run(25_000, watch.check);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
		expect(host.peer.view().stage).toHaveLength(3);
		expect(host.peer.view().listenerCount, `seed ${seed}`).toBe(18);
	});

	it('keeps its stage where the host alone was cut off, for however long', () => {
		const { world, host } = openRoom({ ...CALM, seed }, { ...room, listeners: 6 });
		world.wires.split(new Set([host.id]));
		world.run(2 * SEAT_ABANDONED_MS);
		world.wires.heal();
		world.run(25_000);
		for (const member of world.alive) expect(member.peer.view().stage).toHaveLength(3);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
	});
});

describe.each(SEEDS)('a wall between the host and a speaker, seed %i', PATIENCE, (seed) => {
	it('keeps the speaker on stage, whom the host hears through another', () => {
		const { world, host, speakers } = openRoom({ ...CALM, seed }, { ...room, listeners: 3 });
		const walled = speakers[2] as Member;
		const pair = new Set([host.id, walled.id]);
		world.wires.reaches = (from, to) => from === to || !pair.has(from) || !pair.has(to);
		world.cut(host, walled);
		world.run(SEAT_ABANDONED_MS + 15_000);
		expect(isSeated(walled), `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
	});

	it("keeps her where she is muted, whose routers and the host's let nothing through", () => {
		const { world, host, speakers } = openRoom({ ...CALM, seed }, { ...room, listeners: 3 });
		const muted = speakers[2] as Member;
		const pair = [host, muted];
		world.wires.connects = (a, b) => !pair.every(({ id }) => id === a.id || id === b.id);
		world.wish(muted, { type: 'mute' });
		world.cut(host, muted);
		world.run(3 * SEAT_ABANDONED_MS);
		expect(isSeated(muted), `seed ${seed}`).toBe(true);
		world.kill(muted);
		world.run(SEAT_ABANDONED_MS + 15_000);
		expect(host.peer.view().stage, `seed ${seed}`).toHaveLength(2);
	});
});

/** Whether `member` hears more of `speaker` while `pass` lets time pass. */
function heardOf(member: Member, speaker: Member, pass: () => void): boolean {
	if (member === speaker) return true;
	const count = (): number => [...member.heard.values()].reduce((sum, seqs) => sum + seqs.size, 0);
	const before = count();
	pass();
	return count() > before;
}

describe.each(SEEDS)('who comes back, seed %i', PATIENCE, (seed) => {
	it('is the host after a reload: on stage, muted, and the room with it', () => {
		const { world, host } = openRoom({ ...CALM, seed }, room);
		const watch = createWatch(world);
		world.run(1_000, watch.check);
		world.reload(host);
		world.run(12_000, watch.check);
		const back = hostOf(world);
		expect(back).not.toBe(host);
		expect(isSeated(back)).toBe(true);
		for (const member of world.alive) {
			expect(isJoined(member), `seed ${seed}: ${member.number}`).toBe(true);
			const [seat] = member.peer.view().stage;
			expect(seat).toMatchObject({ role: 'host', muted: true });
		}
		world.wish(back, { type: 'unmute' });
		world.talk(back, 100);
		world.run(1_000, watch.check);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('is the host of a room where it was alone on stage', () => {
		const { world, host } = openRoom({ ...CALM, seed }, { ...room, speakers: 1 });
		world.reload(host, 5_000);
		world.run(30_000);
		const back = hostOf(world);
		world.wish(back, { type: 'unmute' });
		world.talk(back, 100);
		world.run(1_000);
		expect(world.alive).toHaveLength(19);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
	});

	it('is the host of a room whose last speaker closed her page', () => {
		const { world, host, speakers, listeners } = openRoom(
			{ ...CALM, seed },
			{ ...room, speakers: 2, listeners: 6 }
		);
		world.wish(host, { type: 'step-down' });
		world.run(1_000);
		world.kill(speakers[1] as Member, CLOSE_NOTICED_MS);
		world.reload(host, 5_000);
		world.run(40_000);
		const back = hostOf(world);
		expect(back).not.toBe(host);
		expect(isSeated(back), `seed ${seed}`).toBe(true);
		openMicrophone(world, back, 100);
		world.run(1_000);
		expect(world.alive).toHaveLength(1 + listeners.length);
		expect(world.alive.every(isJoined), `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
	});

	it('is nobody, and a co-host in the audience goes on', () => {
		const { world, host, speakers, listeners } = openRoom(
			{ ...CALM, seed },
			{ ...room, speakers: 2, listeners: 6 }
		);
		const [cora] = listeners as [Member];
		world.wish(host, { type: 'name-cohost', peer: cora.id, powers: ['stage'] });
		world.run(1_000);
		for (const gone of speakers) world.kill(gone);
		world.run(20_000);
		expect(cora.peer.view()).toMatchObject({ phase: 'reconnecting', hostAway: true });
		world.wish(cora, { type: 'invite', peer: cora.id });
		world.run(100);
		const { invitation } = cora.peer.view().me;
		world.wish(cora, { type: 'accept', invitation: invitation?.id as EventId });
		world.run(40_000);
		openMicrophone(world, cora, 100);
		world.run(1_000);
		expect(world.alive.every(isJoined), `seed ${seed}`).toBe(true);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
	});

	it('is a speaker whose seat was freed meanwhile, and who does not know: it listens', () => {
		const { world, speakers } = openRoom({ ...CALM, seed }, room);
		const gone = speakers[2] as Member;
		world.run(1_000);
		world.reload(gone, SEAT_ABANDONED_MS + 30_000);
		world.run(SEAT_ABANDONED_MS + 29_000);
		expect(hostOf(world).peer.view().stage).toHaveLength(2);
		world.run(20_000);
		const back = world.members.get(gone.id) as Member;
		expect(back).not.toBe(gone);
		expect(isSeated(back), `seed ${seed}`).toBe(false);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
	});

	it('is a speaker that reloads before anybody minds: still on stage, muted', () => {
		const { world, speakers } = openRoom({ ...CALM, seed }, room);
		const [, second] = speakers as [Member, Member, Member];
		world.reload(second);
		world.run(10_000);
		const back = world.members.get(second.id) as Member;
		expect(isSeated(back)).toBe(true);
		const seats = hostOf(world)
			.peer.view()
			.stage.filter((one) => one.peer === second.id);
		expect(seats).toMatchObject([{ muted: true, reachable: true }]);
		expect(whoHearsNot(world, 300), `seed ${seed}`).toEqual([]);
	});
});
