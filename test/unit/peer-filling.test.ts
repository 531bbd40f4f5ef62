import { describe, expect, it } from 'vitest';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { decodeControl, encodeControl, type ControlMessage } from '#lib/p2p/wire/control.ts';
import { FILL_FRAMES_MAX, type FillMessage } from '#lib/p2p/wire/filling.ts';
import type { Consent } from '#lib/p2p/wire/recording.ts';
import { lonePeer, ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import { hearProven, provenVoice, second, third, threeOnStage } from '../lib/stage.ts';
import { host, person } from './room-people.ts';

const agree = { kind: 'consent', answer: 'sound' } as const;

/** The host, who records; second and third are on stage and agree. */
function hosting() {
	const stage = threeOnStage();
	stage.room.tell(host, { kind: 'recording', state: 'on', kept: false });
	for (const who of [second, third]) stage.room.tell(who, agree);
	const lone = lonePeer(0, { saved: stage.room.events });
	for (const other of [second, third]) lone.feed({ type: 'opened', peer: other.peer });
	const answer = (consent: Consent): void => {
		lone.learn(stage.room.tell(second, { kind: 'consent', answer: consent }));
		lone.wait(200);
	};
	/** Second says those numbers. */
	const say = (from: number, to: number): PeerOutput[] => {
		const out: PeerOutput[] = [];
		for (let seq = from; seq <= to; seq++) {
			lone.nowMs += 20;
			out.push(...hearProven(lone, second.peer, seq, stage.two));
		}
		return out;
	};
	return { ...stage, lone, answer, say };
}

const asks = (out: readonly PeerOutput[], to: typeof third) =>
	told(out, to.peer).filter((message) => message.type === 'fill-ask');

const recorded = (out: readonly PeerOutput[]): number[] =>
	ofType(out, 'record').map(({ frame }) => frame.seq);

/** The neighbour gives these frames, and the verifier says that of their signatures. */
function give(lone: LonePeer, from: typeof third, message: FillMessage, good = true): PeerOutput[] {
	const out = lone.control(from.peer, message);
	const checks = ofType(out, 'check');
	return [...out, ...checks.flatMap(({ ticket }) => lone.feed({ type: 'checked', ticket, good }))];
}

const range = (from: number, ticks: number) => ({ from, ticks });
const frames = (stream: Parameters<typeof provenVoice>[0], from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, i) => provenVoice(stream, from + i));

describe('a hole in a recording', () => {
	it('is asked of somebody else than its speaker, and filled with what is proven', () => {
		const { lone, say, two } = hosting();
		expect(recorded(say(100, 120))).toHaveLength(21);
		lone.nowMs += 1_600;
		expect(recorded(say(201, 300))).toHaveLength(100);
		const [ask] = asks(lone.wait(1_100), third);
		expect(ask).toEqual({ type: 'fill-ask', stream: two, ranges: [range(121, 80)] });
		const out = give(lone, third, {
			type: 'fill-give',
			stream: two,
			frames: frames(two, 121, 203)
		});
		const filled = ofType(out, 'record');
		expect(recorded(out)).toEqual(Array.from({ length: 80 }, (_, i) => 121 + i));
		expect(filled.every((output) => output.filled === true)).toBe(true);
		expect(asks(lone.wait(3_000), third)).toEqual([]);
	});

	it('stays where the signatures do not hold, or nobody was asked', () => {
		const { lone, say, two } = hosting();
		say(100, 120);
		lone.nowMs += 1_600;
		say(201, 300);
		const message = { type: 'fill-give', stream: two, frames: frames(two, 121, 130) } as const;
		expect(ofType(give(lone, third, message), 'check')).toEqual([]);
		lone.wait(1_100);
		expect(recorded(give(lone, third, message, false))).toEqual([]);
	});

	it('is asked for four times and no more', () => {
		const { lone, say } = hosting();
		say(100, 120);
		lone.nowMs += 1_600;
		say(201, 300);
		const all: ControlMessage[] = [];
		for (let second = 0; second < 8; second++) all.push(...asks(lone.wait(1_000), third));
		expect(all).toHaveLength(4);
	});

	it('is none where somebody had not agreed, or it was paused', () => {
		const { lone, say, answer, room } = hosting();
		say(100, 120);
		answer('none');
		say(121, 180);
		answer('sound');
		say(181, 260);
		expect(asks(lone.wait(2_000), third)).toEqual([]);
		lone.learn(room.tell(host, { kind: 'recording', state: 'paused', kept: false }));
		lone.wait(200);
		say(261, 320);
		lone.learn(room.tell(host, { kind: 'recording', state: 'on', kept: false }));
		lone.wait(200);
		say(321, 420);
		expect(asks(lone.wait(2_000), third)).toEqual([]);
	});

	it('is none where word of a refusal comes late, together with another answer', () => {
		const { lone, say, room } = hosting();
		say(100, 120);
		const said = [room.tell(second, { kind: 'consent', answer: 'none' }), room.tell(second, agree)];
		lone.nowMs += 1_600;
		lone.learn(...said);
		lone.wait(200);
		say(201, 300);
		expect(asks(lone.wait(2_000), third)).toEqual([]);
	});
});

