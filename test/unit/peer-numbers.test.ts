import { describe, expect, it } from 'vitest';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { KEPT_TICKS } from '#lib/p2p/wire/limits.ts';
import { ofType, OPUS, type LonePeer } from '../lib/lone-peer.ts';
import { backedUp, hearProven, listening, provenVoice, seqsTo } from '../lib/stage.ts';
import { host, person } from './room-people.ts';

/** A listener below a relay, with a child, that has heard half a second of a voice. */
function below() {
	const room = backedUp();
	const { lone, parent, one } = room;
	const child = person(7).peer;
	lone.letIn(child, 'parent');
	for (let seq = 1; seq <= 25; seq++) {
		hearProven(lone, parent, seq, one);
		lone.pass(20);
	}
	return { ...room, child };
}

const played = (outputs: ReturnType<LonePeer['feed']>): number[] =>
	outputs.flatMap((output) =>
		output.type === 'play' && output.input.type === 'frame' ? [output.input.seq] : []
	);
const LATER = 100_000;

describe('a number far behind', () => {
	it('is neither passed on nor played: nobody waits for it any more', () => {
		const { lone, parent, one, child } = below();
		for (let seq = 27; seq <= 27 + KEPT_TICKS; seq++) hearProven(lone, parent, seq, one);
		const late = hearProven(lone, parent, 26, one);
		expect([seqsTo(late, child), played(late)]).toEqual([[], []]);
		expect(lone.peer.diagnostics(lone.nowMs).drops.stale).toBe(1);
	});

	it('is taken as ever a little before that', () => {
		const { lone, parent, one, child } = below();
		for (let seq = 27; seq < 26 + KEPT_TICKS; seq++) hearProven(lone, parent, seq, one);
		const late = hearProven(lone, parent, 26, one);
		expect([seqsTo(late, child), played(late)]).toEqual([[26], [26]]);
	});

	it('is taken where a stranger number is all that is ahead of it', () => {
		const { lone, parent, one, child } = below();
		const ahead = encodeFrames([encodeVoice(one, 25 + 2 * KEPT_TICKS, 30, OPUS)]);
		lone.feed({ type: 'datagram', from: parent, bytes: ahead });
		const next = hearProven(lone, parent, 26, one);
		expect([seqsTo(next, child), played(next)]).toEqual([[26], [26]]);
	});
});

describe('a number far ahead', () => {
	it('is neither passed on nor played without a proof, and nothing after it suffers', () => {
		const { lone, parent, one, child } = below();
		const bytes = encodeFrames([encodeVoice(one, LATER, 30, OPUS)]);
		const out = lone.feed({ type: 'datagram', from: parent, bytes });
		expect([seqsTo(out, child), played(out)]).toEqual([[], []]);
		const next = hearProven(lone, parent, 26, one);
		expect([seqsTo(next, child), played(next)]).toEqual([[26], [26]]);
	});

	it('is passed on and played once its proof holds: the speaker was silent for long', () => {
		const { lone, parent, one, child } = below();
		const bytes = encodeFrames([provenVoice(one, LATER)]);
		const held = lone.feed({ type: 'datagram', from: parent, bytes });
		expect(seqsTo(held, child)).toEqual([]);
		const [check] = ofType(held, 'check');
		const out = lone.feed({ type: 'checked', ticket: check?.ticket ?? 0, good: true });
		expect([seqsTo(out, child), played(out)]).toEqual([[LATER], [LATER]]);
		const next = hearProven(lone, parent, LATER + 1, one);
		expect([seqsTo(next, child), played(next)]).toEqual([[LATER + 1], [LATER + 1]]);
	});

	it('is dropped where its proof does not hold', () => {
		const { lone, parent, one, child } = below();
		const bytes = encodeFrames([provenVoice(one, LATER)]);
		const [check] = ofType(lone.feed({ type: 'datagram', from: parent, bytes }), 'check');
		const out = lone.feed({ type: 'checked', ticket: check?.ticket ?? 0, good: false });
		expect([seqsTo(out, child), played(out)]).toEqual([[], []]);
	});

	it('is believed at once where it comes straight from who says it', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		hearProven(lone, host.peer, 1, one);
		expect(seqsTo(hearProven(lone, host.peer, LATER, one), child)).toEqual([LATER]);
	});

	it('does not blind us for what comes after: gaps are still seen', () => {
		const { lone, parent, one, child } = below();
		const invented = (stream: StreamId, seq: number) =>
			encodeFrames([encodeVoice(stream, seq, 30, OPUS)]);
		lone.feed({ type: 'datagram', from: parent, bytes: invented(one, 400) });
		hearProven(lone, parent, 26, one);
		const out = [...hearProven(lone, parent, 28, one), ...lone.pass(60)];
		const asked = ofType(out, 'datagram').filter(({ bytes }) => bytes[0] === 0x34);
		expect(asked.length).toBeGreaterThan(0);
		expect(seqsTo(hearProven(lone, parent, 27, one), child)).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).repair.repaired).toBe(1);
	});
});
