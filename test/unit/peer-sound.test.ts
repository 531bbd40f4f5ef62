import { describe, expect, it } from 'vitest';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { createProver } from '#lib/p2p/peer/prover.ts';
import { streamOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { FRAMES_RATE } from '#lib/p2p/wire/limits.ts';
import {
	decodePacket,
	encodeFrames,
	encodeHeartbeat,
	encodeSilence,
	encodeVoice,
	markProven,
	withProof,
	UNCOUNTED
} from '#lib/p2p/wire/packet.ts';
import { draftProof } from '#lib/p2p/wire/proof.ts';
import { lonePeer, ofType, OPUS, soundOf, told, type LonePeer } from '../lib/lone-peer.ts';
import { host, person, story, type Signed } from './room-people.ts';

const [second, third] = [person(2), person(3)];
const STRANGE = 'ffffffffffffffff' as StreamId;

/** Host, second and third on stage, the host's microphone open. */
function threeOnStage() {
	const room = story();
	const sits = [room.tell(host, { kind: 'sit', invite: null, name: host.name })];
	sits.push(room.seat(second), room.seat(third));
	const [one, two, three] = sits.map((sit) => streamOf(sit.id)) as [StreamId, StreamId, StreamId];
	return { room, sits: sits as [Signed, Signed, Signed], one, two, three };
}

/** Person 100, below the host, with two children. */
function listening() {
	const stage = threeOnStage();
	const lone = lonePeer(100);
	lone.learn(...stage.room.events);
	lone.attachTo(host.peer, [host.peer]);
	const children = [person(7).peer, person(8).peer];
	for (const child of children) lone.letIn(child, 'parent');
	return { ...stage, lone, children };
}

/** Third on stage, linked with the host and second, and with one child. */
function speaking() {
	const stage = threeOnStage();
	const lone = lonePeer(3);
	lone.learn(...stage.room.events);
	for (const other of [host, second]) lone.feed({ type: 'opened', peer: other.peer });
	lone.letIn(person(7).peer, 'parent');
	return { ...stage, lone };
}

const frame = (stream: StreamId, seq: number) => ({
	type: 'play',
	input: { type: 'frame', stream, seq, opus: OPUS }
});
const drops = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).drops;

