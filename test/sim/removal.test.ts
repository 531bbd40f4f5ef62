/** Who is removed is gone for everybody within half a second, whatever its own app makes of it. */
import { describe, expect, it } from 'vitest';
import { encodeKnock } from '#lib/p2p/wire/control.ts';
import { openCrowd } from './crowd.ts';
import { createWatch } from './invariants.ts';
import { isOut } from './removals.ts';
import { CALM, isJoined, isSeated, openRoom, streamOf, whoHearsNot, type Room } from './room.ts';
import type { Member } from './world.ts';

const PATIENCE = { timeout: 60_000 };
const SEEDS = [81, 82, 83];
const SIZE = { speakers: 3, listeners: 24, fanout: 3 };
const APPLIED_MS = 500;

function remove(room: Room, who: Member): void {
	room.world.wish(room.host, { type: 'remove', peer: who.id, block: false });
}

/** Everybody but the one it is about. */
const others = ({ world }: Room, who: Member): Member[] =>
	world.alive.filter((member) => member !== who);

/** Its core never hears that it was removed, and it keeps up every link it can. */
function ignoresRemoval({ world }: Room, member: Member): void {
	member.deafTo = (input) => input.type === 'verified' && input.event.body.kind === 'remove';
	// Nor does it close a link of its own.
	member.lie = (output) => (output.type === 'close' ? [] : [output]);
	const knock = encodeKnock({ room: world.room, want: 'mesh', fanout: 3 });
	const pester = (): void => {
		if (!member.alive) return;
		world.after(200, pester);
		for (const { id } of world.alive) {
			if (id === member.id || member.ways.has(id)) continue;
			world.send(member, { type: 'open', to: { peer: id, addrs: [] }, want: 'mesh', knock });
		}
	};
	pester();
}

/** How many frames of that stream each of `members` has played. */
const played = (members: readonly Member[], stream: ReturnType<typeof streamOf>): number[] =>
	members.map((member) => member.heard.get(stream)?.size ?? 0);

