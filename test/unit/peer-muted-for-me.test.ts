import { describe, expect, it } from 'vitest';
import { hearProven, listening, second, seqsTo } from '../lib/stage.ts';
import { ofType } from '../lib/lone-peer.ts';
import { host } from './room-people.ts';

const played = (outputs: Parameters<typeof ofType>[0]) =>
	ofType(outputs, 'play').map(({ input }) => input);

describe('somebody whom we do not want to hear', () => {
	it('is not played from that moment on, and passed on to our children all the same', () => {
		const { lone, one, two, children } = listening();
		hearProven(lone, host.peer, 1, one, two);
		const muted = lone.feed({ type: 'mute-for-me', peers: [second.peer] });
		// What is in the jitter buffer goes as well.
		expect(played(muted)).toEqual([{ type: 'drop', stream: two }]);
		const out = hearProven(lone, host.peer, 2, one, two);
		expect(played(out).filter(({ type }) => type === 'frame')).toEqual([
			expect.objectContaining({ stream: one, seq: 2 })
		]);
		expect(played(out).some(({ stream }) => stream === two)).toBe(false);
		for (const child of children) expect(seqsTo(out, child)).toEqual([2, 2]);
		expect(played(lone.pass(2_000)).some(({ stream }) => stream === two)).toBe(false);
		// Its voice shows on the screen: we are to know that it speaks.
		hearProven(lone, host.peer, 3, two);
		expect(lone.peer.levels(lone.nowMs).has(second.peer)).toBe(true);
	});

	it('is heard again when we want to, with the time that proofs and repairs take', () => {
		const { lone, two } = listening();
		hearProven(lone, host.peer, 1, two);
		lone.feed({ type: 'mute-for-me', peers: [second.peer] });
		hearProven(lone, host.peer, 2, two);
		expect(lone.feed({ type: 'mute-for-me', peers: [] })).toEqual([]);
		const out = played(hearProven(lone, host.peer, 3, two));
		expect(out.map(({ type }) => type)).toEqual(['floor', 'frame']);
	});

	it('may be nobody in this room', () => {
		const { lone, two } = listening();
		expect(lone.feed({ type: 'mute-for-me', peers: [second.peer, lone.me.peer] })).toHaveLength(1);
		const again = lone.feed({ type: 'mute-for-me', peers: [second.peer] });
		expect(again).toEqual([]);
		expect(played(hearProven(lone, host.peer, 1, two))).toEqual([]);
	});
});
