import { linkTail } from '#lib/app/room-link.ts';
import type { Session } from '#lib/app/session.ts';

/** The key of a session's room, with the secret of a locked one behind a `#`, from the state it tells every new subscriber at once. */
export function roomKeyOf(session: Session): string {
	let key = '';
	session.subscribe((state) => {
		key = linkTail(state.view);
	})();
	return key;
}
