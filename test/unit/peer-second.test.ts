import { describe, expect, it } from 'vitest';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { decodePacket, encodeHeartbeat, UNCOUNTED, type Heartbeat } from '#lib/p2p/wire/packet.ts';
import {
	LOSSES_BELOW_MAX,
	REORDER_SECOND_MS,
	SECOND_LEASE_MS
} from '#lib/p2p/peer/repair-timing.ts';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { ofType, type LonePeer } from '../lib/lone-peer.ts';
import { backedUp, hearProven, listening, pulls } from '../lib/stage.ts';
import { host, person } from './room-people.ts';

interface Way {
	/** Share of packets that our parent's line loses. */
	readonly line: number;
	/** Losses above our parent, as it tells them. */
	readonly above: number;
}

const beat = (lone: LonePeer, from: PeerId, counts: Partial<Heartbeat>) =>
	lone.feed({
		type: 'datagram',
		from,
		bytes: encodeHeartbeat({ stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED, ...counts })
	});

/** Ten seconds of a voice over such a way; `then` may go on. */
function over({ line, above }: Way) {
	const room = backedUp();
	const { lone, one, parent, backups } = room;
	let seq = 0;
	const talk = (ticks: number, share: number, told: number): PeerOutput[] => {
		const out: PeerOutput[] = [];
		for (let i = 0; i < ticks; i++) {
			seq++;
			const isLost = Math.floor(seq * share) !== Math.floor((seq + 1) * share);
			if (!isLost) out.push(...hearProven(lone, parent, seq, one));
			if (seq % 50 === 0) out.push(...beat(lone, parent, { sent: seq, lossesAbove: told }));
			lone.beat(...backups);
			out.push(...lone.pass(20));
		}
		return out;
	};
	return { ...room, talk, out: talk(500, line, above), seq: () => seq };
}

const seconds = (outputs: readonly PeerOutput[]) =>
	pulls(outputs).filter(({ leaseMs }) => leaseMs === SECOND_LEASE_MS);

describe('a way that loses much', () => {
	it('is made two: a backup is asked to push everything, again and again', () => {
		const { out, backups } = over({ line: 0.1, above: 0.45 });
		const asked = seconds(out);
		expect(asked.length).toBeGreaterThan(15);
		expect(asked.every(({ to }) => to === backups[0])).toBe(true);
	});

	it('is none where its lines lose little, or are few', () => {
		expect(seconds(over({ line: 0.1, above: 0.3 }).out)).toEqual([]);
		expect(seconds(over({ line: 0, above: 0.4 }).out)).toEqual([]);
	});

	it('is none for what those below us say alone', () => {
		const { lone, one, parent, backups } = backedUp();
		const child = person(7).peer;
		lone.letIn(child, 'parent');
		const out: PeerOutput[] = [];
		for (let seq = 1; seq <= 500; seq++) {
			out.push(...hearProven(lone, parent, seq, one));
			if (seq % 25 === 0) out.push(...beat(lone, child, { lossesBelow: 2.55 }));
			lone.beat(...backups);
			out.push(...lone.pass(20));
		}
		expect(seconds(out)).toEqual([]);
		const up = ofType(out, 'datagram').flatMap(({ to, bytes }) => {
			const packet = to.includes(parent) ? decodePacket(bytes) : null;
			return packet?.type === 'heartbeat' ? [packet.heartbeat.lossesBelow] : [];
		});
		expect(Math.max(...up)).toBeCloseTo(LOSSES_BELOW_MAX, 2);
	});

	it('is one again when it loses less, and the backup is told so', () => {
		const { talk, backups } = over({ line: 0.1, above: 0.45 });
		const out = talk(1_000, 0, 0.2);
		expect(pulls(out)).toContainEqual({ to: backups[0], leaseMs: 1, entries: [] });
		expect(seconds(talk(100, 0, 0.2))).toEqual([]);
	});

	it('is told to those below, and up what lies below', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		for (let seq = 1; seq <= 400; seq++) {
			if (seq % 10 !== 0) hearProven(lone, host.peer, seq, one);
			if (seq % 50 === 0) beat(lone, host.peer, { sent: seq });
			if (seq % 50 === 0) beat(lone, child, { lossesBelow: 0.33 });
			lone.pass(20);
		}
		const beats = ofType(lone.wait(1_000), 'datagram').flatMap(({ to, bytes }) => {
			const packet = decodePacket(bytes);
			return packet?.type === 'heartbeat'
				? to.map((each) => ({ to: each, ...packet.heartbeat }))
				: [];
		});
		expect(beats.find(({ to }) => to === child)?.lossesAbove).toBeCloseTo(0.1, 1);
		expect(beats.find(({ to }) => to === host.peer)?.lossesBelow).toBeCloseTo(0.43, 1);
	});

	it('asks for what one lacks only when the other had time to bring it', () => {
		const { lone, one, parent, backups, seq } = over({ line: 0.1, above: 0.45 });
		const next = seq() + 1;
		hearProven(lone, parent, next, one);
		hearProven(lone, backups[0], next, one);
		hearProven(lone, parent, next + 2, one);
		const asked = (outputs: readonly PeerOutput[]) =>
			pulls(outputs).some(({ entries }) => entries.some(({ seq: each }) => each === next + 1));
		expect(asked(lone.pass(REORDER_SECOND_MS - 1))).toBe(false);
		expect(asked(lone.pass(1))).toBe(true);
	});
});
