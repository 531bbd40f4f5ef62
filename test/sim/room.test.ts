/** Whole rooms of real cores in virtual time. A failure names its seed: the same seed tells the same story. */
import { describe, expect, it } from 'vitest';
import { decodePacket } from '#lib/p2p/wire/packet.ts';
import { createWatch } from './invariants.ts';
import { CALM, isSeated, openRoom, seat, streamOf, whoHearsNot } from './room.ts';
import type { Member } from './world.ts';

/** A busy machine takes many times as long as an idle one. */
const PATIENCE = { timeout: 60_000 };
const SEEDS = [1, 2, 3];

describe.each(SEEDS)('a room in the simulator, seed %i', PATIENCE, (seed) => {
	it('carries every frame of every speaker to every other peer once', () => {
		const { world, speakers } = openRoom(
			{ ...CALM, seed },
			{ speakers: 3, listeners: 24, fanout: 2 }
		);
		const watch = createWatch(world);
		world.run(1_000, watch.check);
		const streams = speakers.map((speaker) => [speaker, streamOf(world, speaker)] as const);
		const first = new Map(world.alive.map((member) => [member, new Map(countsOf(member))]));
		world.run(2_000, watch.check);
		for (const member of world.alive) {
			for (const [speaker, stream] of streams) {
				if (speaker === member) continue;
				const new_ = (member.heard.get(stream)?.size ?? 0) - (first.get(member)?.get(stream) ?? 0);
				// Of a hundred, those on the way at either end, and up to three whose proof is still to come.
				expect(new_, `seed ${seed}: ${member.number} of ${speaker.number}`).toBeGreaterThan(93);
			}
		}
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('hears again after half of it died', () => {
		const { world, listeners, host } = openRoom(
			{ ...CALM, seed },
			{ speakers: 2, listeners: 30, fanout: 2 }
		);
		const watch = createWatch(world);
		world.run(500, watch.check);
		for (const one of listeners.slice(0, 15)) world.kill(one);
		world.run(20_000, watch.check);
		expect(whoHearsNot(world, 200), `seed ${seed}`).toEqual([]);
		// Whoever moves to a better parent is counted there some seconds later.
		const isCounted = (): boolean => host.peer.view().listenerCount === 15;
		world.until('everybody is counted once', isCounted, 10_000, watch.check);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('agrees on everything without gossip, by links alone', () => {
		const size = { speakers: 3, listeners: 10, fanout: 2, talkEveryMs: 0 };
		const { world } = openRoom({ ...CALM, seed, gossip: false }, size);
		world.run(5_000);
		const digests = world.alive.map((one) => one.peer.diagnostics(world.nowMs).log.digest);
		expect(new Set(digests).size, `seed ${seed}`).toBe(1);
	});
});

const countsOf = (member: Member) =>
	[...member.heard].map(([stream, seqs]) => [stream, seqs.size] as const);

describe('a deep tree', PATIENCE, () => {
	it('brings the bytes of a frame to the sixth hop as they left the speaker', () => {
		const { world, host, listeners } = openRoom(
			{ ...CALM, seed: 6 },
			{ speakers: 1, listeners: 6, fanout: 1 }
		);
		const deepest = listeners.find((one) => one.peer.diagnostics(world.nowMs).depth === 6);
		const sent = new Map<number, string>();
		const arrived = new Map<number, string>();
		world.taps.push((from, to, bytes) => {
			const packet = decodePacket(bytes);
			if (packet?.type !== 'frames') return;
			for (const frame of packet.frames) {
				if (from === host.id) sent.set(frame.seq, frame.bytes.join());
				if (to === deepest?.id) arrived.set(frame.seq, frame.bytes.join());
			}
		});
		world.run(2_000);
		expect(arrived.size).toBeGreaterThan(80);
		for (const [seq, bytes] of arrived) {
			if (sent.has(seq)) expect(bytes).toBe(sent.get(seq));
		}
	});
});

describe('the stage', PATIENCE, () => {
	it('seats eleven and refuses the twelfth at every peer', () => {
		const { world, host, listeners } = openRoom(
			{ ...CALM, seed: 9 },
			{ speakers: 11, listeners: 2, fanout: 3, talkEveryMs: 0 }
		);
		world.run(2_000);
		const twelfth = listeners[0] as Member;
		world.wish(host, { type: 'invite', peer: twelfth.id });
		world.run(1_000);
		const invitation = twelfth.peer.view().me.invitation;
		if (invitation !== null) world.wish(twelfth, { type: 'accept', invitation: invitation.id });
		world.run(1_000);
		for (const one of world.alive) expect(one.peer.view().stage).toHaveLength(11);
		expect([host.peer.view().refusal, twelfth.peer.view().refusal]).toContain('stage-full');
	});

	it('frees the seat of a speaker who vanished', () => {
		const size = { speakers: 3, listeners: 0, fanout: 3 };
		const { world, host, speakers } = openRoom({ ...CALM, seed: 4 }, size);
		world.run(1_000);
		world.kill(speakers[2] as Member);
		world.run(70_000);
		expect(host.peer.view().stage).toHaveLength(2);
	});

	it('reconnects speakers whose link breaks', () => {
		const size = { speakers: 3, listeners: 0, fanout: 3 };
		const { world, speakers } = openRoom({ ...CALM, seed: 5 }, size);
		world.run(1_000);
		world.cut(speakers[1] as Member, speakers[2] as Member);
		world.run(3_000);
		expect(whoHearsNot(world, 100)).toEqual([]);
	});

	it('can be left by all, and taken again by the host alone', () => {
		const { world, host, listeners } = openRoom(
			{ ...CALM, seed: 7 },
			{ speakers: 2, listeners: 6, fanout: 2 }
		);
		for (const speaker of world.alive.filter(isSeated)) world.wish(speaker, { type: 'step-down' });
		world.run(10_000);
		expect(host.peer.view()).toMatchObject({ phase: 'joined', stage: [] });
		for (const one of listeners) expect(one.peer.view().phase).toBe('joined');
		world.wish(host, { type: 'ask' });
		world.until('the host is on stage again', () => isSeated(host), 1_000);
		world.wish(host, { type: 'unmute' });
		world.run(1_000);
		expect(whoHearsNot(world, 100)).toEqual([]);
	});

	it('is left and entered in the middle of everything', () => {
		const { world, speakers, listeners } = openRoom(
			{ ...CALM, seed: 8 },
			{ speakers: 3, listeners: 12, fanout: 2 }
		);
		const watch = createWatch(world);
		const [up, down] = [listeners[0] as Member, speakers[1] as Member];
		seat(world, up);
		world.wish(up, { type: 'unmute' });
		world.talk(up);
		world.wish(down, { type: 'step-down' });
		world.run(8_000, watch.check);
		expect(whoHearsNot(world, 100)).toEqual([]);
		expect(watch.broken).toEqual([]);
	});
});

describe('the simulator', PATIENCE, () => {
	it('tells the same story for the same seed', () => {
		const story = (): string[] => {
			const size = { speakers: 2, listeners: 12, fanout: 2 };
			const { world } = openRoom({ ...CALM, seed: 42, loss: 0.02 }, size);
			world.run(2_000);
			return world.trace;
		};
		expect(story()).toEqual(story());
	});

	it('tells the same story whether or not somebody looks on', () => {
		const story = (isWatched: boolean): string[] => {
			const lines = { delayMs: [5, 60], loss: 0.05 } as const;
			const size = { speakers: 2, listeners: 24, fanout: 3 };
			const { world, listeners } = openRoom({ ...CALM, ...lines, seed: 83 }, size);
			const packets: string[] = [];
			world.taps.push((from, to, { length }) => {
				packets.push(`${world.nowMs} ${from.slice(-4)} ${to.slice(-4)} ${length}`);
			});
			if (isWatched) createWatch(world);
			world.run(3_000);
			world.kill(listeners[3] as Member);
			world.run(6_000);
			return packets;
		};
		const [seen, unseen] = [story(true), story(false)];
		expect(seen.length).toBe(unseen.length);
		expect(seen.findIndex((packet, i) => packet !== unseen[i])).toBe(-1);
	});
});
