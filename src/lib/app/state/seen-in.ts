/**
 * What was read and dismissed in a session, for as long as that lasts: whoever looks at another page of the app and comes
 * back is told nothing twice.
 */
import type { Session } from '#lib/app/session.ts';
import type { SoundNews } from '#lib/app/sound/sound-news.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';

export interface Seen {
	/** Why the last wish was not granted. */
	refusal: boolean;
	soundNews: SoundNews | null;
	/** Messages of the chat. */
	messages: readonly EventId[];
}

const all = new WeakMap<Session, Seen>();

export function seenIn(session: Session): Seen {
	const known = all.get(session);
	if (known !== undefined) return known;
	const seen: Seen = { refusal: false, soundNews: null, messages: [] };
	all.set(session, seen);
	return seen;
}
