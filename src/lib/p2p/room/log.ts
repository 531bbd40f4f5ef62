/**
 * The bounded set of a room's signed events that one peer holds. What it takes and lets go of is the same
 * rule everywhere, so that neighbours who exchange what they have end up with equal logs and equal rooms.
 */
import { forgetOldest } from '../wire/bounded.ts';
import type { LogSummary } from '../wire/control.ts';
import type { Verified } from '../wire/envelope.ts';
import type { RoomEvent } from '../wire/event.ts';
import type { EventId, PeerId, RoomId } from '../wire/ids.ts';
import { EARLY_EVENTS_MAX, LAMPORT_JUMP_MAX } from '../wire/limits.ts';
import { isAct } from './acts.ts';
import {
	inadmissible,
	noStanding,
	noteStanding,
	type GrowingStanding,
	type Inadmissible
} from './admission.ts';
import { fold, type RoomState } from './fold.ts';
import { byRank } from './order.ts';
import { displaced, slotOf } from './retention.ts';

export type Rejection =
	| Inadmissible
	/** A later one of the same author stands in its place (hands, microphones, settings). */
	| 'superseded'
	/** The log, or its author's or the strangers' part of it, is full of events that go before it. */
	| 'log-full';

export type AddOutcome = 'added' | 'known' | { readonly rejected: Rejection };

export interface RoomLog {
	/** Early events are kept for a while and come in by themselves when what they stand on is added. */
	add(event: Verified<RoomEvent>): AddOutcome;
	/** What `add` would say now. Changes nothing. */
	weigh(event: RoomEvent): AddOutcome;
	/** What the events held add up to. */
	readonly state: RoomState;
	/** The highest Lamport time taken so far, 0 in an empty log. */
	readonly clock: number;
	/**
	 * The sequence number after the author's highest here, from 1. For our own events after a reload it is
	 * right only once our earlier ones are back, from disk or a neighbour: a number used twice is cheating.
	 */
	nextSequence(author: PeerId): number;
	/** The highest sequence number among the author's acts, 0 where there are none. */
	lastAct(author: PeerId): number;
	/**
	 * The Lamport time for the author's next event. `drafted` is that of its last one, where it may not
	 * have been added yet. Never above what logs accept, even where somebody has pushed the clock to the limit.
	 */
	nextLamport(author: PeerId, drafted?: number): number;
	summary(): LogSummary;
	ids(): EventId[];
	get(id: EventId): Verified<RoomEvent> | undefined;
	/** Those of `ids` that are not here. */
	missingFrom(ids: Iterable<EventId>): EventId[];
	/** In the order in which an empty log takes them all: the host's first, then by Lamport time. */
	all(): readonly Verified<RoomEvent>[];
}

type Kept = Verified<RoomEvent>;

interface Shelf {
	readonly room: RoomId;
	readonly standing: GrowingStanding;
	readonly events: Map<EventId, Kept>;
	readonly slots: Map<string, Kept[]>;
	/** Oldest first, at most EARLY_EVENTS_MAX. */
	readonly early: Map<EventId, Kept>;
	clock: number;
	/** The highest Lamport time of the host: others may be ahead of it by a limited jump. */
	hostClock: number;
	/** The highest Lamport time of the acts that are held, whoever's: who answers one has to be above it. */
	actClock: number;
	/** Heads of all ids, XORed, as two 32-bit halves. */
	readonly xor: [number, number];
}

export function createLog(room: RoomId): RoomLog {
	const shelf = emptyShelf(room);
	let state: RoomState | null = null;
	let ordered: readonly Kept[] | null = null;
	return {
		add(event) {
			const outcome = add(shelf, event);
			if (outcome === 'added') state = ordered = null;
			return outcome;
		},
		weigh: (event) => weigh(shelf, event),
		get state() {
			return (state ??= fold(room, shelf.events.values()));
		},
		get clock() {
			return shelf.clock;
		},
		nextSequence: (author) => highestSequence(shelf, author) + 1,
		lastAct(author) {
			const acts = [...shelf.events.values()].filter((one) => one.author === author && isAct(one));
			return Math.max(0, ...acts.map(({ sequence }) => sequence));
		},
		nextLamport(author, drafted = 0) {
			const next = Math.max(shelf.clock, drafted) + 1;
			return author === shelf.standing.host ? next : Math.min(next, ceilingFor(shelf, author));
		},
		summary: () => ({ count: shelf.events.size, xor: shelf.xor.map(hex32).join('') }),
		ids: () => [...shelf.events.keys()],
		get: (id) => shelf.events.get(id),
		missingFrom: (ids) => [...ids].filter((id) => !shelf.events.has(id)),
		all: () => (ordered ??= [...shelf.events.values()].sort(byRank(shelf.standing.host)))
	};
}

/** False only for 'early': an event refused for any other reason need not be offered again. */
export function isFinal(rejection: Rejection): boolean {
	return rejection !== 'early';
}

function emptyShelf(room: RoomId): Shelf {
	return {
		room,
		standing: noStanding(),
		events: new Map(),
		slots: new Map(),
		early: new Map(),
		clock: 0,
		hostClock: 0,
		actClock: 0,
		xor: [0, 0]
	};
}

