import { describe, expect, it } from 'vitest';
import type { Wish } from '#lib/p2p/peer/io.ts';
import { HOST_SITS_ALONE_MS, SEAT_ABANDONED_MS } from '#lib/p2p/peer/stage.ts';
import { openEnvelope, seal, SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { encodeKnock } from '#lib/p2p/wire/control.ts';
import { streamOf, type EventId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import { encodeHeartbeat, UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import { lonePeer, ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import { host, nonce, person, room, story, type Signed } from './room-people.ts';

type Outputs = ReturnType<LonePeer['feed']>;

/** What is asked to be signed. */
const drafts = (outputs: Outputs): EventBody[] =>
	ofType(outputs, 'sign').flatMap(({ unsigned }) => {
		const opened = openEnvelope(seal(unsigned, new Uint8Array(SIGNATURE_BYTES)));
		return opened.ok ? [opened.event.body] : [];
	});
const wish = (lone: LonePeer, what: Wish): Outputs => lone.feed({ type: 'wish', wish: what });
const seats = (lone: LonePeer) => lone.peer.view().stage.map((seat) => seat.peer);
const opening = { title: 'Talk', nonce, createdAtMs: 1 };

/** The host on stage, and a log of its events. */
function hostStory() {
	const room = story();
	const sit = room.tell(host, { kind: 'sit', invite: null, name: host.name });
	return { room, sit };
}

/** The host back in a room with `speakers` others on stage, each linked. */
function hostWith(speakers: number) {
	const { room, sit } = hostStory();
	const others = Array.from({ length: speakers }, (_, i) => person(1 + i));
	const sits = others.map((one) => room.seat(one));
	const lone = lonePeer(0);
	lone.learn(...room.events);
	for (const { peer } of others) lone.feed({ type: 'opened', peer });
	return { room, sit, sits, others, lone };
}

/** A listener below the host. */
function listener(...events: readonly Signed[]): LonePeer {
	const lone = lonePeer(100);
	lone.learn(...events);
	lone.attachTo(host.peer, [host.peer]);
	return lone;
}

describe('the host', () => {
	it('opens the room and takes its seat, muted', () => {
		const lone = lonePeer(0, { opening });
		expect(lone.peer.view()).toMatchObject({ title: 'Talk', phase: 'joined', me: { muted: true } });
		expect(seats(lone)).toEqual([host.peer]);
	});

	/** A room that the host has left for others. */
	function roomWithoutHost() {
		const { room, sit } = hostStory();
		room.seat(person(2));
		room.tell(host, { kind: 'stand', sit: sit.id });
		return room;
	}

	const sitting = { kind: 'sit', invite: null, name: host.name };

	it('goes on stage again on return to a room its device remembers', () => {
		const lone = lonePeer(0, { saved: roomWithoutHost().events });
		expect(seats(lone)).toEqual([person(2).peer]);
		expect(drafts(lone.attachTo(person(2).peer, [person(2).peer]))).toEqual([sitting]);
	});

	it('goes on stage after a while where nobody answers, and does what it wishes before', () => {
		const { events } = roomWithoutHost();
		const lone = lonePeer(0, { saved: events });
		expect(drafts(lone.wait(HOST_SITS_ALONE_MS - 500))).toEqual([]);
		const later = lone.wait(1_000);
		expect(drafts(later)).toEqual([sitting]);
		lone.sign(later);
		expect(lone.peer.view()).toMatchObject({ phase: 'joined', me: { muted: true } });
		const early = lonePeer(0, { saved: events });
		expect(drafts(wish(early, { type: 'ask' }))).toEqual([sitting]);
		// What others have to hear of at once waits until there is somebody.
		const alone = lonePeer(0, { saved: events });
		for (const one of [{ type: 'end', words: 'Bye' }, { type: 'lock' }] as const) {
			expect(drafts(wish(alone, one))).toEqual([]);
			expect(alone.peer.view().refusal).toBe('not-joined');
		}
	});

	it('asks itself up where it sat below a speaker who is gone', () => {
		const lone = lonePeer(0, { saved: roomWithoutHost().events });
		lone.sign(lone.attachTo(person(2).peer, [person(2).peer]));
		lone.sign(wish(lone, { type: 'step-down' }));
		lone.feed({ type: 'closed', peer: person(2).peer });
		expect(lone.peer.view().phase).toBe('reconnecting');
		lone.sign(wish(lone, { type: 'ask' }));
		expect(lone.peer.view()).toMatchObject({ phase: 'joined', me: { role: 'host' } });
	});

	it('signs nothing before it has its own events back, or a number would be used twice', () => {
		const { events } = roomWithoutHost();
		const lone = lonePeer(0);
		const attached = lone.attachTo(person(2).peer, [person(2).peer]);
		const complete = lonePeer(100);
		complete.learn(...events);
		const greeting = told(complete.feed({ type: 'opened', peer: host.peer }));
		const summary = greeting.find(({ type }) => type === 'log-summary');
		if (summary !== undefined) lone.control(person(2).peer, summary);
		const early = lone.learn(...events.slice(0, -1));
		expect(drafts([...attached, ...early])).toEqual([]);
		expect(drafts(lone.learn(...events))).toEqual([]);
		lone.control(person(2).peer, { type: 'attached' });
		const path = { type: 'path', path: [person(2).peer], delayMs: 1, roots: [] } as const;
		expect(drafts(lone.control(person(2).peer, path))).toEqual([sitting]);
	});

	it('does not take its seat again after it stepped down', () => {
		const { lone, room } = hostWith(1);
		lone.sign(wish(lone, { type: 'step-down' }));
		expect(seats(lone)).toEqual([person(1).peer]);
		const news = lone.learn(room.tell(person(9), { kind: 'ask', name: 'Ida' }));
		expect(drafts(news)).toEqual([]);
	});

	it('holds the room together on an empty stage, and can go back', () => {
		const { lone } = hostWith(0);
		lone.letIn(person(7).peer, 'parent');
		const down = lone.sign(wish(lone, { type: 'step-down' }));
		expect(told(down, person(7).peer).filter(({ type }) => type === 'path')).toEqual([]);
		expect(lone.peer.view()).toMatchObject({ phase: 'joined', stage: [] });
		lone.sign(wish(lone, { type: 'ask' }));
		expect(seats(lone)).toEqual([host.peer]);
	});

	it('is where everybody looks for the room on an empty stage', () => {
		const { room, sit } = hostStory();
		room.tell(host, { kind: 'stand', sit: sit.id });
		const lone = lonePeer(100);
		lone.learn(...room.events);
		const tried = ofType(lone.wait(1_000), 'open').map(({ to, want }) => [to.peer, want]);
		expect(tried).toEqual([[host.peer, 'parent']]);
	});

	it('says on return that its microphone is closed, should the log say that it is open', () => {
		const { room, sit } = hostStory();
		room.tell(host, { kind: 'mic', sit: sit.id, open: true });
		const lone = lonePeer(0, { saved: room.events });
		lone.feed({ type: 'tick' });
		expect(lone.peer.view().me.muted).toBe(true);
	});
});

describe('a speaker who returns', () => {
	it('is muted, and says so', () => {
		const { room } = hostStory();
		const sit = room.seat(person(2));
		room.tell(person(2), { kind: 'mic', sit: sit.id, open: true });
		const lone = lonePeer(2);
		const out = lone.learn(...room.events);
		expect(drafts(out)).toEqual([{ kind: 'mic', sit: sit.id, open: false }]);
		expect(ofType(out, 'microphone')).toEqual([]);
	});
});

describe('a seat whose speaker has gone without a word', () => {
	it('is freed by the host after a while', () => {
		const { lone, sits, others } = hostWith(2);
		lone.feed({ type: 'closed', peer: person(1).peer });
		const alive = (): Outputs => {
			lone.feed({
				type: 'datagram',
				from: person(2).peer,
				bytes: encodeHeartbeat({ stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED })
			});
			return lone.wait(500);
		};
		const freed: EventBody[] = [];
		for (let atMs = 0; atMs < SEAT_ABANDONED_MS - 500; atMs += 500) freed.push(...drafts(alive()));
		expect(freed).toEqual([]);
		for (let i = 0; i < 3; i++) freed.push(...drafts(alive()));
		expect(freed).toEqual([{ kind: 'unseat', sit: sits[0]?.id }]);
		expect(others).toHaveLength(2);
	});

	it('is kept where the host hears her through a third', () => {
		const { lone, sits } = hostWith(2);
		const [first, second] = [person(1).peer, person(2).peer];
		lone.feed({ type: 'closed', peer: first });
		const freed: EventBody[] = [];
		let seq = 0;
		const live = (forMs: number, heard: boolean): void => {
			for (const endMs = lone.nowMs + forMs; lone.nowMs < endMs;) {
				lone.beat(second);
				if (heard) lone.hear(second, ++seq, streamOf(sits[0]?.id as EventId));
				freed.push(...drafts(lone.wait(200)));
			}
		};
		live(2 * SEAT_ABANDONED_MS, true);
		expect(freed).toEqual([]);
		live(SEAT_ABANDONED_MS + 2_000, false);
		expect(freed).toEqual([{ kind: 'unseat', sit: sits[0]?.id }]);
	});

	/** What the host drafts in that time, linked with all but the first of two; every 20 s `sign` is what there is of her. */
	function withoutLink(lone: LonePeer, forMs: number, sign: (who: PeerId) => void): EventBody[] {
		const [first, second] = [person(1).peer, person(2).peer];
		const freed: EventBody[] = [];
		for (const endMs = lone.nowMs + forMs; lone.nowMs < endMs;) {
			sign(first);
			for (let i = 0; i < 40; i++) {
				lone.beat(second);
				freed.push(...drafts(lone.wait(500)));
			}
		}
		return freed;
	}

	it.each<[string, (lone: LonePeer, who: PeerId) => void]>([
		[
			'knocks',
			(lone, who) => {
				const bytes = encodeKnock({ room, want: 'mesh', fanout: 0 });
				lone.feed({ type: 'knock', ticket: 1, from: who, bytes });
			}
		],
		['answers', (lone, who) => lone.feed({ type: 'failed', peer: who, answered: true })]
	])('is kept while she %s, muted and without a link', (_, sign) => {
		const { lone, sits } = hostWith(2);
		lone.feed({ type: 'closed', peer: person(1).peer });
		const twice = 2 * SEAT_ABANDONED_MS;
		expect(withoutLink(lone, twice, (who) => sign(lone, who))).toEqual([]);
		const freed = withoutLink(lone, twice, () => undefined);
		expect(freed).toContainEqual({ kind: 'unseat', sit: sits[0]?.id });
	});

	it('is freed where knocks at her fail without an answer', () => {
		const { lone, sits } = hostWith(2);
		lone.feed({ type: 'closed', peer: person(1).peer });
		const unanswered = (peer: PeerId) => lone.feed({ type: 'failed', peer, answered: false });
		const freed = withoutLink(lone, 2 * SEAT_ABANDONED_MS, unanswered);
		expect(freed).toContainEqual({ kind: 'unseat', sit: sits[0]?.id });
	});

	it('is kept where the host itself is cut off from everybody', () => {
		const { lone } = hostWith(3);
		for (const number of [1, 2, 3]) lone.feed({ type: 'closed', peer: person(number).peer });
		expect(drafts(lone.wait(2 * SEAT_ABANDONED_MS))).toEqual([]);
	});

	it('does not count against a later seat of the same person', () => {
		const { lone, room, sits } = hostWith(2);
		lone.feed({ type: 'closed', peer: person(1).peer });
		lone.wait(3_000);
		lone.learn(room.tell(person(1), { kind: 'stand', sit: sits[0]?.id as EventId }));
		lone.nowMs += 2 * SEAT_ABANDONED_MS;
		lone.feed({ type: 'opened', peer: person(2).peer });
		lone.learn(room.seat(person(1)));
		expect(drafts(lone.wait(1_000))).toEqual([]);
	});

	it('is not freed by anybody but the host', () => {
		const { room } = hostStory();
		const [one, two] = [person(1), person(2)];
		room.seat(one);
		room.seat(two);
		const lone = lonePeer(1);
		lone.learn(...room.events);
		lone.feed({ type: 'opened', peer: host.peer });
		expect(drafts(lone.wait(2 * SEAT_ABANDONED_MS))).toEqual([]);
	});
});

describe('a wish', () => {
	it('is refused before we are in the room', () => {
		const lone = lonePeer(100);
		expect(wish(lone, { type: 'ask' })).toEqual([{ type: 'view' }]);
		expect(lone.peer.view().refusal).toBe('not-joined');
	});

	it.each<[string, Wish, string]>([
		['to invite, of a listener', { type: 'invite', peer: person(9).peer }, 'no-power'],
		['to mute, of a listener', { type: 'mute' }, 'not-on-stage'],
		['to step down, of a listener', { type: 'step-down' }, 'not-on-stage'],
		[
			'to accept what was never offered',
			{ type: 'accept', invitation: 'ab'.repeat(16) as EventId },
			'not-invited'
		]
	])('%s is refused with the reason', (_, what, reason) => {
		const lone = listener(...hostStory().room.events);
		expect(drafts(wish(lone, what))).toEqual([]);
		expect(lone.peer.view().refusal).toBe(reason);
	});

	it('that is granted clears the reason of the one before', () => {
		const lone = listener(...hostStory().room.events);
		wish(lone, { type: 'mute' });
		expect(drafts(wish(lone, { type: 'ask' }))).toEqual([{ kind: 'ask', name: person(100).name }]);
		expect(lone.peer.view().refusal).toBeNull();
	});

	it('to sit is refused where others were quicker, and we are told', () => {
		const { room } = hostStory();
		const invitation = room.invite(person(100));
		const others = Array.from({ length: SEATS_MAX - 1 }, (_, i) => person(1 + i));
		const lone = listener(...room.events);
		const mine = wish(lone, { type: 'accept', invitation });
		for (const other of others) lone.learn(...room.events.slice(-1), room.seat(other));
		lone.learn(...room.events);
		lone.sign(mine);
		lone.learn(...room.events);
		expect(seats(lone)).toHaveLength(SEATS_MAX);
		expect(seats(lone).includes(person(100).peer)).toBe(lone.peer.view().refusal === null);
	});

	it('to change the fan-out needs no room', () => {
		const lone = lonePeer(100);
		wish(lone, { type: 'fanout', children: 5 });
		expect(lone.peer.diagnostics(lone.nowMs).fanout).toBe(5);
	});

	it('to stand up closes the microphone and asks a speaker for the sound', () => {
		const { room } = hostStory();
		room.seat(person(2));
		const lone = lonePeer(2);
		lone.learn(...room.events);
		lone.feed({ type: 'opened', peer: host.peer });
		lone.sign(wish(lone, { type: 'unmute' }));
		const out = lone.sign(wish(lone, { type: 'step-down' }));
		expect(ofType(out, 'microphone')).toEqual([{ type: 'microphone', open: false }]);
		expect(told(out, host.peer)).toContainEqual({ type: 'attach' });
	});
});

describe('our own events', () => {
	it('are numbered one after the other, also before the first comes back signed', () => {
		const lone = listener(...hostStory().room.events);
		const out = [...wish(lone, { type: 'ask' }), ...wish(lone, { type: 'unask' })];
		const events = ofType(out, 'sign').map(({ unsigned }) => {
			const opened = openEnvelope(seal(unsigned, new Uint8Array(SIGNATURE_BYTES)));
			if (!opened.ok) throw new Error(opened.reason);
			return opened.event;
		});
		expect(events.map(({ sequence }) => sequence)).toEqual([1, 2]);
		expect((events[1]?.lamport ?? 0) - (events[0]?.lamport ?? 0)).toBe(1);
	});

	it('go on after those this device remembers', () => {
		const room = story();
		const saved = [...room.events, room.tell(person(100), { kind: 'ask', name: 'x' })];
		const lone = lonePeer(100, { saved });
		lone.attachTo(host.peer, [host.peer]);
		const [draft] = ofType(wish(lone, { type: 'unask' }), 'sign');
		const opened = draft && openEnvelope(seal(draft.unsigned, new Uint8Array(SIGNATURE_BYTES)));
		expect(opened?.ok === true && opened.event.sequence).toBe(2);
	});
});
