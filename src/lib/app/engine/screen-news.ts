/** What passes by in a room and waits to be told to the screen: reactions, captions, chat. */
import type { CaptionNews, ChatNews, PeerOutput } from '#lib/p2p/peer/io.ts';
import { CHAT_KEPT_MAX } from '#lib/p2p/wire/chat-limits.ts';
import type { EngineStatus } from './messages.ts';
import { createNewsBag } from './news-bag.ts';
import { createReactionBag } from './reaction-bag.ts';

/** Phrases of a full stage, and what comes with a new parent. */
const CAPTIONS_MAX = 64;

export type PassingOutput = Extract<PeerOutput, { type: 'reaction' | 'caption' | 'chat' }>;

export interface ScreenNews {
	readonly isEmpty: boolean;
	add(output: PassingOutput): void;
	/** Everything in it, which is then gone. */
	empty(): Pick<EngineStatus, 'reactions' | 'captions' | 'chat'>;
}

export function createScreenNews(): ScreenNews {
	const reactions = createReactionBag();
	const captions = createNewsBag<CaptionNews>(
		CAPTIONS_MAX,
		({ stream, start }) => `${stream} ${start}`
	);
	const chat = createNewsBag<ChatNews>(CHAT_KEPT_MAX, ({ id }) => id);
	return {
		get isEmpty() {
			return reactions.isEmpty && captions.isEmpty && chat.isEmpty;
		},
		add(output) {
			if (output.type === 'reaction') reactions.add(output);
			else if (output.type === 'caption') captions.add(output.news);
			else chat.add(output.news);
		},
		empty: () => ({
			reactions: reactions.empty(),
			captions: captions.empty(),
			chat: chat.empty()
		})
	};
}
