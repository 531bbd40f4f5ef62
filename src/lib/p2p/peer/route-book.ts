/**
 * What a peer knows of who is linked with whom, and the routes it makes of that: up its own path, up the paths of
 * its backups, from speaker to speaker, and down to whom somebody has named. What others say may be wrong or old: a
 * route that leads nowhere costs one try.
 */
import { putNewest } from '../wire/bounded.ts';
import type { PeerId } from '../wire/ids.ts';
import {
	CONTACTS_MAX,
	NEIGHBOURS_REMEMBERED_MAX,
	ROUTE_PEERS_MAX,
	ROUTED_ALL_RATE,
	ROUTES_MAX
} from '../wire/limits.ts';
import { fullBucket, type Bucket } from '../wire/rate.ts';

/** What nobody renews is believed for so long: links of a room that loses its seeds seldom last less. */
export const TRAIL_MS = 60_000;

/** Peers of which each was linked with the next, as somebody said. */
interface Trail {
	readonly peers: readonly PeerId[];
	readonly untilMs: number;
}

export interface RouteBook {
	/** Paths by who told them, kept for a while after the link; at most NEIGHBOURS_REMEMBERED_MAX. */
	readonly paths: Map<PeerId, Trail>;
	/** Who named a peer as a place to go, by that peer; at most CONTACTS_MAX. */
	readonly named: Map<PeerId, Trail>;
	/** Routes by which somebody called us, by that peer; at most CONTACTS_MAX. */
	readonly callers: Map<PeerId, Trail>;
	/** What may be passed on, for all neighbours together. */
	readonly rate: Bucket;
	readonly counts: { passedOn: number; unreachable: number };
}

export const createRouteBook = (): RouteBook => ({
	paths: new Map(),
	named: new Map(),
	callers: new Map(),
	rate: fullBucket(ROUTED_ALL_RATE),
	counts: { passedOn: 0, unreachable: 0 }
});

/** `teller` said how the sound comes to it. */
export function notePath(book: RouteBook, teller: PeerId, path: readonly PeerId[]): void {
	book.paths.delete(teller);
	if (path.at(-1) !== teller) return;
	put(book.paths, teller, { peers: path, untilMs: Infinity }, NEIGHBOURS_REMEMBERED_MAX);
}

/** The link with `teller` is gone: what it said of others may still be true. */
export function noteGone(book: RouteBook, teller: PeerId, nowMs: number): void {
	const trail = book.paths.get(teller);
	if (trail === undefined) return;
	const { peers } = trail;
	put(book.paths, teller, { peers, untilMs: nowMs + TRAIL_MS }, NEIGHBOURS_REMEMBERED_MAX);
}

/** `by` sent us to `others`: those it holds links with, mostly. */
export function noteNamed(
	book: RouteBook,
	by: PeerId,
	others: readonly { readonly peer: PeerId }[],
	nowMs: number
): void {
	for (const { peer } of others) {
		put(book.named, peer, { peers: [by, peer], untilMs: nowMs + TRAIL_MS }, CONTACTS_MAX);
	}
}

/** Something came along this route, of which we are the end: the way back may be wanted later. */
export function noteCaller(book: RouteBook, route: readonly PeerId[], nowMs: number): void {
	const [caller] = route;
	if (caller === undefined) return;
	put(book.callers, caller, { peers: route, untilMs: nowMs + TRAIL_MS }, CONTACTS_MAX);
}

function put(trails: Map<PeerId, Trail>, key: PeerId, trail: Trail, max: number): void {
	putNewest(trails, key, trail, max);
}

/** What routes start from. */
export interface Position {
	readonly me: PeerId;
	/** Those we hold an open link with. */
	readonly neighbours: readonly PeerId[];
	/** Linked each with each. */
	readonly speakers: readonly PeerId[];
}

/** At most ROUTES_MAX, the shortest first, each over another neighbour of ours. None to ourselves or a neighbour. */
export function routesTo(
	book: RouteBook,
	target: PeerId,
	{ me, neighbours, speakers }: Position,
	nowMs: number
): PeerId[][] {
	if (target === me || neighbours.includes(target)) return [];
	const onward = waysTo(target, linksOf(book, speakers, nowMs), me);
	const routes = neighbours
		.filter((peer) => onward.has(peer))
		.map((peer) => [me, ...follow(onward, peer)])
		.filter((route) => route.length <= ROUTE_PEERS_MAX);
	return routes.sort((a, b) => a.length - b.length).slice(0, ROUTES_MAX);
}

/** Who is linked with whom, as far as we heard. */
function linksOf(
	{ paths, named, callers }: RouteBook,
	speakers: readonly PeerId[],
	nowMs: number
): Map<PeerId, Set<PeerId>> {
	const links = new Map<PeerId, Set<PeerId>>();
	const connect = (a: PeerId, b: PeerId): void => {
		for (const [from, to] of [[a, b] as const, [b, a] as const]) {
			const known = links.get(from) ?? new Set<PeerId>();
			links.set(from, known.add(to));
		}
	};
	for (const { peers, untilMs } of [...paths.values(), ...callers.values(), ...named.values()]) {
		if (untilMs <= nowMs) continue;
		for (const [i, peer] of peers.slice(1).entries()) connect(peers[i] ?? peer, peer);
	}
	for (const [i, one] of speakers.entries()) {
		for (const other of speakers.slice(i + 1)) connect(one, other);
	}
	return links;
}

/** For each peer from which `target` can be reached without us: who comes next (breadth first from the target). */
function waysTo(
	target: PeerId,
	links: ReadonlyMap<PeerId, ReadonlySet<PeerId>>,
	me: PeerId
): Map<PeerId, PeerId> {
	const next = new Map<PeerId, PeerId>();
	const reached = [target];
	for (const peer of reached) {
		for (const other of links.get(peer) ?? []) {
			if (other === me || other === target || next.has(other)) continue;
			next.set(other, peer);
			reached.push(other);
		}
	}
	return next;
}

function follow(next: ReadonlyMap<PeerId, PeerId>, from: PeerId): PeerId[] {
	const route: PeerId[] = [];
	for (let at: PeerId | undefined = from; at !== undefined; at = next.get(at)) route.push(at);
	return route;
}
