/** Draws what the law says of the room: who moderates, who is out, what is pinned, who did what. */
import { hasPower, POWERS, SCOPE_ALL, type Power, type Settings } from '../wire/act.ts';
import type { PeerId } from '../wire/ids.ts';
import {
	END_WORDS_BYTES_MAX,
	LANGUAGE_BYTES_MAX,
	NAME_BYTES_MAX,
	PIN_TEXT_BYTES_MAX,
	TITLE_BYTES_MAX,
	TOPIC_BYTES_MAX
} from '../wire/limits.ts';
import { isSpent } from '../room/powers.ts';
import { readable, readableLink } from './sealed-texts.ts';
import { isHost, numbersOf, type PeerState } from './state.ts';
import type { DeedView, PersonView, PinView, RemovedView, RoomView } from './view.ts';

type LawView = Pick<
	RoomView,
	| 'speakers'
	| 'floorHeld'
	| 'settings'
	| 'captions'
	| 'chat'
	| 'recording'
	| 'pins'
	| 'cohosts'
	| 'removed'
	| 'deeds'
	| 'ending'
>;

export function lawOf(peer: PeerState): LawView {
	const { speakers, floorHeld, settings, cohosts, ended } = peer.room;
	return {
		speakers,
		floorHeld,
		settings: readSettings(peer, settings),
		captions: peer.room.captions,
		chat: peer.room.chat,
		recording: peer.room.recording,
		pins: pinsOf(peer),
		cohosts: cohosts.map(({ peer: who, scope, untilMs }) => ({
			...personOf(peer, who),
			powers: powersIn(scope),
			untilMs: untilMs === 0 ? null : untilMs
		})),
		removed: removedOf(peer),
		deeds: deedsOf(peer),
		ending: ended === null ? null : readable(peer, ended.words, END_WORDS_BYTES_MAX)
	};
}

/** What we may do now: nothing more once our certificate is used up, or its time over. */
export function powersOf(peer: PeerState): readonly Power[] {
	if (isHost(peer)) return powersIn(SCOPE_ALL);
	const { me } = peer.options;
	const mine = peer.room.cohosts.find((cohost) => cohost.peer === me);
	return mine === undefined || isSpent(mine, numbersOf(peer)) ? [] : powersIn(mine.scope);
}

const powersIn = (scope: number): readonly Power[] =>
	POWERS.filter((power) => hasPower(scope, power));

export const isCohost = ({ room }: PeerState, who: PeerId): boolean =>
	room.cohosts.some((cohost) => cohost.peer === who);

const readSettings = (peer: PeerState, settings: Settings): Settings => ({
	...settings,
	title: readable(peer, settings.title, TITLE_BYTES_MAX),
	language: readable(peer, settings.language, LANGUAGE_BYTES_MAX),
	topics: settings.topics.map((topic) => readable(peer, topic, TOPIC_BYTES_MAX))
});

function pinsOf(peer: PeerState): PinView[] {
	return peer.room.pins.map(({ id, text, link, by }) => ({
		id,
		text: readable(peer, text, PIN_TEXT_BYTES_MAX),
		link: readableLink(peer, link),
		by: personOf(peer, by)
	}));
}

function removedOf(peer: PeerState): RemovedView[] {
	const mayReadmit = powersOf(peer).includes('people');
	const host = peer.room.opened?.host;
	return peer.room.removed.map(({ peer: who, blocked, by }) => ({
		...personOf(peer, who),
		blocked,
		by: personOf(peer, by),
		canReadmit: mayReadmit && (isHost(peer) || by !== host)
	}));
}

function deedsOf(peer: PeerState): DeedView[] {
	return peer.room.deeds.map(({ id, by, what, whom, on }) => ({
		id,
		by: personOf(peer, by),
		what,
		whom: whom === null ? null : personOf(peer, whom),
		on
	}));
}

const personOf = (peer: PeerState, who: PeerId): PersonView => ({
	peer: who,
	name: nameOf(peer, who),
	me: who === peer.options.me
});

/** As somebody has called itself: on a seat, with a hand, by listening; the host in the opening. Empty where it has not. */
export function nameOf(peer: PeerState, who: PeerId): string {
	if (who === peer.options.me) return peer.options.name;
	return readable(peer, nameSaid(peer, who), NAME_BYTES_MAX);
}

function nameSaid(peer: PeerState, who: PeerId): string {
	const { opened, seats, hands } = peer.room;
	if (who === opened?.host) return opened.hostName;
	const said = seats.find((seat) => seat.peer === who) ?? hands.find((hand) => hand.peer === who);
	if (said !== undefined) return said.name;
	const here = peer.names.get(who)?.body;
	if (here?.kind === 'here') return here.name;
	return peer.namesOnStage.get(who) ?? '';
}
