/**
 * Whether the host is there. A seat outlives its holder's connection, so the law cannot tell; those on stage see it
 * by their links and tell those below, with the count of listeners.
 */
import type { PeerOutput } from './io.ts';
import { isHost, isJoined, mySeat, neighbours, positionOf, type PeerState } from './state.ts';
import { powersOf } from './view-of-law.ts';

/** A page that is reloaded is back in three or four seconds, which is nobody's news. */
const HOST_AWAY_MS = 6_000;

/** To be called with every tick. */
export function lookForHost(peer: PeerState, nowMs: number): PeerOutput[] {
	const { host } = peer;
	const before = host.away;
	if (!isMissing(peer, nowMs)) host.missingSinceMs = null;
	else host.missingSinceMs ??= nowMs;
	const long = host.missingSinceMs !== null && nowMs - host.missingSinceMs >= HOST_AWAY_MS;
	// What is told was waited for above.
	const { parent } = peer.tree;
	host.away = isBelow(peer) && hasSeat(peer) ? parent !== null && host.saidAway.has(parent) : long;
	return host.away === before ? [] : [{ type: 'view' }];
}

/** Somebody above us knows better. */
const isBelow = (peer: PeerState): boolean =>
	mySeat(peer) === undefined && peer.tree.parent !== null && isJoined(peer);

const hasSeat = ({ room }: PeerState): boolean =>
	room.seats.some((seat) => seat.peer === room.opened?.host);

function isMissing(peer: PeerState, nowMs: number): boolean {
	const { opened, seats } = peer.room;
	if (opened === null || isHost(peer) || !peer.wasJoined) return false;
	if (mySeat(peer) !== undefined && hasSeat(peer)) {
		// Who has no link at all is away itself.
		return neighbours(peer, nowMs).length > 0 && !peer.tree.mesh.includes(opened.host);
	}
	// Nobody brings any sound. Where others sit as well it may be we who are cut off; who may act has to know all the same.
	if (!isJoined(peer)) {
		const isAlone = seats.every((seat) => seat.peer === opened.host);
		const isToldOf = isAlone || powersOf(peer).length > 0;
		return isToldOf && !neighbours(peer, nowMs).includes(opened.host);
	}
	return !hasSeat(peer) && !mayListen(peer, opened.host);
}

/** Of a crowd only some are known by name. */
function mayListen(peer: PeerState, host: string): boolean {
	const { count, here } = peer.presence.room(positionOf(peer));
	return count > here.length || here.some((listener) => listener === host);
}
