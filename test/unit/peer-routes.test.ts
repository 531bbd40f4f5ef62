import { describe, expect, it } from 'vitest';
import {
	createRouteBook,
	noteCaller,
	noteGone,
	noteNamed,
	notePath,
	routesTo,
	TRAIL_MS
} from '#lib/p2p/peer/route-book.ts';
import type { EventId, IntroductionId, PeerId } from '#lib/p2p/wire/ids.ts';
import {
	CONTACTS_MAX,
	NEIGHBOURS_REMEMBERED_MAX,
	ROUTE_PEERS_MAX,
	ROUTED_ALL_RATE,
	ROUTED_RATE,
	ROUTES_MAX
} from '#lib/p2p/wire/limits.ts';
import type { Routed } from '#lib/p2p/wire/routed.ts';
import { lonePeer, ofType, START_MS, told, type LonePeer } from '../lib/lone-peer.ts';
import { host, person, story } from './room-people.ts';

const introduction = 'ab'.repeat(16) as IntroductionId;
const body = Uint8Array.of(7, 7);
const NOTHING = new Uint8Array(0);
const names = (...peers: readonly string[]): PeerId[] => peers as unknown as PeerId[];
const [me, p1, p2, p3, q1, q2, r1, r2, s] = names(
	'me',
	'p1',
	'p2',
	'p3',
	'q1',
	'q2',
	'r1',
	'r2',
	's'
) as [PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, PeerId, PeerId];

/** Below p3, with q2 standing by; the roots of both are linked. */
function inTheTree() {
	const book = createRouteBook();
	notePath(book, p3, [r1, p1, p2, p3]);
	notePath(book, q2, [r2, q1, q2]);
	const position = { me, neighbours: [p3, q2], speakers: [r1, r2, s] };
	return { book, position, to: (target: PeerId) => routesTo(book, target, position, START_MS) };
}

describe('routes', () => {
	it('go up the path to somebody on it, and by the other parent and the roots as well', () => {
		expect(inTheTree().to(p1)).toEqual([
			[me, p3, p2, p1],
			[me, q2, q1, r2, r1, p1]
		]);
	});

	it('go up to a root, and from there to any other speaker', () => {
		expect(inTheTree().to(s)).toEqual([
			[me, q2, q1, r2, s],
			[me, p3, p2, p1, r1, s]
		]);
	});

	it('go to whom a neighbour, or somebody further on, has named', () => {
		const { book, to } = inTheTree();
		noteNamed(book, q1, [{ peer: 'x' as PeerId }], START_MS);
		expect(to('x' as PeerId)[0]).toEqual([me, q2, q1, 'x']);
		noteNamed(book, 'x' as PeerId, [{ peer: 'y' as PeerId }], START_MS);
		expect(to('y' as PeerId)[0]).toEqual([me, q2, q1, 'x', 'y']);
	});

	it('go back to who called us', () => {
		const { book, to } = inTheTree();
		const route = names('c', 'b', 'r2', 'q1', 'q2', 'me');
		noteCaller(book, route, START_MS);
		expect(to('c' as PeerId)[0]).toEqual([...route].reverse());
	});

	it('are not needed to ourselves and to neighbours, and there are none to strangers', () => {
		const { to } = inTheTree();
		expect([to(me), to(p3), to('nobody' as PeerId)]).toEqual([[], [], []]);
	});

	it('never lead through ourselves, nor over anybody twice', () => {
		const { book, to } = inTheTree();
		noteNamed(book, me, [{ peer: 'z' as PeerId }], START_MS);
		expect(to('z' as PeerId)).toEqual([]);
		notePath(book, p3, [r1, p1, p2, p1, p3]);
		for (const target of [r1, r2, s, p1, p2]) {
			for (const route of to(target)) expect(new Set(route).size).toBe(route.length);
		}
	});

	it('are at most so many, each over another neighbour, and none is too long', () => {
		const { book } = inTheTree();
		const near = Array.from({ length: 6 }, (_, i) => `n${i}` as PeerId);
		for (const peer of near) notePath(book, peer, [r1, peer]);
		const position = { me, neighbours: near, speakers: [r1, r2] };
		const routes = routesTo(book, r2, position, START_MS);
		expect(routes).toHaveLength(ROUTES_MAX);
		expect(new Set(routes.map(([, first]) => first)).size).toBe(ROUTES_MAX);
		const deep = Array.from({ length: ROUTE_PEERS_MAX }, (_, i) => `d${i}` as PeerId);
		const last = deep.at(-1) as PeerId;
		notePath(book, last, deep);
		const below = { me, neighbours: [last], speakers: [] };
		expect(routesTo(book, deep[0] as PeerId, below, START_MS)).toEqual([]);
		expect(routesTo(book, deep[1] as PeerId, below, START_MS)[0]).toHaveLength(ROUTE_PEERS_MAX);
	});

	it('forget what was said by who is gone, after a while, and a path that is none at once', () => {
		const { book, position } = inTheTree();
		noteGone(book, p3, START_MS);
		const afterwards = { ...position, neighbours: [q2] };
		expect(routesTo(book, p2, afterwards, START_MS + TRAIL_MS - 1)).toHaveLength(1);
		expect(routesTo(book, p2, afterwards, START_MS + TRAIL_MS)).toEqual([]);
		notePath(book, q2, [r2, q1]);
		expect(routesTo(book, q1, afterwards, START_MS)).toEqual([]);
	});

	it('are made of a bounded memory, whatever others say', () => {
		const book = createRouteBook();
		for (let i = 0; i < 2 * NEIGHBOURS_REMEMBERED_MAX; i++) {
			const peer = `x${i}` as PeerId;
			notePath(book, peer, [r1, peer]);
			noteNamed(book, p1, [{ peer }], START_MS);
			noteCaller(book, [peer, p1, me], START_MS);
		}
		expect(book.paths.size).toBe(NEIGHBOURS_REMEMBERED_MAX);
		expect([book.named.size, book.callers.size]).toEqual([CONTACTS_MAX, CONTACTS_MAX]);
	});
});

