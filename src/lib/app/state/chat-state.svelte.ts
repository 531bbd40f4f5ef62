/** The chat of a room, reactive: what there is to read, and how much of it has not been seen. */
import type { ChatMessage } from '#lib/app/chat/room-chat.ts';
import type { Session } from '#lib/app/session.ts';
import type { EventId, PeerId } from '#lib/p2p/wire/ids.ts';
import { seenIn } from './seen-in.ts';

export class ChatState {
	readonly #session: Session;
	readonly #me: () => PeerId;
	readonly #isHidden: (peer: PeerId) => boolean;
	readonly #stop: () => void;
	#all = $state.raw<readonly ChatMessage[]>([]);
	#seen = $state.raw() as readonly EventId[];
	#open = $state.raw(false);

	/** `isHidden` says of whom nothing is to be seen here. */
	constructor(session: Session, me: () => PeerId, isHidden: (peer: PeerId) => boolean) {
		this.#session = session;
		this.#seen = seenIn(session).messages;
		this.#me = me;
		this.#isHidden = isHidden;
		this.#all = session.chat();
		this.#stop = session.watchChat((all) => {
			this.#all = all;
			if (this.#open) this.#markSeen();
		});
	}

	get messages(): readonly ChatMessage[] {
		return this.#all.filter(({ by }) => !this.#isHidden(by.peer));
	}

	/** Messages of others that came while the chat was closed. */
	get unseen(): number {
		const me = this.#me();
		return this.messages.filter(({ id, by }) => by.peer !== me && !this.#seen.includes(id)).length;
	}

	get open(): boolean {
		return this.#open;
	}

	/** While it is open, all that is there has been seen. */
	setOpen(open: boolean): void {
		this.#open = open;
		this.#markSeen();
	}

	close(): void {
		this.#stop();
	}

	#markSeen(): void {
		this.#seen = seenIn(this.#session).messages = this.#all.map(({ id }) => id);
	}
}
