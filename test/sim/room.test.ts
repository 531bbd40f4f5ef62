/** Whole rooms of real cores in virtual time. A failure names its seed: the same seed tells the same story. */
import { describe, expect, it } from 'vitest';
import { brokenRules, chainUp, framesHeard } from './invariants.ts';
import { World, type Member, type WorldOptions } from './world.ts';

const CALM: Omit<WorldOptions, 'seed'> = { delayMs: [5, 25], loss: 0, gossip: true };
const SEEDS = [1, 2, 3, 4, 5];

interface Room {
	readonly world: World;
	readonly host: Member;
	readonly speakers: readonly Member[];
	readonly listeners: readonly Member[];
}

const phase = (member: Member): string => member.peer.view().phase;
const seated = (member: Member): boolean => member.peer.view().stage.some((seat) => seat.me);

/** A room with `speakers` on stage, all unmuted and talking, and `listeners` below them. */
function setup(options: WorldOptions, speakers: number, listeners: number, fanout: number): Room {
	const world = new World(options);
	const host = world.join(0, fanout);
	world.until('the host is on stage', () => seated(host), 1_000);
	const others = range(speakers - 1).map((i) => {
		const member = world.join(1 + i, fanout);
		world.until('a speaker-to-be has joined', () => phase(member) === 'joined', 5_000);
		takeStage(world, host, member);
		return member;
	});
	const below = range(listeners).map((i) => world.join(100 + i, fanout));
	world.until(
		'all listeners are attached',
		() => below.every((one) => phase(one) === 'joined'),
		30_000
	);
	for (const speaker of [host, ...others]) {
		world.wish(speaker, { type: 'unmute' });
		world.talk(speaker);
	}
	return { world, host, speakers: [host, ...others], listeners: below };
}

function takeStage(world: World, host: Member, member: Member): void {
	world.wish(host, { type: 'invite', peer: member.id });
	world.until('the invitation arrives', () => member.peer.view().me.invitation !== null, 3_000);
	const invitation = member.peer.view().me.invitation;
	if (invitation !== null) world.wish(member, { type: 'accept', invitation: invitation.id });
	world.until('the seat is taken', () => seated(member), 3_000);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(SEEDS)('a room in the simulator, seed %i', (seed) => {
	it('carries every frame of every speaker to every other peer once', () => {
		const { world, speakers, listeners } = setup({ ...CALM, seed }, 3, 24, 2);
		world.run(3_000);
		for (const listener of listeners) {
			for (const heard of listener.peer.diagnostics(world.nowMs).speakers) {
				const { count, twice } = framesHeard(listener, heard.stream);
				expect.soft(count, `seed ${seed}`).toBeGreaterThan(100);
				expect.soft(twice, `seed ${seed}`).toBe(0);
			}
			expect(listener.peer.diagnostics(world.nowMs).speakers).toHaveLength(3);
		}
		for (const speaker of speakers) {
			expect(
				speaker.peer.diagnostics(world.nowMs).speakers.map((one) => one.received > 100)
			).toEqual([true, true]);
		}
	});

	it('never loops, never carries more than its fan-out, and hears again after half of it died', () => {
		const { world, listeners, host } = setup({ ...CALM, seed }, 2, 30, 2);
		const broken = new Set<string>();
		const watch = (): void => {
			for (const rule of brokenRules(world, 2)) broken.add(rule);
		};
		world.run(500, watch);
		const [dead, alive] = [listeners.slice(0, 15), listeners.slice(15)];
		for (const one of dead) world.kill(one);
		world.run(20_000);
		world.run(200, watch);
		expect([...broken], `seed ${seed}`).toEqual([]);
		for (const one of alive) {
			expect(chainUp(world, one.id), `seed ${seed}`).not.toBeNull();
			const before = one.heard.length;
			world.run(100);
			expect(one.heard.length, `seed ${seed}: ${one.id} hears`).toBeGreaterThan(before);
		}
		expect(host.peer.view().listenerCount, `seed ${seed}`).toBe(15);
	});

	it('agrees on everything without gossip, by links alone', () => {
		const { world, speakers, listeners } = setup({ ...CALM, seed, gossip: false }, 3, 10, 2);
		world.run(5_000);
		const digests = [...speakers, ...listeners].map(
			(one) => one.peer.diagnostics(world.nowMs).log.digest
		);
		expect(new Set(digests).size, `seed ${seed}`).toBe(1);
	});
});

describe('the stage', () => {
	it('seats eleven and refuses the twelfth at every peer', () => {
		const { world, host, speakers, listeners } = setup({ ...CALM, seed: 9 }, 11, 2, 3);
		world.run(2_000);
		expect(host.peer.view().stage).toHaveLength(11);
		const twelfth = listeners[0] as Member;
		world.wish(host, { type: 'invite', peer: twelfth.id });
		world.run(500);
		const invitation = twelfth.peer.view().me.invitation;
		if (invitation !== null) world.wish(twelfth, { type: 'accept', invitation: invitation.id });
		world.run(1_000);
		for (const one of [...speakers, ...listeners]) expect(one.peer.view().stage).toHaveLength(11);
		expect([host.peer.view().refusal, twelfth.peer.view().refusal]).toContain('stage-full');
	});

	it('frees the seat of a speaker who vanished', () => {
		const { world, host, speakers } = setup({ ...CALM, seed: 4 }, 3, 0, 3);
		world.run(1_000);
		world.kill(speakers[2] as Member);
		world.run(70_000);
		expect(host.peer.view().stage).toHaveLength(2);
	});

	it('reconnects speakers whose link breaks', () => {
		const { world, speakers } = setup({ ...CALM, seed: 5 }, 3, 0, 3);
		const [, second, third] = speakers as [Member, Member, Member];
		world.run(1_000);
		world.cut(second, third);
		world.run(3_000);
		const before = third.heard.length;
		world.run(1_000);
		// Two others speak 50 frames a second each.
		expect(third.heard.length - before).toBeGreaterThan(90);
	});
});

describe('the simulator', () => {
	it('tells the same story for the same seed', () => {
		const story = (): string[] => {
			const { world } = setup({ ...CALM, seed: 42, loss: 0.02 }, 2, 12, 2);
			world.run(2_000);
			return world.trace;
		};
		expect(story()).toEqual(story());
	});
});
