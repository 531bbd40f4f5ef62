/** No directory, no gossip, and no call but along routes over links that are open at that moment. */
import { describe, expect, it } from 'vitest';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { Dice } from './dice.ts';
import { createWatch } from './invariants.ts';
import { CALM, isJoined, openMicrophone, openRoom, seat, whoHearsNot } from './room.ts';
import type { Member, World } from './world.ts';

const PATIENCE = { timeout: 120_000 };
const SEEDS = [41, 42, 43];
/** Every hop says at once that the next one is gone. */
const UNREACHABLE_MS = 100;
/** Whoever was refused by all it could reach asks them again after 20 s; of some it was told without a way to them. */
const ALONE_SHARE_MAX = 0.06;
const size = { speakers: 4, listeners: 48, fanout: 3, talkEveryMs: 200 };

interface Tries {
	/** Calls along a route that stood, and calls for which there was none. */
	through: number;
	nowhere: number;
}

/** The seeds die: from now on each member is asked for its routes. */
function killSeeds(world: World): Tries {
	const tries: Tries = { through: 0, nowhere: 0 };
	for (const member of world.alive)
		member.lie = (output) => withoutSeeds(world, member, output, tries);
	return tries;
}

function withoutSeeds(
	world: World,
	member: Member,
	output: PeerOutput,
	tries: Tries
): readonly PeerOutput[] {
	if (output.type === 'find') {
		world.after(50, () => world.feed(member, { type: 'search-ended' }));
		return [];
	}
	if (output.type !== 'open') return [output];
	if (output.routes?.some((route) => stands(world, route)) === true) {
		tries.through++;
		return [output];
	}
	tries.nowhere++;
	const { peer } = output.to;
	world.after(UNREACHABLE_MS, () => world.feed(member, { type: 'failed', peer }));
	return [];
}

/** Each on it is alive and holds an open link with the next. */
function stands(world: World, route: readonly PeerId[]): boolean {
	return route.every((peer, i) => {
		const member = world.members.get(peer);
		const next = route[i + 1];
		return member?.alive === true && (next === undefined || member.ways.get(next)?.open === true);
	});
}

function hasSource(world: World, member: Member): boolean {
	const { role, parent, backups } = member.peer.diagnostics(world.nowMs);
	return (
		role !== 'listener' ||
		[parent, ...backups].some((peer) => peer !== null && world.members.get(peer)?.alive === true)
	);
}

describe.each(SEEDS)('a room whose seeds have died, seed %i', PATIENCE, (seed) => {
	it('links whoever takes a seat, from however deep, with all on stage', () => {
		const { world, speakers, listeners } = openRoom({ ...CALM, gossip: false, seed }, size);
		const watch = createWatch(world);
		world.run(3_000, watch.check);
		const depthOf = (member: Member): number => member.peer.diagnostics(world.nowMs).depth ?? 0;
		const deepest = [...listeners].sort((a, b) => depthOf(b) - depthOf(a))[0] as Member;
		expect(depthOf(deepest), `seed ${seed}`).toBeGreaterThanOrEqual(3);
		const tries = killSeeds(world);
		seat(world, deepest);
		const takesMs = world.until(
			'it is linked with all on stage',
			() => deepest.peer.diagnostics(world.nowMs).mesh.length === speakers.length,
			5_000,
			watch.check
		);
		expect(tries.through, `seed ${seed}`).toBeGreaterThanOrEqual(speakers.length);
		expect(takesMs, `seed ${seed}`).toBeLessThan(2_000);
		openMicrophone(world, deepest, 200);
		world.run(1_000, watch.check);
		expect(whoHearsNot(world, 600), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('hears on, and finds new parents and backups, after a fifth of it died at once', () => {
		const { world, listeners } = openRoom({ ...CALM, gossip: false, seed }, size);
		const watch = createWatch(world);
		world.run(8_000, watch.check);
		const dice = new Dice(seed);
		killSeeds(world);
		for (const listener of listeners) if (dice.chance(0.2)) world.kill(listener);
		// Who has lost all that it heard by at once may reach nobody before a seed is back.
		const cutOff = world.alive.filter((member) => !hasSource(world, member));
		expect(cutOff.length / world.alive.length, `seed ${seed}`).toBeLessThan(ALONE_SHARE_MAX);
		world.run(20_000, watch.check);
		const isOut = (member: Member): boolean => !isJoined(member);
		const out = world.alive.filter((member) => isOut(member) && !cutOff.includes(member));
		expect(
			out.map(({ number }) => number),
			`seed ${seed}`
		).toEqual([]);
		const alone = world.alive.filter((member) => {
			const { role, backups } = member.peer.diagnostics(world.nowMs);
			return role === 'listener' && backups.length === 0;
		});
		expect(alone.length / world.alive.length, `seed ${seed}`).toBeLessThan(ALONE_SHARE_MAX);
		for (const member of world.alive) member.lie = null;
		world.until('a seed is back, and all are', () => !world.alive.some(isOut), 20_000, watch.check);
		expect(whoHearsNot(world, 600), `seed ${seed}`).toEqual([]);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});
});
