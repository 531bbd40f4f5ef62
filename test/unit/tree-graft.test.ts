import { describe, expect, it } from 'vitest';
import { childrenMax } from '#lib/p2p/tree/graft.ts';
import {
	ALONE_AFTER_MS,
	BAD_AVOID_MS,
	GRAFT_HEDGE_MS,
	GRAFT_MS,
	GRAFT_ORPHAN_MS,
	GRAFT_SETTLE_MS,
	GRAFT_SUSPECT_MS,
	HANDOVER_MS,
	HEDGE_ALONE_MS,
	LET_GO_EVERY_MS,
	NOTICE_SHORT_MS,
	OWN_SLEEP_MS
} from '#lib/p2p/tree/timing.ts';
import type { TreeMessage, TreeOutput } from '#lib/p2p/tree/tree.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	contact,
	HOST,
	listener,
	ME,
	moved,
	ofType,
	peer,
	plantAmongBackups,
	send,
	standsBy,
	type TreeRig
} from './tree-rig.ts';

const path = (...peers: readonly PeerId[]): TreeMessage => ({
	type: 'path',
	path: peers,
	delayMs: 10,
	roots: [contact(1)]
});
const graft = (to: PeerId): TreeOutput => send(to, { type: 'graft' });
const PARENT = peer(5);
const BACKUPS = [peer(6), peer(7)];
const ALL = [PARENT, ...BACKUPS];

/** Below number 5, with 6 and 7 standing by, each apart from the others. */
function backedUp(fanout = 2): TreeRig {
	const rig = plantAmongBackups(fanout);
	rig.attach(PARENT, [HOST, PARENT]);
	rig.feed({ type: 'stage', peers: [HOST] });
	rig.feed({ type: 'contacts', contacts: [contact(6), contact(7)] });
	standsBy(rig, rig.wait(500, [PARENT]), (who) => (who === HOST ? null : [HOST, who]));
	rig.wait(100, ALL);
	if (rig.tree.backups.length !== 2) throw new Error('They do not stand by.');
	return rig;
}
const best = (rig: TreeRig): PeerId => rig.tree.backups[0] ?? ME;
const next = (rig: TreeRig): PeerId => rig.tree.backups[1] ?? ME;