describe('a frame from our parent', () => {
	it('is passed on to every child as it came, and played at once where the parent said it', () => {
		const { lone, one, two, children } = listening();
		const packet = encodeFrames([encodeVoice(one, 5, 30, OPUS), encodeVoice(two, 9, 30, OPUS)]);
		expect(soundOf(lone.feed({ type: 'datagram', from: host.peer, bytes: packet }))).toEqual([
			{ type: 'datagram', to: children, bytes: packet },
			frame(one, 5)
		]);
	});

	it('of another speaker is played when its proof was checked, and never where that fails', () => {
		const { lone, two, children } = listening();
		const prover = createProver();
		const say = (seq: number): Uint8Array => {
			const bytes = encodeVoice(two, seq, 30, OPUS);
			const offered = prover.offer({ stream: two, seq, bytes, last: false, atMs: 0 });
			if (offered.type === 'ready') return offered.bytes;
			return prover.proved(offered.ticket, new Uint8Array(64)) ?? bytes;
		};
		const hear = (seq: number) => {
			const bytes = encodeFrames([say(seq)]);
			return lone.feed({ type: 'datagram', from: host.peer, bytes });
		};
		const early = [1, 2, 3, 4].flatMap(hear);
		expect(ofType(soundOf(early), 'play')).toEqual([]);
		expect(ofType(early, 'datagram').map(({ to }) => to)).toEqual(Array(4).fill(children));
		const [check] = ofType(early, 'check');
		expect(check?.publicKey).toEqual(second.key);
		const ticket = check?.ticket ?? 0;
		expect(lone.feed({ type: 'checked', ticket, good: true })).toEqual(
			[1, 2, 3, 4].map((seq) => frame(two, seq))
		);
		const [next] = ofType([5, 6, 7, 8].flatMap(hear), 'check');
		expect(
			ofType(lone.feed({ type: 'checked', ticket: next?.ticket ?? 0, good: false }), 'play')
		).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).proofs).toEqual({ good: 4, bad: 1, unproven: 0 });
	});

	it('is passed on only with its proof once the parent has brought a forged one', () => {
		const { lone, two, children } = listening();
		const bytes = (seq: number, signature: Uint8Array): Uint8Array<ArrayBuffer> => {
			const marked = markProven(encodeVoice(two, seq, 30, OPUS));
			const draft = draftProof([{ seq, content: marked }]);
			return encodeFrames([withProof(marked, { ...draft, signature })]);
		};
		const hear = (seq: number) =>
			lone.feed({ type: 'datagram', from: host.peer, bytes: bytes(seq, new Uint8Array(64)) });
		const judge = (outputs: readonly PeerOutput[], good: boolean) =>
			ofType(outputs, 'check').flatMap(({ ticket }) =>
				lone.feed({ type: 'checked', ticket, good })
			);
		judge(hear(1), false);
		const held = hear(2);
		expect(ofType(held, 'datagram')).toEqual([]);
		expect(judge(held, true)).toEqual([
			{ type: 'datagram', to: children, bytes: bytes(2, new Uint8Array(64)) },
			frame(two, 2)
		]);
		lone.nowMs += 200;
		judge(hear(3), false);
		expect(lone.peer.diagnostics(lone.nowMs).blamed).toEqual([
			{ peer: host.peer, reason: 'forged', atMs: lone.nowMs, count: 1 }
		]);
	});

	it('is neither played nor passed on a second time', () => {
		const { lone, one } = listening();
		lone.hear(host.peer, 5, one);
		expect(lone.hear(host.peer, 5, one)).toEqual([]);
		const [speaker] = lone.peer.diagnostics(lone.nowMs).speakers;
		expect(speaker).toMatchObject({ received: 1, duplicate: 1, forwarded: 2 });
	});

	it('is passed on alone where the others of its packet are known', () => {
		const { lone, one, two, children } = listening();
		lone.hear(host.peer, 5, one);
		const [sent] = ofType(lone.hear(host.peer, 5, one, two), 'datagram');
		expect(sent?.to).toEqual(children);
		expect(sent?.bytes).toEqual(encodeFrames([encodeVoice(two, 5, 30, OPUS)]));
	});

	it('is not passed back to its author, should that be our child still', () => {
		const { lone, two, children } = listening();
		lone.feed({ type: 'wish', wish: { type: 'fanout', children: 3 } });
		lone.letIn(second.peer, 'parent');
		expect(ofType(lone.hear(host.peer, 5, two), 'datagram').map(({ to }) => to)).toEqual([
			children
		]);
	});

	it('of silence says how long it was silent', () => {
		const { lone, one } = listening();
		const bytes = encodeFrames([encodeSilence(one, 50, 10)]);
		expect(
			soundOf(ofType(lone.feed({ type: 'datagram', from: host.peer, bytes }), 'play'))
		).toEqual([{ type: 'play', input: { type: 'silence', stream: one, seq: 50, ticks: 10 } }]);
	});

	it('of a closed microphone ends at once what waits to be heard', () => {
		const { lone, one } = listening();
		const bytes = encodeFrames([encodeSilence(one, 50, 1, true)]);
		const heard = ofType(lone.feed({ type: 'datagram', from: host.peer, bytes }), 'play');
		expect(heard.map(({ input }) => input).filter(({ type }) => type !== 'floor')).toEqual([
			{ type: 'silence', stream: one, seq: 50, ticks: 1 },
			{ type: 'pause', stream: one }
		]);
	});

	it('of a stream on no seat is dropped, and the parent asked what we have missed', () => {
		const { lone } = listening();
		const out = lone.hear(host.peer, 5, STRANGE);
		expect(told(out, host.peer)).toMatchObject([{ type: 'log-ids' }]);
		expect(out).toHaveLength(1);
		expect(lone.hear(host.peer, 6, STRANGE)).toEqual([]);
		expect(drops(lone).unknownStream).toBe(2);
	});

	it('of a stream on no seat does not hold up the others of its packet', () => {
		const { lone, one } = listening();
		const out = lone.hear(host.peer, 5, STRANGE, one);
		expect(ofType(soundOf(out), 'play')).toEqual([frame(one, 5)]);
		const [sent] = ofType(out, 'datagram');
		expect(sent && decodePacket(sent.bytes)).toMatchObject({ frames: [{ stream: one }] });
	});

	it('is dropped when its seat is left, and so is its decoder', () => {
		const { lone, one, room, sits } = listening();
		lone.hear(host.peer, 5, one);
		const out = lone.learn(room.tell(host, { kind: 'stand', sit: sits[0].id }));
		expect(ofType(out, 'play')).toEqual([{ type: 'play', input: { type: 'drop', stream: one } }]);
		expect(ofType(lone.hear(host.peer, 6, one), 'play')).toEqual([]);
	});

	it('that is muted is expected no more', () => {
		const { lone, one, room, sits } = listening();
		lone.learn(room.tell(host, { kind: 'mic', sit: sits[0].id, open: true }));
		const out = lone.learn(room.tell(host, { kind: 'mic', sit: sits[0].id, open: false }));
		expect(ofType(out, 'play')).toEqual([{ type: 'play', input: { type: 'pause', stream: one } }]);
	});

	it('beyond what anybody can say is neither played nor passed on', () => {
		const { lone, one } = listening();
		let played = 0;
		for (let seq = 0; seq < 1_000; seq++)
			played += ofType(soundOf(lone.hear(host.peer, seq, one)), 'play').length;
		expect(played).toBe(FRAMES_RATE.burst);
		expect(drops(lone).flood).toBe(1_000 - FRAMES_RATE.burst);
		for (let seq = 1_000; seq < 1_100; seq++) {
			lone.nowMs += 20;
			expect(ofType(lone.hear(host.peer, seq, one), 'play')).toHaveLength(1);
		}
	});
});

