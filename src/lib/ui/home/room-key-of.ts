import type { Session } from '#lib/app/session.ts';

/** The key of a session's room, from the state it tells every new subscriber at once. */
export function roomKeyOf(session: Session): string {
	let key = '';
	session.subscribe((state) => {
		key = state.view.roomKey;
	})();
	return key;
}
