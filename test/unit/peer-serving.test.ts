import { describe, expect, it } from 'vitest';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import {
	KEPT_TICKS,
	LEASE_BACKLOG_TICKS,
	LEASE_MAX_MS,
	PACKET_BYTES_MAX,
	PULLS_RATE
} from '#lib/p2p/wire/limits.ts';
import {
	decodePacket,
	encodeFrames,
	encodeHeartbeat,
	encodeVoice,
	UNCOUNTED
} from '#lib/p2p/wire/packet.ts';
import { encodePull, tagOf, type Pull } from '#lib/p2p/wire/repair.ts';
import { SUBSTITUTE_AFTER_MS } from '#lib/p2p/peer/repair-timing.ts';
import { ofType, OPUS, type LonePeer } from '../lib/lone-peer.ts';
import {
	digests,
	framesTo,
	listening,
	pulls,
	second,
	seqsTo,
	speaking,
	unmute
} from '../lib/stage.ts';
import { host, person } from './room-people.ts';

const pull = (lone: LonePeer, from: PeerId, asked: Pull) =>
	lone.feed({ type: 'datagram', from, bytes: encodePull(asked) });
const ask = (stream: StreamId, seq: number, bits: number): Pull => ({
	leaseMs: 0,
	entries: [{ tag: tagOf(stream), seq, bits }]
});
const drops = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).drops;
const range = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A listener below the host, its children, and somebody it stands by for. */
function standingBy() {
	const room = listening();
	const backupChild = person(9).peer;
	room.lone.letIn(backupChild, 'backup');
	return { ...room, backupChild };
}

describe('who pulls', () => {
	it('is given the frames it names as they came, oldest first', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		for (const seq of range(1, 20)) lone.hear(host.peer, seq, one);
		const [packet] = ofType(pull(lone, child, ask(one, 20, 0b1011)), 'datagram');
		expect(packet?.to).toEqual([child]);
		expect(packet?.bytes).toEqual(
			encodeFrames([17, 19, 20].map((seq) => encodeVoice(one, seq, 30, OPUS)))
		);
	});

	it('is given what is still kept, around the wrap of numbers too', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		const first = 2 ** 32 - 10;
		for (const i of range(0, KEPT_TICKS)) lone.hear(host.peer, (first + i) % 2 ** 32, one);
		const newest = (first + KEPT_TICKS) % 2 ** 32;
		expect(seqsTo(pull(lone, child, ask(one, newest - 48, 0xffff)), child)).toHaveLength(16);
		const oldest = (newest - 63 + 2 ** 32) % 2 ** 32;
		expect(seqsTo(pull(lone, child, ask(one, newest - 63, 0b11)), child)).toEqual([oldest]);
	});

	it('is given nothing where it is nobody of ours', () => {
		const { lone, one } = listening();
		lone.hear(host.peer, 1, one);
		expect(pull(lone, person(60).peer, ask(one, 1, 1))).toEqual([]);
		expect(pull(lone, host.peer, ask(one, 1, 1))).toEqual([]);
		expect(drops(lone).uninvited).toBe(2);
	});

	it('is given no more than anybody needs', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		lone.hear(host.peer, 1, one);
		const answers = range(1, 100).flatMap(() => pull(lone, child, ask(one, 1, 1)));
		expect(answers).toHaveLength(PULLS_RATE.burst);
		expect(drops(lone).flood).toBe(100 - PULLS_RATE.burst);
	});

	it('is given packets that fit the way', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		for (const seq of range(1, 16)) {
			const bytes = encodeFrames([encodeVoice(one, seq, 30, new Uint8Array(300))]);
			lone.feed({ type: 'datagram', from: host.peer, bytes });
		}
		const sent = ofType(pull(lone, child, ask(one, 16, 0xffff)), 'datagram');
		expect(sent.length).toBeGreaterThan(4);
		expect(sent.every(({ bytes }) => bytes.length <= PACKET_BYTES_MAX)).toBe(true);
	});

	it('gets everything new for as long as it asked, and first what it has missed', () => {
		const { lone, one, backupChild } = standingBy();
		for (const seq of range(1, 10)) lone.hear(host.peer, seq, one);
		const entries = [{ tag: tagOf(one), seq: 7, bits: 0 }];
		expect(seqsTo(pull(lone, backupChild, { leaseMs: 100, entries }), backupChild)).toEqual([
			8, 9, 10
		]);
		lone.nowMs += 90;
		expect(seqsTo(lone.hear(host.peer, 11, one), backupChild)).toEqual([11]);
		lone.nowMs += 10;
		expect(seqsTo(lone.hear(host.peer, 12, one), backupChild)).toEqual([]);
	});

	it('is shown that we are there where there is nothing to push', () => {
		const { lone, one, backupChild } = standingBy();
		lone.hear(host.peer, 1, one);
		const entries = [{ tag: tagOf(one), seq: 1, bits: 0 }];
		const out = pull(lone, backupChild, { leaseMs: 300, entries });
		const answers = ofType(out, 'datagram').filter(({ to }) => to.includes(backupChild));
		expect(answers.map(({ bytes }) => decodePacket(bytes)?.type)).toEqual(['heartbeat']);
		// The end of a lease asks for nothing.
		expect(pull(lone, backupChild, { leaseMs: 1, entries: [] })).toEqual([]);
	});

	it('gets half a second of what it has missed at most, and nothing for ever', () => {
		const { lone, one, backupChild } = standingBy();
		for (const seq of range(1, 50)) lone.hear(host.peer, seq, one);
		const entries = [{ tag: tagOf(one), seq: 1, bits: 0 }];
		const out = pull(lone, backupChild, { leaseMs: 60_000, entries });
		expect(seqsTo(out, backupChild)).toEqual(range(51 - LEASE_BACKLOG_TICKS, 50));
		lone.nowMs += LEASE_MAX_MS;
		expect(seqsTo(lone.hear(host.peer, 51, one), backupChild)).toEqual([]);
	});

	it('gets one copy of each frame where it is a child as well', () => {
		const { lone, one, children } = listening();
		const [child = host.peer] = children;
		pull(lone, child, { leaseMs: 500, entries: [] });
		expect(seqsTo(lone.hear(host.peer, 1, one), child)).toEqual([1]);
	});
});

