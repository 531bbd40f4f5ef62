/** What people write in the room we are in: told to the screen as it comes, and kept for as long as the page lives. */
import type { ChatNews } from '#lib/p2p/peer/io.ts';
import { CHAT_KEPT_MAX } from '#lib/p2p/wire/chat-limits.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { createListeners } from '../listeners.ts';

export interface ChatMessage extends ChatNews {
	readonly text: string;
}

export interface RoomChat {
	take(news: readonly ChatNews[]): void;
	/** Called with all there is, after each change. Returns how to stop. */
	readonly watch: (listener: (messages: readonly ChatMessage[]) => void) => () => void;
	/** As they were seen, the oldest first; the last CHAT_KEPT_MAX. */
	readonly messages: () => readonly ChatMessage[];
}

export function createRoomChat(): RoomChat {
	let all: readonly ChatMessage[] = [];
	const watchers = createListeners<readonly ChatMessage[]>();
	return {
		take(news) {
			if (news.length === 0) return;
			const byId = new Map<EventId, ChatMessage>(all.map((one) => [one.id, one]));
			for (const one of news) {
				if (one.text === null) byId.delete(one.id);
				else byId.set(one.id, { ...one, text: one.text });
			}
			all = [...byId.values()].sort((a, b) => a.seenAtMs - b.seenAtMs).slice(-CHAT_KEPT_MAX);
			watchers.tell(all);
		},
		watch: (listener) => watchers.add(listener),
		messages: () => all
	};
}
