/** What the tree knows at one peer, and simple questions about it. Changed only by the files of this folder. */
import type { Contact } from '../wire/contact.ts';
import type { ControlMessage, KnockRefusal, RefusalReason, Knock, Want } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { CANDIDATES_MAX, CONTACTS_MAX, SEATS_MAX } from '../wire/limits.ts';
import type { Heartbeat } from '../wire/packet.ts';
import { fullBucket, type Bucket } from '../wire/rate.ts';
import * as timing from './timing.ts';

/** Messages of the control channel that concern the tree. */
export type TreeMessage = Extract<
	ControlMessage,
	{ type: 'attach' | 'attached' | 'detach' | 'path' | 'bye' }
>;

export type TreeInput =
	/** Members found by the directory. */
	| { readonly type: 'contacts'; readonly contacts: readonly Contact[] }
	/** Who is on stage by the room's law, in the order of taking seats. */
	| { readonly type: 'stage'; readonly peers: readonly PeerId[] }
	| { readonly type: 'fanout'; readonly children: number }
	/** Where we listen ourselves. */
	| { readonly type: 'address'; readonly addrs: readonly string[] }
	| {
			readonly type: 'knock';
			readonly ticket: number;
			readonly from: PeerId;
			readonly knock: Knock;
	  }
	| { readonly type: 'refused'; readonly peer: PeerId; readonly refusal: KnockRefusal | null }
	| { readonly type: 'failed'; readonly peer: PeerId }
	| { readonly type: 'opened'; readonly peer: PeerId }
	| { readonly type: 'closed'; readonly peer: PeerId }
	| { readonly type: 'message'; readonly from: PeerId; readonly message: TreeMessage }
	/** A peer's hello told where it listens. */
	| { readonly type: 'contact'; readonly contact: Contact }
	/** Any datagram came over this link. */
	| { readonly type: 'heard'; readonly from: PeerId; readonly heartbeat: Heartbeat | null }
	/** Our parent pushes nothing although somebody talks: a backup is to take its place now. */
	| { readonly type: 'starved'; readonly parent: PeerId }
	/** A source of ours misbehaves: it is left, and avoided for a while. */
	| { readonly type: 'bad'; readonly peer: PeerId }
	| { readonly type: 'tick' }
	| { readonly type: 'leave' };

export type TreeOutput =
	/** Ask the directory for members. */
	| { readonly type: 'find' }
	| { readonly type: 'open'; readonly to: Contact; readonly want: Want }
	| { readonly type: 'admit'; readonly ticket: number }
	| { readonly type: 'refuse'; readonly ticket: number; readonly refusal: KnockRefusal }
	| { readonly type: 'close'; readonly peer: PeerId }
	| { readonly type: 'send'; readonly to: PeerId; readonly message: TreeMessage }
	| { readonly type: 'beat'; readonly to: PeerId; readonly heartbeat: Heartbeat };

export interface Link {
	readonly peer: PeerId;
	open: boolean;
	/** It is our eager parent. */
	parent: boolean;
	/** We carry it as our child (from admission on, before the link is open). */
	child: boolean;
	/** When nothing needed the link any more; null while something does. */
	idleSinceMs: number | null;
	lastHeardMs: number;
	lastBeatMs: number;
	/** Round trip, smoothed; null before the first echo. */
	rttMs: number | null;
	/** The last stamp heard, to be echoed, and when. */
	stamp: { readonly value: number; readonly atMs: number } | null;
	/** From a speaker down to this peer, as it said; empty when it has no source or told nothing. */
	path: readonly PeerId[];
	delayMs: number;
	/** Since when, as our parent, it has told of no source: none yet, or none any more. */
	orphanSinceMs: number | null;
}

export interface Attempt {
	readonly startedMs: number;
	/** By a knock through signalling, or by `attach` on a link that is open. */
	readonly how: 'knock' | 'attach';
}

export interface MeshAttempt {
	nextTryMs: number;
	/** Doubles with every miss, until a link has lasted. */
	pauseMs: number;
	/** Since when an attempt is under way, null between attempts. */
	tryingSinceMs: number | null;
	/** Since when the link is open, null while it is not. */
	openSinceMs: number | null;
}

export interface KnownContact extends Contact {
	/** The peer itself told us, over a link of its own: what others say of it counts for less. */
	readonly firstHand: boolean;
}

export interface TreeState {
	readonly me: PeerId;
	addrs: readonly string[];
	fanout: number;
	/** Order of taking seats. */
	stage: readonly PeerId[];
	readonly links: Map<PeerId, Link>;
	/** Least recently confirmed first; at most CONTACTS_MAX. */
	readonly contacts: Map<PeerId, KnownContact>;
	/** Speakers as our parent told them. */
	roots: readonly Contact[];
	readonly attempts: Map<PeerId, Attempt>;
	/** Where those who refused us, or left, have sent us: nearest first. At most REDIRECTS_MAX. */
	redirects: readonly Contact[];
	/** Places we know ourselves, best first. At most QUEUE_MAX. */
	queue: readonly Contact[];
	/** Tries at a parent so far, and how many more there may be now. */
	tries: number;
	readonly triesLeft: Bucket;
	/** When those we know may be tried once more. */
	nextRoundMs: number;
	/** Not to be tried again before that time. At most CONTACTS_MAX. */
	readonly avoid: Map<PeerId, number>;
	nextFindMs: number;
	lastFindMs: number;
	findPauseMs: number;
	readonly mesh: Map<PeerId, MeshAttempt>;
	/** On stage with others, and since when without a link to any of them; null otherwise. */
	strandedSinceMs: number | null;
	/** Turns the list of children offered to those we refuse, so that the load spreads. */
	turn: number;
	/** What our children were last told. */
	told: { path: readonly PeerId[]; delayMs: number; roots: string; atMs: number };
	leaving: boolean;
}

