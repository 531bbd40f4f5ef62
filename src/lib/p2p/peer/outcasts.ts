/**
 * What the law's last words mean here: who is out of the room has no link with us, is not let in, and nothing that
 * comes from it is taken; a room that has ended is left.
 */
import { isAct, isLasting, takesAway } from '../room/acts.ts';
import { encodeRefusal } from '../wire/control.ts';
import type { RoomEvent } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import { CONTACTS_MAX, SPOKEN_MAX } from '../wire/limits.ts';
import { forgetNeighbour } from './gathering.ts';
import type { PeerInput, PeerOutput } from './io.ts';
import { leaveRoom } from './leaving.ts';
import { noteGone } from './route-book.ts';
import { fromTree, type PeerState } from './state.ts';

/** Who missed the end of the room hears of it by the next summary, as long as somebody is there to tell. */
const END_LINGER_MS = 3_000;

/** What takes a right away for good is followed at once, however long the log: of such an author has so many. */
export const urgent = (event: RoomEvent): boolean =>
	isLasting(event) && isAct(event) && takesAway(event);

/** The answer to what comes from somebody who is out; null where it comes from anybody else. */
export function fromOutcast(peer: PeerState, input: PeerInput): PeerOutput[] | null {
	if (peer.out.size === 0) return null;
	if (input.type === 'knock' && peer.out.has(input.from)) {
		const refusal = encodeRefusal({ reason: 'removed', candidates: [] });
		return [{ type: 'refuse', ticket: input.ticket, refusal }];
	}
	if (input.type === 'opened' && peer.out.has(input.peer)) {
		return [{ type: 'close', peer: input.peer }];
	}
	if (input.type !== 'control' && input.type !== 'datagram') return null;
	if (!peer.out.has(input.from)) return null;
	peer.drops.outcast++;
	return [];
}

/** Follows up on who is out now. */
export function shutOut(peer: PeerState, nowMs: number): PeerOutput[] {
	const { me } = peer.options;
	const removed = peer.room.removed.map((one) => one.peer);
	const out = new Set(removed.filter((one) => one !== me));
	rememberNames(peer, out);
	// Who comes with a memory of being out may have been let in again since: others will tell.
	const leaves = removed.includes(me) && peer.wasJoined ? leaveRoom(peer, nowMs) : [];
	const isSame = out.size === peer.out.size && [...out].every((one) => peer.out.has(one));
	if (isSame) return leaves;
	const newly = [...out].filter((one) => !peer.out.has(one));
	peer.out = out;
	for (const one of newly) forget(peer, one, nowMs);
	return [...fromTree(peer, peer.tree.handle({ type: 'out', peers: out }, nowMs)), ...leaves];
}

/**
 * Whoever comes later has not met those who are out, but the log has what they called themselves on a seat or with a hand. To
 * a newcomer it comes after their removal.
 */
function rememberNames({ log, namesOnStage }: PeerState, out: ReadonlySet<PeerId>): void {
	const unnamed = new Set([...out].filter((one) => !namesOnStage.has(one)));
	if (unnamed.size === 0) return;
	for (const { author, body } of log.all()) {
		if ((body.kind !== 'sit' && body.kind !== 'ask') || !unnamed.has(author)) continue;
		if (namesOnStage.size < SPOKEN_MAX) namesOnStage.set(author, body.name);
	}
}

function forget(peer: PeerState, gone: PeerId, nowMs: number): void {
	forgetNeighbour(peer, gone);
	peer.sound.leases.delete(gone);
	peer.sound.owing.delete(gone);
	noteGone(peer.routes, gone, nowMs);
}

/** Somebody will not have us because we are out. It may lie: only if nobody else takes us, that is what we show. */
export function noteShutOut(peer: PeerState, by: PeerId): void {
	if (peer.shutOutBy.size < CONTACTS_MAX) peer.shutOutBy.add(by);
}

/** The room has ended: nobody sits any more, so no sound is left; the links stay for a moment. */
export function followEnd(peer: PeerState, nowMs: number): PeerOutput[] {
	if (peer.room.ended === null || peer.endsAtMs !== null) return [];
	peer.endsAtMs = nowMs + END_LINGER_MS;
	return [];
}

export function leaveWhenOver(peer: PeerState, nowMs: number): PeerOutput[] {
	const isOver = peer.endsAtMs !== null && nowMs >= peer.endsAtMs;
	return isOver ? leaveRoom(peer, nowMs) : [];
}