describe('those we stand by for', () => {
	it('are told what we have of each voice, five times a second and only what is new', () => {
		const { lone, one, two, backupChild } = standingBy();
		for (const seq of [1, 2, 4]) lone.hear(host.peer, seq, one, two);
		const entries = [one, two].map((stream) => ({ tag: tagOf(stream), seq: 4, bits: 0b1101 }));
		expect(digests(lone.wait(100))).toEqual([{ to: [backupChild], digest: entries }]);
		expect(digests(lone.wait(300))).toEqual([]);
		lone.hear(host.peer, 5, one);
		expect(digests(lone.wait(100))).toMatchObject([{ digest: [{ seq: 5, bits: 0b11011 }] }]);
	});

	it('are told in one packet for all, and nobody else is', () => {
		const { lone, one } = standingBy();
		lone.feed({ type: 'wish', wish: { type: 'fanout', children: 4 } });
		lone.letIn(person(10).peer, 'backup');
		lone.hear(host.peer, 1, one);
		expect(digests(lone.wait(100)).map(({ to }) => to)).toEqual([
			[person(9).peer, person(10).peer]
		]);
	});
});

describe('a speaker with children', () => {
	const voice = (seq: number) => ({ type: 'voice', seq, level: 20, opus: OPUS }) as const;

	it('sends them what several say in one packet for each tick', () => {
		const { lone, one, two, child } = speaking();
		const out = [];
		for (const seq of range(1, 8)) {
			out.push(...lone.hear(host.peer, seq, one), ...lone.pass(13));
			out.push(...lone.hear(second.peer, seq, two), ...lone.pass(7));
		}
		const packets = framesTo(out, child).map((frames) => frames.map(({ stream }) => stream));
		expect(packets.slice(-3)).toEqual([
			[two, one],
			[two, one],
			[two, one]
		]);
	});

	it('lets those wait who have to wait the shortest', () => {
		const { lone, one, two, child } = speaking();
		const waits = [];
		for (const seq of range(1, 12)) {
			const first = lone.hear(host.peer, seq, one);
			const between = lone.pass(7);
			const then = lone.hear(second.peer, seq, two);
			waits.push([first, between, then].map((out) => framesTo(out, child).length));
			lone.pass(13);
		}
		expect(waits.slice(-3)).toEqual([
			[0, 0, 1],
			[0, 0, 1],
			[0, 0, 1]
		]);
	});

	it('puts its own voice into the same packet, while the others get it at once', () => {
		const { lone, one, three, child } = speaking();
		unmute(lone);
		for (const seq of [1, 2]) {
			lone.hear(host.peer, seq, one);
			lone.feed(voice(seq));
			lone.pass(20);
		}
		const own = lone.feed(voice(3));
		expect(seqsTo(own, host.peer)).toEqual([3]);
		expect(seqsTo(own, child)).toEqual([]);
		const [frames] = framesTo(lone.hear(host.peer, 3, one), child);
		expect(frames?.map(({ stream }) => stream)).toEqual([three, one]);
	});

	it('holds back nobody for a voice that does not come', () => {
		const { lone, one, two, child } = speaking();
		for (const seq of [1, 2]) {
			lone.hear(host.peer, seq, one);
			lone.hear(second.peer, seq, two);
			lone.pass(20);
		}
		expect(seqsTo(lone.hear(host.peer, 3, one), child)).toEqual([]);
		expect(seqsTo(lone.pass(19), child)).toEqual([]);
		expect(seqsTo(lone.pass(1), child)).toEqual([3]);
	});

	it('holds back a single voice not at all', () => {
		const { lone, one, child } = speaking();
		for (const seq of range(1, 5)) {
			expect(seqsTo(lone.hear(host.peer, seq, one), child)).toEqual([seq]);
			lone.pass(20);
		}
	});
});