describe('who is asked', () => {
	/** Third on stage, which holds what it hears, linked with host and second. */
	function holding() {
		const stage = threeOnStage();
		stage.room.tell(host, { kind: 'recording', state: 'on', kept: false });
		const lone = lonePeer(3, { saved: stage.room.events, holdsSound: true });
		for (const other of [host, second]) lone.feed({ type: 'opened', peer: other.peer });
		for (let seq = 100; seq < 200; seq++) hearProven(lone, second.peer, seq, stage.two);
		return { ...stage, lone };
	}

	it('gives the host what it holds of that stretch, and what proves it', () => {
		const { lone, two } = holding();
		const ask = { type: 'fill-ask', stream: two, ranges: [range(120, 10)] } as const;
		const [answer] = told(lone.control(host.peer, ask), host.peer);
		expect(answer?.type === 'fill-give' && answer.frames.length).toBe(26);
		expect(answer).toMatchObject({ stream: two });
	});

	it('gives nobody else anything, and the host nothing while it does not record', () => {
		const { lone, two, room } = holding();
		const ask = { type: 'fill-ask', stream: two, ranges: [range(120, 10)] } as const;
		expect(told(lone.control(second.peer, ask))).toEqual([]);
		lone.learn(room.tell(host, { kind: 'recording', state: 'off', kept: false }));
		lone.wait(200);
		expect(told(lone.control(host.peer, ask))).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).drops.uninvited).toBe(2);
	});

	it('gives no more than an answer holds', () => {
		const { lone, two } = holding();
		for (let seq = 200; seq < 900; seq++) {
			lone.nowMs += 20;
			hearProven(lone, second.peer, seq, two);
		}
		const ask = { type: 'fill-ask', stream: two, ranges: [range(100, 900)] } as const;
		const [answer] = told(lone.control(host.peer, ask), host.peer);
		expect(answer?.type === 'fill-give' && answer.frames.length).toBeLessThanOrEqual(
			FILL_FRAMES_MAX
		);
		expect(person(3).peer).toBe(lone.me.peer);
	});
});

describe('the messages', () => {
	it('come back as they were written, and are dropped where they do not fit', () => {
		const { two } = threeOnStage();
		const ask: FillMessage = { type: 'fill-ask', stream: two, ranges: [range(7, 3)] };
		const some: FillMessage = { type: 'fill-give', stream: two, frames: [Uint8Array.of(1, 2)] };
		for (const message of [ask, some]) {
			const bytes = encodeControl(message);
			expect(decodeControl(bytes)).toEqual(message);
			for (let cut = 1; cut < bytes.length; cut++) {
				expect(decodeControl(bytes.subarray(0, cut))).toBeNull();
			}
		}
		const empty = encodeControl({ ...ask, ranges: [range(7, 0)] });
		expect(decodeControl(empty)).toBeNull();
	});
});
