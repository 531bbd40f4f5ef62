/** What is true in a room, as every peer computes it, and its fingerprint. */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import type { Settings, Speakers } from '../wire/act.ts';
import { toHex, type EventId, type PeerId, type StreamId } from '../wire/ids.ts';
import type { AnyActKind } from './acts.ts';
import type { Answer, Recording } from './recording.ts';

export interface Opened {
	readonly host: PeerId;
	/** As it was opened; what it is called now stands in the settings. */
	readonly title: string;
	readonly hostName: string;
	/** By the host's clock. */
	readonly createdAtMs: number;
	/** As hex; with the host's key it hashes to the room's id. */
	readonly nonce: string;
}

export interface Seat {
	readonly peer: PeerId;
	readonly name: string;
	readonly role: 'host' | 'speaker';
	/** The event that took the seat. */
	readonly sit: EventId;
	/** The stream spoken on from this seat: a new seat is a new stream. */
	readonly stream: StreamId;
	readonly micOpen: boolean;
	/** Muted by another since its holder's last word, or kept muted by the floor: whatever voice comes is not heard. */
	readonly silenced: boolean;
	/** Lamport time of `sit`. */
	readonly lamport: number;
}

export interface Cohost {
	readonly peer: PeerId;
	readonly certificate: EventId;
	/** Bits of POWERS. */
	readonly scope: number;
	/** The last sequence number of its own that is covered. */
	readonly through: number;
	/** When the host's app will take it back, epoch ms; 0 where no time is set. No rule depends on it. */
	readonly untilMs: number;
	/** Lamport time of the certificate. */
	readonly lamport: number;
}

/** Somebody who is out. */
export interface Removed {
	readonly peer: PeerId;
	readonly by: PeerId;
	/** Also from the host's later rooms. */
	readonly blocked: boolean;
	readonly event: EventId;
	readonly lamport: number;
}

export interface Pin {
	readonly id: EventId;
	readonly by: PeerId;
	readonly text: string;
	/** A whole web address, or empty. */
	readonly link: string;
	readonly lamport: number;
}

/** Something that the host or a co-host did. */
export interface Deed {
	readonly id: EventId;
	readonly by: PeerId;
	readonly what: Exclude<AnyActKind, 'queue'>;
	/** To whom it was done, where it was to one person. */
	readonly whom: PeerId | null;
	/** Of a floor: whether it was held; of a door: whether it was closed; of captions and chat: whether they are wanted; of recording: whether it goes on; of a removal: whether it was a block. */
	readonly on: boolean;
	readonly lamport: number;
}

export interface Ending {
	readonly words: string;
	readonly event: EventId;
}

/** A time in which the room's sound has one key. */
export interface Epoch {
	readonly number: number;
	readonly by: PeerId;
	readonly event: EventId;
	readonly lamport: number;
	/** By what its key is known. */
	readonly check: string;
	/** The digest of who was out when it began. */
	readonly out: string;
	/** The epoch before, 0 where there is none, and the sealed key of its texts. */
	readonly before: number;
	readonly texts: Uint8Array;
}

export interface Lock {
	/** In the order of their numbers; of each number one. The last is that of now. */
	readonly epochs: readonly Epoch[];
	readonly doorClosed: boolean;
}

export interface Invitation {
	readonly id: EventId;
	readonly by: PeerId;
	readonly to: PeerId;
	readonly lamport: number;
}

export interface Hand {
	readonly peer: PeerId;
	readonly name: string;
	readonly event: EventId;
	readonly lamport: number;
	/** Its place in the queue is settled. */
	readonly placed: boolean;
}

/** Why a seat was not given. For good: who wants it later asks anew, by another `sit`. */
export type SitRefusal = 'stage-full' | 'not-invited' | 'already-on-stage' | 'removed';

export interface RoomState {
	/** Null until the opening event is known; then nothing else is true either. */
	readonly opened: Opened | null;
	/** Host first, then in order of sitting down; SEATS_MAX at most, one of them only for the host. */
	readonly seats: readonly Seat[];
	/** Open ones, one for each person (the earliest), in order of sending. */
	readonly invitations: readonly Invitation[];
	/** Raised hands: as the host or a co-host saw them come, then in the order raised. An invitation or a seat lowers a hand. */
	readonly hands: readonly Hand[];
	readonly refusals: ReadonlyMap<EventId, SitRefusal>;
	/** Who signed two different lasting events under one sequence number. Sorted. */
	readonly equivocators: readonly PeerId[];
	/** In the order of being named. */
	readonly cohosts: readonly Cohost[];
	readonly speakers: Speakers;
	/** Who is muted and neither host nor co-host cannot unmute. */
	readonly floorHeld: boolean;
	/** In the order of removal. */
	readonly removed: readonly Removed[];
	/** PINS_MAX at most, the oldest first. */
	readonly pins: readonly Pin[];
	readonly settings: Settings;
	/** What is said is to be put into words by the speakers' own apps. */
	readonly captions: boolean;
	/** People may write beside the sound. */
	readonly chat: boolean;
	readonly recording: Recording;
	/** What people agree to have recorded of themselves, in the order of their ids. */
	readonly answers: readonly Answer[];
	/** Null in a room that is open to all who have its key. */
	readonly lock: Lock | null;
	/** Null while the room is open; nothing else changes any more once it is not. */
	readonly ended: Ending | null;
	/** The last DEEDS_MAX, the oldest first. */
	readonly deeds: readonly Deed[];
	/** SHA-256 as hex over all of the above: equal digests, equal rooms. */
	readonly digest: string;
}

export type Facts = Omit<RoomState, 'digest'>;

export function withDigest(facts: Facts): RoomState {
	return { ...facts, digest: digestOf(facts) };
}

/** JSON of arrays alone: their order is ours, where that of an object's keys is whoever wrote it. */
function digestOf(facts: Facts): string {
	const { opened, settings } = facts;
	const canonical = [
		opened && [opened.host, opened.title, opened.hostName, opened.createdAtMs],
		facts.seats.map((seat) => [
			seat.peer,
			seat.name,
			seat.role,
			seat.sit,
			seat.micOpen,
			seat.silenced
		]),
		facts.invitations.map((invitation) => [invitation.id, invitation.to]),
		facts.hands.map((hand) => [hand.peer, hand.name, hand.event]),
		[...facts.refusals].sort(([a], [b]) => (a < b ? -1 : 1)),
		facts.equivocators,
		facts.cohosts.map((cohost) => [cohost.certificate, cohost.scope, cohost.through]),
		facts.speakers,
		facts.floorHeld,
		facts.removed.map((removed) => [removed.event, removed.blocked]),
		facts.pins.map((pin) => pin.id),
		[settings.title, settings.listed, settings.language, settings.topics],
		facts.ended?.event ?? null,
		facts.deeds.map((deed) => deed.id),
		facts.lock && [facts.lock.epochs.map((epoch) => epoch.event), facts.lock.doorClosed],
		facts.captions,
		facts.chat,
		[facts.recording.state, facts.recording.kept],
		facts.answers.map((answer) => [answer.peer, answer.consent])
	];
	return toHex(sha256(fromString(JSON.stringify(canonical))));
}
