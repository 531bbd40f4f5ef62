/** The streams of a room at one peer: found by their tags, which is how digests and pulls name them. */
import type { Seat } from '../room/state.ts';
import type { StreamId } from '../wire/ids.ts';
import { tagOf } from '../wire/repair.ts';
import type { Hearing } from './hearing.ts';
import type { PeerState } from './state.ts';

/** The seat a tag means; undefined where it means none, or two: a wrong guess would ask for frames that never were. */
export function seatOfTag(peer: PeerState, tag: number): Seat | undefined {
	let meant: Seat | undefined;
	for (const seat of peer.room.seats) {
		if (tagOf(seat.stream) !== tag) continue;
		if (meant !== undefined) return undefined;
		meant = seat;
	}
	return meant;
}

export const hearingOf = (peer: PeerState, stream: StreamId): Hearing | undefined =>
	peer.streams.get(stream)?.hearing;

/** The number with these lower 16 bits that is nearest to `near`. */
export function widened(low: number, near: number): number {
	return (near + (((low - near) << 16) >> 16)) >>> 0;
}
