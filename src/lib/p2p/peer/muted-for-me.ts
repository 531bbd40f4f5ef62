/** Whose voice we do not want to hear. It is received, checked, kept for repair and passed on like any other, only not played. */
import type { PeerId, StreamId } from '../wire/ids.ts';
import type { PeerOutput } from './io.ts';
import type { PeerState } from './state.ts';

export const isMutedForMe = (peer: PeerState, stream: StreamId): boolean =>
	peer.mutedForMe.size > 0 &&
	peer.room.seats.some((seat) => seat.stream === stream && peer.mutedForMe.has(seat.peer));

/** From now on these and no others. What of them is in the jitter buffer is not heard any more. */
export function muteForMe(peer: PeerState, peers: readonly PeerId[]): PeerOutput[] {
	const before = peer.mutedForMe;
	peer.mutedForMe = new Set(peers);
	const out: PeerOutput[] = [];
	for (const { peer: who, stream } of peer.room.seats) {
		const isMuted = peer.mutedForMe.has(who);
		if (isMuted === before.has(who)) continue;
		if (isMuted) out.push({ type: 'play', input: { type: 'drop', stream } });
		// Playout has forgotten how long to wait for it, and has to be told with the first frame.
		const hearing = peer.streams.get(stream)?.hearing;
		if (hearing !== undefined) hearing.floorMs = null;
	}
	// Nor what waits for the key of a locked room.
	peer.ring.unopened = peer.ring.unopened.filter(({ frame }) => !isMutedForMe(peer, frame.stream));
	return out;
}
