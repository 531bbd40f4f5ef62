/** Co-hosts for a time, by the clocks of the host's app and of their own. */
import { describe, expect, it } from 'vitest';
import { SCOPE_ALL } from '#lib/p2p/wire/act.ts';
import { begun, bob, cora, drafts, eve, listener, wish } from '../lib/law-room.ts';
import { lonePeer, ofType, START_MS } from '../lib/lone-peer.ts';
import { host, type Signed } from './room-people.ts';

const HOUR_MS = 3_600_000;

/** Bob, who listens, is a co-host for an hour; Cora is one without an end. */
function forAnHour() {
	const told = begun();
	told.tell(host, {
		kind: 'name-cohost',
		to: bob.peer,
		scope: SCOPE_ALL,
		through: 200,
		untilMs: START_MS + HOUR_MS
	});
	return told;
}

const chair = (events: readonly Signed[]) => lonePeer(0, { saved: events });

describe("a co-host's time", () => {
	it('is set by the host, and told to everybody', () => {
		const { events } = begun();
		const lone = chair(events);
		const out = wish(lone, {
			type: 'name-cohost',
			peer: bob.peer,
			powers: ['sound'],
			events: 200,
			lastsMs: HOUR_MS
		});
		const untilMs = START_MS + HOUR_MS;
		expect(drafts(out)).toEqual([
			{ kind: 'name-cohost', to: bob.peer, scope: 2, through: 200, untilMs }
		]);
		lone.sign(out);
		const times = lone.peer.view().cohosts.map((one) => [one.peer, one.untilMs]);
		expect(times).toEqual([
			[cora.peer, null],
			[bob.peer, untilMs]
		]);
	});

	it('ends by the app of the host, once, and what was done until then stays', () => {
		const { events, tell } = forAnHour();
		const pinned = tell(bob, { kind: 'pin', text: 'Hello', link: '' });
		const lone = chair(events);
		lone.nowMs = START_MS + HOUR_MS - 1_000;
		expect(drafts(lone.wait(900))).toEqual([]);
		const out = lone.wait(200);
		expect(drafts(out)).toEqual([{ kind: 'unname-cohost', who: bob.peer, seen: pinned.sequence }]);
		// It takes a moment to be signed, and is not said twice.
		expect(drafts(lone.wait(300))).toEqual([]);
		lone.sign(out);
		expect(drafts(lone.wait(300))).toEqual([]);
		const view = lone.peer.view();
		expect(view.cohosts.map(({ peer }) => peer)).toEqual([cora.peer]);
		expect(view.pins).toHaveLength(1);
	});

	it('that was over before the host came back ends then', () => {
		const { events } = forAnHour();
		const lone = chair(events);
		lone.nowMs = START_MS + 2 * HOUR_MS;
		expect(drafts(lone.wait(100))).toMatchObject([{ kind: 'unname-cohost', who: bob.peer }]);
	});

	it('ends in its own app as well, whether or not the host is there', () => {
		const { events } = forAnHour();
		const lone = listener(events, 2);
		lone.nowMs = START_MS + HOUR_MS - 1_000;
		lone.wait(900);
		expect(lone.peer.view().me.powers).toHaveLength(4);
		expect(ofType(lone.wait(200), 'view')).not.toEqual([]);
		const { me, cohosts } = lone.peer.view();
		expect(me.powers).toEqual([]);
		// The law goes by no clock: a co-host it is until the host says otherwise.
		expect(cohosts.map(({ peer }) => peer)).toContain(bob.peer);
		const out = wish(lone, { type: 'remove', peer: eve.peer, block: false });
		expect(drafts(out)).toEqual([]);
		expect(lone.peer.view().refusal).toBe('expired');
	});

	it('begins anew where the host names it again', () => {
		const { events } = forAnHour();
		const lone = chair(events);
		lone.nowMs = START_MS + HOUR_MS;
		lone.sign(lone.wait(100));
		const untilMs = lone.nowMs + HOUR_MS;
		const powers = ['room'] as const;
		lone.sign(wish(lone, { type: 'name-cohost', peer: bob.peer, powers, lastsMs: HOUR_MS }));
		expect(drafts(lone.wait(1_000))).toEqual([]);
		lone.nowMs = untilMs;
		expect(drafts(lone.wait(100))).toMatchObject([{ kind: 'unname-cohost', who: bob.peer }]);
	});

	it('is nobody else’s business', () => {
		const { events } = forAnHour();
		const lone = listener(events, 4);
		lone.nowMs = START_MS + 2 * HOUR_MS;
		expect(drafts(lone.wait(1_000))).toEqual([]);
		expect(lone.peer.view().me.powers).toHaveLength(4);
	});
});
