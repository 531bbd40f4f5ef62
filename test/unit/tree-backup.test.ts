import { UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import { describe, expect, it } from 'vitest';
import {
	BACKUP_AVOID_MS,
	BACKUP_CHILD_SUSPECT_MS,
	BACKUP_PATIENCE_MS,
	BACKUP_SUSPECT_MS,
	BACKUP_TRIES,
	BACKUPS_WANTED,
	BETTER_BY_MS,
	JUDGE_AFTER_MS,
	ROTATE_MIN_MS
} from '#lib/p2p/tree/timing.ts';
import type { TreeMessage, TreeOutput } from '#lib/p2p/tree/tree.ts';
import { BACKUP_CHILDREN_MAX, LINKS_MAX } from '#lib/p2p/wire/limits.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	contact,
	HOST,
	ME,
	ofType,
	open,
	peer,
	plantAmongBackups,
	send,
	speaker,
	standsBy,
	type TreeRig
} from './tree-rig.ts';

const path = (...peers: readonly PeerId[]): TreeMessage => ({
	type: 'path',
	path: peers,
	delayMs: 10,
	roots: [contact(1)]
});
const released = (to: PeerId): TreeOutput =>
	send(to, { type: 'stand-down', reason: 'moved', candidates: [] });
const LONG_MS = 10_000;
const listenersDo = (who: PeerId): PeerId[] | null => (who === HOST ? null : [HOST, who]);

/** Below number 5, which is below the host; `known` are members it has heard of. */
function below(known: readonly number[], fanout = 2): TreeRig {
	const rig = plantAmongBackups(fanout);
	rig.attach(peer(5), [HOST, peer(5)]);
	rig.feed({ type: 'stage', peers: [HOST] });
	rig.feed({ type: 'contacts', contacts: known.map(contact) });
	return rig;
}

describe('looking for backups', () => {
	it('begins a moment after the parent was found, and asks one peer at a time', () => {
		const rig = below([6, 7]);
		expect(rig.wait(BACKUP_PATIENCE_MS - 100, [peer(5)])).toEqual([]);
		const out = rig.wait(1_000, [peer(5)]);
		expect(out).toHaveLength(1);
		expect(ofType(out, 'open').map(({ want }) => want)).toEqual(['backup']);
	});

	it('goes on where the one that was asked has become the parent meanwhile', () => {
		const rig = below([]);
		expect(rig.wait(1_000, [peer(5)])).toEqual([open(1, 'backup')]);
		rig.feed({ type: 'contacts', contacts: [contact(6)] });
		expect(rig.say(peer(5), { type: 'climb', to: contact(1) })).toEqual([open(1)]);
		rig.feed({ type: 'opened', peer: HOST });
		rig.say(HOST, { type: 'attached' });
		rig.say(HOST, path(HOST));
		const out = rig.wait(1_000, [HOST]);
		expect(rig.tree.parent).toBe(HOST);
		expect(ofType(out, 'open')).toEqual([open(6, 'backup')]);
	});

	it('ends with two who stand by', () => {
		const rig = below([6, 7, 8]);
		const out = standsBy(rig, rig.wait(1_000, [peer(5)]), (who) => [HOST, who]);
		expect(rig.tree.backups).toHaveLength(BACKUPS_WANTED);
		expect(ofType(out, 'open')).toHaveLength(BACKUPS_WANTED);
		for (const backup of rig.tree.backups) expect(rig.tree.sourceOf(backup)).toBe('all');
	});

	it('is nothing for somebody on stage, who lets its backups go', () => {
		const rig = below([6, 7]);
		standsBy(rig, rig.wait(1_000, [peer(5)]), (who) => [HOST, who]);
		const { backups } = rig.tree;
		const out = rig.feed({ type: 'stage', peers: [HOST, ME] });
		for (const backup of backups) expect(out).toContainEqual(released(backup));
		expect(rig.tree.backups).toEqual([]);
	});

	it('passes by who is above us as long as there is anybody else', () => {
		const rig = plantAmongBackups();
		rig.attach(peer(5), [HOST, peer(4), peer(5)]);
		rig.feed({ type: 'contacts', contacts: [4, 6].map(contact) });
		const out = rig.wait(1_000, [peer(5)]);
		expect(ofType(out, 'open').map(({ to }) => to.peer)).not.toContain(peer(4));
		const more = standsBy(rig, out, (who) => [HOST, who]);
		expect(ofType(more, 'open').map(({ to }) => to.peer)).not.toContain(peer(4));
	});

	it('takes even those above us where there is nobody else', () => {
		const rig = plantAmongBackups();
		rig.attach(peer(5), [HOST, peer(4), peer(5)]);
		rig.feed({ type: 'contacts', contacts: [contact(4)] });
		const out = standsBy(rig, rig.wait(1_000, [peer(5)]), () => null);
		expect(ofType(out, 'open')).toEqual([open(1, 'backup'), open(4, 'backup')]);
	});

	it('goes where a refusal sends it', () => {
		const rig = below([6]);
		const [first] = ofType(rig.wait(1_000, [peer(5)]), 'open');
		const candidates = [contact(20), contact(21)];
		const refusal = { reason: 'full', candidates } as const;
		const who = first?.to.peer ?? ME;
		expect(rig.feed({ type: 'refused', peer: who, refusal })).toEqual([open(20, 'backup')]);
	});

	it('asks over a link that is open already, without a knock', () => {
		const rig = below([]);
		rig.feed({ type: 'stage', peers: [peer(5)] });
		rig.feed({ type: 'opened', peer: peer(8) });
		rig.feed({ type: 'contacts', contacts: [contact(8)] });
		const alive = [peer(5), peer(8)];
		const out = standsBy(rig, rig.wait(BACKUP_PATIENCE_MS, alive), () => null);
		expect([...out, ...rig.wait(100, alive)]).toContainEqual(send(peer(8), { type: 'stand-by' }));
		rig.say(peer(8), { type: 'standing-by' });
		expect(rig.tree.backups).toEqual([peer(8)]);
	});

	it('is paced: refused by all, it does not try without end', () => {
		const rig = below(Array.from({ length: 100 }, (_, i) => 200 + i));
		let tries = 0;
		for (let i = 0; i < 300; i++) {
			let out = rig.wait(100, [peer(5)]);
			for (let opens = ofType(out, 'open'); opens.length > 0; opens = ofType(out, 'open')) {
				tries += opens.length;
				out = opens.flatMap(({ to }) =>
					rig.feed({ type: 'refused', peer: to.peer, refusal: null })
				);
			}
		}
		expect(tries).toBeGreaterThan(BACKUP_TRIES.burst);
		expect(tries).toBeLessThanOrEqual(BACKUP_TRIES.burst + 30 * BACKUP_TRIES.perSecond + 1);
	});

	it('waits while a parent is looked for', () => {
		const rig = below([6, 7]);
		rig.feed({ type: 'closed', peer: peer(5) });
		const wants = ofType(rig.wait(5_000), 'open').map(({ want }) => want);
		expect(wants.length).toBeGreaterThan(0);
		expect(wants).not.toContain('backup');
	});

	it('takes nobody who was not asked', () => {
		const rig = below([]);
		rig.feed({ type: 'opened', peer: peer(8) });
		expect(rig.say(peer(8), { type: 'standing-by' })).toEqual([released(peer(8))]);
		expect(rig.tree.backups).toEqual([]);
	});
});

