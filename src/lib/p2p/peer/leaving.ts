/** Leaving a room, by our own wish, because it is over, or because we are out of it. */
import type { PeerOutput } from './io.ts';
import { fromTree, type PeerState } from './state.ts';

/**
 * Says goodbye to the neighbours. Whoever is on stage steps down first, by a wish of its own. Children are carried
 * on until they have moved, which `left` tells.
 */
export function leaveRoom(peer: PeerState, nowMs: number): PeerOutput[] {
	if (peer.leaving) return [];
	const out = fromTree(peer, peer.tree.handle({ type: 'leave' }, nowMs));
	peer.leaving = true;
	const sounds = peer.room.seats.map(({ stream }): PeerOutput => ({
		type: 'play',
		input: { type: 'drop', stream }
	}));
	return [...out, ...sounds, { type: 'microphone', open: false }, { type: 'withdraw' }];
}
