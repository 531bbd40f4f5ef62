import { describe, expect, it } from 'vitest';
import { SUMMARY_INTERVAL_MS } from '#lib/p2p/peer/sync.ts';
import type { ControlMessage } from '#lib/p2p/wire/control.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import {
	CONTROL_BYTES_MAX,
	EVENTS_PER_MESSAGE_MAX,
	EVENTS_RATE,
	LISTS_RATE,
	UNWANTED_IDS_MAX,
	VERIFYING_MAX
} from '#lib/p2p/wire/limits.ts';
import { lonePeer, ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import { eventBy, host, opening, otherRoom, person, story, type Signed } from './room-people.ts';

const neighbour = person(7).peer;
const other = person(8).peer;

/** A listener below the host that knows `events`, with two more neighbours. */
function member(...events: readonly Signed[]): LonePeer {
	const lone = lonePeer(100);
	lone.learn(...events);
	lone.attachTo(host.peer, [host.peer]);
	lone.letIn(neighbour, 'parent');
	lone.letIn(other, 'parent');
	return lone;
}

const summaryOf = (lone: LonePeer): ControlMessage => {
	const [summary] = told(lone.feed({ type: 'opened', peer: person(60).peer })).filter(
		(message) => message.type === 'log-summary'
	);
	if (summary === undefined) throw new Error('It told no summary.');
	return summary;
};

const envelopes = (outputs: Parameters<typeof told>[0]): Uint8Array[] =>
	told(outputs).flatMap((message) => (message.type === 'events' ? message.envelopes : []));
const bytesOf = (events: readonly Signed[]): Uint8Array[] => events.map((event) => event.bytes);
const drops = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).drops;

describe('a new event', () => {
	it('is passed on to all neighbours but the one it came from', () => {
		const room = story();
		const lone = member(...room.events);
		const ask = room.tell(person(9), { kind: 'ask', name: 'Ida' });
		const checked = lone.control(neighbour, { type: 'events', envelopes: [ask.bytes] });
		expect(checked).toEqual([{ type: 'verify', envelope: ask.bytes, from: neighbour }]);
		const out = lone.verify(checked);
		for (const to of [host.peer, other]) {
			expect(told(out, to)).toEqual([{ type: 'events', envelopes: [ask.bytes] }]);
		}
		expect(told(out, neighbour)).toEqual([]);
	});

	it('is neither checked nor passed on a second time', () => {
		const room = story();
		const ask = room.tell(person(9), { kind: 'ask', name: 'Ida' });
		const lone = member(...room.events);
		expect(lone.control(neighbour, { type: 'events', envelopes: [ask.bytes] })).toEqual([]);
		expect(told(lone.learn(ask))).toEqual([]);
	});

	it('of another room, or that is none, is dropped and counted', () => {
		const lone = member(opening);
		const place = { sequence: 1, lamport: 2, room: otherRoom };
		const foreign = eventBy(person(9), place, { kind: 'ask', name: 'Ida' });
		const list = [foreign.bytes, new Uint8Array(200), new Uint8Array(0)];
		expect(lone.control(neighbour, { type: 'events', envelopes: list })).toEqual([]);
		expect(drops(lone).malformed).toBe(3);
	});

	it('whose signature was wrong is counted, and nothing else', () => {
		const lone = member(opening);
		expect(lone.feed({ type: 'forged', from: neighbour })).toEqual([]);
		expect(drops(lone).forged).toBe(1);
	});

	it('that came too early comes in with what it stands on', () => {
		const room = story();
		const sit = room.seat(person(9));
		const invite = room.events.at(-2) as Signed;
		const lone = member(opening);
		lone.learn(sit);
		expect(lone.peer.view().stage).toEqual([]);
		lone.learn(invite);
		expect(lone.peer.view().stage.map((seat) => seat.peer)).toEqual([person(9).peer]);
	});
});

describe('summaries', () => {
	it('go to every neighbour on opening, and every two seconds', () => {
		const lone = member(opening);
		expect(summaryOf(lone)).toMatchObject({ summary: { count: 1 } });
		const out = lone.wait(2 * SUMMARY_INTERVAL_MS);
		const sent = told(out, neighbour).filter((message) => message.type === 'log-summary');
		expect(sent.length).toBe(2);
	});

	it('that are equal end there', () => {
		const lone = member(opening);
		expect(lone.control(neighbour, summaryOf(lone))).toEqual([]);
	});

	it('that differ are answered with the ids we have', () => {
		const room = story();
		room.invite(person(9));
		const lone = member(...room.events);
		const summary = { count: 1, xor: '00'.repeat(8) };
		const out = lone.control(neighbour, { type: 'log-summary', summary });
		const [answer] = told(out, neighbour);
		expect(answer?.type === 'log-ids' && [...answer.ids].sort()).toEqual(
			room.events.map((event) => event.id).sort()
		);
	});

	it('of nothing are answered with all we have, at once', () => {
		const room = story();
		room.seat(person(9));
		const lone = member(...room.events);
		const summary = { count: 0, xor: '00'.repeat(8) };
		const out = lone.control(neighbour, { type: 'log-summary', summary });
		expect(envelopes(out)).toEqual(bytesOf(room.events));
	});
});

