/** Who speaks in a room now. */
import type { RoomView, SeatView } from '#lib/p2p/peer/view.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

/** Below this a room murmurs; a ring that never rests says nothing. Loudness 0..1. */
export const SPEAKING_LEVEL = 0.02;

/** Others on stage who are heard now, in the order of the stage. `levels`: loudness 0..1, absent means silent. */
export function othersSpeaking(
	{ stage }: Pick<RoomView, 'stage'>,
	levels: ReadonlyMap<PeerId, number>
): readonly SeatView[] {
	return stage.filter(
		({ peer, me, muted }) => !me && !muted && (levels.get(peer) ?? 0) >= SPEAKING_LEVEL
	);
}
