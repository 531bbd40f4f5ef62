/** Locked rooms in a crowd: who hears, who only carries, and who no longer hears after a removal. */
import { describe, expect, it } from 'vitest';
import { readKept } from '#lib/p2p/peer/epochs.ts';
import { createVault } from '#lib/p2p/lock/vault.ts';
import { passOf } from '#lib/p2p/lock/secrets.ts';
import { decodePacket, type VoiceFrame } from '#lib/p2p/wire/packet.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';
import { openCrowd } from './crowd.ts';
import { CALM, isJoined, openRoom, type Room } from './room.ts';
import { whoSaid } from './member.ts';
import { World, type Member } from './world.ts';

const PATIENCE = { timeout: 120_000 };
const SEEDS = [91, 92];
const SIZE = { speakers: 3, listeners: 24, fanout: 2 };
const SECRET: Access = { kind: 'secret', bytes: new Uint8Array(16).fill(5) };
const NEW_KEY_MS = 1_000;

/** From this number on people are relays: their link holds the pass. */
const RELAYS_FROM = 100;
const RELAYS_UP_TO = 104;

function locked(seed: number, size: { speakers: number; listeners: number; fanout: number }): Room {
	const room = new World({ ...CALM, seed }).room;
	const pass: Access = { kind: 'pass', bytes: passOf(room, SECRET.bytes) };
	const accessOf = (number: number): Access =>
		number >= RELAYS_FROM && number < RELAYS_UP_TO ? pass : SECRET;
	return openRoom({ ...CALM, seed, accessOf }, size);
}

const isRelay = ({ number }: Member): boolean => number >= RELAYS_FROM && number < RELAYS_UP_TO;
const heardOf = (member: Member): number =>
	[...member.heard.values()].reduce((sum, heard) => sum + heard.size, 0);
const lockOf = ({ world }: Room, member: Member) => member.peer.diagnostics(world.nowMs).lock;

/** The voice in a packet. */
function voiceIn(bytes: Uint8Array): VoiceFrame[] {
	const packet = decodePacket(bytes);
	if (packet?.type !== 'frames') return [];
	return packet.frames.filter((frame) => frame.kind === 'voice');
}

/** How many of `frames` the key opens that the device of `member` remembers. */
function opened(world: World, member: Member, frames: readonly VoiceFrame[]): number {
	const kept = readKept(world.kept.get(member.number) ?? new Uint8Array(0));
	if (kept === null) throw new Error(`${member.number} has kept no key.`);
	const vault = createVault(world.room, new Uint8Array(32));
	vault.learn(kept.epoch, kept.key);
	return frames.filter(
		({ stream, seq, opus }) => typeof vault.openFrame(stream, seq, opus) === 'object'
	).length;
}

