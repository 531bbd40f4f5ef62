/**
 * Notices who speaks of those we do not want to hear, who are silent here and not in the room, and of those we have
 * blocked from our own rooms, who may be in this one.
 */
import type { SessionState } from '#lib/app/session.ts';
import type { SeatView } from '#lib/p2p/peer/view.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

/** Between words nobody has stopped speaking. */
export const SPEAKING_LASTS_MS = 3_000;
/** Below this a room murmurs. */
const SPEAKING_LEVEL = 0.02;

type Heard = Pick<SessionState, 'view' | 'levels' | 'quieted' | 'blocked'>;

/** Who speaks, in the order of the stage; the same list as before while it is the same people. */
export function createQuietEar(): (state: Heard, nowMs: number) => readonly SeatView[] {
	/** Of those on stage alone. */
	let lastMs = new Map<PeerId, number>();
	let speaking: readonly SeatView[] = [];
	return ({ view, levels, quieted, blocked }, nowMs) => {
		const quiet = new Set([...quieted.map(({ peer }) => peer), ...blocked]);
		if (quiet.size === 0 && speaking.length === 0) return speaking;
		const seats = view.stage.filter(({ peer, me }) => !me && quiet.has(peer));
		const times = seats.map(({ peer }): [PeerId, number] => {
			const isHeard = (levels.get(peer) ?? 0) >= SPEAKING_LEVEL;
			return [peer, isHeard ? nowMs : (lastMs.get(peer) ?? -Infinity)];
		});
		lastMs = new Map(times);
		const next = seats.filter(
			({ peer }) => nowMs - (lastMs.get(peer) ?? -Infinity) < SPEAKING_LASTS_MS
		);
		const isSame = next.map(({ peer }) => peer).join() === speaking.map(({ peer }) => peer).join();
		return isSame ? speaking : (speaking = next);
	};
}