function add(shelf: Shelf, event: Kept): AddOutcome {
	const outcome = weigh(shelf, event);
	if (outcome === 'added') {
		put(shelf, event);
		adoptEarly(shelf, event);
	} else if (outcome !== 'known' && outcome.rejected === 'early') {
		keepEarly(shelf, event);
	}
	return outcome;
}

function weigh(shelf: Shelf, event: RoomEvent): AddOutcome {
	if (shelf.events.has(event.id)) return 'known';
	const rejected = inadmissible(shelf.room, shelf.standing, event);
	if (rejected !== null) return { rejected };
	if (event.lamport > ceilingFor(shelf, event.author)) return { rejected: 'early' };
	if (displaced<RoomEvent>(shelf, event) !== event) return 'added';
	const slot = slotOf(shelf.standing.host, event);
	const outdone = slot?.places === 1 && shelf.slots.has(slot.key);
	return { rejected: outdone ? 'superseded' : 'log-full' };
}

/**
 * How high a Lamport time may be. Only the host lifts the limit, and by at most three jumps with each of its
 * events, so no crowd can use up the clock. Co-hosts can always step above what members have used, and the host
 * above what co-hosts have. Members can always step above an act, by one: a hand at their limit pushes the acts of co-hosts
 * beyond it, and whoever is invited or muted by those has to be able to answer.
 */
function ceilingFor(shelf: Shelf, author: PeerId): number {
	const { host, named } = shelf.standing;
	const after = (jumps: number): number => shelf.hostClock + jumps * LAMPORT_JUMP_MAX;
	if (host === null || author === host) return after(3);
	if (named.has(author)) return after(2);
	return Math.min(Math.max(after(1), shelf.actClock + 1), after(2) - 1);
}

function put(shelf: Shelf, event: Kept): void {
	const { actClock } = shelf;
	const loser = displaced<Kept>(shelf, event);
	if (loser !== null) remove(shelf, loser);
	shelf.events.set(event.id, event);
	shelf.early.delete(event.id);
	toggle(shelf.xor, event.id);
	const slot = slotOf(shelf.standing.host, event);
	if (slot !== null) shelf.slots.set(slot.key, [...(shelf.slots.get(slot.key) ?? []), event]);
	noteStanding(shelf.standing, event);
	shelf.clock = Math.max(shelf.clock, event.lamport);
	if (isAct(event)) shelf.actClock = Math.max(shelf.actClock, event.lamport);
	if (event.author === shelf.standing.host) {
		shelf.hostClock = Math.max(shelf.hostClock, event.lamport);
	}
	if (shelf.actClock < actClock) putBackWhatIsAbove(shelf);
}

/** An act is gone that members were let above: what counts depends on what is held, not on what was. */
function putBackWhatIsAbove(shelf: Shelf): void {
	for (const event of [...shelf.events.values()]) {
		if (event.lamport <= ceilingFor(shelf, event.author)) continue;
		remove(shelf, event);
		keepEarly(shelf, event);
	}
}

function remove(shelf: Shelf, event: Kept): void {
	shelf.events.delete(event.id);
	toggle(shelf.xor, event.id);
	if (isAct(event) && event.lamport === shelf.actClock) shelf.actClock = latestAct(shelf);
	const slot = slotOf(shelf.standing.host, event);
	if (slot === null) return;
	const left = (shelf.slots.get(slot.key) ?? []).filter((other) => other !== event);
	if (left.length === 0) shelf.slots.delete(slot.key);
	else shelf.slots.set(slot.key, left);
}

function latestAct({ events }: Shelf): number {
	let latest = 0;
	for (const event of events.values()) if (isAct(event)) latest = Math.max(latest, event.lamport);
	return latest;
}

/** What comes by another way may be quicker than what it answers: it waits here. The oldest waits no more. */
function keepEarly(shelf: Shelf, event: Kept): void {
	shelf.early.set(event.id, event);
	forgetOldest(shelf.early, EARLY_EVENTS_MAX);
}

/** Only acts and the host's events make room for others. Those that wait are tried in feeding order, so once is enough. */
function adoptEarly(shelf: Shelf, added: Kept): void {
	const { host } = shelf.standing;
	if (shelf.early.size === 0 || (added.author !== host && !isAct(added))) return;
	for (const event of [...shelf.early.values()].sort(byRank(host))) {
		const outcome = weigh(shelf, event);
		if (outcome === 'added') put(shelf, event);
		else if (outcome !== 'known' && outcome.rejected !== 'early') shelf.early.delete(event.id);
	}
}

function highestSequence(shelf: Shelf, author: PeerId): number {
	let highest = 0;
	for (const events of [shelf.events, shelf.early]) {
		for (const event of events.values()) {
			if (event.author === author) highest = Math.max(highest, event.sequence);
		}
	}
	return highest;
}

/** 32 bits in hex: half of what a summary takes of an id. */
const HALF_DIGITS = 8;

function toggle(xor: [number, number], id: EventId): void {
	for (const half of [0, 1] as const) {
		const digits = id.slice(half * HALF_DIGITS, (half + 1) * HALF_DIGITS);
		xor[half] = (xor[half] ^ Number.parseInt(digits, 16)) >>> 0;
	}
}

function hex32(half: number): string {
	return half.toString(16).padStart(HALF_DIGITS, '0');
}