export function newState(me: PeerId, fanout: number): TreeState {
	return {
		me,
		addrs: [],
		fanout,
		stage: [],
		links: new Map(),
		contacts: new Map(),
		roots: [],
		attempts: new Map(),
		redirects: [],
		queue: [],
		tries: 0,
		triesLeft: fullBucket(timing.TRIES),
		nextRoundMs: 0,
		avoid: new Map(),
		nextFindMs: 0,
		lastFindMs: 0,
		findPauseMs: timing.FIND_MIN_MS,
		mesh: new Map(),
		strandedSinceMs: null,
		turn: 0,
		told: { path: [], delayMs: 0, roots: '', atMs: 0 },
		leaving: false
	};
}

export function newLink(peer: PeerId, nowMs: number): Link {
	return {
		peer,
		open: false,
		parent: false,
		child: false,
		idleSinceMs: null,
		lastHeardMs: nowMs,
		lastBeatMs: 0,
		rttMs: null,
		stamp: null,
		path: [],
		delayMs: 0,
		orphanSinceMs: null
	};
}

export const isSpeaker = (state: TreeState): boolean => state.stage.includes(state.me);

export function parentOf(state: TreeState): Link | null {
	for (const link of state.links.values()) if (link.parent) return link;
	return null;
}

export function childrenOf(state: TreeState): Link[] {
	return [...state.links.values()].filter((link) => link.child);
}

/** Both on stage: the link belongs to the speaker mesh. */
export function isMesh(state: TreeState, peer: PeerId): boolean {
	return peer !== state.me && isSpeaker(state) && state.stage.includes(peer);
}

/** From a speaker down to us, both included; empty while we have no source. */
export function pathOf(state: TreeState): readonly PeerId[] {
	if (isSpeaker(state)) return [state.me];
	const parent = parentOf(state);
	return parent === null || parent.path.length === 0 ? [] : [...parent.path, state.me];
}

/** Estimated time for sound from the root of our path to us. */
export function delayOf(state: TreeState): number {
	if (isSpeaker(state)) return 0;
	const parent = parentOf(state);
	return parent === null ? 0 : parent.delayMs + (parent.rttMs ?? 0) / 2;
}

export function contactOf(state: TreeState, peer: PeerId): Contact {
	if (peer === state.me) return { peer, addrs: state.addrs };
	return { peer, addrs: state.contacts.get(peer)?.addrs ?? [] };
}

export function learnContact(
	state: TreeState,
	contact: Contact,
	by: 'itself' | 'others' = 'others'
): void {
	const { peer, addrs } = contact;
	if (peer === state.me) return;
	const better = betterContact(state, { peer, addrs, firstHand: by === 'itself' });
	state.contacts.delete(peer);
	state.contacts.set(peer, better);
	trim(state.contacts, CONTACTS_MAX);
}

/** An empty address list says less than what we know, and so does hearsay. */
export function betterContact(state: TreeState, told: KnownContact): KnownContact {
	const known = state.contacts.get(told.peer);
	if (known === undefined) return told;
	return told.addrs.length === 0 || (known.firstHand && !told.firstHand) ? known : told;
}

/** The speakers and how to reach them, from the room's law where we are on stage, else as told by our parent. */
export function rootContacts(state: TreeState): readonly Contact[] {
	if (state.stage.length === 0) return state.roots;
	return state.stage.slice(0, SEATS_MAX).map((peer) => contactOf(state, peer));
}

export function refusal(
	state: TreeState,
	reason: RefusalReason,
	candidates: readonly Contact[]
): KnockRefusal {
	const others = candidates.filter((contact) => contact.peer !== state.me);
	return { reason, candidates: others.slice(0, CANDIDATES_MAX) };
}

export function linkOf(state: TreeState, peer: PeerId, nowMs: number): Link {
	const known = state.links.get(peer);
	if (known !== undefined) return known;
	const link = newLink(peer, nowMs);
	state.links.set(peer, link);
	return link;
}

/** Each peer once, in the place where it comes first. */
export function dedupe(contacts: readonly Contact[]): Contact[] {
	return [...new Map(contacts.map((contact) => [contact.peer, contact])).values()];
}

/** Drops the oldest entries above `max`. */
export function trim(map: Map<PeerId, unknown>, max: number): void {
	for (const key of map.keys()) {
		if (map.size <= max) return;
		map.delete(key);
	}
}
