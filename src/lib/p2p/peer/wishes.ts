/** From a wish to a signed event, or to a reason why not. */
import { may, type Ask } from '../room/rules.ts';
import type { PeerId } from '../wire/ids.ts';
import type { Wish, PeerOutput } from './io.ts';
import { tellCaption } from './captions.ts';
import { say, unsay } from './chat.ts';
import { draft, takeSeat } from './draft.ts';
import { react } from './reactions.ts';
import { isKeeper, lockRoom } from './epochs.ts';
import { canHear } from './key-ring.ts';
import { answerDoor } from './keys.ts';
import { applyMicrophone } from './stage.ts';
import { powersOf } from './view-of-law.ts';
import {
	fromTree,
	isHost,
	isJoined,
	knowsOwnEvents,
	mySeat,
	numbersOf,
	type PeerState
} from './state.ts';

export function onWish(peer: PeerState, wish: Wish, nowMs: number): PeerOutput[] {
	if (wish.type === 'fanout') {
		return fromTree(peer, peer.tree.handle({ type: 'fanout', children: wish.children }, nowMs));
	}
	if (wish.type === 'queue-order') {
		peer.queueOrder = wish.order;
		return [{ type: 'view' }];
	}
	if (wish.type === 'react') return isJoined(peer) ? react(peer, wish.code, nowMs) : [];
	if (wish.type === 'caption') return tellCaption(peer, wish, nowMs);
	peer.refusal = null;
	if (!isJoined(peer) && !goesOn(peer, wish)) return refuse(peer, 'not-joined');
	if (!canHear(peer)) return refuse(peer, 'no-key');
	if (wish.type === 'say') return say(peer, wish.text, nowMs);
	if (wish.type === 'unsay') return unsay(peer, wish.said, nowMs);
	if (wish.type === 'lock') return wishLock(peer, nowMs);
	if (wish.type === 'answer-door') {
		const { peer: who, admit } = wish;
		return isKeeper(peer, peer.options.me)
			? answerDoor(peer, who, admit, nowMs)
			: refuse(peer, 'no-power');
	}
	// The host needs nobody's leave to go back on stage.
	if (wish.type === 'ask' && isHost(peer) && mySeat(peer) === undefined) return [takeSeat(peer)];
	const permission = may(peer.log.state, peer.options.me, toAsk(peer, wish), numbersOf(peer));
	if (!permission.ok) return refuse(peer, permission.reason);
	const first = endsCertificate(wish) ? unnameFirst(peer, wish.peer) : [];
	const after = wish.type === 'remove' ? closeDoor(peer) : [];
	const out: PeerOutput[] = [...first, draft(peer, permission.draft), ...after, { type: 'view' }];
	if (wish.type !== 'mute' && wish.type !== 'unmute') return out;
	// Muting does not wait for the signature; unmuting does, so that others know whose sound comes.
	peer.holdMicrophone = wish.type === 'mute';
	if (peer.holdMicrophone) peer.mutedAtMs = nowMs;
	return [...applyMicrophone(peer), ...out];
}

/** Nobody would hear of it, and what follows from it here would keep us apart from the others. */
const NEEDS_OTHERS: ReadonlySet<Wish['type']> = new Set<Wish['type']>([
	'say',
	'unsay',
	'lock',
	'end'
]);

/**
 * No sound comes: whoever still sits may have gone without a word, and nobody would ever stand up for them. Who holds a
 * power goes on: it can get itself on stage, and from its seat the sound begins anew. The host need not have heard
 * anything since it came back. What is signed for the log is told when there are links again; what passes by would be lost.
 */
function goesOn(peer: PeerState, wish: Wish): boolean {
	if (peer.left || NEEDS_OTHERS.has(wish.type)) return false;
	if (isHost(peer)) return knowsOwnEvents(peer);
	return peer.wasJoined && powersOf(peer).length > 0;
}

function refuse(peer: PeerState, reason: NonNullable<PeerState['refusal']>): PeerOutput[] {
	peer.refusal = reason;
	return [{ type: 'view' }];
}

type EndsCertificate = Extract<Wish, { type: 'remove' | 'name-cohost' }>;

/**
 * Who is removed is no co-host either, and what it dates back to before counts no more. Who is given other powers has
 * no longer those of before: a certificate goes on beside a later one until it is taken back.
 */
const endsCertificate = (wish: Wish): wish is EndsCertificate =>
	wish.type === 'remove' || wish.type === 'name-cohost';

function unnameFirst(peer: PeerState, who: PeerId): PeerOutput[] {
	const wish = { type: 'unname-cohost', peer: who, undo: false } as const;
	const permission = may(peer.log.state, peer.options.me, wish, numbersOf(peer));
	return permission.ok ? [draft(peer, permission.draft)] : [];
}

function wishLock(peer: PeerState, nowMs: number): PeerOutput[] {
	if (!isKeeper(peer, peer.options.me)) return refuse(peer, 'no-power');
	if (peer.room.ended !== null) return refuse(peer, 'ended');
	return peer.room.lock === null ? lockRoom(peer, nowMs) : refuse(peer, 'locked');
}

/** Who was put out of a locked room still has its link, and may come as somebody else: so newcomers wait. */
function closeDoor(peer: PeerState): PeerOutput[] {
	const { lock } = peer.room;
	return lock === null || lock.doorClosed ? [] : [draft(peer, { kind: 'door', closed: true })];
}

type ForLaw = Exclude<
	Wish,
	{
		type: 'fanout' | 'queue-order' | 'react' | 'caption' | 'say' | 'unsay' | 'lock' | 'answer-door';
	}
>;

function toAsk(peer: PeerState, wish: ForLaw): Ask {
	const { name } = peer.options;
	if (wish.type === 'ask' || wish.type === 'accept') return { ...wish, name };
	return wish;
}
