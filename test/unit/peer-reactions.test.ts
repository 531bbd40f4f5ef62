import { describe, expect, it } from 'vitest';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import type { ControlMessage } from '#lib/p2p/wire/control.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	REACTION_AUTHOR_RATE,
	REACTION_LATE_MS,
	REACTION_LINK_RATE,
	REACTION_OWN_RATE,
	REACTION_SENDS_RATE
} from '#lib/p2p/wire/limits.ts';
import { ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import { listening, second, speaking } from '../lib/stage.ts';
import { eventBy, host, opening, person, type Person, type Signed } from './room-people.ts';

type Reactions = Extract<ControlMessage, { type: 'reactions' }>;

const reaction = (by: Person, saidMs: number, code = 0): Signed =>
	eventBy(by, { sequence: 0, lamport: saidMs }, { kind: 'react', code });

/** Comes over a link, and its signature holds. */
function hear(lone: LonePeer, from: PeerId, ...events: readonly Signed[]): PeerOutput[] {
	const signed = events.map(({ bytes }) => bytes);
	const out = lone.control(from, { type: 'reactions', counts: [], signed });
	return [...out, ...lone.verify(out)];
}

const counted = (lone: LonePeer, from: PeerId, count: number, code = 0): PeerOutput[] =>
	lone.control(from, { type: 'reactions', counts: [{ code, count }], signed: [] });

const shown = (out: readonly PeerOutput[]) =>
	ofType(out, 'reaction').map(({ by, code, count }) => ({ by: by?.peer ?? null, code, count }));

const toldTo = (out: readonly PeerOutput[], to: PeerId): Reactions[] =>
	told(out, to).filter((message): message is Reactions => message.type === 'reactions');

/** How many reactions a neighbour was told of. */
const sum = (messages: readonly Reactions[]): number =>
	messages.reduce(
		(all, { counts, signed }) =>
			all + signed.length + counts.reduce((one, { count }) => one + count, 0),
		0
	);

const react = (lone: LonePeer): PeerOutput[] =>
	lone.sign(lone.feed({ type: 'wish', wish: { type: 'react', code: 1 } }));

describe('a reaction of our own', () => {
	it('is signed, shown, and told at once to everybody on the tree', () => {
		const { lone, children } = listening();
		const out = react(lone);
		expect(shown(out)).toEqual([{ by: lone.me.peer, code: 1, count: 1 }]);
		for (const to of [host.peer, ...children]) expect(sum(toldTo(out, to))).toBe(1);
		expect(ofType(lone.feed({ type: 'wish', wish: { type: 'react', code: 1 } }), 'sign')).toEqual([
			expect.objectContaining({ gossip: false })
		]);
	});

	it('is let go where there are too many', () => {
		const { lone } = listening();
		const all = Array.from({ length: REACTION_OWN_RATE.burst + 3 }, () => react(lone));
		expect(shown(all.flat())).toHaveLength(REACTION_OWN_RATE.burst);
		lone.wait(1_000 / REACTION_OWN_RATE.perSecond);
		expect(shown(react(lone))).toHaveLength(1);
	});

	it('goes to the other speakers and those below, of whoever is on stage', () => {
		const { lone, child } = speaking();
		const out = react(lone);
		for (const to of [host.peer, second.peer, child]) expect(sum(toldTo(out, to))).toBe(1);
	});

	it('is no event of the log, and nothing that gossip passes on', () => {
		const { lone } = listening();
		const events = lone.peer.envelopes().length;
		react(lone);
		expect(lone.peer.envelopes()).toHaveLength(events);
		expect(lone.peer.judge(reaction(person(9), lone.nowMs))).toBe('ignore');
		const gossiped = reaction(person(9), lone.nowMs);
		expect(lone.feed({ type: 'verified', event: gossiped, from: null })).toEqual([]);
	});
});

describe('a reaction of somebody else', () => {
	it('is shown with its name, and goes to everybody on the tree but who brought it', () => {
		const { lone, children } = listening();
		const [one, other] = children as [PeerId, PeerId];
		const out = hear(lone, one, reaction(person(7), lone.nowMs, 3));
		expect(shown(out)).toEqual([{ by: person(7).peer, code: 3, count: 1 }]);
		expect(sum(toldTo(out, host.peer))).toBe(1);
		expect(sum(toldTo(out, other))).toBe(1);
		expect(sum(toldTo(out, one))).toBe(0);
	});

	it('of those above goes down, and not to other speakers, who have heard it', () => {
		const { lone, child } = speaking();
		const out = hear(lone, host.peer, reaction(person(9), lone.nowMs));
		expect(sum(toldTo(out, child))).toBe(1);
		expect(sum(toldTo(out, second.peer))).toBe(0);
	});

	it('is shown once, whichever ways it comes, and never again', () => {
		const { lone, children } = listening();
		const said = reaction(person(9), lone.nowMs);
		expect(shown(hear(lone, host.peer, said))).toHaveLength(1);
		expect(hear(lone, children[0]!, said)).toEqual([]);
		expect(shown(hear(lone, host.peer, reaction(person(9), lone.nowMs - 1)))).toEqual([]);
	});

	it('is neither shown nor passed on before its signature was checked', () => {
		const { lone, children } = listening();
		const signed = [reaction(person(7), lone.nowMs).bytes];
		const out = lone.control(children[0]!, { type: 'reactions', counts: [], signed });
		expect(out.map(({ type }) => type)).toEqual(['verify']);
		expect(lone.feed({ type: 'forged', from: children[0]! })).toEqual([]);
	});

	it('is dropped when late, and from the future', () => {
		const { lone } = listening();
		for (const offMs of [-1, 1]) {
			const said = reaction(person(9), lone.nowMs + offMs * (REACTION_LATE_MS + 1));
			expect(shown(hear(lone, host.peer, said))).toEqual([]);
		}
		expect(lone.peer.diagnostics(lone.nowMs).reactions.late).toBe(2);
	});

	it('counts without a name where it comes straight from somebody whose clock is wrong', () => {
		const { lone, children } = listening();
		const said = reaction(person(7), lone.nowMs - 3_600_000, 2);
		const out = hear(lone, children[0]!, said);
		expect(shown(out)).toEqual([{ by: null, code: 2, count: 1 }]);
		expect(toldTo(out, host.peer)).toMatchObject([{ counts: [{ code: 2, count: 1 }], signed: [] }]);
	});

	it('is dropped where it is one of too many of one author', () => {
		const { lone } = listening();
		const many = Array.from({ length: 15 }, (_, i) => reaction(person(9), lone.nowMs + i));
		const out = many.flatMap((one) => hear(lone, host.peer, one));
		expect(shown(out)).toHaveLength(REACTION_AUTHOR_RATE.burst);
	});

	it('is dropped where its author is out of the room', () => {
		const { lone, room, children } = listening();
		lone.learn(room.tell(host, { kind: 'remove', who: person(9).peer, block: false }));
		expect(shown(hear(lone, host.peer, reaction(person(9), lone.nowMs)))).toEqual([]);
		expect(shown(hear(lone, children[0]!, reaction(person(9), lone.nowMs)))).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).drops.outcast).toBe(2);
	});

	it('is malformed where it is another event, and unwanted among events', () => {
		const { lone } = listening();
		const wrong = [opening.bytes];
		lone.control(host.peer, { type: 'reactions', counts: [], signed: wrong });
		expect(lone.peer.diagnostics(lone.nowMs).drops.malformed).toBe(1);
		const envelopes = [reaction(person(9), lone.nowMs).bytes];
		expect(lone.control(host.peer, { type: 'events', envelopes })).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).drops.unwanted).toBe(1);
	});

	it('is not taken from who is neither above nor below', () => {
		const { lone } = listening();
		lone.feed({ type: 'opened', peer: person(60).peer });
		expect(shown(hear(lone, person(60).peer, reaction(person(60), lone.nowMs)))).toEqual([]);
	});
});

