import { describe, expect, it } from 'vitest';
import {
	ATTEMPT_MS,
	BROKEN_OFF_MS,
	FIND_MAX_MS,
	FIND_MIN_MS,
	HEDGE_MS,
	RETRY_FAILED_MS,
	RETRY_REFUSED_MS,
	TRIES
} from '#lib/p2p/tree/timing.ts';
import type { RefusalReason } from '#lib/p2p/wire/control.ts';
import type { TreeOutput } from '#lib/p2p/tree/tree.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { contact, HOST, moved, ofType, open, peer, plant, send, type TreeRig } from './tree-rig.ts';

const find = { type: 'find' };

/** Refuses whatever is under way; what is tried next. */
function refuse(rig: TreeRig, who: number, to: readonly number[], reason: RefusalReason = 'full') {
	const refusal = { reason, candidates: to.map(contact) };
	return rig.feed({ type: 'refused', peer: peer(who), refusal });
}

function searching(...members: readonly number[]): TreeRig {
	const rig = plant();
	rig.feed({ type: 'contacts', contacts: members.map(contact) });
	return rig;
}

describe('looking for a parent', () => {
	it('asks the directory where it knows nobody, and again after growing pauses', () => {
		const rig = plant();
		const askedAt: number[] = [];
		for (let i = 0; i < 600; i++) {
			if (ofType(rig.wait(100), 'find').length > 0) askedAt.push(rig.nowMs);
		}
		const pauses = askedAt.slice(1).map((atMs, i) => atMs - (askedAt[i] ?? 0));
		expect(pauses).toEqual([FIND_MIN_MS, 2_000, 4_000, 8_000, FIND_MAX_MS, FIND_MAX_MS]);
	});

	it('knocks at the first member that is found', () => {
		const rig = plant();
		expect(rig.feed({ type: 'tick' })).toEqual([find]);
		expect(rig.feed({ type: 'contacts', contacts: [contact(5), contact(6)] })).toEqual([open(5)]);
	});

	it('goes where a refusal sends it, and every third time to a place it knows itself', () => {
		const rig = searching(5, 6);
		expect(refuse(rig, 5, [7, 8])).toEqual([open(7)]);
		expect(refuse(rig, 7, [9])).toEqual([open(6)]);
		expect(refuse(rig, 6, [])).toEqual([open(9)]);
	});

	it('starts a second attempt beside one that takes long, and no third', () => {
		const rig = searching(5, 6, 7);
		expect(rig.wait(HEDGE_MS - 100)).toEqual([]);
		expect(rig.wait(100)).toEqual([open(6)]);
		expect(rig.wait(HEDGE_MS)).toEqual([]);
	});

	it('gives up an attempt without an outcome, and leaves that peer alone for a while', () => {
		const rig = searching(5);
		const out = rig.wait(ATTEMPT_MS + 100);
		expect(out).toContainEqual({ type: 'close', peer: peer(5) });
		rig.feed({ type: 'contacts', contacts: [contact(5)] });
		expect(ofType(rig.wait(RETRY_FAILED_MS - 200), 'open')).toEqual([]);
		rig.feed({ type: 'contacts', contacts: [contact(5)] });
		expect(ofType(rig.wait(1_000), 'open')).toEqual([open(5)]);
	});

	it('knocks once more at once where the link broke off while it was made, and then no more', () => {
		const rig = searching(9);
		const broken = { type: 'failed', peer: peer(9), answered: true } as const;
		rig.feed({ type: 'closed', peer: peer(9) });
		expect(ofType(rig.feed(broken), 'open')).toEqual([open(9)]);
		expect(ofType(rig.feed(broken), 'open')).toEqual([]);
		expect(ofType(rig.wait(RETRY_FAILED_MS - 200), 'open')).toEqual([]);
		rig.wait(400);
		rig.feed({ type: 'contacts', contacts: [contact(9)] });
		rig.wait(200);
		expect(ofType(rig.feed(broken), 'open')).toEqual([open(9)]);
	});

	it.each([
		['nobody answered', 0, false],
		['that took long: no way leads there', BROKEN_OFF_MS, true]
	])('does not where %s', (_, afterMs, answered) => {
		const rig = searching(9);
		rig.wait(afterMs);
		const out = rig.feed({ type: 'failed', peer: peer(9), answered });
		expect(ofType(out, 'open')).toEqual([]);
	});

	it('has more patience where one ended so: on a starved machine links open late', () => {
		const rig = searching(5);
		rig.wait(ATTEMPT_MS + 100);
		expect(rig.feed({ type: 'contacts', contacts: [contact(6)] })).toContainEqual(open(6));
		expect(ofType(rig.wait(ATTEMPT_MS + 1_000), 'close')).toEqual([]);
		rig.feed({ type: 'opened', peer: peer(6) });
		rig.say(peer(6), { type: 'attached' });
		expect(rig.tree.parent).toBe(peer(6));
	});

	it('takes the first who says yes, and tells a second one no', () => {
		const rig = searching(5, 6);
		rig.wait(HEDGE_MS);
		rig.feed({ type: 'opened', peer: peer(5) });
		rig.feed({ type: 'opened', peer: peer(6) });
		expect(rig.say(peer(6), { type: 'attached' })).toEqual([]);
		expect(rig.tree.parent).toBe(peer(6));
		expect(rig.say(peer(5), { type: 'attached' })).toEqual([moved(peer(5))]);
		expect(rig.tree.parent).toBe(peer(6));
	});

	it('asks those who misbehaved again where nobody else is left, one after the other', () => {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(5)]);
		rig.feed({ type: 'out', peers: new Set([peer(7)]) });
		rig.feed({ type: 'bad', peer: peer(6) });
		rig.feed({ type: 'bad', peer: peer(5) });
		const tried: PeerId[] = [];
		const fail = (outputs: readonly TreeOutput[]): void => {
			for (const { to } of ofType(outputs, 'open')) {
				tried.push(to.peer);
				fail(rig.feed({ type: 'failed', peer: to.peer }));
			}
		};
		rig.feed({ type: 'failed', peer: HOST });
		fail(rig.wait(900));
		expect(tried).toEqual([]);
		fail(rig.wait(2_000));
		expect(tried).toEqual([peer(6), peer(5)]);
	});

	it('asks them as well where the parent is there, and has no source itself', () => {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(5)]);
		rig.feed({ type: 'stage', peers: [HOST] });
		rig.feed({ type: 'bad', peer: HOST });
		rig.say(peer(5), { type: 'path', path: [], delayMs: 0, roots: [contact(1)] });
		const asked = ofType(rig.wait(12_000, [peer(5)]), 'open').map(({ to }) => to.peer);
		expect(asked).toContain(HOST);
	});

	it('stops knocking elsewhere once it is attached', () => {
		const rig = searching(5, 6);
		rig.wait(HEDGE_MS);
		rig.feed({ type: 'opened', peer: peer(5) });
		expect(rig.say(peer(5), { type: 'attached' })).toEqual([{ type: 'close', peer: peer(6) }]);
	});

	it('asks over a link that is open already, without a knock', () => {
		const rig = plant();
		rig.feed({ type: 'opened', peer: peer(5) });
		const out = rig.feed({ type: 'contacts', contacts: [contact(5)] });
		expect(ofType(out, 'send')).toEqual([send(peer(5), { type: 'attach' })]);
		expect(ofType(out, 'open')).toEqual([]);
	});

	it('asks again over the link that opened, should its knock have lost against theirs', () => {
		const rig = searching(5);
		expect(rig.feed({ type: 'opened', peer: peer(5) })).toEqual([
			send(peer(5), { type: 'attach' })
		]);
	});

	it('never takes a child of its own for a parent', () => {
		const rig = plant();
		rig.attach(HOST, [HOST]);
		rig.adopt(peer(7));
		rig.feed({ type: 'closed', peer: HOST });
		rig.feed({ type: 'contacts', contacts: [contact(7)] });
		const out = rig.wait(5_000, [peer(7)]);
		expect(out.filter((output) => 'to' in output && output.to === peer(7))).toEqual([]);
		expect(ofType(out, 'open').map(({ to }) => to.peer)).not.toContain(peer(7));
	});

	it('ends all attempts when it leaves', () => {
		const rig = searching(5, 6);
		rig.wait(HEDGE_MS);
		const out = rig.feed({ type: 'leave' });
		expect(out).toEqual([
			{ type: 'close', peer: peer(5) },
			{ type: 'close', peer: peer(6) }
		]);
		expect(rig.wait(60_000)).toEqual([]);
	});
});

