/** Everybody is told when the host's app is gone, and when it is back: by links on stage, by word below. */
import { describe, expect, it } from 'vitest';
import { encodeHeartbeat, UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import { SCOPE_ALL } from '#lib/p2p/wire/act.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { ann, begun, bob, cora, listener, wish } from '../lib/law-room.ts';
import { lonePeer, ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import { host, person } from './room-people.ts';

const AWAY_MS = 6_000;
const child = person(200).peer;

const away = (lone: LonePeer): boolean => lone.peer.view().hostAway;

/** Time goes by while these neighbours live. */
function live(
	lone: LonePeer,
	forMs: number,
	...with_: readonly (typeof child)[]
): ReturnType<LonePeer['feed']> {
	const out: ReturnType<LonePeer['feed']> = [];
	const bytes = encodeHeartbeat({ stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED });
	for (let atMs = 0; atMs < forMs; atMs += 500) {
		for (const from of with_) out.push(...lone.feed({ type: 'datagram', from, bytes }));
		out.push(...lone.wait(500));
	}
	return out;
}

/** Ann, on stage with the host and Bob, linked with both, and with a child. */
function annOnStage() {
	const room = begun();
	room.seat(bob);
	const lone = lonePeer(1, { saved: room.events });
	for (const peer of [host.peer, bob.peer]) lone.feed({ type: 'opened', peer });
	live(lone, 500, host.peer, bob.peer);
	lone.letIn(child, 'parent');
	return { lone, ...room };
}

describe('on stage', () => {
	it('a host is away once it has had no link for some seconds, and is back with its link', () => {
		const { lone } = annOnStage();
		live(lone, AWAY_MS, host.peer, bob.peer, child);
		expect(away(lone)).toBe(false);
		lone.feed({ type: 'closed', peer: host.peer });
		live(lone, AWAY_MS - 500, bob.peer, child);
		expect(away(lone)).toBe(false);
		const out = live(lone, 1_500, bob.peer, child);
		expect(away(lone)).toBe(true);
		expect(told(out, child)).toContainEqual(
			expect.objectContaining({ type: 'presence-down', hostAway: true })
		);
		lone.feed({ type: 'opened', peer: host.peer });
		const back = live(lone, 1_000, host.peer, bob.peer, child);
		expect(away(lone)).toBe(false);
		expect(told(back, child)).toContainEqual(
			expect.objectContaining({ type: 'presence-down', hostAway: false })
		);
	});

	it('a reload is nobody’s news', () => {
		const { lone } = annOnStage();
		lone.feed({ type: 'closed', peer: host.peer });
		live(lone, 4_000, bob.peer, child);
		lone.feed({ type: 'opened', peer: host.peer });
		live(lone, AWAY_MS, host.peer, bob.peer, child);
		expect(away(lone)).toBe(false);
	});

	it('who has lost everybody does not take the host to be away', () => {
		const { lone } = annOnStage();
		for (const peer of [host.peer, bob.peer, child]) lone.feed({ type: 'closed', peer });
		live(lone, 2 * AWAY_MS);
		expect(away(lone)).toBe(false);
	});
});

describe('below the stage', () => {
	const presence = { type: 'presence-down', count: 1, kept: [], here: [] } as const;

	it('it is what the parent says, and goes on to the children', () => {
		const { events } = begun();
		const lone = listener(events);
		lone.letIn(child, 'parent');
		live(lone, 1_000, host.peer, child);
		lone.control(host.peer, { ...presence, hostAway: true });
		const out = live(lone, 500, host.peer, child);
		expect(away(lone)).toBe(true);
		expect(ofType(out, 'view').length).toBeGreaterThan(0);
		expect(told(out, child)).toContainEqual(expect.objectContaining({ hostAway: true }));
		lone.control(host.peer, { ...presence, hostAway: false });
		live(lone, 500, host.peer, child);
		expect(away(lone)).toBe(false);
	});

	it('it is nothing that anybody but the parent says', () => {
		const { events } = begun();
		const lone = listener(events);
		lone.letIn(child, 'parent');
		lone.control(child, { ...presence, hostAway: true });
		live(lone, 500, host.peer, child);
		expect(away(lone)).toBe(false);
	});

	it('it is what the new parent said, though it was not yet our parent', () => {
		const lone = listener(begun().events);
		lone.wait(200);
		lone.backUp(ann.peer, [ann.peer]);
		lone.control(ann.peer, { ...presence, count: 7, hostAway: true });
		live(lone, 200, host.peer, ann.peer);
		expect(away(lone)).toBe(false);
		lone.feed({ type: 'closed', peer: host.peer });
		lone.control(ann.peer, { type: 'attached' });
		live(lone, 200, ann.peer);
		expect(lone.peer.view().listenerCount).toBe(7);
		expect(away(lone)).toBe(true);
	});

	it('a host that was alone on stage is away where no sound comes any more', () => {
		const room = begun();
		room.tell(ann, { kind: 'stand', sit: room.annSit.id });
		const lone = listener(room.events);
		lone.wait(200);
		lone.feed({ type: 'closed', peer: host.peer });
		live(lone, AWAY_MS + 500);
		expect(away(lone)).toBe(true);
	});

	it('a host that has left the stage and is not among the listeners is away', () => {
		const room = begun();
		room.tell(host, { kind: 'stand', sit: room.hostSit.id });
		const lone = lonePeer(100);
		lone.learn(...room.events);
		lone.attachTo(ann.peer, [ann.peer]);
		live(lone, AWAY_MS + 500, ann.peer);
		expect(away(lone)).toBe(true);
		// Of a crowd not everybody is known by name.
		lone.control(ann.peer, { ...presence, hostAway: false, count: 60 });
		live(lone, 500, ann.peer);
		expect(away(lone)).toBe(false);
	});
});

describe('where no sound comes any more', () => {
	/** Cora, in the audience of a host who was alone on stage and is gone, or gone with Ann, who still sits. */
	function orphaned(scope?: number, annSits = false): LonePeer {
		const room = begun();
		if (!annSits) room.tell(ann, { kind: 'stand', sit: room.annSit.id });
		if (scope !== undefined)
			room.tell(host, { kind: 'name-cohost', to: cora.peer, scope, through: 99, untilMs: 0 });
		const lone = listener(room.events, 4);
		lone.wait(200);
		lone.feed({ type: 'closed', peer: host.peer });
		expect(lone.peer.view().phase).toBe('reconnecting');
		return lone;
	}

	it.each([false, true])(
		'a co-host asks itself up, and is on stage, joined (Ann sits: %s)',
		(sits) => {
			const lone = orphaned(undefined, sits);
			lone.sign(wish(lone, { type: 'invite', peer: cora.peer }));
			const invitation = lone.peer.view().me.invitation?.id;
			lone.sign(wish(lone, { type: 'accept', invitation: invitation as EventId }));
			lone.wait(200);
			expect(lone.peer.view()).toMatchObject({ phase: 'joined', me: { role: 'speaker' } });
		}
	);

	it('a co-host does so as well where the host left the stage before it went', () => {
		const room = begun();
		room.tell(ann, { kind: 'stand', sit: room.annSit.id });
		room.tell(host, {
			kind: 'name-cohost',
			to: cora.peer,
			scope: SCOPE_ALL,
			through: 99,
			untilMs: 0
		});
		const lone = listener(room.events, 4);
		lone.wait(200);
		const before = room.events.length;
		room.tell(host, { kind: 'stand', sit: room.hostSit.id });
		lone.learn(...room.events.slice(before));
		live(lone, 500, host.peer);
		lone.control(host.peer, { type: 'bye', candidates: [] });
		lone.feed({ type: 'closed', peer: host.peer });
		live(lone, AWAY_MS + 500);
		expect(away(lone)).toBe(true);
		lone.sign(wish(lone, { type: 'invite', peer: cora.peer }));
		const invitation = lone.peer.view().me.invitation?.id;
		lone.sign(wish(lone, { type: 'accept', invitation: invitation as EventId }));
		lone.wait(200);
		expect(lone.peer.view()).toMatchObject({ phase: 'joined', me: { role: 'speaker' } });
	});

	it('the host is away, though others have seats', () => {
		const lone = orphaned(undefined, true);
		live(lone, AWAY_MS + 500);
		expect(away(lone)).toBe(true);
	});

	it('a co-host writes nothing that nobody would be told', () => {
		const lone = orphaned();
		expect(ofType(wish(lone, { type: 'say', text: 'Hello?' }), 'sign')).toEqual([]);
		expect(lone.peer.view().refusal).toBe('not-joined');
	});

	it('nobody else does anything', () => {
		const lone = orphaned(0);
		wish(lone, { type: 'ask' });
		expect(lone.peer.view().refusal).toBe('not-joined');
	});
});