describe('a parent that is lost', () => {
	it.each([
		['whose link is closed', (rig: TreeRig) => rig.feed({ type: 'closed', peer: PARENT })],
		['that says goodbye', (rig: TreeRig) => rig.say(PARENT, { type: 'bye', candidates: [] })],
		[
			'that starves us, as the sound side says,',
			(rig: TreeRig) => rig.feed({ type: 'starved', parent: PARENT })
		],
		['that misbehaves', (rig: TreeRig) => rig.feed({ type: 'bad', peer: PARENT })]
	])('%s is followed by the best backup in the same moment', (_, lose) => {
		const rig = backedUp();
		const chosen = best(rig);
		const out = lose(rig);
		expect(out).toContainEqual(graft(chosen));
		expect(ofType(out, 'open')).toEqual([]);
		rig.say(chosen, { type: 'attached' });
		expect(rig.tree.parent).toBe(chosen);
		expect(rig.tree.path).toEqual([HOST, chosen, ME]);
		expect(rig.tree.backups).not.toContain(chosen);
	});

	it('is not followed by a backup that has just become our child', () => {
		const rig = backedUp();
		const [first, second] = [best(rig), next(rig)];
		rig.say(first, { type: 'attach' });
		expect(rig.tree.children).toEqual([first]);
		const out = rig.feed({ type: 'closed', peer: PARENT });
		expect(out).not.toContainEqual(graft(first));
		expect(out).toContainEqual(graft(second));
	});

	it('that lets us go is followed where it points, and by a backup when its notice runs out', () => {
		const rig = backedUp();
		const chosen = best(rig);
		const away = { type: 'detach', reason: 'full', candidates: [contact(50)] } as const;
		const out = rig.say(PARENT, away);
		expect(ofType(out, 'open')).toMatchObject([{ to: contact(50), want: 'parent' }]);
		expect(out).not.toContainEqual(graft(chosen));
		const alive = [PARENT, ...rig.tree.backups];
		expect(rig.wait(HANDOVER_MS - NOTICE_SHORT_MS - 200, alive)).not.toContainEqual(graft(chosen));
		expect(rig.wait(400, alive)).toContainEqual(graft(chosen));
		expect(rig.tree.parent).toBe(PARENT);
	});

	it('that let us go and stands by for us since is asked as any other backup', () => {
		const rig = backedUp();
		const [chosen, other] = [best(rig), next(rig)];
		rig.say(PARENT, { type: 'detach', reason: 'full', candidates: [] });
		rig.wait(HANDOVER_MS - NOTICE_SHORT_MS + 100, ALL);
		rig.say(chosen, { type: 'attached' });
		rig.say(chosen, path(HOST, chosen));
		expect(rig.wait(400, ALL)).toContainEqual(send(PARENT, { type: 'stand-by' }));
		rig.say(PARENT, { type: 'standing-by' });
		rig.say(PARENT, path(HOST, PARENT));
		rig.feed({ type: 'closed', peer: other });
		expect(rig.feed({ type: 'closed', peer: chosen })).toContainEqual(graft(PARENT));
	});

	it('is left only when the backup has said yes, where it still speaks', () => {
		const rig = backedUp();
		const chosen = best(rig);
		expect(rig.feed({ type: 'starved', parent: PARENT })).toEqual([graft(chosen)]);
		expect(rig.tree.parent).toBe(PARENT);
		expect(rig.tree.sourceOf(PARENT)).toBe('all');
		expect(rig.say(chosen, { type: 'attached' })).toContainEqual(moved(PARENT));
	});

	it('is suspected after a short silence, and a backup asked', () => {
		const rig = backedUp();
		const chosen = best(rig);
		expect(rig.wait(GRAFT_SUSPECT_MS - 50, BACKUPS)).toEqual([]);
		expect(rig.wait(100, BACKUPS)).toEqual([graft(chosen)]);
	});

	it('that falls silent together with all backups is followed by others, asked beside them', () => {
		const rig = backedUp();
		const chosen = best(rig);
		rig.feed({ type: 'contacts', contacts: [contact(50)] });
		expect(rig.wait(GRAFT_SUSPECT_MS - 50)).toEqual([]);
		const out = rig.wait(100);
		expect(out).toContainEqual(graft(chosen));
		expect(ofType(out, 'open')).toMatchObject([{ to: contact(50), want: 'parent' }]);
	});

	it('and no backup answers is followed by others much sooner, by places above it first', () => {
		const rig = backedUp();
		rig.say(PARENT, path(HOST, peer(40), PARENT));
		rig.wait(20);
		const askedMs = rig.nowMs;
		expect(rig.wait(ALONE_AFTER_MS - 50)).toEqual([]);
		const unanswered = BACKUPS.flatMap((each) =>
			rig.feed({ type: 'unanswered', peer: each, askedMs })
		);
		expect(unanswered).toEqual([]);
		expect(ofType(rig.wait(100), 'open')).toMatchObject([
			{ to: { peer: peer(40) }, want: 'parent' }
		]);
		// Places are asked one beside the other: some are gone as well.
		expect(ofType(rig.wait(HEDGE_ALONE_MS), 'open')).toHaveLength(1);
	});

	it('while one backup has answered is followed by nobody else', () => {
		const rig = backedUp();
		const askedMs = rig.nowMs;
		rig.wait(ALONE_AFTER_MS, [next(rig)]);
		for (const each of BACKUPS) rig.feed({ type: 'unanswered', peer: each, askedMs });
		expect(ofType(rig.wait(200, [next(rig)]), 'open')).toEqual([]);
	});

	it('that is heard again before the backup answers is kept, and the backup stays one', () => {
		const rig = backedUp();
		const chosen = best(rig);
		rig.wait(GRAFT_SUSPECT_MS + 100, BACKUPS);
		rig.feed({ type: 'heard', from: PARENT, heartbeat: null });
		expect(rig.wait(50, ALL)).toEqual([moved(chosen), send(chosen, { type: 'stand-by' })]);
		expect(rig.say(chosen, { type: 'attached' })).toEqual([moved(chosen)]);
		expect(rig.tree.parent).toBe(PARENT);
		expect(rig.tree.backups).toContain(chosen);
	});

	it('is not suspected where it was our own page that slept', () => {
		const rig = backedUp();
		rig.nowMs += 2 * OWN_SLEEP_MS;
		expect(ofType(rig.feed({ type: 'tick' }), 'send')).toEqual([]);
		expect(ofType(rig.wait(200), 'send')).toEqual([]);
	});

	it('without a source is given a moment to find one', () => {
		const rig = backedUp();
		const chosen = best(rig);
		rig.say(PARENT, path());
		expect(rig.wait(GRAFT_ORPHAN_MS, ALL)).toEqual([]);
		expect(rig.wait(100, ALL)).toEqual([graft(chosen)]);
	});

	it('is starving us only as long as it is our parent', () => {
		const rig = backedUp();
		expect(rig.feed({ type: 'starved', parent: peer(9) })).toEqual([]);
	});
});