describe('a backup', () => {
	/** Two of them, apart from each other and from the parent. */
	function backedUp(known: readonly number[] = [6, 7]): TreeRig {
		const rig = below(known);
		standsBy(rig, rig.wait(1_000, [peer(5)]), listenersDo);
		return rig;
	}

	it('that is silent is let go', () => {
		const rig = backedUp();
		const out = rig.wait(BACKUP_SUSPECT_MS + 100, [peer(5), peer(6)]);
		expect(out).toContainEqual(released(peer(7)));
		expect(rig.tree.backups).toEqual([peer(6)]);
	});

	it('that has had no source for as long is let go', () => {
		const rig = backedUp();
		rig.say(peer(7), path());
		const out = rig.wait(BACKUP_SUSPECT_MS + 100, [peer(5), peer(6), peer(7)]);
		expect(out).toContainEqual(released(peer(7)));
	});

	it('that turns out to be below us is let go at once', () => {
		const rig = backedUp();
		const out = rig.say(peer(7), path(HOST, peer(5), ME, peer(7)));
		expect(out).toContainEqual(released(peer(7)));
		expect(rig.tree.backups).toEqual([peer(6)]);
	});

	it('that stands down is replaced, and not asked again for a while', () => {
		const rig = backedUp([6, 7, 8]);
		const [gone] = rig.tree.backups;
		const left = rig.tree.backups.filter((one) => one !== gone);
		const alive = [peer(5), ...left];
		const message = { type: 'stand-down', reason: 'full', candidates: [contact(30)] } as const;
		expect(rig.say(gone ?? ME, message)).toEqual([open(30, 'backup')]);
		rig.feed({ type: 'refused', peer: peer(30), refusal: null });
		const tried = ofType(rig.wait(BACKUP_AVOID_MS - 200, alive), 'open').map(({ to }) => to.peer);
		expect(tried).not.toContain(gone);
	});

	it('whose link closes is replaced', () => {
		const rig = backedUp([6, 7, 8]);
		const [gone] = rig.tree.backups;
		const out = rig.feed({ type: 'closed', peer: gone ?? ME });
		expect(ofType(out, 'open').map(({ want }) => want)).toEqual(['backup']);
	});

	it('that is apart from our own way to the sound comes before one that is not', () => {
		const rig = backedUp();
		rig.say(peer(6), path(HOST, peer(5), peer(6)));
		expect(rig.tree.backups).toEqual([peer(7), peer(6)]);
		rig.say(peer(6), path(HOST, peer(6)));
		rig.say(peer(7), path(HOST, peer(5), peer(7)));
		expect(rig.tree.backups).toEqual([peer(6), peer(7)]);
	});

	it('that was heard just now comes before one that was not', () => {
		const rig = backedUp();
		rig.wait(600, [peer(5), peer(7)]);
		expect(rig.tree.backups).toEqual([peer(7), peer(6)]);
		rig.wait(600, [peer(5), peer(6)]);
		expect(rig.tree.backups).toEqual([peer(6), peer(7)]);
	});

	it('that has word of newer sound than the parent had comes before one that has not', () => {
		const rig = backedUp();
		const [first, second] = rig.tree.backups;
		rig.feed({ type: 'heard', from: peer(5), heartbeat: null });
		rig.wait(100, []);
		const heartbeat = { stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED };
		rig.feed({ type: 'heard', from: first ?? ME, heartbeat });
		rig.feed({ type: 'heard', from: second ?? ME, heartbeat: null });
		rig.feed({ type: 'tick' });
		expect(rig.tree.backups).toEqual([second, first]);
	});

	/** Number 7 turns out to hear by our parent, and number 8, which does not, stands by as well. */
	function withThird() {
		const rig = backedUp();
		rig.say(peer(7), path(HOST, peer(5), peer(7)));
		rig.feed({ type: 'contacts', contacts: [contact(8)] });
		const alive = [5, 6, 7, 8].map(peer);
		standsBy(rig, rig.wait(ROTATE_MIN_MS + 200, alive), listenersDo);
		return { rig, alive };
	}

	it('gives its place to a third one that shares no ancestor with the others', () => {
		const { rig, alive } = withThird();
		expect(rig.tree.backups).toHaveLength(BACKUPS_WANTED + 1);
		expect(rig.wait(JUDGE_AFTER_MS + 200, alive)).toContainEqual(released(peer(7)));
		expect(new Set(rig.tree.backups)).toEqual(new Set([peer(6), peer(8)]));
	});

	it('is one though its link served nothing so far, and was not heard for a while', () => {
		const rig = below([6]);
		standsBy(rig, rig.wait(1_000, [peer(5)]), () => null);
		rig.feed({ type: 'opened', peer: peer(9) });
		rig.feed({ type: 'contacts', contacts: [contact(9)] });
		rig.wait(BACKUP_SUSPECT_MS + 500, [peer(5)]);
		rig.say(peer(9), { type: 'standing-by' });
		rig.say(peer(9), path(HOST, peer(9)));
		rig.feed({ type: 'tick' });
		expect(rig.tree.backups).toEqual([peer(9)]);
	});

	it('is asked again at once where one of those is lost for whom it was let go', () => {
		const { rig, alive } = withThird();
		expect(rig.wait(JUDGE_AFTER_MS + 200, alive)).toContainEqual(released(peer(7)));
		rig.feed({ type: 'contacts', contacts: [30, 31, 32, 33].map(contact) });
		const looks = standsBy(rig, rig.wait(2 * ROTATE_MIN_MS, alive), () => null);
		expect(looks).not.toContainEqual(open(7, 'backup'));
		const out = [...rig.feed({ type: 'closed', peer: peer(8) }), ...rig.wait(200, alive)];
		expect(ofType(out, 'open')).toEqual([open(7, 'backup')]);
	});

	it.each([
		['stays for all that where the third one is a little nearer', 10 - BETTER_BY_MS / 2, 8],
		['makes room for a third one that is nearer by enough', 10 - 2 * BETTER_BY_MS, 6]
	])('%s', (_, delayMs, leaver) => {
		const rig = backedUp();
		rig.feed({ type: 'contacts', contacts: [contact(8)] });
		const alive = [5, 6, 7, 8].map(peer);
		rig.say(peer(6), { type: 'delay', delayMs: 50 });
		standsBy(rig, rig.wait(ROTATE_MIN_MS + 200, alive), listenersDo);
		rig.say(peer(8), { type: 'delay', delayMs: 40 + delayMs });
		expect(rig.wait(JUDGE_AFTER_MS + 200, alive)).toContainEqual(released(peer(leaver)));
	});

	it('is compared with others ever more seldom while nothing better is found', () => {
		const rig = below(Array.from({ length: 60 }, (_, i) => 200 + i));
		let opens = 0;
		const alive = [peer(5)];
		for (let i = 0; i < 1_200; i++) {
			const asked = ofType(rig.wait(100, alive), 'open').map(({ to }) => to.peer);
			opens += asked.length;
			for (const who of asked) {
				if (rig.tree.backups.length === BACKUPS_WANTED) {
					rig.feed({ type: 'refused', peer: who, refusal: null });
					continue;
				}
				rig.feed({ type: 'opened', peer: who });
				rig.say(who, { type: 'standing-by' });
				rig.say(who, path(HOST, who));
				alive.push(who);
			}
		}
		expect(opens).toBeGreaterThan(5);
		expect(opens).toBeLessThan(30);
	});
});

