/** What is true in a room, as every peer computes it, and its fingerprint. */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromString } from 'uint8arrays/from-string';
import { toHex, type EventId, type PeerId, type StreamId } from '../wire/ids.ts';

export interface Opened {
	readonly host: PeerId;
	readonly title: string;
	readonly hostName: string;
	/** By the host's clock. */
	readonly createdAtMs: number;
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
	/** Lamport time of `sit`. */
	readonly lamport: number;
}

export interface Invitation {
	readonly id: EventId;
	readonly to: PeerId;
	readonly lamport: number;
}

export interface Hand {
	readonly peer: PeerId;
	readonly name: string;
	readonly event: EventId;
	readonly lamport: number;
}

/** Why a seat was not given. For good: who wants it later asks anew, by another `sit`. */
export type SitRefusal = 'stage-full' | 'not-invited' | 'already-on-stage';

export interface RoomState {
	/** Null until the opening event is known; then nothing else is true either. */
	readonly opened: Opened | null;
	/** Host first, then in order of sitting down; SEATS_MAX at most, one of them only for the host. */
	readonly seats: readonly Seat[];
	/** Open ones, one for each person (the earliest), in order of sending. */
	readonly invitations: readonly Invitation[];
	/** Raised hands in the order raised. An invitation or a seat lowers a hand. */
	readonly hands: readonly Hand[];
	readonly refusals: ReadonlyMap<EventId, SitRefusal>;
	/** Who signed two different lasting events under one sequence number. Sorted. */
	readonly equivocators: readonly PeerId[];
	/** SHA-256 as hex over all of the above: equal digests, equal rooms. */
	readonly digest: string;
}

export type Facts = Omit<RoomState, 'digest'>;

export function withDigest(facts: Facts): RoomState {
	return { ...facts, digest: digestOf(facts) };
}

/** JSON of arrays alone: their order is ours, where that of an object's keys is whoever wrote it. */
function digestOf(facts: Facts): string {
	const { opened } = facts;
	const canonical = [
		opened && [opened.host, opened.title, opened.hostName, opened.createdAtMs],
		facts.seats.map((seat) => [seat.peer, seat.name, seat.role, seat.sit, seat.micOpen]),
		facts.invitations.map((invitation) => [invitation.id, invitation.to]),
		facts.hands.map((hand) => [hand.peer, hand.name, hand.event]),
		[...facts.refusals].sort(([a], [b]) => (a < b ? -1 : 1)),
		facts.equivocators
	];
	return toHex(sha256(fromString(JSON.stringify(canonical))));
}
