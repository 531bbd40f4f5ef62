/**
 * Co-hosts for a time. No rule of the room can go by a clock, for nobody's is everybody's: the host's app takes a
 * certificate back when its time is over, and its holder's app acts on it no longer, whether or not the host is there.
 */
import { mayAct, isOverdue } from '../room/powers.ts';
import type { Cohost } from '../room/state.ts';
import { draft } from './draft.ts';
import type { PeerOutput } from './io.ts';
import { isHost, isJoined, knowsOwnEvents, numbersOf, type PeerState } from './state.ts';

/** To be called with every tick. */
export function keepTerms(peer: PeerState, nowMs: number): PeerOutput[] {
	const { clerk, room } = peer;
	if (room.cohosts.length + clerk.overdue.size + clerk.takenBack.size === 0) return [];
	const overdue = room.cohosts.filter((cohost) => isOverdue(cohost, nowMs));
	const over = new Set(overdue.map(({ certificate }) => certificate));
	const isNews =
		over.size !== clerk.overdue.size || ![...over].every((one) => clerk.overdue.has(one));
	clerk.overdue = over;
	for (const one of clerk.takenBack) if (!over.has(one)) clerk.takenBack.delete(one);
	const out = isHost(peer) && isJoined(peer) && knowsOwnEvents(peer) ? takeBack(peer, overdue) : [];
	return isNews ? [...out, { type: 'view' }] : out;
}

function takeBack(peer: PeerState, overdue: readonly Cohost[]): PeerOutput[] {
	const { clerk, options, room } = peer;
	const actor = { state: room, me: options.me, numbers: numbersOf(peer) };
	return overdue.flatMap(({ certificate, peer: who }) => {
		if (clerk.takenBack.has(certificate)) return [];
		clerk.takenBack.add(certificate);
		const permission = mayAct(actor, { type: 'unname-cohost', peer: who, undo: false });
		return permission.ok ? [draft(peer, permission.draft)] : [];
	});
}