describe('a graft', () => {
	it('that is not answered soon is asked of the other backup as well, and the first yes counts', () => {
		const rig = backedUp();
		const [first, second] = [best(rig), next(rig)];
		rig.feed({ type: 'closed', peer: PARENT });
		expect(rig.wait(GRAFT_HEDGE_MS, BACKUPS)).toContainEqual(graft(second));
		const out = rig.say(second, { type: 'attached' });
		expect(out).toContainEqual(moved(first));
		expect(out).toContainEqual(send(first, { type: 'stand-by' }));
		expect(rig.tree.parent).toBe(second);
		expect(rig.tree.backups).toEqual([first]);
	});

	it('that is refused goes on to the other backup at once', () => {
		const rig = backedUp();
		const [first, second] = [best(rig), next(rig)];
		rig.feed({ type: 'closed', peer: PARENT });
		const no = { type: 'detach', reason: 'not-attached', candidates: [] } as const;
		expect(rig.say(first, no)).toEqual([graft(second)]);
	});

	it('is followed by a search where no backup answers', () => {
		const rig = backedUp();
		rig.feed({ type: 'closed', peer: PARENT });
		const out = rig.wait(GRAFT_MS, BACKUPS);
		expect(ofType(out, 'open').map(({ want }) => want)).toContain('parent');
	});

	it('is asked of nobody who is below us or has no source', () => {
		const rig = backedUp();
		const [first, second] = [best(rig), next(rig)];
		rig.say(first, path());
		rig.say(second, path(HOST, PARENT, ME, second));
		const out = rig.feed({ type: 'closed', peer: PARENT });
		expect(out).not.toContainEqual(graft(first));
		expect(out).not.toContainEqual(graft(second));
	});
});

describe('a source that misbehaves', () => {
	it('is no source any more, and its link is closed where nothing else needs it', () => {
		const rig = backedUp();
		const [first] = [best(rig)];
		const out = rig.feed({ type: 'bad', peer: first });
		expect(out).toContainEqual({ type: 'close', peer: first });
		expect(rig.tree.sourceOf(first)).toBe('none');
		expect(rig.tree.backups).not.toContain(first);
		expect(rig.tree.parent).toBe(PARENT);
	});

	it('keeps its link where it is our child', () => {
		const rig = backedUp();
		rig.adopt(peer(8));
		expect(rig.feed({ type: 'bad', peer: peer(8) })).toEqual([]);
		expect(rig.tree.children).toEqual([peer(8)]);
	});

	it('is not asked again for a while, whoever names it', () => {
		const rig = backedUp();
		rig.feed({ type: 'bad', peer: PARENT });
		rig.say(best(rig), { type: 'attached' });
		const alive = [...BACKUPS, HOST];
		const asked = (): PeerId[] => {
			rig.feed({ type: 'contacts', contacts: [contact(5)] });
			return ofType(rig.wait(1_000, alive), 'open').map(({ to }) => to.peer);
		};
		for (let atMs = 1_000; atMs < BAD_AVOID_MS; atMs += 1_000)
			expect(asked()).not.toContain(PARENT);
		const later = Array.from({ length: 80 }, () => asked()).flat();
		expect(later).toContain(PARENT);
	});
});