const [child, parent, other, far] = [person(5), person(6), person(7), person(8)].map(
	({ peer }) => peer
) as [PeerId, PeerId, PeerId, PeerId];

/** A listener below `parent`, with a child and another neighbour. */
function relay(): LonePeer {
	const lone = lonePeer(4, { fanout: 4 });
	lone.learn(...story().events);
	lone.attachTo(parent, [host.peer, parent]);
	lone.letIn(child, 'parent');
	lone.letIn(other, 'parent');
	return lone;
}

const along = (route: readonly PeerId[], at: number, change: Partial<Routed> = {}): Routed => ({
	type: 'routed',
	route,
	at,
	introduction,
	body,
	...change
});

describe('a peer on the route of an introduction', () => {
	it('passes it on, one for one', () => {
		const lone = relay();
		const route = [child, lone.me.peer, parent, far];
		const out = lone.control(child, along(route, 1));
		expect(told(out)).toEqual([along(route, 2)]);
		expect(told(out, parent)).toHaveLength(1);
	});

	it('says back who cannot be reached, and nothing to that', () => {
		const lone = relay();
		const route = [person(9).peer, child, lone.me.peer, far];
		const out = lone.control(child, along(route, 2));
		const back = [lone.me.peer, child, person(9).peer];
		expect(told(out)).toEqual([along(back, 1, { body: NOTHING })]);
		expect(told(out, child)).toHaveLength(1);
		expect(lone.control(child, along(route, 2, { body: NOTHING }))).toEqual([]);
	});

	it('hands up what ends with it, and knows the way back from then on', () => {
		const lone = relay();
		const route = [far, other, child, lone.me.peer];
		expect(lone.control(child, along(route, 3))).toEqual([
			{ type: 'routed', route, introduction, body }
		]);
		lone.feed({ type: 'closed', peer: parent });
		lone.feed({ type: 'members', contacts: [{ peer: far, addrs: [] }] });
		const asked = ofType(lone.wait(2_000), 'open').find(({ to }) => to.peer === far);
		expect(asked?.routes).toEqual([
			[lone.me.peer, other, far],
			[lone.me.peer, child, other, far]
		]);
	});

	it('drops what names another place, or comes from another neighbour', () => {
		const lone = relay();
		const mine = lone.me.peer;
		for (const message of [
			along([child, parent, mine, far], 1),
			along([child, mine, parent, far], 2),
			along([other, mine, parent, far], 1)
		]) {
			expect(lone.control(child, message)).toEqual([]);
		}
		expect(lone.peer.diagnostics(lone.nowMs).drops.malformed).toBe(3);
	});

	it('lets no neighbour make it send without end, nor all of them together', () => {
		const lone = relay();
		const large = new Uint8Array(15 * 1024);
		const route = [child, lone.me.peer, parent, far];
		let passed = 0;
		for (let i = 0; i < 200; i++) {
			passed += told(lone.control(child, along(route, 1, { body: large })), parent).length;
		}
		expect(passed).toBe(ROUTED_RATE.burst / (16 * 1024));
		expect(lone.peer.diagnostics(lone.nowMs).drops.flood).toBe(200 - passed);
		expect(ROUTED_ALL_RATE.burst).toBeGreaterThanOrEqual(2 * ROUTED_RATE.burst);
	});
});

describe('a peer that sends along a route', () => {
	it('gives it to the first neighbour', () => {
		const lone = relay();
		const route = [lone.me.peer, parent, far];
		const out = lone.feed({ type: 'route', route, introduction, body });
		expect(told(out, parent)).toEqual([along(route, 1)]);
	});

	it('is told at once where that neighbour is none', () => {
		const lone = relay();
		const route = [lone.me.peer, far];
		expect(lone.feed({ type: 'route', route, introduction, body })).toEqual([
			{ type: 'routed', route: [lone.me.peer], introduction, body: NOTHING }
		]);
		expect(lone.feed({ type: 'route', route, introduction, body: NOTHING })).toEqual([]);
	});
});

describe('a peer that wants a link', () => {
	it('says by which routes, for a speaker it was invited to join', () => {
		const told = story();
		told.tell(host, { kind: 'sit', invite: '00'.repeat(16) as EventId, name: host.name });
		const [second, third] = [person(1), person(2)];
		told.seat(second);
		told.seat(third);
		const lone = lonePeer(4);
		lone.learn(...told.events);
		lone.attachTo(parent, [second.peer, person(9).peer, parent]);
		told.seat(lone.me);
		const seated = lone.learn(...told.events);
		const opens = ofType([...seated, ...lone.wait(200)], 'open');
		expect(new Map(opens.map(({ to, routes }) => [to.peer, routes]))).toEqual(
			new Map([
				[host.peer, [[lone.me.peer, parent, person(9).peer, second.peer, host.peer]]],
				[second.peer, [[lone.me.peer, parent, person(9).peer, second.peer]]],
				[third.peer, [[lone.me.peer, parent, person(9).peer, second.peer, third.peer]]]
			])
		);
	});
});
