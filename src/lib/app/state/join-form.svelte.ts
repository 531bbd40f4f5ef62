/** The form that joins a room: a key or a link, and what is wrong with it. */
import { linkTail } from '#lib/app/room-link.ts';
import { encodeAccess } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey, parseRoomKey, type RoomKeyProblem } from '#lib/p2p/wire/room-key.ts';

export class JoinForm {
	text = $state('');
	#problem = $state.raw<RoomKeyProblem | null>(null);

	get problem(): RoomKeyProblem | null {
		return this.#problem;
	}

	/** What was wrong may be mended now: judged again on the next try. */
	edited(): void {
		this.#problem = null;
	}

	/** The key of the room to go to, with the secret of a locked one behind a `#`, freed from whatever clung to it, or null with `problem` set. */
	submit(): string | null {
		const reading = parseRoomKey(this.text);
		this.#problem = reading.ok ? null : reading;
		if (!reading.ok) return null;
		const { room, access } = reading;
		return linkTail({
			roomKey: encodeRoomKey(room),
			access: access === undefined ? '' : encodeAccess(room, access)
		});
	}
}
