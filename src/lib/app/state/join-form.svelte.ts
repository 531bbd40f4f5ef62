/** The form that joins a room, or goes to what is shared: a key or a link, and what is wrong with it. */
import { encodeShareLink, meansShareLink, parseShareLink } from '#lib/p2p/archive/share-link.ts';
import { linkTail } from '#lib/app/room-link.ts';
import { encodeAccess } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey, parseRoomKey, type RoomKeyProblem } from '#lib/p2p/wire/room-key.ts';

/** Where to go. */
export type Joined =
	/** The room's key, with the secret of a locked one behind a `#`, freed from whatever clung to it. */
	| { readonly to: 'room'; readonly tail: string }
	/** What stands behind the `#` of a link to a recording, or a clip. */
	| { readonly to: 'shared'; readonly link: string };

/** A link to something that is shared, of which a part is missing or wrong. */
export type JoinProblem = RoomKeyProblem | { readonly ok: false; readonly reason: 'share-link' };

export class JoinForm {
	text = $state('');
	#problem = $state.raw<JoinProblem | null>(null);

	get problem(): JoinProblem | null {
		return this.#problem;
	}

	/** What was wrong may be mended now: judged again on the next try. */
	edited(): void {
		this.#problem = null;
	}

	/** Null with `problem` set. */
	submit(): Joined | null {
		this.#problem = null;
		return meansShareLink(this.text) ? this.#shared() : this.#room();
	}

	#shared(): Joined | null {
		const link = parseShareLink(this.text);
		if (link !== null) return { to: 'shared', link: encodeShareLink(link) };
		this.#problem = { ok: false, reason: 'share-link' };
		return null;
	}

	#room(): Joined | null {
		const reading = parseRoomKey(this.text);
		if (!reading.ok) {
			this.#problem = reading;
			return null;
		}
		const { room, access } = reading;
		const tail = linkTail({
			roomKey: encodeRoomKey(room),
			access: access === undefined ? '' : encodeAccess(room, access)
		});
		return { to: 'room', tail };
	}
}
