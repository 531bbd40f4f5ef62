/**
 * How much one neighbour may ask of us. Everybody keeps far below these rates who follows the protocol; what
 * is above is dropped and counted, so that no link can make us work, or answer, without end.
 */
import { putNewest } from '../wire/bounded.ts';
import { CAPTIONS_RATE } from '../wire/caption-limits.ts';
import { CHAT_RATE } from '../wire/chat-limits.ts';
import type { ControlMessage } from '../wire/control.ts';
import { FILL_RATE } from '../wire/filling.ts';
import type { PeerId } from '../wire/ids.ts';
import {
	ANSWERS_RATE,
	EVENTS_RATE,
	KEYS_RATE,
	LISTS_RATE,
	NEIGHBOURS_REMEMBERED_MAX,
	PRESENCE_RATE,
	REACTIONS_RATE,
	ROUTED_RATE,
	TALK_RATE
} from '../wire/limits.ts';
import { available, fullBucket, take, type Bucket, type Rate } from '../wire/rate.ts';
import { routedCost } from './routes.ts';
import type { PeerState } from './state.ts';

const RATES = {
	lists: LISTS_RATE,
	answers: ANSWERS_RATE,
	events: EVENTS_RATE,
	presence: PRESENCE_RATE,
	talk: TALK_RATE,
	reactions: REACTIONS_RATE,
	captions: CAPTIONS_RATE,
	chat: CHAT_RATE,
	routed: ROUTED_RATE,
	keys: KEYS_RATE,
	fills: FILL_RATE
} as const satisfies Record<string, Rate>;

export type Allowance = Readonly<Record<keyof typeof RATES, Bucket>>;

/** Whether this message is within what its sender may ask. Counts what is not. */
export function allows(
	peer: PeerState,
	from: PeerId,
	message: ControlMessage,
	nowMs: number
): boolean {
	const { kind, cost } = priceOf(message);
	if (take(allowanceOf(peer, from)[kind], RATES[kind], cost, nowMs)) return true;
	peer.drops.flood++;
	return false;
}

/** How many of `wanted` events may be sent in answer to `to` now; they count as sent. */
export function answersTo(peer: PeerState, to: PeerId, wanted: number, nowMs: number): number {
	const { answers } = allowanceOf(peer, to);
	const granted = Math.min(wanted, Math.floor(available(answers, RATES.answers, nowMs)));
	answers.tokens -= granted;
	return granted;
}

function priceOf(message: ControlMessage): { kind: keyof typeof RATES; cost: number } {
	switch (message.type) {
		case 'log-ids':
			return { kind: 'lists', cost: 1 };
		case 'events':
			return { kind: 'events', cost: message.envelopes.length };
		case 'presence-up':
		case 'presence-down':
			return { kind: 'presence', cost: 1 };
		case 'reactions':
			return { kind: 'reactions', cost: 1 + message.signed.length };
		case 'captions':
			return { kind: 'captions', cost: 1 + message.signed.length };
		case 'chat':
			return { kind: 'chat', cost: 1 + message.pieces.length };
		case 'routed':
			return { kind: 'routed', cost: routedCost(message) };
		case 'key-ask':
		case 'key-give':
			return { kind: 'keys', cost: 1 };
		case 'fill-ask':
		case 'fill-give':
			return { kind: 'fills', cost: 1 };
		case 'bye':
			// The last of a link; a second one finds no link any more.
			return { kind: 'talk', cost: 0 };
		case 'hello':
		case 'attach':
		case 'attached':
		case 'detach':
		case 'path':
		case 'stand-by':
		case 'standing-by':
		case 'stand-down':
		case 'graft':
		case 'raise':
		case 'climb':
		case 'offers':
		case 'delay':
		case 'places':
		case 'log-summary':
		case 'admission':
			return { kind: 'talk', cost: 1 };
	}
}

function allowanceOf(peer: PeerState, neighbour: PeerId): Allowance {
	const { allowances } = peer;
	const known = allowances.get(neighbour);
	const allowance = known ?? newAllowance();
	putNewest(allowances, neighbour, allowance, NEIGHBOURS_REMEMBERED_MAX);
	return allowance;
}

function newAllowance(): Allowance {
	return {
		lists: fullBucket(RATES.lists),
		answers: fullBucket(RATES.answers),
		events: fullBucket(RATES.events),
		presence: fullBucket(RATES.presence),
		talk: fullBucket(RATES.talk),
		reactions: fullBucket(RATES.reactions),
		captions: fullBucket(RATES.captions),
		chat: fullBucket(RATES.chat),
		routed: fullBucket(RATES.routed),
		keys: fullBucket(RATES.keys),
		fills: fullBucket(RATES.fills)
	};
}
