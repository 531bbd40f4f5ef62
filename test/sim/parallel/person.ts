/** One person of a world on several threads. It knows others by number alone: they may live elsewhere. */
import type { Peer } from '#lib/p2p/peer/peer.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import type { Heard } from '../member.ts';
import type { Place } from '../places.ts';
import type { Line } from '../wires.ts';

export interface Person {
	readonly number: number;
	readonly id: PeerId;
	readonly publicKey: Uint8Array;
	readonly place: Place;
	readonly peer: Peer;
	/** The peer's: it has properties that are computed, among which this one is looked for by name each time. */
	readonly handle: Peer['handle'];
	/** Numbers of the frames that were played, by stream. */
	readonly heard: Map<StreamId, Heard>;
	/** Frames that were played more than once, and that nobody said. */
	twice: number;
	wrong: number;
	alive: boolean;
	seq: number;
	talking: boolean;
	/** Our sides of open links, by who is at the other. */
	readonly ends: Map<PeerId, End>;
	/** Links that may come about, by ticket. */
	readonly attempts: Map<number, Attempt>;
	/** When its signing and checking is done with all that waits. */
	cryptoFreeMs: number;
	/** Things it has done, knocks it has made, searches it has begun. */
	turns: number;
	knocks: number;
	finds: number;
}

/** One side of an open link. */
export interface End {
	readonly person: Person;
	readonly other: number;
	readonly otherId: PeerId;
	/** Ticket of the knock it came from: another link between the same two has another. */
	readonly link: number;
	/** The way there. */
	readonly line: Line;
	open: boolean;
	/** A reliable channel keeps its order: nothing we send arrives before this. */
	lastControlMs: number;
	/** The other side, where it lives in the same thread and was looked for. */
	far: End | null;
}

export interface Attempt {
	readonly ticket: number;
	readonly other: number;
	readonly otherId: PeerId;
	/** We knocked, or it did. */
	readonly ours: boolean;
	admitted: boolean;
}

export const newPerson = (
	given: Pick<Person, 'number' | 'id' | 'publicKey' | 'place' | 'peer'>
): Person => ({
	...given,
	handle: given.peer.handle,
	heard: new Map(),
	twice: 0,
	wrong: 0,
	alive: true,
	seq: 0,
	talking: false,
	ends: new Map(),
	attempts: new Map(),
	cryptoFreeMs: 0,
	turns: 0,
	knocks: 0,
	finds: 0
});