describe('who has missed thirty seconds of events', () => {
	const [MISSED_MS, LATE_MAX_MS] = [30_000, 2_000];

	/** Both go on for that long; what each says to the other arrives where `arrives`. */
	function pass([above, below]: readonly [LonePeer, LonePeer], ms: number, arrives: boolean): void {
		const hear = (lone: LonePeer, from: LonePeer, outputs: ReturnType<LonePeer['feed']>): void => {
			for (const message of told(outputs, lone.me.peer)) {
				const out = lone.control(from.me.peer, message);
				hear(from, lone, [...out, ...lone.verify(out)]);
			}
		};
		for (let gone = 0; gone < ms; gone += 100) {
			const outputs = [above, below].map((lone) => lone.wait(100));
			above.beat(below.me.peer);
			below.beat(above.me.peer);
			if (!arrives) continue;
			hear(below, above, outputs[0] ?? []);
			hear(above, below, outputs[1] ?? []);
		}
	}

	const logOf = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).log;

	it('holds the same room as its neighbours two seconds later', () => {
		const room = story();
		const [above, below] = [lonePeer(100), lonePeer(101)];
		for (const one of [above, below]) one.learn(...room.events);
		above.attachTo(host.peer, [host.peer]);
		above.letIn(below.me.peer, 'parent');
		below.attachTo(above.me.peer, [host.peer, above.me.peer]);
		pass([above, below], 1_000, true);
		for (let i = 0; i < 30; i++) {
			above.learn(room.tell(person(10 + i), { kind: 'ask', name: `Guest ${i}` }));
			above.learn(room.tell(host, { kind: 'invite', to: person(10 + i).peer }));
			above.beat(host.peer);
			pass([above, below], MISSED_MS / 30, false);
		}
		expect(logOf(below).events).toBe(1);
		above.beat(host.peer);
		pass([above, below], LATE_MAX_MS, true);
		expect(logOf(below)).toEqual(logOf(above));
		expect(logOf(below).events).toBe(61);
	});
});

describe('a list of ids', () => {
	it('is answered with what is missing there, and ours where something is missing here', () => {
		const room = story();
		const invite = room.invite(person(9));
		const lone = member(...room.events);
		const theirs = [opening.id, 'ab'.repeat(16) as EventId];
		const out = lone.control(neighbour, { type: 'log-ids', ids: theirs });
		const [first, second, ...rest] = told(out, neighbour);
		expect(first).toEqual({ type: 'events', envelopes: [room.events[1]?.bytes] });
		expect(second?.type === 'log-ids' && second.ids).toContain(invite);
		expect(rest).toEqual([]);
	});

	it('is answered with a list of ours at most twice a second', () => {
		const lone = member(opening);
		const ask = () =>
			told(lone.control(neighbour, { type: 'log-ids', ids: ['ab'.repeat(16) as EventId] }));
		const lists = () => ask().filter((message) => message.type === 'log-ids').length;
		expect([lists(), lists()]).toEqual([1, 0]);
		lone.nowMs += 500;
		expect(lists()).toBe(1);
	});

	it('does not make us ask again for what our log would not take', () => {
		const room = story();
		const lone = member(...room.events);
		const unwanted = eventBy(person(9), { sequence: 1, lamport: 2 }, { kind: 'end', words: 'x' });
		lone.learn(unwanted);
		expect(drops(lone).unwanted).toBe(1);
		const ids = [opening.id, unwanted.id];
		expect(lone.control(neighbour, { type: 'log-ids', ids })).toEqual([]);
		expect(lone.control(neighbour, { type: 'events', envelopes: [unwanted.bytes] })).toEqual([]);
	});

	it('remembers a bounded number of those', () => {
		const lone = member(opening);
		for (let sequence = 1; sequence <= 2 * UNWANTED_IDS_MAX; sequence++) {
			const body = { kind: 'end', words: 'x' } as const;
			lone.learn(eventBy(person(9), { sequence, lamport: 2 }, body));
		}
		const [answer] = told(
			lone.control(neighbour, { type: 'log-summary', summary: { count: 9, xor: '00'.repeat(8) } })
		);
		expect(answer?.type === 'log-ids' && answer.ids.length).toBe(UNWANTED_IDS_MAX + 1);
	});

	it('of nothing brings the whole log in messages that can be read', () => {
		const room = story();
		for (let i = 0; i < 150; i++) room.tell(person(20 + i), { kind: 'ask', name: 'x'.repeat(60) });
		const lone = member(...room.events);
		const out = lone.control(neighbour, { type: 'log-ids', ids: [] });
		expect(envelopes(out)).toHaveLength(151);
		for (const { bytes } of ofType(out, 'control')) {
			expect(bytes.length).toBeLessThanOrEqual(CONTROL_BYTES_MAX);
		}
		for (const message of told(out)) {
			expect(message.type === 'events' && message.envelopes.length).toBeLessThanOrEqual(
				EVENTS_PER_MESSAGE_MAX
			);
		}
	});
});

