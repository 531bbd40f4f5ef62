/** What the screen is told of a locked room: its door, who waits there, and what its link holds. */
import { encodeAccess } from '../wire/room-access.ts';
import { isKeeper } from './epochs.ts';
import { canHear } from './key-ring.ts';
import type { PeerState } from './state.ts';
import type { RoomPhase, RoomView } from './view.ts';

export function lockView(peer: PeerState): Pick<RoomView, 'lock' | 'access'> {
	const { ring, room, options } = peer;
	const { secret } = ring;
	const access =
		secret === null ? '' : encodeAccess(options.room, { kind: 'secret', bytes: secret });
	if (room.lock === null) return { lock: null, access };
	const shown = isKeeper(peer, options.me) ? [...ring.door] : [];
	return {
		lock: {
			doorClosed: room.lock.doorClosed,
			door: shown.map(([who, name]) => ({ peer: who, name, me: false })),
			turnedAway: ring.isTurnedAway
		},
		access
	};
}

/** Sound reaches us; who has the secret and not yet the key of now does not hear it. */
export function phaseInside(peer: PeerState): RoomPhase {
	const { ring, room } = peer;
	if (canHear(peer) || ring.memberKey === null) return 'joined';
	if (room.lock?.doorClosed === true) return 'at-door';
	// A new key takes a moment, in which nothing else changes.
	return ring.keyFor === null ? 'attaching' : 'joined';
}