describe('who takes grafts', () => {
	/** Full, and standing by for `waiting` others. */
	function fullRig(fanout: number, waiting: number): TreeRig {
		const rig = listener(fanout);
		for (let i = 0; i < fanout; i++) rig.adopt(peer(20 + i));
		for (let i = 0; i < waiting; i++) {
			rig.knock(peer(40 + i), 'backup');
			rig.feed({ type: 'opened', peer: peer(40 + i) });
		}
		return rig;
	}
	const answers = (rig: TreeRig, from: number, count: number): string[] =>
		Array.from({ length: count }, (_, i) => {
			const [answer] = ofType(rig.say(peer(from + i), { type: 'graft' }), 'send');
			return answer?.message.type ?? 'none';
		});
	const neighbours = [HOST, ...Array.from({ length: 40 }, (_, i) => peer(20 + i))];

	it.each([
		[2, 4],
		[3, 5],
		[8, 12],
		[64, 80]
	])('carries with a fan-out of %i no more than %i', (fanout, most) => {
		expect(childrenMax(fanout)).toBe(most);
		const rig = listener(fanout);
		for (let i = 0; i < fanout; i++) rig.adopt(peer(101 + i));
		const asking = Math.min(4, most - fanout);
		for (let i = 0; i < asking; i++) {
			rig.knock(peer(40 + i), 'backup');
			rig.feed({ type: 'opened', peer: peer(40 + i) });
		}
		expect(answers(rig, 40, asking)).toEqual(Array.from({ length: asking }, () => 'attached'));
		expect(rig.tree.children.length).toBeLessThanOrEqual(most);
	});

	it('takes those it stands by for although it is full, up to that bound', () => {
		const rig = fullRig(2, 3);
		expect(answers(rig, 40, 3)).toEqual(['attached', 'attached', 'detach']);
		expect(rig.tree.children).toHaveLength(4);
		expect(rig.tree.backupChildren).toEqual([peer(42)]);
	});

	it('takes nobody else over its fan-out, whatever it calls its wish', () => {
		const rig = fullRig(2, 0);
		rig.feed({ type: 'opened', peer: peer(40) });
		expect(answers(rig, 40, 1)).toEqual(['detach']);
	});

	it('lets the surplus go when it has had time, one after the other, the last first', () => {
		const rig = fullRig(2, 2);
		answers(rig, 40, 1);
		rig.wait(100, neighbours);
		answers(rig, 41, 1);
		expect(ofType(rig.wait(GRAFT_SETTLE_MS - 100, neighbours), 'send')).toEqual([]);
		const letGo = (forMs: number) =>
			ofType(rig.wait(forMs, neighbours), 'send').filter(
				({ message }) => message.type === 'detach'
			);
		const [first, ...rest] = letGo(400);
		expect([first?.to, rest]).toEqual([peer(40), []]);
		expect(letGo(LET_GO_EVERY_MS).map(({ to }) => to)).toEqual([peer(41)]);
		expect(letGo(2 * LET_GO_EVERY_MS)).toEqual([]);
	});

	it('gives whom it lets go its sound until it has moved, or a while at most', () => {
		const rig = fullRig(2, 2);
		answers(rig, 40, 2);
		rig.wait(GRAFT_SETTLE_MS + LET_GO_EVERY_MS + 200, neighbours);
		expect(rig.tree.children).toHaveLength(4);
		rig.say(peer(41), { type: 'detach', reason: 'moved', candidates: [] });
		expect(rig.tree.children).toEqual([peer(20), peer(21), peer(40)]);
		rig.wait(HANDOVER_MS, neighbours);
		expect(rig.tree.children).toEqual([peer(20), peer(21)]);
	});

	it('lets nobody go where children have left meanwhile', () => {
		const rig = fullRig(2, 1);
		answers(rig, 40, 1);
		rig.say(peer(20), { type: 'detach', reason: 'moved', candidates: [] });
		expect(ofType(rig.wait(3 * GRAFT_SETTLE_MS, neighbours), 'send')).toEqual([]);
		expect(rig.tree.children).toEqual([peer(21), peer(40)]);
	});

	it('of two that ask each other in the same moment, is the larger id', () => {
		const rig = backedUp();
		const [first] = [best(rig)];
		rig.say(first, { type: 'stand-by' });
		rig.feed({ type: 'starved', parent: PARENT });
		const [answer] = ofType(rig.say(first, { type: 'graft' }), 'send');
		expect(first < ME).toBe(true);
		expect(answer?.message.type).toBe('attached');
		expect(rig.tree.children).toEqual([first]);
	});
});