describe('a search that others lead astray', () => {
	/** Whom it tries in `forMs`, where everybody refuses and sends it on to two more. */
	function triedAmongLiars(members: readonly number[], forMs: number): PeerId[] {
		const rig = plant();
		const tried: PeerId[] = [];
		const liars = Array.from({ length: 200 }, (_, i) => contact(200 + i));
		const refuseAll = (outputs: readonly TreeOutput[]): void => {
			for (const { to } of ofType(outputs, 'open')) {
				tried.push(to.peer);
				const refusal = { reason: 'full' as const, candidates: liars.splice(0, 2) };
				refuseAll(rig.feed({ type: 'refused', peer: to.peer, refusal }));
			}
		};
		refuseAll(rig.feed({ type: 'contacts', contacts: members.map(contact) }));
		for (let leftMs = forMs; leftMs > 0; leftMs -= 100) refuseAll(rig.wait(100));
		return tried;
	}

	it('comes back to those it knows, however long refusals send it on', () => {
		const tried = triedAmongLiars([5, 6], 30_000);
		const known = tried.filter((one) => one === peer(5) || one === peer(6));
		expect(known.length).toBeGreaterThan(8);
	});

	it('tries no more than a burst and then one a second', () => {
		const tried = triedAmongLiars([5], 30_000);
		expect(tried.length).toBeGreaterThan(TRIES.burst);
		expect(tried.length).toBeLessThanOrEqual(TRIES.burst + 30 * TRIES.perSecond);
	});

	it('asks those it is linked with when no try is left, for that costs nothing but a message', () => {
		const rig = plant();
		rig.attach(HOST, [HOST]);
		const friend = peer(60);
		rig.knock(friend, 'backup');
		rig.feed({ type: 'opened', peer: friend });
		let asked = ofType(rig.feed({ type: 'closed', peer: HOST }), 'open');
		for (let next = 200; asked.length > 0; next++) {
			const refusal = { reason: 'full' as const, candidates: [contact(next)] };
			asked = asked.flatMap(({ to }) =>
				ofType(rig.feed({ type: 'refused', peer: to.peer, refusal }), 'open')
			);
		}
		const named = rig.feed({ type: 'contacts', contacts: [contact(61), contact(60)] });
		expect(named).toContainEqual(send(friend, { type: 'attach' }));
		expect(ofType(named, 'open')).toEqual([]);
	});

	it('forgets who cannot be reached', () => {
		const rig = searching(5);
		rig.feed({ type: 'failed', peer: peer(5) });
		expect(ofType(rig.wait(30_000), 'open')).toEqual([]);
	});

	it('forgets who says that it is in another room', () => {
		const rig = searching(5);
		refuse(rig, 5, [], 'other-room');
		expect(ofType(rig.wait(30_000), 'open')).toEqual([]);
	});

	it('keeps trying those who were full, without the directory', () => {
		const rig = searching(5);
		refuse(rig, 5, []);
		const out = rig.wait(RETRY_REFUSED_MS + 1_000);
		expect(ofType(out, 'open')).toEqual([open(5)]);
	});

	it('takes the word of a peer itself on where it listens before that of others', () => {
		const rig = plant();
		rig.attach(HOST, [HOST]);
		rig.feed({ type: 'contact', contact: contact(5) });
		rig.feed({ type: 'contacts', contacts: [{ peer: peer(5), addrs: ['/nowhere'] }] });
		rig.feed({ type: 'closed', peer: HOST });
		expect(ofType(rig.wait(HEDGE_MS + 100), 'open')).toEqual([open(5)]);
	});

	it('believes others again where that word turned out old', () => {
		const rig = plant();
		rig.feed({ type: 'contact', contact: contact(5) });
		rig.wait(100);
		rig.feed({ type: 'failed', peer: peer(5) });
		rig.wait(RETRY_FAILED_MS);
		const news = { peer: peer(5), addrs: ['/elsewhere'] };
		const out = rig.feed({ type: 'contacts', contacts: [news] });
		expect(ofType(out, 'open').map(({ to }) => to)).toEqual([news]);
	});

	it('takes nobody who was not asked, and no refusal of one either', () => {
		const rig = plant();
		rig.feed({ type: 'opened', peer: peer(5) });
		expect(rig.say(peer(5), { type: 'attached' })).toContainEqual(moved(peer(5)));
		rig.say(peer(5), { type: 'detach', reason: 'full', candidates: [contact(6)] });
		expect(ofType(rig.wait(1_000), 'open')).toEqual([]);
		expect(rig.tree.parent).toBeNull();
	});

	it('does not ask the directory for every parent that takes it and lets it go', () => {
		const rig = plant();
		let finds = ofType(rig.wait(100), 'find').length;
		for (let i = 200; i < 215; i++) {
			rig.feed({ type: 'contacts', contacts: [contact(i)] });
			rig.feed({ type: 'opened', peer: peer(i) });
			rig.say(peer(i), { type: 'attached' });
			finds += ofType(rig.say(peer(i), { type: 'bye', candidates: [] }), 'find').length;
			finds += ofType(rig.wait(100), 'find').length;
		}
		expect(finds).toBeLessThanOrEqual(3);
	});
});
