import { describe, expect, it } from 'vitest';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import { GAPS_MAX } from '#lib/p2p/wire/limits.ts';
import { encodeFrames, encodeSilence, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { encodeDigest, encodePull, tagOf } from '#lib/p2p/wire/repair.ts';
import {
	ASKS_MAX,
	FAR_MS,
	REORDER_COPIES_MS,
	REORDER_MS,
	REPAIR_DEADLINE_MS,
	RTT_UNKNOWN_MS
} from '#lib/p2p/peer/repair-timing.ts';
import { OPUS, type LonePeer } from '../lib/lone-peer.ts';
import { backedUp, hearProven, listening, pulls, second, seqsTo, speaking } from '../lib/stage.ts';
import { host } from './room-people.ts';

/** Hears these numbers of one stream, 20 ms apart. */
function hearAll(lone: LonePeer, from: PeerId, stream: StreamId, seqs: readonly number[]) {
	return seqs.flatMap((seq) => [...hearProven(lone, from, seq, stream), ...lone.pass(20)]);
}

/** Somebody below asks for one frame. */
const askedBy = (lone: LonePeer, from: PeerId, stream: StreamId, seq: number) =>
	lone.feed({
		type: 'datagram',
		from,
		bytes: encodePull({ leaseMs: 0, entries: [entry(stream, seq, 1)] })
	});

const entry = (stream: StreamId, seq: number, bits: number) => ({ tag: tagOf(stream), seq, bits });
const repair = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).repair;

