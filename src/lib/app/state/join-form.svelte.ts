/** The form that joins a room: a key or a link, and what is wrong with it. */
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

	/** The key of the room to go to, freed from whatever clung to it, or null with `problem` set. */
	submit(): string | null {
		const reading = parseRoomKey(this.text);
		this.#problem = reading.ok ? null : reading;
		return reading.ok ? encodeRoomKey(reading.room) : null;
	}
}
