/** What a new room is to tell of itself, once it is open; the title stands in its opening already. */
import type { Settings as RoomSettings } from '#lib/p2p/wire/act.ts';
import type { Session } from './session.ts';

export function setUpRoom(session: Session, settings: RoomSettings): void {
	const { listed, language, topics } = settings;
	if (!listed && language === '' && topics.length === 0) return;
	let done = false;
	const stop = session.subscribe(({ view }) => {
		if (done || view.phase !== 'joined') return;
		done = true;
		// This may be the call that subscribing makes, which has nothing to stop yet.
		queueMicrotask(() => stop());
		session.moderate({ type: 'settings', settings });
	});
}