describe('a missing frame', () => {
	it('is asked of the parent once it is more than late', () => {
		const { lone, one } = listening();
		hearProven(lone, host.peer, 1, one);
		expect(pulls([...hearProven(lone, host.peer, 3, one), ...lone.pass(REORDER_MS - 1)])).toEqual(
			[]
		);
		expect(pulls(lone.pass(1))).toEqual([
			{ to: host.peer, leaseMs: 0, entries: [entry(one, 2, 1)] }
		]);
	});

	it('is not asked for where it was only overtaken', () => {
		const { lone, one } = listening();
		for (const seq of [1, 3, 2]) hearProven(lone, host.peer, seq, one);
		expect(pulls(lone.pass(40))).toEqual([]);
	});

	it('is asked for later where the packets carry copies, which may bring it', () => {
		const { lone, one } = speaking();
		const packet = (seq: number) =>
			encodeFrames([encodeVoice(one, seq, 30, OPUS), encodeVoice(one, seq - 2, 30, OPUS)]);
		lone.feed({ type: 'datagram', from: host.peer, bytes: packet(3) });
		lone.feed({ type: 'datagram', from: host.peer, bytes: packet(5) });
		expect(pulls(lone.pass(REORDER_COPIES_MS - 1))).toEqual([]);
		expect(pulls(lone.pass(1))).toHaveLength(1);
	});

	it('is one of many in one question', () => {
		const { lone, one, two } = listening();
		hearProven(lone, host.peer, 1, one, two);
		hearProven(lone, host.peer, 4, one, two);
		expect(pulls(lone.pass(REORDER_MS))).toEqual([
			{ to: host.peer, leaseMs: 0, entries: [entry(one, 3, 0b11), entry(two, 3, 0b11)] }
		]);
	});

	it('is played like any other when it comes after all', () => {
		const { lone, one } = listening();
		hearAll(lone, host.peer, one, [1, 3]);
		expect(hearProven(lone, host.peer, 2, one)).toContainEqual({
			type: 'play',
			input: { type: 'frame', stream: one, seq: 2, opus: OPUS }
		});
		expect(repair(lone)).toMatchObject({ gaps: 1, repaired: 1, lost: 0 });
	});

	it('is passed on to those below who asked for it meanwhile, once, and to nobody else', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		hearAll(lone, host.peer, one, [1, 3]);
		expect(askedBy(lone, child, one, 2)).toEqual([]);
		const out = hearProven(lone, host.peer, 2, one);
		expect(children.map((each) => seqsTo(out, each))).toEqual([[2], []]);
		expect(seqsTo(askedBy(lone, children[1] ?? child, one, 2), children[1] ?? child)).toEqual([2]);
	});

	it('is not passed on to who has asked elsewhere by then', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		hearAll(lone, host.peer, one, [1, 3]);
		askedBy(lone, child, one, 2);
		lone.pass(RTT_UNKNOWN_MS);
		expect(seqsTo(hearProven(lone, host.peer, 2, one), child)).toEqual([]);
	});

	it('is passed on to all where it was only overtaken', () => {
		const { lone, one, children } = listening();
		for (const seq of [1, 3]) hearProven(lone, host.peer, seq, one);
		const out = hearProven(lone, host.peer, 2, one);
		expect(children.map((each) => seqsTo(out, each))).toEqual([[2], [2]]);
	});

	it('is none where a silence explains it', () => {
		const { lone, one } = listening();
		hearProven(lone, host.peer, 1, one);
		const bytes = encodeFrames([encodeSilence(one, 9, 8)]);
		lone.feed({ type: 'datagram', from: host.peer, bytes });
		expect(pulls(lone.pass(100))).toEqual([]);
	});

	it('is asked for once where it may never have been said: between a silence and a voice', () => {
		const { lone, one, backups, parent } = backedUp();
		const silence = encodeFrames([encodeSilence(one, 5, 1)]);
		lone.feed({ type: 'datagram', from: parent, bytes: silence });
		const out = hearAll(lone, parent, one, [8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
		expect(pulls(out)).toEqual([{ to: parent, leaseMs: 0, entries: [entry(one, 7, 0b11)] }]);
		const digest = encodeDigest([entry(one, 17, 0b1111111111)]);
		lone.feed({ type: 'datagram', from: backups[0], bytes: digest });
		expect(pulls(lone.pass(20))).toEqual([]);
		expect(repair(lone).lost).toBe(0);
	});

	it('is asked of a backup next, of one that has it first', () => {
		const { lone, one, parent, backups } = backedUp();
		const digest = encodeDigest([entry(one, 3, 0b111)]);
		hearAll(lone, parent, one, [1]);
		hearProven(lone, parent, 3, one);
		lone.feed({ type: 'datagram', from: backups[1], bytes: digest });
		const asked = pulls(hearAll(lone, parent, one, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]));
		expect(asked.slice(0, 2).map(({ to }) => to)).toEqual([parent, backups[1]]);
	});

	it.each([
		['near to', FAR_MS, 1],
		['far from', FAR_MS + 1, 2]
	])('is asked %s the speaker of so many at once, the parent first', (_, delayMs, count) => {
		const { lone, one, parent, backups } = backedUp();
		hearAll(lone, parent, one, [1]);
		lone.control(parent, { type: 'delay', delayMs });
		hearProven(lone, parent, 3, one);
		const asked = pulls(lone.pass(REORDER_MS));
		expect(asked.map(({ to }) => to)).toEqual([parent, backups[0]].slice(0, count));
		for (const { entries } of asked) expect(entries).toEqual([entry(one, 2, 1)]);
		expect(repair(lone)).toMatchObject({ gaps: 1, pullsSent: count });
	});

	it('is asked for a few times, and given up when nobody would wait for it any more', () => {
		const { lone, one, parent } = backedUp();
		const seqs = Array.from({ length: 30 }, (_, i) => i + 3);
		const out = hearAll(lone, parent, one, [1, ...seqs]);
		expect(pulls(out)).toHaveLength(ASKS_MAX);
		expect(seqs.length * 20).toBeGreaterThan(REPAIR_DEADLINE_MS);
		expect(repair(lone)).toMatchObject({ gaps: 1, repaired: 0, lost: 1 });
	});

	it('is one of a bounded number', () => {
		const { lone, one } = listening();
		hearProven(lone, host.peer, 1, one);
		hearProven(lone, host.peer, 900, one);
		const [asked] = pulls(lone.pass(REORDER_MS));
		const bits = asked?.entries.map((each) => each.bits.toString(2).replaceAll('0', '').length);
		expect(bits?.reduce((sum, each) => sum + each, 0)).toBe(GAPS_MAX);
	});

	it('is asked for again where a backup tells of it', () => {
		const { lone, one, parent, backups } = backedUp();
		hearAll(lone, parent, one, [5, 6]);
		const digest = encodeDigest([entry(one, 6, 0b111)]);
		const out = lone.feed({ type: 'datagram', from: backups[0], bytes: digest });
		expect(pulls([...out, ...lone.pass(1)])).toEqual([
			{ to: parent, leaseMs: 0, entries: [entry(one, 4, 1)] }
		]);
	});

	it('is not asked for because a stranger tells of it', () => {
		const { lone, one } = listening();
		hearAll(lone, host.peer, one, [5, 6]);
		const bytes = encodeDigest([entry(one, 6, 0b111)]);
		const out = lone.feed({ type: 'datagram', from: second.peer, bytes });
		expect(pulls([...out, ...lone.pass(20)])).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).drops.uninvited).toBe(1);
	});
});

describe('among speakers, a missing frame', () => {
	it('is asked of its author, and then of another, whose answer is taken', () => {
		const { lone, two, child } = speaking();
		const out = hearAll(lone, second.peer, two, [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
		const asked = pulls(out);
		expect(asked.slice(0, 2).map(({ to }) => to)).toEqual([second.peer, host.peer]);
		askedBy(lone, child, two, 2);
		expect(seqsTo(hearProven(lone, host.peer, 2, two), child)).toEqual([2]);
	});

	it('is taken from nobody who was not asked', () => {
		const { lone, two, child } = speaking();
		hearAll(lone, second.peer, two, [1]);
		hearProven(lone, second.peer, 3, two);
		expect(seqsTo(hearProven(lone, host.peer, 2, two), child)).toEqual([]);
	});
});
