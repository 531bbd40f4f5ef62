/**
 * From a set of signed events to what is true in the room. A pure function of the set: order and
 * duplication of `events` do not matter, and neither does anything that is not in the room's own events.
 */
import type { RoomEvent } from '../wire/event.ts';
import { streamOf, type PeerId, type RoomId } from '../wire/ids.ts';
import { authorise, type Authorised } from './authority.ts';
import { captionsOf, chatOf, deedsOf, endingOf, pinsOf, settingsOf, speakersOf } from './board.ts';
import { handsOf } from './hands.ts';
import { lockOf } from './lock.ts';
import { microphonesOf, type Microphones } from './microphones.ts';
import { byLamport } from './order.ts';
import { answersOf, recordingOf } from './recording.ts';
import { replay, type Stage } from './stage.ts';
import { withDigest, type Facts, type Invitation, type RoomState, type Seat } from './state.ts';

export type { Hand, Invitation, Opened, RoomState, Seat, SitRefusal } from './state.ts';

const NOTHING: Facts = {
	opened: null,
	seats: [],
	invitations: [],
	hands: [],
	refusals: new Map(),
	equivocators: [],
	cohosts: [],
	speakers: 'invited',
	floorHeld: false,
	removed: [],
	pins: [],
	settings: { title: '', listed: false, language: '', topics: [] },
	captions: false,
	chat: true,
	recording: { state: 'off', kept: false, decidedAt: 0 },
	answers: [],
	lock: null,
	ended: null,
	deeds: []
};
const UNOPENED: RoomState = withDigest(NOTHING);

/** The events must be verified; those of other rooms and those that nobody had a right to are passed over. */
export function fold(room: RoomId, events: Iterable<RoomEvent>): RoomState {
	const authorised = authorise(room, events);
	if (authorised === null) return UNOPENED;
	const cheats = authorised.equivocations.map(({ author }) => author);
	return withDigest({
		...NOTHING,
		opened: authorised.opened,
		equivocators: [...new Set(cheats)].sort(),
		removed: authorised.outcasts.removed,
		pins: pinsOf(authorised),
		settings: settingsOf(authorised),
		captions: captionsOf(authorised),
		chat: chatOf(authorised),
		lock: lockOf(authorised),
		ended: endingOf(authorised),
		deeds: deedsOf(authorised),
		...presentIn(authorised)
	});
}

/** What is going on; in a room that has ended, nothing. */
function presentIn(room: Authorised): Partial<Facts> {
	if (endingOf(room) !== null) return {};
	const stage = replay(room);
	const microphones = microphonesOf(room);
	return {
		seats: seatsOf(room, stage, microphones),
		invitations: invitationsOf(room, stage),
		hands: handsOf(room, stage),
		refusals: stage.refusals,
		cohosts: room.certificates.cohosts,
		speakers: speakersOf(room),
		floorHeld: microphones.floorHeld,
		recording: recordingOf(room),
		answers: answersOf(room)
	};
}

function seatsOf(room: Authorised, stage: Stage, microphones: Microphones): Seat[] {
	const { host } = room.opened;
	const seats = [...stage.seats.values()].sort(byLamport).map((sit): Seat => ({
		peer: sit.author,
		name: sit.body.name,
		role: sit.author === host ? 'host' : 'speaker',
		sit: sit.id,
		stream: streamOf(sit.id),
		micOpen: microphones.isOpen(sit),
		silenced: microphones.isSilenced(sit),
		lamport: sit.lamport
	}));
	return seats.sort((a, b) => Number(b.role === 'host') - Number(a.role === 'host'));
}

function invitationsOf(room: Authorised, stage: Stage): Invitation[] {
	const open = new Map<PeerId, Invitation>();
	for (const { id, author: by, lamport, body } of stage.invites) {
		const { to } = body;
		if (stage.seats.has(to) || open.has(to)) continue;
		if (room.outcasts.at(to, Number.POSITIVE_INFINITY)) continue;
		if (lamport > (stage.spent.get(to) ?? 0)) open.set(to, { id, by, to, lamport });
	}
	return [...open.values()];
}