describe.each(SEEDS)('a locked room, seed %i', PATIENCE, (seed) => {
	it('is heard by all who have the secret, also below relays, which hear nothing', () => {
		const room = locked(seed, SIZE);
		const { world } = room;
		world.run(4_000);
		const relays = world.alive.filter(isRelay);
		const members = world.alive.filter((one) => !isRelay(one));
		const before = members.map(heardOf);
		world.run(2_000);
		const heard = members.map((one, i) => heardOf(one) - (before[i] ?? 0));
		expect(Math.min(...heard), `seed ${seed}`).toBeGreaterThan(150);
		const carried = relays.map((one) => one.peer.diagnostics(world.nowMs).children.length);
		expect(
			carried.reduce((a, b) => a + b, 0),
			`seed ${seed}`
		).toBeGreaterThan(0);
		expect(relays.map(heardOf), `seed ${seed}`).toEqual(relays.map(() => 0));
		expect(relays.map((one) => lockOf(room, one)?.key)).toEqual(relays.map(() => 0));
		expect(relays.map((one) => one.peer.view().title)).toEqual(relays.map(() => ''));
		expect(members.every((one) => one.peer.view().title === 'Sim')).toBe(true);
	});

	it('carries no word and no sound that its links show', () => {
		const room = locked(seed, SIZE);
		const { world } = room;
		const bare: VoiceFrame[] = [];
		let sealed = 0;
		world.taps.push((_, __, bytes) => {
			for (const frame of voiceIn(bytes)) {
				if (frame.sealed === true && whoSaid(frame.opus, frame.seq) === null) sealed++;
				else bare.push(frame);
			}
		});
		world.run(2_000);
		expect(bare).toEqual([]);
		expect(sealed).toBeGreaterThan(1_000);
		const log = room.host.peer.envelopes().map((bytes) => new TextDecoder().decode(bytes));
		expect(log.some((text) => text.includes('Peer') || text.includes('Sim'))).toBe(false);
	});

	it('has a new key for all but the one who was removed, within a second', () => {
		const room = locked(seed, SIZE);
		const { world, host, listeners } = room;
		world.run(4_000);
		const gone = listeners.find((one) => !isRelay(one))!;
		const rest = world.alive.filter((one) => one !== gone && !isRelay(one));
		// Its app hears of no removal, and it holds whatever anybody is sent.
		gone.deafTo = (input) => input.type === 'verified' && input.event.body.kind === 'remove';
		const frames: VoiceFrame[] = [];
		world.taps.push((_, __, bytes) => void frames.push(...voiceIn(bytes)));
		world.wish(host, { type: 'remove', peer: gone.id, block: false });
		world.run(NEW_KEY_MS);
		expect(rest.filter((one) => lockOf(room, one)?.key !== 2).length, `seed ${seed}`).toBe(0);
		frames.length = 0;
		const before = rest.map(heardOf);
		world.run(2_000);
		const heard = rest.map((one, i) => heardOf(one) - (before[i] ?? 0));
		expect(Math.min(...heard), `seed ${seed}`).toBeGreaterThan(150);
		expect(frames.length).toBeGreaterThan(1_000);
		expect(opened(world, gone, frames)).toBe(0);
		expect(opened(world, rest[0]!, frames)).toBe(frames.length);
	});

	it('opened to all first, is locked with everybody in it, and nobody new comes by the old key', () => {
		const room = openRoom({ ...CALM, seed }, SIZE);
		const { world, host } = room;
		world.run(4_000);
		world.wish(host, { type: 'lock' });
		world.run(2_000);
		expect(world.alive.filter((one) => lockOf(room, one)?.key !== 1).length, `seed ${seed}`).toBe(
			0
		);
		const before = world.alive.map(heardOf);
		world.run(2_000);
		const heard = world.alive.map((one, i) => heardOf(one) - (before[i] ?? 0));
		expect(Math.min(...heard), `seed ${seed}`).toBeGreaterThan(150);
		const late = world.join(900, 2);
		world.run(5_000);
		expect(isJoined(late)).toBe(false);
		expect(late.peer.view().phase).toBe('locked');
		expect(heardOf(late)).toBe(0);
	});

	it('with its door closed lets in whom the host lets in', () => {
		const room = locked(seed, SIZE);
		const { world, host } = room;
		world.run(3_000);
		world.wish(host, { type: 'door', closed: true });
		world.run(500);
		const [late, unwelcome] = [world.join(900, 2), world.join(901, 2)];
		world.run(6_000);
		expect(late.peer.view().phase).toBe('at-door');
		const waiting = host.peer.view().lock?.door ?? [];
		expect(waiting.map(({ name }) => name).sort()).toEqual(['Peer 900', 'Peer 901']);
		world.wish(host, { type: 'answer-door', peer: late.id, admit: true });
		world.wish(host, { type: 'answer-door', peer: unwelcome.id, admit: false });
		world.run(2_000);
		expect(late.peer.view().phase).toBe('joined');
		expect(heardOf(late)).toBeGreaterThan(50);
		expect(unwelcome.peer.view()).toMatchObject({ phase: 'at-door', lock: { turnedAway: true } });
		expect(heardOf(unwelcome)).toBe(0);
		// Who was in before the door was closed stays in, whatever key comes next.
		const gone = room.listeners.at(-1)!;
		world.wish(host, { type: 'remove', peer: gone.id, block: false });
		world.run(2_000);
		const rest = world.alive.filter((one) => one !== gone && one !== unwelcome && !isRelay(one));
		expect(rest.filter((one) => lockOf(room, one)?.key !== 2).map(({ number }) => number)).toEqual(
			[]
		);
		expect(lockOf(room, unwelcome)?.key).toBe(0);
	});
});

// Stories in which most of the room is told of one of the two new keys first, and of the other a moment later.
describe.each([1, 27])('a locked room with a co-host, seed %i', PATIENCE, (seed) => {
	it('has one new key for all but the one whom the co-host removed, though the host makes one too', () => {
		const room = openRoom({ ...CALM, seed, accessOf: () => SECRET }, { ...SIZE, talkEveryMs: 100 });
		const { world, host, speakers, listeners } = room;
		const [cora, gone] = [speakers[1]!, listeners[0]!];
		world.run(1_500);
		world.wish(host, { type: 'name-cohost', peer: cora.id, powers: ['people'] });
		world.run(500);
		world.wish(cora, { type: 'remove', peer: gone.id, block: false });
		world.run(3_000);
		const rest = world.alive.filter((one) => one !== gone);
		const before = rest.map(heardOf);
		for (const one of rest) world.wish(one, { type: 'unask' });
		world.run(1_000);
		const deaf = rest.filter((one, i) => heardOf(one) === before[i]);
		expect(
			deaf.map(({ number }) => number),
			`seed ${seed}`
		).toEqual([]);
		const keyless = rest.filter((one) => one.peer.view().refusal === 'no-key');
		expect(
			keyless.map(({ number }) => number),
			`seed ${seed}`
		).toEqual([]);
	});
});

describe('a big locked room', PATIENCE, () => {
	it('has a new key a second after a removal, by links alone, for some kilobytes at the host', () => {
		const wires = { ...CALM, gossip: false, delayMs: [10, 60] } as const;
		const size = { listeners: 300, comeWithinMs: 4_000, settleMs: 1_000 };
		const { world, host, listeners } = openCrowd(
			{ ...wires, seed: 93, accessOf: () => SECRET },
			size
		);
		host.talking = false;
		world.run(2_000);
		const gone = listeners[7]!;
		const keyOf = (one: Member): number | undefined => one.peer.diagnostics(world.nowMs).lock?.key;
		expect(listeners.filter((one) => keyOf(one) !== 1).length).toBe(0);
		const sentBefore = host.sentBytes;
		world.wish(host, { type: 'remove', peer: gone.id, block: false });
		world.run(NEW_KEY_MS);
		const rest = listeners.filter((one) => one !== gone);
		const keyed = rest.filter((one) => keyOf(one) === 2);
		expect(keyed.length / rest.length).toBeGreaterThanOrEqual(0.99);
		expect(keyOf(gone)).toBe(1);
		expect(host.sentBytes - sentBefore).toBeLessThan(40_000);
		world.run(1_000);
		expect(rest.filter((one) => keyOf(one) !== 2).length).toBe(0);
	});
});
