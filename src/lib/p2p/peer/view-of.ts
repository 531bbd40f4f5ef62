/** Draws the view of the room from what the peer knows. */
import type { PeerId } from '../wire/ids.ts';
import { LEVEL_SILENT } from '../wire/packet.ts';
import { isHeldDown } from '../room/rules.ts';
import type { Hand } from '../room/state.ts';
import { lockView, phaseInside } from './view-of-lock.ts';
import { readable } from './sealed-texts.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from '../wire/limits.ts';
import { TICK_MS } from '../wire/seq.ts';
import { consentOf } from './taping.ts';
import { isCohost, lawOf, nameOf, powersOf } from './view-of-law.ts';
import { isHost, isJoined, mySeat, positionOf, type PeerState } from './state.ts';
import type { ListenerView, Role, RoomPhase, RoomView, SeatView } from './view.ts';

/** A voice frame this old says nothing about now: ten ticks. */
const LEVEL_FRESH_MS = 200;
/** Searches without anybody found, after which we say that nobody answers. */
const SEARCHES_BEFORE_NOBODY = 2;
/** Below this (-dBov) a ring would only flicker with the room's noise. */
const LEVEL_AUDIBLE = 60;

export function viewOf(peer: PeerState): RoomView {
	const state = peer.room;
	return {
		room: peer.options.room,
		roomKey: peer.roomKey,
		phase: phaseOf(peer),
		title: readable(peer, state.settings.title, TITLE_BYTES_MAX),
		host: state.opened?.host ?? null,
		hostAway: peer.host.away,
		opened: state.opened && { createdAtMs: state.opened.createdAtMs, nonce: state.opened.nonce },
		me: meOf(peer),
		stage: stageOf(peer),
		listeners: listenersOf(peer),
		listenerCount: peer.presence.room(positionOf(peer)).count,
		queueOrder: peer.queueOrder,
		...lawOf(peer),
		...lockView(peer),
		refusal: peer.refusal
	};
}

export function phaseOf(peer: PeerState): RoomPhase {
	if (peer.leftByWish && peer.left) return 'left';
	if (peer.room.ended !== null) return 'ended';
	if (peer.room.removed.some((one) => one.peer === peer.options.me)) return 'removed';
	if (peer.left) return 'left';
	if (isJoined(peer) && !isShutOut(peer)) return phaseInside(peer);
	if (peer.shutOutBy.size > 0) return 'removed';
	if (peer.lockedBy > 0) return 'locked';
	if (peer.wasJoined) return 'reconnecting';
	if (peer.contactsSeen > 0 || peer.options.opening !== null) return 'attaching';
	return peer.searches >= SEARCHES_BEFORE_NOBODY ? 'nobody-there' : 'finding';
}

/** Whoever missed the removal still sits in its own eyes, alone, while all who are asked refuse. */
const isShutOut = ({ shutOutBy, tree }: PeerState): boolean =>
	shutOutBy.size > 0 && tree.parent === null && tree.mesh.length + tree.heardChildren.length === 0;

function meOf(peer: PeerState): RoomView['me'] {
	const { me, name } = peer.options;
	const state = peer.room;
	const invitation = state.invitations.find((one) => one.to === me);
	return {
		peer: me,
		name,
		role: roleOf(peer),
		muted: !peer.microphoneOpen,
		consent: consentOf(peer, me),
		handUp: state.hands.some((hand) => hand.peer === me),
		powers: powersOf(peer),
		cohost: isCohost(peer, me),
		heldDown: isHeldDown(state, me),
		invitation:
			invitation === undefined ? null : { id: invitation.id, fromName: nameOf(peer, invitation.by) }
	};
}

export function roleOf(peer: PeerState): Role {
	if (isHost(peer)) return 'host';
	return mySeat(peer) === undefined ? 'listener' : 'speaker';
}

function stageOf(peer: PeerState): SeatView[] {
	const { me } = peer.options;
	const mesh = peer.tree.mesh;
	const onStage = mySeat(peer) !== undefined;
	return peer.room.seats.map((seat) => ({
		peer: seat.peer,
		name: readable(peer, seat.name, NAME_BYTES_MAX),
		role: seat.role,
		cohost: isCohost(peer, seat.peer),
		me: seat.peer === me,
		muted: seat.peer === me ? !peer.microphoneOpen : !seat.micOpen,
		consent: consentOf(peer, seat.peer),
		reachable: !onStage || seat.peer === me || mesh.includes(seat.peer)
	}));
}

function listenersOf(peer: PeerState): ListenerView[] {
	const state = peer.room;
	const onStage = new Set(state.seats.map((seat) => seat.peer));
	const hands = new Map(
		handsInOrder(peer).map((hand) => [hand.peer, readable(peer, hand.name, NAME_BYTES_MAX)])
	);
	const invited = new Set(state.invitations.map((one) => one.to));
	const here = peer.presence.room(positionOf(peer)).here;
	const everybody = new Set([...hands.keys(), ...here]);
	return [...everybody]
		.filter((listener) => !onStage.has(listener) && !peer.out.has(listener))
		.map((listener) => ({
			peer: listener,
			name: hands.get(listener) ?? nameOf(peer, listener),
			me: listener === peer.options.me,
			handUp: hands.has(listener),
			invited: invited.has(listener),
			cohost: isCohost(peer, listener),
			spokenMs: spokenMs(peer, listener)
		}))
		.filter((listener) => listener.name !== '');
}

/** Sorting keeps the order of those who have been heard as long. */
function handsInOrder(peer: PeerState): readonly Hand[] {
	const { hands } = peer.room;
	if (peer.queueOrder === 'raised') return hands;
	return [...hands].sort((a, b) => spokenMs(peer, a.peer) - spokenMs(peer, b.peer));
}

const spokenMs = (peer: PeerState, who: PeerId): number => (peer.spoken.get(who) ?? 0) * TICK_MS;

/** Loudness 0..1 of everybody on stage who is heard just now. */
export function levelsOf(peer: PeerState, nowMs: number): Map<PeerId, number> {
	const levels = new Map<PeerId, number>();
	for (const seat of peer.room.seats) {
		const counters = peer.streams.get(seat.stream);
		if (counters === undefined || nowMs - counters.levelAtMs > LEVEL_FRESH_MS) continue;
		if (counters.level >= LEVEL_AUDIBLE || counters.level >= LEVEL_SILENT) continue;
		levels.set(seat.peer, 1 - counters.level / LEVEL_AUDIBLE);
	}
	return levels;
}
