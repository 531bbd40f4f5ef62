/** Who somebody is in a room, and what we could do about that person now: what a menu offers. */
import type {
	CohostView,
	ListenerView,
	PersonView,
	RemovedView,
	RoomView,
	SeatView
} from '#lib/p2p/peer/view.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';

export type PersonAct =
	| 'invite'
	/** Declines the hand. */
	| 'lower'
	| 'mute'
	/** Takes the microphone back. */
	| 'unseat'
	| 'name-cohost'
	/** Names a co-host anew, with other powers. */
	| 'change-cohost'
	| 'unname-cohost'
	| 'remove'
	/** Removed before: blocks as well. */
	| 'block'
	| 'readmit';

export interface PersonInRoom extends PersonView {
	readonly seat: SeatView | null;
	readonly listener: ListenerView | null;
	readonly cohost: CohostView | null;
	/** Set where that person is out of the room. */
	readonly removed: RemovedView | null;
	readonly host: boolean;
}

export function personIn(view: RoomView, peer: PeerId): PersonInRoom {
	const seat = view.stage.find((one) => one.peer === peer) ?? null;
	const listener = view.listeners.find((one) => one.peer === peer) ?? null;
	const cohost = view.cohosts.find((one) => one.peer === peer) ?? null;
	const removed = view.removed.find((one) => one.peer === peer) ?? null;
	const name = seat?.name ?? listener?.name ?? cohost?.name ?? removed?.name ?? '';
	const host = view.host === peer;
	return { peer, name, me: view.me.peer === peer, host, seat, listener, cohost, removed };
}

/** What the law would grant us now, in the order of a menu; nothing for most people about most people. */
export function actsOn(view: RoomView, peer: PeerId): readonly PersonAct[] {
	const who = personIn(view, peer);
	if (who.removed !== null) return actsOnRemoved(view, who.removed);
	return [...stageActs(view, who), ...cohostActs(view, who), ...removal(view, who)];
}

function actsOnRemoved({ me }: RoomView, { canReadmit, blocked }: RemovedView): PersonAct[] {
	if (!canReadmit) return [];
	return blocked || !me.powers.includes('people') ? ['readmit'] : ['readmit', 'block'];
}

function stageActs(view: RoomView, who: PersonInRoom): PersonAct[] {
	const { powers } = view.me;
	const acts: PersonAct[] = [];
	// For ourselves there are buttons.
	if (who.me) return [];
	if (who.seat === null) {
		if (!powers.includes('stage') || who.host || who.listener === null) return [];
		if (!who.listener.invited && !isFull(view)) acts.push('invite');
		if (who.listener.handUp) acts.push('lower');
		return acts;
	}
	if (isOutranked(view, who)) return [];
	if (powers.includes('sound') && !who.seat.muted) acts.push('mute');
	if (powers.includes('stage')) acts.push('unseat');
	return acts;
}

function cohostActs({ me }: RoomView, who: PersonInRoom): PersonAct[] {
	if (me.role !== 'host' || who.me) return [];
	return who.cohost === null ? ['name-cohost'] : ['change-cohost', 'unname-cohost'];
}

function removal(view: RoomView, who: PersonInRoom): PersonAct[] {
	const may = view.me.powers.includes('people') && !who.me && !isOutranked(view, who);
	return may ? ['remove'] : [];
}

/** Nobody but the host acts on the host or a co-host. */
const isOutranked = ({ me }: RoomView, who: PersonInRoom): boolean =>
	me.role !== 'host' && (who.host || who.cohost !== null);

/** One seat is the host's. */
const isFull = ({ stage }: RoomView): boolean =>
	stage.filter(({ role }) => role !== 'host').length >= SEATS_MAX - 1;
