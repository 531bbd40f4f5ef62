/** What passes by without a place in the log, reactions, captions and chat: each to those who know of it. */
import type { ControlMessage } from '../wire/control.ts';
import type { Verified } from '../wire/envelope.ts';
import { isKind, type RoomEvent } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import { catchUp, onCaptions, takeCaption } from './captions.ts';
import { isChat, keepChat, onChat, takeChat } from './chat.ts';
import type { PeerOutput } from './io.ts';
import { onReactions, takeReaction, tellReactions } from './reactions.ts';
import type { PeerState } from './state.ts';

type PassingMessage = Extract<ControlMessage, { type: 'reactions' | 'captions' | 'chat' }>;

export function onPassing(
	peer: PeerState,
	from: PeerId,
	message: PassingMessage,
	nowMs: number
): PeerOutput[] {
	switch (message.type) {
		case 'reactions':
			return onReactions(peer, from, message, nowMs);
		case 'captions':
			return onCaptions(peer, from, message, nowMs);
		case 'chat':
			return onChat(peer, from, message, nowMs);
	}
}

/** Null for what is none of it. */
export function takePassing(
	peer: PeerState,
	event: Verified<RoomEvent>,
	from: PeerId | null,
	nowMs: number
): PeerOutput[] | null {
	if (isKind(event, 'react')) return takeReaction(peer, event, from, nowMs);
	if (isKind(event, 'caption')) return takeCaption(peer, event, from, nowMs);
	return isChat(event) ? takeChat(peer, event, from, nowMs) : null;
}

/** To be called with every tick. */
export const keepPassing = (peer: PeerState, nowMs: number): PeerOutput[] => [
	...tellReactions(peer, nowMs),
	...catchUp(peer, nowMs),
	...keepChat(peer, nowMs)
];