describe.each(SEEDS)('a removal, seed %i', PATIENCE, (seed) => {
	it.each([
		['', false],
		[' by a modified app that ignores it', true]
	])('of a speaker%s is applied by all, and its sound stops', (_, ignores) => {
		const room = openRoom({ ...CALM, seed }, SIZE);
		const { world, speakers } = room;
		world.run(2_000);
		const gone = speakers[2]!;
		const stream = streamOf(world, gone);
		const watch = createWatch(world, new Set([gone]));
		if (ignores) ignoresRemoval(room, gone);
		remove(room, gone);
		world.run(APPLIED_MS);
		const rest = others(room, gone);
		expect(rest.filter((one) => !isOut(one, gone)).length, `seed ${seed}`).toBe(0);
		expect(rest.filter((one) => one.ways.has(gone.id)).length, `seed ${seed}`).toBe(0);
		const before = played(rest, stream);
		world.run(5_000, watch.check);
		expect(played(rest, stream), `seed ${seed}`).toEqual(before);
		expect(rest.filter((one) => one.ways.has(gone.id)).length, `seed ${seed}`).toBe(0);
		gone.talking = false;
		expect(rest.every(isJoined) && whoHearsNotOf(room, gone), `seed ${seed}`).toBe(true);
		expect(watch.broken, `seed ${seed}`).toEqual([]);
	});

	it('is not needed to silence a speaker whose app ignores being muted', () => {
		const room = openRoom({ ...CALM, seed }, SIZE);
		const { world, host, speakers } = room;
		world.run(2_000);
		const loud = speakers[1]!;
		const stream = streamOf(world, loud);
		loud.deafTo = (input) => input.type === 'verified' && input.event.body.kind === 'mute-all';
		world.wish(host, { type: 'mute-all' });
		world.run(APPLIED_MS);
		const rest = others(room, loud);
		const before = played(rest, stream);
		world.run(2_000);
		expect(played(rest, stream), `seed ${seed}`).toEqual(before);
		world.wish(loud, { type: 'mute' });
		world.wish(loud, { type: 'unmute' });
		world.run(1_000);
		const again = played(rest, stream).every((count, i) => count > (before[i] ?? 0));
		expect(again, `seed ${seed}`).toBe(true);
	});

	it('of a listener who carries others costs these no more than a moment', () => {
		const room = openRoom({ ...CALM, seed }, SIZE);
		const { world, listeners } = room;
		world.run(4_000);
		const childrenOf = (one: Member): number => one.peer.diagnostics(world.nowMs).children.length;
		const gone = listeners.reduce((most, one) => (childrenOf(one) > childrenOf(most) ? one : most));
		expect(childrenOf(gone), `seed ${seed}`).toBeGreaterThan(0);
		ignoresRemoval(room, gone);
		remove(room, gone);
		world.run(APPLIED_MS);
		const rest = others(room, gone);
		expect(
			rest.every((one) => isOut(one, gone)),
			`seed ${seed}`
		).toBe(true);
		expect(rest.filter((one) => one.ways.has(gone.id)).length, `seed ${seed}`).toBe(0);
		world.run(3_000);
		expect(rest.every(isJoined) && whoHearsNotOf(room, gone), `seed ${seed}`).toBe(true);
		const parents = rest.map((one) => one.peer.diagnostics(world.nowMs).parent);
		expect(parents).not.toContain(gone.id);
	});

	it('by a co-host counts while the host is away, and after its return', () => {
		const room = openRoom({ ...CALM, seed }, SIZE);
		const { world, host, speakers, listeners } = room;
		const [cohost, gone] = [listeners[0]!, speakers[2]!];
		const powers = ['stage', 'sound', 'people', 'room'] as const;
		world.wish(host, { type: 'name-cohost', peer: cohost.id, powers });
		world.run(1_000);
		world.reload(host, 3_000);
		world.run(2_000);
		world.wish(cohost, { type: 'remove', peer: gone.id, block: true });
		world.run(APPLIED_MS);
		const rest = world.alive.filter((one) => one !== gone && one.number !== 0);
		expect(
			rest.every((one) => isOut(one, gone)),
			`seed ${seed}`
		).toBe(true);
		world.run(6_000);
		const back = world.alive.find(({ number }) => number === 0)!;
		expect(isSeated(back) && isOut(back, gone), `seed ${seed}`).toBe(true);
		expect(back.peer.view().me.role).toBe('host');
		world.wish(back, { type: 'readmit', peer: gone.id });
		world.run(APPLIED_MS);
		expect(
			rest.some((one) => isOut(one, gone)),
			`seed ${seed}`
		).toBe(false);
	});
});

/** Everybody but the one who is gone hears all who still talk. */
function whoHearsNotOf({ world }: Room, gone: Member): boolean {
	gone.talking = false;
	return whoHearsNot(world, 400).every((who) => who.startsWith(`${gone.number} `));
}

describe('a big room', PATIENCE, () => {
	it('has applied a removal within half a second, by links alone', () => {
		const wires = { ...CALM, gossip: false, delayMs: [10, 60] } as const;
		const size = { listeners: 400, comeWithinMs: 4_000, settleMs: 500 };
		const { world, host, listeners } = openCrowd({ ...wires, seed: 85 }, size);
		host.talking = false;
		const gone = listeners[7]!;
		world.wish(host, { type: 'remove', peer: gone.id, block: false });
		world.run(APPLIED_MS);
		const rest = listeners.filter((one) => one !== gone);
		const applied = rest.filter((one) => isOut(one, gone));
		expect(applied.length / rest.length).toBeGreaterThanOrEqual(0.99);
	});
});

describe('the end of a room', PATIENCE, () => {
	it('ends it for everybody, and tells everybody the last message', () => {
		const { world, host } = openRoom({ ...CALM, seed: 84 }, SIZE);
		world.run(1_000);
		world.wish(host, { type: 'end', words: 'Good night' });
		world.run(APPLIED_MS);
		for (const one of world.alive) {
			expect(one.peer.view()).toMatchObject({ phase: 'ended', ending: 'Good night', stage: [] });
		}
		world.run(8_000);
		expect(world.alive.every((one) => one.peer.left)).toBe(true);
	});
});