describe('speakers between whom there is no link', () => {
	const cutOff = () => {
		const room = speaking();
		room.lone.feed({ type: 'closed', peer: second.peer });
		return room;
	};
	const wait = (lone: LonePeer, forMs: number) => {
		const out = [];
		for (let leftMs = forMs; leftMs > 0; leftMs -= 100) {
			lone.beat(host.peer);
			out.push(...lone.pass(100));
		}
		return out;
	};

	it('hear each other through a third one, a moment later', () => {
		const { lone, two, child } = cutOff();
		expect(pulls(wait(lone, SUBSTITUTE_AFTER_MS - 100))).toEqual([]);
		expect(pulls(wait(lone, 300))).toMatchObject([
			{ to: host.peer, entries: [{ tag: tagOf(two), bits: 0 }] }
		]);
		expect(seqsTo(lone.hear(host.peer, 7, two), child)).toEqual([7]);
	});

	it('ask no more once they are linked', () => {
		const { lone } = cutOff();
		wait(lone, 2_000);
		lone.feed({ type: 'opened', peer: second.peer });
		expect(pulls(wait(lone, 1_500))).toEqual([]);
	});

	it('are given only the voice they named', () => {
		const { lone, one, two } = speaking();
		const entries = [{ tag: tagOf(one), seq: 0, bits: 0 }];
		pull(lone, second.peer, { leaseMs: 500, entries });
		expect(seqsTo(lone.hear(host.peer, 5, one), second.peer)).toEqual([5]);
		expect(seqsTo(lone.hear(second.peer, 6, two), second.peer)).toEqual([]);
		lone.pass(500);
		expect(seqsTo(lone.hear(host.peer, 6, one), second.peer)).toEqual([]);
	});
});

describe('a line between speakers that loses packets', () => {
	const voice = (seq: number) => ({ type: 'voice', seq, level: 20, opus: OPUS }) as const;

	/** Says `count` frames to the host, who tells how many of them came. */
	function lossy(share: number, count: number) {
		const room = speaking();
		const { lone } = room;
		unmute(lone);
		let [seq, came] = [0, 0];
		const report = () => {
			const beat = { stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED, received: Math.round(came) };
			lone.feed({ type: 'datagram', from: host.peer, bytes: encodeHeartbeat(beat) });
		};
		report();
		const say = (losing: number, packets: number) => {
			const out = [];
			for (let i = 0; i < packets; i++) {
				const own = lone.feed(voice(++seq));
				const proofs = ofType(own, 'prove').flatMap(({ ticket }) =>
					lone.feed({ type: 'proved', ticket, signature: new Uint8Array(64) })
				);
				out.push(...own, ...proofs, ...lone.pass(20));
				came += 1 - losing;
				if (seq % 12 === 0) report();
			}
			return framesTo(out, host.peer);
		};
		const packets = say(share, count);
		const loss = () =>
			lone.peer.diagnostics(lone.nowMs).links.find(({ peer }) => peer === host.peer)?.lossShare;
		return { ...room, say, packets, loss };
	}

	it('is known to lose that share', () => {
		expect(lossy(0, 400).loss()).toBeCloseTo(0, 2);
		expect(lossy(0.1, 400).loss()).toBeCloseTo(0.1, 1);
		expect(lossy(0.1, 40).loss()).toBeNull();
	});

	it('is given each frame twice, two ticks apart, as long as it loses much', () => {
		const { lone, say, packets } = lossy(0.1, 600);
		const last = packets.slice(-20).map((frames) => frames.map(({ seq }) => seq));
		expect(last.every(([seq = 0, copy]) => copy === seq - 2)).toBe(true);
		expect(packets[0]).toHaveLength(1);
		expect(lone.peer.diagnostics(lone.nowMs).repair.copies).toBeGreaterThan(100);
		const plain = say(0, 1_500).slice(-20);
		expect(plain.every((frames) => frames.length === 1)).toBe(true);
	});

	it('that loses little is given nothing twice', () => {
		const { packets } = lossy(0.01, 1_000);
		expect(packets.every((frames) => frames.length === 1)).toBe(true);
	});

	it('starts anew with a new link', () => {
		const { lone, loss } = lossy(0.1, 400);
		lone.feed({ type: 'opened', peer: host.peer });
		expect(loss()).toBeNull();
	});
});

describe('a heartbeat', () => {
	it('tells how many packets came over its link, and how many were sent', () => {
		const { lone, one, children } = listening();
		for (const seq of range(1, 7)) lone.hear(host.peer, seq, one);
		const beats = ofType(lone.wait(1_000), 'datagram').flatMap(({ to, bytes }) => {
			const packet = decodePacket(bytes);
			return packet?.type === 'heartbeat'
				? to.map((each) => ({ to: each, ...packet.heartbeat }))
				: [];
		});
		const [child = host.peer] = children;
		expect(beats.find(({ to }) => to === host.peer)).toMatchObject({ received: 7, sent: 0 });
		expect(beats.find(({ to }) => to === child)).toMatchObject({ received: 0, sent: 7 });
	});
});
