/**
 * Introductions over the room's own links: what neighbours bring is passed on along its route, one out for one in,
 * or handed up where we are the end of it. Who cannot be reached is said back to the source.
 */
import type { PeerId } from '../wire/ids.ts';
import { ROUTED_ALL_RATE } from '../wire/limits.ts';
import { take } from '../wire/rate.ts';
import type { Passage, Routed } from '../wire/routed.ts';
import type { PeerOutput } from './io.ts';
import { noteCaller, routesTo } from './route-book.ts';
import { neighbours, send, type PeerState } from './state.ts';

const NOTHING = new Uint8Array(0);
/** A message costs so much beside its body: its route, and a signature to be checked. */
const MESSAGE_COST_BYTES = 1024;

export const routedCost = ({ body }: Routed): number => MESSAGE_COST_BYTES + body.length;

/** A neighbour brings something that is for us, or for somebody further on. */
export function onRouted(
	peer: PeerState,
	from: PeerId,
	message: Routed,
	nowMs: number
): PeerOutput[] {
	const { route, at, introduction, body } = message;
	if (route[at] !== peer.options.me || route[at - 1] !== from) {
		peer.drops.malformed++;
		return [];
	}
	const next = route[at + 1];
	if (next === undefined) {
		if (body.length > 0) noteCaller(peer.routes, route, nowMs);
		// The bytes may be a view of much more, and go to another thread.
		return [{ type: 'routed', route, introduction, body: body.slice() }];
	}
	if (mayPassOn(peer, message, next, nowMs)) {
		peer.routes.counts.passedOn++;
		return [send(peer, next, { ...message, at: at + 1 })];
	}
	peer.routes.counts.unreachable++;
	if (body.length === 0) return [];
	const back = route.slice(0, at + 1).reverse();
	return [send(peer, from, { type: 'routed', route: back, at: 1, introduction, body: NOTHING })];
}

function mayPassOn(peer: PeerState, message: Routed, next: PeerId, nowMs: number): boolean {
	if (!neighbours(peer, nowMs).includes(next)) return false;
	if (take(peer.routes.rate, ROUTED_ALL_RATE, routedCost(message), nowMs)) return true;
	peer.drops.flood++;
	return false;
}

/** Something of ours goes out along a route that begins with us. */
export function onRoute(
	peer: PeerState,
	{ route, introduction, body }: Passage,
	nowMs: number
): PeerOutput[] {
	const [me, first] = route;
	if (peer.left || me === undefined) return [];
	if (first !== undefined && neighbours(peer, nowMs).includes(first)) {
		return [send(peer, first, { type: 'routed', route, at: 1, introduction, body })];
	}
	return body.length === 0 ? [] : [{ type: 'routed', route: [me], introduction, body: NOTHING }];
}

/** Tells with each link that is wanted by which routes its other end can be called. */
export function withRoutes(peer: PeerState, outputs: PeerOutput[], nowMs: number): PeerOutput[] {
	if (!outputs.some((output) => output.type === 'open')) return outputs;
	const position = {
		me: peer.options.me,
		neighbours: neighbours(peer, nowMs),
		speakers: peer.roots
	};
	return outputs.map((output) => {
		if (output.type !== 'open') return output;
		const routes = routesTo(peer.routes, output.to.peer, position, nowMs);
		return routes.length === 0 ? output : { ...output, routes };
	});
}