describe('a crowd of reactions', () => {
	it('is told together: a few at once, the others after a moment', () => {
		const { lone, children } = listening();
		const { burst, perSecond } = REACTION_SENDS_RATE;
		const hearOne = (number: number) => hear(lone, host.peer, reaction(person(number), lone.nowMs));
		const first = Array.from({ length: burst }, (_, i) => hearOne(200 + i)).flat();
		const next = Array.from({ length: 3 }, (_, i) => hearOne(300 + i)).flat();
		expect(toldTo(first, children[0]!)).toHaveLength(burst);
		expect(toldTo(next, children[0]!)).toEqual([]);
		const later = toldTo(lone.wait(1_000 / perSecond + 100), children[0]!);
		expect(later.map(({ signed }) => signed.length)).toEqual([3]);
	});

	it('becomes a count where it would take more than its share of the link, and none is lost or doubled', () => {
		const { lone, children } = listening();
		lone.control(host.peer, {
			type: 'presence-down',
			hostAway: false,
			count: 5_000,
			kept: [],
			here: []
		});
		const out: PeerOutput[] = [];
		let people = 200;
		for (let ms = 0; ms < 10_000; ms += 300) {
			const signed = Array.from({ length: 5 }, () => reaction(person(++people), lone.nowMs));
			out.push(...hear(lone, host.peer, ...signed), ...counted(lone, host.peer, 10));
			out.push(...lone.wait(300));
			lone.beat(host.peer, ...children);
		}
		out.push(...lone.wait(500));
		const messages = toldTo(out, children[0]!);
		const heard = shown(out).reduce((all, { count }) => all + count, 0);
		expect(heard).toBe(34 * 15);
		expect(sum(messages)).toBe(heard);
		const bytes = ofType(out, 'control').filter(({ to }) => to === children[0]);
		const sent = bytes.filter((one) => toldTo([one], children[0]!).length > 0);
		const total = sent.reduce((all, one) => all + one.bytes.length, 0);
		expect(total).toBeLessThan(REACTION_LINK_RATE.burst + 11 * REACTION_LINK_RATE.perSecond);
	});

	it('is believed of as many people as live below who tells it', () => {
		const { lone, children } = listening();
		const [liar] = children as [PeerId];
		lone.control(liar, { type: 'presence-up', count: 1, kept: [], here: [] });
		const once = shown(counted(lone, liar, 60_000)).reduce((all, { count }) => all + count, 0);
		expect(once).toBeLessThanOrEqual(2 * REACTION_OWN_RATE.burst + REACTION_AUTHOR_RATE.burst);
		const later = [1, 2, 3, 4, 5].flatMap(() => {
			lone.beat(liar);
			return [...lone.wait(1_000), ...counted(lone, liar, 60_000)];
		});
		const believed = shown(later).reduce((all, { count }) => all + count, 0);
		expect(believed).toBeLessThanOrEqual(5 * 3);
		const { unbelieved } = lone.peer.diagnostics(lone.nowMs).reactions;
		expect(unbelieved).toBe(6 * 60_000 - once - believed);
	});
});