describe('who asks us to stand by', () => {
	it('is admitted, and told how the sound comes to us once its link is open', () => {
		const rig = below([]);
		expect(ofType(rig.knock(peer(7), 'backup'), 'admit')).toHaveLength(1);
		expect(rig.tree.backupChildren).toEqual([]);
		expect(rig.feed({ type: 'opened', peer: peer(7) })).toEqual(
			[send(peer(7), { type: 'standing-by' }), send(peer(7), path(HOST, peer(5), ME))].map(
				(output) => expect.objectContaining({ type: output.type, to: peer(7) }) as TreeOutput
			)
		);
		expect(rig.tree.backupChildren).toEqual([peer(7)]);
		expect(rig.tree.children).toEqual([]);
	});

	it('learns every change of that way, as children do', () => {
		const rig = below([]);
		rig.knock(peer(7), 'backup');
		rig.feed({ type: 'opened', peer: peer(7) });
		const out = ofType(rig.say(peer(5), path(HOST, peer(6), peer(5))), 'send');
		expect(out.map(({ to }) => to)).toEqual([peer(7)]);
		expect(out[0]?.message).toMatchObject({ path: [HOST, peer(6), peer(5), ME] });
	});

	it('is asked over an open link as well, and may say that it needs us no more', () => {
		const rig = below([]);
		rig.feed({ type: 'opened', peer: peer(7) });
		expect(ofType(rig.say(peer(7), { type: 'stand-by' }), 'send')[0]?.message.type).toBe(
			'standing-by'
		);
		expect(rig.tree.backupChildren).toEqual([peer(7)]);
		rig.say(peer(7), { type: 'stand-down', reason: 'moved', candidates: [] });
		expect(rig.tree.backupChildren).toEqual([]);
	});

	it('is refused where it is above us, or we have no source', () => {
		const rig = below([]);
		const [no] = ofType(rig.knock(peer(5), 'backup'), 'refuse');
		expect(no?.refusal.reason).toBe('loop');
		rig.say(peer(5), path());
		const [orphan] = ofType(rig.knock(peer(7), 'backup'), 'refuse');
		expect(orphan?.refusal.reason).toBe('not-attached');
	});

	const rigs = {
		'in the tree': (fanout: number) => below([], fanout),
		'on stage': (fanout: number) => speaker(1, fanout)
	};
	it.each([
		['in the tree', 0, 0],
		['in the tree', 1, 4],
		['in the tree', 3, 6],
		['in the tree', 64, BACKUP_CHILDREN_MAX],
		['on stage', 0, 0],
		['on stage', 3, 4],
		['on stage', 6, 6]
	] as const)('is refused %s with a fan-out of %i after %i others', (where, fanout, places) => {
		const rig = rigs[where](fanout);
		const answers = Array.from({ length: places + 1 }, (_, i) =>
			rig.knock(peer(200 + i), 'backup')
		);
		expect(answers.filter((out) => ofType(out, 'admit').length > 0)).toHaveLength(places);
		const [last] = ofType(answers.at(-1) ?? [], 'refuse');
		expect(last?.refusal.reason).toBe('full');
		expect(rig.tree.links(0).length).toBeLessThanOrEqual(LINKS_MAX);
	});

	it('is given the place of one that has long been silent', () => {
		const rig = below([], 1);
		const others = [200, 201, 202, 203].map(peer);
		for (const other of others) {
			rig.knock(other, 'backup');
			rig.feed({ type: 'opened', peer: other });
		}
		rig.wait(BACKUP_CHILD_SUSPECT_MS + 100, [peer(5), ...others.slice(1)]);
		expect(ofType(rig.knock(peer(7), 'backup'), 'admit')).toHaveLength(1);
	});

	it('keeps its link, and loses it when it needs nothing of us any more', () => {
		const rig = below([]);
		rig.knock(peer(7), 'backup');
		rig.feed({ type: 'opened', peer: peer(7) });
		const both = [peer(5), peer(7)];
		const close = { type: 'close', peer: peer(7) };
		expect(rig.wait(LONG_MS, both)).not.toContainEqual(close);
		rig.say(peer(7), { type: 'stand-down', reason: 'moved', candidates: [] });
		expect(rig.wait(LONG_MS, both)).toContainEqual(close);
	});
});
