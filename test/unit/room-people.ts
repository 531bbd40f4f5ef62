/** People and their events for tests of the room's law: made from numbers, with signatures that nobody checks. */
import { sha256 } from '@noble/hashes/sha2.js';
import {
	encodeUnsigned,
	markVerified,
	openEnvelope,
	seal,
	SIGNATURE_BYTES,
	type Verified
} from '#lib/p2p/wire/envelope.ts';
import { fold, type RoomState } from '#lib/p2p/room/fold.ts';
import { SCOPE_ALL } from '#lib/p2p/wire/act.ts';
import type { BodyOf, EventBody, RoomEvent } from '#lib/p2p/wire/event.ts';
import { peerIdOf, roomIdOf, type EventId, type PeerId } from '#lib/p2p/wire/ids.ts';

export type Signed = Verified<RoomEvent>;

export interface Person {
	readonly key: Uint8Array;
	readonly peer: PeerId;
	readonly name: string;
}

const people = new Map<number, Person>();

export function person(number: number): Person {
	const key = sha256(Uint8Array.of(number >> 8, number & 255));
	const made = people.get(number) ?? { key, peer: peerIdOf(key), name: `Person ${number}` };
	people.set(number, made);
	return made;
}

export const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
export const host = person(0);
export const room = roomIdOf(host.key, nonce);
export const otherRoom = roomIdOf(person(1).key, nonce);

export interface Place {
	readonly sequence: number;
	readonly lamport: number;
	readonly room?: typeof room;
}

/** An event as it comes out of its envelope. */
export function eventBy(author: Person, place: Place, body: EventBody): Signed {
	const unsigned = encodeUnsigned({ room, ...place, authorKey: author.key, body });
	const opened = openEnvelope(seal(unsigned, new Uint8Array(SIGNATURE_BYTES)));
	if (!opened.ok) throw new Error(`The envelope does not open: ${opened.reason}`);
	return markVerified(opened.event);
}

export const openBody: BodyOf<'open'> = {
	kind: 'open',
	nonce,
	title: 'Evening talk',
	hostName: host.name,
	createdAtMs: 1_790_000_000_000
};

export const opening = eventBy(host, { sequence: 1, lamport: 1 }, openBody);

export interface Story {
	readonly events: Signed[];
	/** The number last used by each author. */
	readonly sequences: Map<PeerId, number>;
	/** The author's next event, a Lamport tick after everything told so far, or at `lamport`. */
	readonly tell: (author: Person, body: EventBody, lamport?: number) => Signed;
	readonly invite: (to: Person, lamport?: number) => EventId;
	/** Invites and seats; returns the sit event. */
	readonly seat: (who: Person) => Signed;
	/** Names a co-host with every power, or those of `scope`, for what comes after what it has signed. */
	readonly name: (who: Person, scope?: number) => Signed;
	/** The room as it is now. */
	readonly state: () => RoomState;
}

/** A room whose events are told one after the other, from its opening on. */
export function story(): Story {
	const events = [opening];
	const sequences = new Map<PeerId, number>([[host.peer, 1]]);
	let clock = 1;
	const tell = (author: Person, body: EventBody, lamport = clock + 1): Signed => {
		const sequence = (sequences.get(author.peer) ?? 0) + 1;
		sequences.set(author.peer, sequence);
		clock = Math.max(clock, lamport);
		const event = eventBy(author, { sequence, lamport }, body);
		events.push(event);
		return event;
	};
	const invite = (to: Person, lamport?: number): EventId =>
		tell(host, { kind: 'invite', to: to.peer }, lamport).id;
	return {
		events,
		sequences,
		tell,
		invite,
		seat: (who) => tell(who, { kind: 'sit', invite: invite(who), name: who.name }),
		name: (who, scope = SCOPE_ALL) =>
			tell(host, { kind: 'name-cohost', to: who.peer, scope, through: 2 ** 32 - 1, untilMs: 0 }),
		state: () => fold(room, events)
	};
}

export const peersOnStage = (state: {
	readonly seats: readonly { readonly peer: PeerId }[];
}): PeerId[] => state.seats.map((seat) => seat.peer);
