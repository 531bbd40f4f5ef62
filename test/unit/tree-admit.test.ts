import { describe, expect, it } from 'vitest';
import { CHILD_SUSPECT_MS } from '#lib/p2p/tree/timing.ts';
import { CANDIDATES_MAX, FANOUT_MAX, LINKS_MAX, PATH_MAX } from '#lib/p2p/wire/limits.ts';
import { contact, HOST, listener, ME, ofType, peer, plant, send, speaker } from './tree-rig.ts';

const admit = [{ type: 'admit', ticket: 1 }];
const refuse = (reason: string, candidates: unknown[] = []) => [
	{ type: 'refuse', ticket: 1, refusal: { reason, candidates } }
];
const bare = (number: number) => ({ peer: peer(number), addrs: [] });

describe('who knocks to be our child', () => {
	it('is admitted while we carry fewer than our fan-out', () => {
		expect(listener().knock(peer(7), 'parent')).toEqual(admit);
	});

	it('is told so, and how the sound comes to us, once its link is open', () => {
		const rig = listener();
		rig.knock(peer(7), 'parent');
		expect(rig.feed({ type: 'opened', peer: peer(7) })).toEqual([
			send(peer(7), { type: 'attached' }),
			send(peer(7), { type: 'path', path: [HOST, ME], delayMs: 10, roots: [contact(1)] })
		]);
	});

	it('is refused while we have no sound ourselves', () => {
		const rig = plant();
		rig.feed({ type: 'tick' });
		expect(rig.knock(peer(7), 'parent')).toEqual(refuse('not-attached'));
	});

	it('is refused and sent to our children, in turns, and to the speakers when we are full', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		const sentTo = [11, 12, 13].map((number) => {
			const [answer] = ofType(rig.knock(peer(number), 'parent'), 'refuse');
			expect(answer?.refusal.reason).toBe('full');
			return answer?.refusal.candidates.map((candidate) => candidate.peer);
		});
		expect(sentTo).toEqual([
			[peer(7), peer(8), HOST],
			[peer(8), peer(7), HOST],
			[peer(7), peer(8), HOST]
		]);
	});

	it('is given the place of a child that has gone silent, which is told so', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		rig.wait(CHILD_SUSPECT_MS + 100, [HOST, peer(7)]);
		const out = rig.knock(peer(9), 'parent');
		expect(ofType(out, 'admit')).toHaveLength(1);
		expect(ofType(out, 'send')).toMatchObject([
			{ to: peer(8), message: { type: 'detach', reason: 'full' } }
		]);
		rig.feed({ type: 'opened', peer: peer(9) });
		expect(rig.tree.children).toEqual([peer(7), peer(9)]);
	});

	it('is not sent to a child that has gone silent', () => {
		const rig = listener(2);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		rig.wait(CHILD_SUSPECT_MS + 100, [HOST, peer(7)]);
		rig.knock(peer(9), 'parent');
		const [answer] = ofType(rig.knock(peer(11), 'parent'), 'refuse');
		expect(answer?.refusal.candidates.map((one) => one.peer)).toEqual([peer(7), HOST]);
	});

	it('takes no second place when it knocks again, as after a reload', () => {
		const rig = listener(1);
		rig.adopt(peer(7));
		expect(ofType(rig.knock(peer(7), 'parent'), 'admit')).toHaveLength(1);
		expect(rig.tree.children).toEqual([peer(7)]);
	});

	it('is refused where it is above us: we would hear ourselves', () => {
		const rig = plant();
		rig.attach(peer(7), [HOST, peer(9), peer(7)]);
		expect(rig.knock(peer(9), 'parent')).toEqual(refuse('loop', [contact(1)]));
		expect(ofType(rig.knock(peer(7), 'parent'), 'refuse')[0]?.refusal.reason).toBe('loop');
	});

	it('is refused where it would be deeper than any path may be', () => {
		const path = (length: number) => [HOST, ...Array.from({ length }, (_, i) => peer(200 + i))];
		const deep = plant();
		deep.attach(peer(229), path(PATH_MAX - 2).slice(0, PATH_MAX - 2));
		expect(ofType(deep.knock(peer(7), 'parent'), 'refuse')[0]?.refusal.reason).toBe('full');
		const less = plant();
		less.attach(peer(229), path(PATH_MAX - 3).slice(0, PATH_MAX - 3));
		expect(ofType(less.knock(peer(7), 'parent'), 'admit')).toHaveLength(1);
	});

	it('is refused by who is leaving, and sent to those above', () => {
		const rig = plant();
		rig.attach(peer(7), [HOST, peer(7)]);
		rig.feed({ type: 'leave' });
		expect(rig.knock(peer(8), 'parent')).toEqual(refuse('other-room', [bare(7), contact(1)]));
	});

	it('never makes us carry more than any peer may, whatever the setting says', () => {
		const rig = listener(10_000);
		for (let i = 0; i < 2 * FANOUT_MAX; i++) rig.knock(peer(200 + i), 'parent');
		expect(rig.tree.links(0).filter((link) => link.child)).toHaveLength(FANOUT_MAX);
		expect(rig.tree.links(0).length).toBeLessThanOrEqual(LINKS_MAX);
	});

	it.each([-1, 0, 0.5, Number.NaN])('is refused with a fan-out of %d', (fanout) => {
		const [answer] = ofType(listener(fanout).knock(peer(7), 'parent'), 'refuse');
		expect(answer?.refusal.reason).toBe('full');
	});

	it('is never sent to more places than a refusal may name', () => {
		const rig = listener(20);
		for (let i = 0; i < 20; i++) rig.adopt(peer(200 + i));
		const [answer] = ofType(rig.knock(peer(7), 'parent'), 'refuse');
		expect(answer?.refusal.candidates.length).toBeLessThanOrEqual(CANDIDATES_MAX);
	});
});

describe('who knocks as a speaker', () => {
	it('is admitted where both of us are on stage, however many children we have', () => {
		const rig = speaker(2, 0);
		rig.feed({ type: 'stage', peers: [HOST, ME, peer(5)] });
		expect(rig.knock(peer(5), 'mesh')).toEqual(admit);
	});

	it('is refused where it is not on stage, or we are not', () => {
		expect(speaker(2).knock(peer(5), 'mesh')).toEqual(refuse('not-on-stage'));
		const below = listener();
		below.feed({ type: 'stage', peers: [HOST, peer(5)] });
		expect(below.knock(peer(5), 'mesh')).toEqual(refuse('not-on-stage'));
	});
});

describe('who asks over a link that is open', () => {
	it('is taken, and told how the sound comes to us', () => {
		const rig = listener();
		rig.feed({ type: 'opened', peer: peer(7) });
		expect(rig.say(peer(7), { type: 'attach' })).toEqual([
			send(peer(7), { type: 'attached' }),
			send(peer(7), { type: 'path', path: [HOST, ME], delayMs: 10, roots: [contact(1)] })
		]);
		expect(rig.tree.children).toEqual([peer(7)]);
	});

	it('is refused for the same reasons as one who knocks', () => {
		const rig = listener(0);
		rig.feed({ type: 'opened', peer: peer(7) });
		const [answer] = ofType(rig.say(peer(7), { type: 'attach' }), 'send');
		expect(answer?.message).toMatchObject({ type: 'detach', reason: 'full' });
		expect(rig.tree.children).toEqual([]);
	});

	it('is not heard at all without a link', () => {
		expect(listener().say(peer(7), { type: 'attach' })).toEqual([]);
	});
});