describe('a frame from somebody else', () => {
	it('is dropped, and counted', () => {
		const { lone, one, children } = listening();
		expect(lone.hear(children[0] as (typeof children)[0], 5, one)).toEqual([]);
		expect(lone.hear(person(50).peer, 5, one)).toEqual([]);
		expect(drops(lone).uninvited).toBe(2);
	});

	it('is taken from a speaker on stage with us where it is its own, and passed on', () => {
		const { lone, two } = speaking();
		expect(lone.hear(second.peer, 5, two)).toEqual([
			{
				type: 'datagram',
				to: [person(7).peer],
				bytes: encodeFrames([encodeVoice(two, 5, 30, OPUS)])
			},
			frame(two, 5)
		]);
	});

	it('is not taken from a speaker where it claims to be of another', () => {
		const { lone, one } = speaking();
		expect(lone.hear(second.peer, 5, one)).toEqual([]);
		expect(drops(lone).uninvited).toBe(1);
		expect(ofType(lone.hear(host.peer, 5, one), 'play')).toEqual([frame(one, 5)]);
	});

	it('is our own echo where our stream comes back', () => {
		const { lone, three } = speaking();
		expect(lone.hear(host.peer, 5, three)).toEqual([]);
		expect(drops(lone).echo).toBe(1);
	});

	it('that is no packet at all is counted as such', () => {
		const { lone } = listening();
		lone.feed({ type: 'datagram', from: host.peer, bytes: new Uint8Array(0) });
		lone.feed({ type: 'datagram', from: host.peer, bytes: Uint8Array.of(0x11, 1, 2, 3) });
		expect(drops(lone).malformed).toBe(2);
	});

	it('makes nobody a source by a heartbeat', () => {
		const { lone } = listening();
		const bytes = encodeHeartbeat({ stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED });
		expect(lone.feed({ type: 'datagram', from: person(50).peer, bytes })).toEqual([]);
	});
});

describe('our microphone', () => {
	const voice = { type: 'voice', seq: 1, level: 20, opus: OPUS } as const;

	function unmuted() {
		const stage = speaking();
		const { lone } = stage;
		const opened = lone.sign(lone.feed({ type: 'wish', wish: { type: 'unmute' } }));
		return { ...stage, opened };
	}

	it('is not heard before we unmute', () => {
		expect(speaking().lone.feed(voice)).toEqual([]);
	});

	it('is heard once the others can know that it is open', () => {
		const { lone } = speaking();
		const wished = lone.feed({ type: 'wish', wish: { type: 'unmute' } });
		expect(ofType(wished, 'microphone')).toEqual([]);
		expect(lone.feed(voice)).toEqual([]);
		expect(ofType(lone.sign(wished), 'microphone')).toEqual([{ type: 'microphone', open: true }]);
	});

	it('goes to all other speakers and to our children, once to each', () => {
		const { lone, three } = unmuted();
		const bytes = encodeFrames([encodeVoice(three, 1, 20, OPUS)]);
		const to = [host.peer, second.peer, person(7).peer];
		expect(lone.feed(voice)).toEqual([{ type: 'datagram', to, bytes }]);
	});

	it('is closed by muting at once, before anything is signed', () => {
		const { lone } = unmuted();
		const wished = lone.feed({ type: 'wish', wish: { type: 'mute' } });
		expect(wished[0]).toEqual({ type: 'microphone', open: false });
		expect(lone.feed(voice)).toEqual([]);
		expect(lone.peer.view().me.muted).toBe(true);
	});

	it('may still say, once muted, that it is silent now', () => {
		const { lone } = unmuted();
		lone.feed({ type: 'wish', wish: { type: 'mute' } });
		expect(lone.feed({ type: 'silence', seq: 2, ticks: 1, muted: true })).toHaveLength(1);
	});

	it('is nobody else on stage without a seat', () => {
		const { lone } = listening();
		expect(lone.feed(voice)).toEqual([]);
		expect(lone.feed({ type: 'silence', seq: 2, ticks: 1, muted: true })).toEqual([]);
	});

	it('is closed with the seat', () => {
		const { lone, room, sits } = unmuted();
		const out = lone.learn(room.tell(host, { kind: 'unseat', sit: sits[2].id }));
		expect(ofType(out, 'microphone')).toEqual([{ type: 'microphone', open: false }]);
		expect(lone.feed(voice)).toEqual([]);
	});
});
