/** Neighbours who say anything at any time, well formed or not: nothing is thrown, kept without end, or said that nobody reads. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerInput, PeerOutput } from '#lib/p2p/peer/io.ts';
import { childrenMax } from '#lib/p2p/tree/graft.ts';
import { decodeControl, encodeControl, encodeKnock, encodeRefusal } from '#lib/p2p/wire/control.ts';
import { streamOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { LINKS_MAX } from '#lib/p2p/wire/limits.ts';
import {
	decodePacket,
	encodeFrames,
	encodeHeartbeat,
	encodeSilence,
	encodeVoice,
	UNCOUNTED
} from '#lib/p2p/wire/packet.ts';
import { encodeDigest, encodePull, tagOf } from '#lib/p2p/wire/repair.ts';
import { anyControl } from '../lib/any-control.ts';
import { begun, eve } from '../lib/law-room.ts';
import { lonePeer, ofType } from '../lib/lone-peer.ts';
import { Dice } from '../sim/dice.ts';
import { host, person, room } from './room-people.ts';

const FANOUT = 3;
const STEPS = 4_000;
/** No input of one neighbour makes us say more: a log, a bundle for each child, an answer to each. */
const OUTPUTS_MAX = 400;
const PEOPLE = [host, ...Array.from({ length: 12 }, (_, i) => person(i + 1))];

/** One thing that can happen, by chance. */
function createTrouble(seed: number, streams: readonly StreamId[]) {
	const dice = new Dice(seed);
	const messages = fc.sample(anyControl, { numRuns: 1_000, seed }).map((one) => encodeControl(one));
	const pick = <T>(all: readonly T[]): T => all[Math.floor(dice.next() * all.length)] as T;
	const whole = (below: number): number => Math.floor(dice.next() * below);
	const noise = (): Uint8Array<ArrayBuffer> =>
		Uint8Array.from({ length: whole(60) }, () => whole(256));
	let seq = 1_000;
	const frame = (): Uint8Array => {
		const at = dice.chance(0.9) ? seq++ : dice.chance(0.8) ? seq - whole(60) : whole(2 ** 32);
		const sound = new Uint8Array(1 + whole(80)).fill(at);
		return dice.chance(0.9)
			? encodeVoice(pick(streams), at, whole(128), sound)
			: encodeSilence(pick(streams), at, 1 + whole(500), dice.chance(0.2));
	};
	const datagram = (): Uint8Array<ArrayBuffer> => {
		const entries = [{ tag: tagOf(pick(streams)), seq: seq & 0xffff, bits: whole(2 ** 16) }];
		const beat = { stampMs: whole(2 ** 32), echoMs: whole(2 ** 32), heldMs: 1, ...UNCOUNTED };
		return pick<() => Uint8Array<ArrayBuffer>>([
			() => encodeFrames([frame(), frame()]),
			() => encodeFrames([frame()]),
			() => encodeDigest(entries),
			() => encodePull({ leaseMs: whole(2_000), entries }),
			() => encodeHeartbeat(beat),
			noise
		])();
	};
	return {
		dice,
		next(): PeerInput {
			const from = pick(PEOPLE).peer;
			const want = pick(['parent', 'mesh', 'backup'] as const);
			return pick<() => PeerInput>([
				() => ({ type: 'control', from, bytes: pick(messages) }),
				() => ({ type: 'control', from, bytes: pick(messages) }),
				() => ({ type: 'control', from, bytes: noise() }),
				() => ({ type: 'datagram', from, bytes: datagram() }),
				() => ({ type: 'datagram', from, bytes: datagram() }),
				() => ({ type: 'opened', peer: from }),
				() => ({ type: dice.chance(0.2) ? 'closed' : 'failed', peer: from }),
				() => ({
					type: 'knock',
					ticket: whole(1e6),
					from,
					bytes: encodeKnock({ room, want, fanout: whole(9) })
				}),
				() => ({
					type: 'refused',
					peer: from,
					bytes: encodeRefusal({ reason: 'full', candidates: [] })
				}),
				() => ({ type: 'checked', ticket: whole(200), good: dice.chance(0.5) }),
				() => ({ type: 'members', contacts: [{ peer: from, addrs: [] }] }),
				() => ({ type: 'forged', from }),
				() => ({ type: 'tick' })
			])();
		}
	};
}

/** What goes out is read by others, and goes to nobody twice. */
function unreadable(output: PeerOutput): boolean {
	if (output.type === 'control') return decodeControl(output.bytes) === null;
	if (output.type === 'wake') return !Number.isFinite(output.atMs);
	if (output.type !== 'datagram') return false;
	return decodePacket(output.bytes) === null || new Set(output.to).size < output.to.length;
}

describe.each([
	['a listener', 100, 1],
	['a listener', 100, 2],
	['a speaker', 1, 3],
	['the host', 0, 4]
])('%s among people who say anything, as number %i, seed %i', (_, number, seed) => {
	it('throws nothing, keeps to its limits, and counts what it drops', { timeout: 60_000 }, () => {
		const told = begun();
		const lone = lonePeer(number, { fanout: FANOUT, chance: new Uint8Array(32), holdsSound: true });
		lone.learn(...told.events);
		const streams = [streamOf(told.hostSit.id), told.annStream, 'ee'.repeat(8) as StreamId];
		const trouble = createTrouble(seed, streams);
		for (let step = 0; step < STEPS; step++) {
			const out = lone.feed(trouble.next());
			expect(out.filter(unreadable), `seed ${seed}, step ${step}`).toEqual([]);
			expect(out.length).toBeLessThan(OUTPUTS_MAX);
			// Some are taken at their word, or nobody would get far.
			for (const { to, want } of ofType(out, 'open')) {
				if (!trouble.dice.chance(0.5)) continue;
				lone.feed({ type: 'opened', peer: to.peer });
				lone.control(to.peer, { type: want === 'backup' ? 'standing-by' : 'attached' });
			}
			lone.nowMs += trouble.dice.next() * 30;
		}
		const { children, links, drops, path } = lone.peer.diagnostics(lone.nowMs);
		expect(children.length).toBeLessThanOrEqual(childrenMax(FANOUT));
		expect(links.length).toBeLessThanOrEqual(LINKS_MAX);
		expect(path.slice(0, -1)).not.toContain(lone.me.peer);
		expect(drops.malformed).toBeGreaterThan(100);
		expect(drops.stranger + drops.uninvited).toBeGreaterThan(100);
		expect(lone.peer.view().stage.map(({ peer }) => peer)).not.toContain(eve.peer);
	});
});
