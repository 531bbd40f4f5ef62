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

/** Who leaves carries its children on for a moment, and hears nothing itself. */
export function whileLeaving(
	peer: PeerState,
	outputs: readonly PeerOutput[],
	wasLeaving: boolean
): PeerOutput[] {
	const hasJustLeft = !peer.left && peer.tree.left;
	if (hasJustLeft) peer.left = true;
	// Who is put out, or whose room ends, is told why at once.
	const isNews = hasJustLeft || (!wasLeaving && !peer.leftByWish);
	const news: PeerOutput[] = isNews ? [{ type: 'view' }] : [];
	return [...outputs.filter((one) => !isSound(one) && one.type !== 'view'), ...news];
}

const isSound = (output: PeerOutput): boolean =>
	output.type === 'play' && output.input.type !== 'drop';
