/** A room in few words, for where there is little place: who speaks, and how we are there ourselves. */
import type { RoomView, SeatView } from '#lib/p2p/peer/view.ts';
import * as m from '#lib/paraglide/messages.js';
import { shownName } from '../words.ts';

/** Whether others hear us. */
export function ownPlaceWords({ me }: Pick<RoomView, 'me'>): string {
	if (me.role === 'listener') return m.here_listening();
	return me.muted ? m.here_muted() : m.here_live();
}

export function speakingWords(speaking: readonly Pick<SeatView, 'name'>[]): string {
	const [first, second, ...more] = speaking;
	if (first === undefined) return m.here_nobody();
	const name = shownName(first.name);
	if (second === undefined) return m.here_speaks({ name });
	if (more.length === 0) return m.here_speak_two({ name, other: shownName(second.name) });
	return m.here_speak_many({ name, count: more.length + 1 });
}