describe('a neighbour that asks without end', () => {
	it('is answered as often as honest ones ask, and then ignored and counted', () => {
		const lone = member(opening);
		let answers = 0;
		for (let i = 0; i < 1_000; i++) {
			answers += lone.control(neighbour, { type: 'log-ids', ids: [] }).length;
			lone.nowMs += 10;
		}
		expect(answers).toBeLessThanOrEqual(LISTS_RATE.burst + 10 * LISTS_RATE.perSecond + 1);
		expect(drops(lone).flood).toBe(1_000 - answers);
	});

	it('gets no more by closing the link and coming back', () => {
		const lone = member(opening);
		const flood = (): number => {
			let answers = 0;
			for (let i = 0; i < 100; i++) {
				answers += lone.control(neighbour, { type: 'log-ids', ids: [] }).length;
			}
			return answers;
		};
		expect(flood()).toBe(LISTS_RATE.burst);
		lone.feed({ type: 'closed', peer: neighbour });
		lone.letIn(neighbour, 'parent');
		expect(flood()).toBe(0);
	});

	it('is sent the log a few times by empty summaries, and then as slowly as a lively room grows', () => {
		const room = story();
		for (let i = 0; i < 400; i++) room.tell(person(20 + i), { kind: 'ask', name: 'Ida' });
		const lone = member(...room.events);
		const summary = { count: 0, xor: '00'.repeat(8) };
		let sent = 0;
		for (let i = 0; i < 300; i++) {
			lone.nowMs += 100;
			sent += envelopes(lone.control(neighbour, { type: 'log-summary', summary })).length;
		}
		expect(sent).toBeLessThanOrEqual(EVENTS_RATE.burst + 30 * EVENTS_RATE.perSecond);
	});

	it('does not keep others from being answered', () => {
		const lone = member(opening);
		for (let i = 0; i < 1_000; i++) lone.control(neighbour, { type: 'log-ids', ids: [] });
		expect(envelopes(lone.control(other, { type: 'log-ids', ids: [] }))).toHaveLength(1);
	});

	it('has its events checked up to a bound, and the rest later', () => {
		const lone = member(opening);
		const flood = Array.from({ length: EVENTS_RATE.burst + 100 }, (_, i) =>
			eventBy(person(1000 + i), { sequence: 1, lamport: 2 }, { kind: 'ask', name: 'x' })
		);
		let checks = 0;
		for (let at = 0; at < flood.length; at += EVENTS_PER_MESSAGE_MAX) {
			const list = bytesOf(flood.slice(at, at + EVENTS_PER_MESSAGE_MAX));
			checks += lone.control(neighbour, { type: 'events', envelopes: list }).length;
		}
		expect(checks).toBe(VERIFYING_MAX);
		expect(drops(lone).overload).toBeGreaterThan(0);
		expect(drops(lone).flood).toBeGreaterThan(0);
	});

	it('is not made room for by what gossip brings meanwhile', () => {
		const room = story();
		const lone = member(opening);
		const list = Array.from({ length: VERIFYING_MAX }, (_, i) =>
			eventBy(person(1000 + i), { sequence: 1, lamport: 2 }, { kind: 'ask', name: 'x' })
		);
		for (let at = 0; at < list.length; at += EVENTS_PER_MESSAGE_MAX) {
			const few = bytesOf(list.slice(at, at + EVENTS_PER_MESSAGE_MAX));
			lone.control(neighbour, { type: 'events', envelopes: few });
		}
		lone.learn(room.tell(person(9), { kind: 'ask', name: 'Ida' }));
		const more = eventBy(person(9), { sequence: 2, lamport: 2 }, { kind: 'unask' });
		expect(lone.control(other, { type: 'events', envelopes: [more.bytes] })).toEqual([]);
	});
});

describe('a message that overtakes the news of its link', () => {
	it('is heard', () => {
		const lone = lonePeer(100);
		lone.feed({ type: 'members', contacts: [{ peer: neighbour, addrs: [] }] });
		const summary = { count: 3, xor: '00'.repeat(8) };
		const out = lone.control(neighbour, { type: 'log-summary', summary });
		expect(told(out)).toEqual([{ type: 'log-ids', ids: [] }]);
	});
});

describe('a message of somebody without a link', () => {
	it('is dropped and counted', () => {
		const lone = member(opening);
		expect(lone.control(person(50).peer, { type: 'log-ids', ids: [] })).toEqual([]);
		expect(drops(lone).stranger).toBe(1);
	});
});
