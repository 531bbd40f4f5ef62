/** What a session says of its room without being watched: it tells every new subscriber at once how it stands. */
import { linkTail } from '#lib/app/room-link.ts';
import type { Session } from '#lib/app/session.ts';

/** The key of its room, with the secret of a locked one behind a `#`. */
export function roomKeyOf(session: Session): string {
	let key = '';
	session.subscribe((state) => {
		key = linkTail(state.view);
	})();
	return key;
}

/** Empty where it has none, or is not known yet. */
export function titleOf(session: Session): string {
	let title = '';
	session.subscribe((state) => {
		title = state.view.title;
	})();
	return title;
}
