/** What is passed around of a room: its key and, of a locked one, what stands behind the `#`. */
import { passOf } from '#lib/p2p/lock/secrets.ts';
import { decodeAccess, encodeAccess } from '#lib/p2p/wire/room-access.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';

type Linked = Pick<RoomView, 'room' | 'roomKey' | 'access'>;

/** What follows `/r/` in its link. */
export const linkTail = ({ roomKey, access }: Pick<Linked, 'roomKey' | 'access'>): string =>
	access === '' ? roomKey : `${roomKey}#${access}`;

/** The room's key in what follows `/r/`. */
export const keyIn = (tail: string): string => tail.split('#')[0] ?? '';

/** What a relay needs, which lets it carry and not hear; null in an open room. */
export function relayPass({ room, roomKey, access }: Linked): string | null {
	const held = decodeAccess(room, access);
	if (held?.kind !== 'secret') return null;
	const pass = encodeAccess(room, { kind: 'pass', bytes: passOf(room, held.bytes) });
	return linkTail({ roomKey, access: pass });
}
