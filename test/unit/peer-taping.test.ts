import { describe, expect, it } from 'vitest';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { may } from '#lib/p2p/room/rules.ts';
import type { Consent, RecordingState } from '#lib/p2p/wire/recording.ts';
import { lonePeer, ofType, OPUS, type LonePeer } from '../lib/lone-peer.ts';
import { hearProven, second, third, threeOnStage, unmute } from '../lib/stage.ts';
import { host, nonce, person, room, story } from './room-people.ts';

/** The host, on stage with second and third, linked with both. */
function hosting(state: RecordingState = 'on') {
	const stage = threeOnStage();
	stage.room.tell(host, { kind: 'recording', state, kept: false });
	const lone = lonePeer(0, { saved: stage.room.events });
	for (const other of [second, third]) lone.feed({ type: 'opened', peer: other.peer });
	const answer = (by: typeof second, consent: Consent): void => {
		lone.learn(stage.room.tell(by, { kind: 'consent', answer: consent }));
		lone.wait(200);
	};
	return { ...stage, lone, answer };
}

const recorded = (out: readonly PeerOutput[]): string[] =>
	ofType(out, 'record').map(({ frame }) => `${frame.stream} ${frame.seq}`);

/** What two speakers say, a frame each. */
const said = (lone: LonePeer, seq: number, two: string, three: string): string[] => [
	...recorded(hearProven(lone, second.peer, seq, two as never)),
	...recorded(hearProven(lone, third.peer, seq, three as never))
];

describe('the law of recording', () => {
	it('is the word of the host alone', () => {
		const told = story();
		told.seat(second);
		told.name(second);
		expect(told.state().recording).toMatchObject({ state: 'off', kept: false });
		told.tell(second, { kind: 'recording', state: 'on', kept: true });
		expect(told.state().recording.state).toBe('off');
		told.tell(host, { kind: 'recording', state: 'on', kept: false });
		told.tell(host, { kind: 'recording', state: 'paused', kept: true });
		expect(told.state().recording).toMatchObject({ state: 'paused', kept: true });
		const wish = { type: 'recording', state: 'on', kept: false } as const;
		expect(may(told.state(), second.peer, wish)).toEqual({ ok: false, reason: 'not-host' });
		expect(may(told.state(), host.peer, wish)).toMatchObject({ ok: true });
	});

	it('ends with the room', () => {
		const told = story();
		told.tell(host, { kind: 'recording', state: 'on', kept: false });
		told.tell(host, { kind: 'end', words: '' });
		expect(told.state().recording.state).toBe('off');
	});

	it('holds what each speaker answered last, and takes no answer of who was never asked up', () => {
		const told = story();
		told.seat(second);
		told.tell(second, { kind: 'consent', answer: 'sound' });
		told.tell(person(9), { kind: 'consent', answer: 'sound' });
		expect(told.state().answers).toMatchObject([{ peer: second.peer, consent: 'sound' }]);
		told.tell(second, { kind: 'consent', answer: 'none' });
		expect(told.state().answers).toMatchObject([{ peer: second.peer, consent: 'none' }]);
		const wish = { type: 'consent', answer: 'none' } as const;
		expect(may(told.state(), person(9).peer, wish)).toEqual({ ok: false, reason: 'not-invited' });
		expect(may(told.state(), second.peer, wish)).toMatchObject({ ok: true });
		told.invite(third);
		expect(may(told.state(), third.peer, wish)).toMatchObject({ ok: true });
	});

	it('can begin with the room', () => {
		const opening = { title: 'On tape', nonce, createdAtMs: 1, recorded: true };
		const lone = lonePeer(0, { opening });
		expect(lone.peer.view().recording).toMatchObject({ state: 'on', kept: false });
		const plain = lonePeer(0, { opening: { title: 'Off', nonce, createdAtMs: 1 } });
		expect(plain.peer.view().recording.state).toBe('off');
	});

	it('is told to everybody, with what each has answered', () => {
		const { room: told } = threeOnStage();
		told.tell(host, { kind: 'recording', state: 'on', kept: false });
		told.tell(second, { kind: 'consent', answer: 'captions' });
		const { peer } = lonePeer(3, { saved: told.events });
		const view = peer.view();
		expect(view.recording.state).toBe('on');
		expect(view.me.consent).toBeNull();
		expect(view.stage.map(({ consent }) => consent)).toEqual(['sound', 'captions', null]);
	});
});

describe('what is recorded', () => {
	it('is what those said who agreed, and nothing before they answered', () => {
		const { lone, answer, two, three } = hosting();
		expect(said(lone, 100, two, three)).toEqual([]);
		answer(second, 'sound');
		answer(third, 'captions');
		expect(said(lone, 101, two, three)).toEqual([`${two} 101`]);
		answer(second, 'none');
		answer(third, 'sound');
		expect(said(lone, 102, two, three)).toEqual([`${three} 102`]);
	});

	it('is nothing while it is paused or off', () => {
		for (const state of ['paused', 'off'] as const) {
			const { lone, answer, two, three } = hosting(state);
			answer(second, 'sound');
			expect(said(lone, 100, two, three)).toEqual([]);
		}
	});

	it('is given out by the host alone', () => {
		const stage = threeOnStage();
		stage.room.tell(host, { kind: 'recording', state: 'on', kept: false });
		stage.room.tell(second, { kind: 'consent', answer: 'sound' });
		const lone = lonePeer(3, { saved: stage.room.events });
		for (const other of [host, second]) lone.feed({ type: 'opened', peer: other.peer });
		expect(recorded(hearProven(lone, second.peer, 100, stage.two))).toEqual([]);
		expect(lone.peer.taping()).toBeNull();
	});

	it('is never what nobody has signed', () => {
		const { lone, answer, two } = hosting();
		answer(second, 'sound');
		expect(recorded(lone.hear(second.peer, 100, two))).toEqual([]);
	});

	it('is what the host says as well', () => {
		const { lone, one } = hosting();
		unmute(lone);
		lone.wait(200);
		const out = lone.feed({ type: 'voice', seq: 7, level: 20, opus: OPUS });
		expect(recorded(out)).toEqual([`${one} 7`]);
	});

	it('holds no event by or about who does not agree', () => {
		const { lone, answer, room: told } = hosting();
		answer(second, 'sound');
		answer(third, 'none');
		lone.learn(told.tell(host, { kind: 'pin', text: 'Questions', link: '' }));
		lone.wait(200);
		const taping = lone.peer.taping()!;
		expect(taping).toMatchObject({ state: 'on', title: 'Evening talk', locked: false });
		expect(taping.people.map(({ peer, name }) => ({ peer, name }))).toEqual([
			{ peer: host.peer, name: host.name },
			{ peer: second.peer, name: second.name }
		]);
		const kinds = taping.events.map(({ body }) => body.kind);
		expect(kinds).toContain('pin');
		for (const { author, body } of taping.events) {
			expect(author).not.toBe(third.peer);
			expect('to' in body ? body.to : null).not.toBe(third.peer);
		}
		expect(taping.events[0]?.room).toBe(room);
	});
});
