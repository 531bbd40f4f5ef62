/** What the tree knows at one peer, and simple questions about it. Changed only by the files of this folder. */
import type { Contact, Spot } from '../wire/contact.ts';
import type { KnockRefusal, RefusalReason } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import { CANDIDATES_MAX, CONTACTS_MAX, SEATS_MAX } from '../wire/limits.ts';
import { fullBucket, type Bucket } from '../wire/rate.ts';
import { newBackupSearch, type BackupSearch } from './backup-search.ts';
import type { KnownOffer } from './offers.ts';
import { NOWHERE_YET } from './spot.ts';
import * as timing from './timing.ts';
import { newWalk, type Walk } from './walk.ts';

/** Whether there is room at a peer, as it said. */
export interface Places {
	readonly fanout: number;
	readonly free: number;
	readonly floors: number;
	readonly most: number;
}

export interface Link {
	readonly peer: PeerId;
	open: boolean;
	/** It is our eager parent. */
	parent: boolean;
	/** We carry it as our child (from admission on, before the link is open). */
	child: boolean;
	/** It stands by for us, as our backup parent. */
	backup: boolean;
	/** We stand by for it (from admission on, before the link is open). */
	backupChild: boolean;
	/** Since when it is what it is to us, as child, backup or parent. */
	sinceMs: number;
	/** It came to us by a graft, beyond our fan-out perhaps. */
	grafted: boolean;
	/** Parent and child are parting: until then the sound still flows. Null while they are not. */
	endsAtMs: number | null;
	/** What it told of its room; null before. */
	places: Places | null;
	/** Where it is; null before it has said so. */
	spot: Spot | null;
	/** What it was told of ours, null before, and when it may be told again. */
	placesTold: Places | null;
	nextPlacesMs: number;
	spotTold: Spot;
	nextSpotMs: number;
	/** As our child: of which better places it was told, and when; at most OFFERS_MAX. And when it may be told of more. */
	readonly offersTold: Map<PeerId, number>;
	nextOffersMs: number;
	/** As our child: when it may be sent up, or asked to send up one of its own; each time later. */
	nextClimbMs: number;
	nextRaiseMs: number;
	raisePauseMs: number;
	/** When nothing needed the link any more; null while something does. */
	idleSinceMs: number | null;
	lastHeardMs: number;
	/** When it was last asked for something, as our backup, that it did not answer in time; null before. */
	unansweredMs: number | null;
	/** When anything but a heartbeat came: sound, or word of it. */
	lastSoundMs: number;
	lastBeatMs: number;
	/** Round trip, smoothed; null before the first echo. */
	rttMs: number | null;
	/** The last stamp heard, to be echoed, and when. */
	stamp: { readonly value: number; readonly atMs: number } | null;
	/** From a speaker down to this peer, as it said; empty when it has no source or told nothing. */
	path: readonly PeerId[];
	delayMs: number;
	/** Since when, as our parent or backup, it has told of no source: none yet, or none any more. */
	orphanSinceMs: number | null;
}

export interface Attempt {
	readonly startedMs: number;
	/**
	 * By a knock through signalling, by `attach` on a link that is open, by `graft` to a backup, or, without need,
	 * to a backup that would be the better parent, by a knock at a place we have heard of that promises to be better,
	 * to our parent's parent, which has called us up, or on a walk down from near the speakers.
	 */
	readonly how: 'knock' | 'attach' | 'graft' | 'swap' | 'leap' | 'climb' | 'walk';
	/** Where it was knocked at: who was only named by others is not among those we know. */
	readonly addrs?: readonly string[];
	/** It said yes, and is on trial beside our parent since then; and whether it has brought sound. */
	trial?: { readonly sinceMs: number; heard: boolean };
}

export interface MeshAttempt {
	nextTryMs: number;
	/** Doubles with every miss, until a link has lasted. */
	pauseMs: number;
	/** Since when the link is wanted, both being on stage. */
	readonly wantedSinceMs: number;
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
	/** Where we are among the others. */
	spot: Spot;
	/** Places with room; least recently heard of first, at most OFFERS_MAX. */
	readonly offers: Map<PeerId, KnownOffer>;
	/** Speakers as our parent told them. */
	roots: readonly Contact[];
	readonly attempts: Map<PeerId, Attempt>;
	/** Where those who refused us, or left, have sent us: nearest first. At most REDIRECTS_MAX. */
	redirects: readonly Contact[];
	/** An attempt ended without an outcome, and none has led to a parent since. */
	slow: boolean;
	/** Places we know ourselves, best first. At most QUEUE_MAX. */
	queue: readonly Contact[];
	/** Tries at a parent so far, and how many more there may be now. */
	tries: number;
	readonly triesLeft: Bucket;
	/** When those we know may be tried once more. */
	nextRoundMs: number;
	/** Not to be tried again before that time. At most CONTACTS_MAX. */
	readonly avoid: Map<PeerId, number>;
	/** Whose link broke off while it was made, and until when it is not tried again at once. At most CONTACTS_MAX. */
	readonly brokenOff: Map<PeerId, number>;
	/** Who misbehaved, and until when it is no source of ours. At most CONTACTS_MAX. */
	readonly bad: Map<PeerId, number>;
	/** Who is out of the room: no source of ours for as long as that lasts. */
	out: ReadonlySet<PeerId>;
	readonly backupSearch: BackupSearch;
	/** Until when the parent is taken to be starving us. */
	starvedUntilMs: number;
	/** Our parent is silent, and no backup answers. */
	alone: boolean;
	/** When sound last came from a parent of ours; to a speaker, from another or from its own microphone. */
	soundMs: number;
	/** The backup that would be the better parent, and since when. */
	better: { readonly peer: PeerId; readonly sinceMs: number } | null;
	/** Down from near the speakers, to a better place than the first one that had room. */
	readonly walk: Walk;
	/** When we may be called up next. */
	nextClimbMs: number;
	climbPauseMs: number;
	nextLeapMs: number;
	leapPauseMs: number;
	/** When the parent may next be left for a better one. */
	nextSwapMs: number;
	swapPauseMs: number;
	/** When the next child beyond the fan-out may be asked to move on. */
	nextLetGoMs: number;
	/** The child that was asked to send up one of its own, last. */
	raised: PeerId | null;
	/** When the next one may be called up from below. */
	nextRaiseMs: number;
	/** The time of the last input that could change anything. */
	nowMs: number;
	nextFindMs: number;
	lastFindMs: number;
	findPauseMs: number;
	readonly mesh: Map<PeerId, MeshAttempt>;
	/** On stage with others, and since when without a link to any of them; null otherwise. */
	strandedSinceMs: number | null;
	/** Turns the list of children offered to those we refuse, so that the load spreads. */
	turn: number;
	/** What our children were last told. */
	told: { path: readonly PeerId[]; delayMs: number; roots: readonly Contact[]; atMs: number };
	/** Our path as it follows from our parent's: made once for each that we are told. */
	ownPath: { readonly above: readonly PeerId[]; readonly path: readonly PeerId[] };
	leaving: boolean;
	/** When we stop carrying those who have not moved on. */
	leavesAtMs: number;
	/** To the last of them, our parent. */
	saidBye: boolean;
}

export function newState(me: PeerId, fanout: number): TreeState {
	return {
		me,
		addrs: [],
		fanout,
		stage: [],
		links: new Map(),
		contacts: new Map(),
		spot: NOWHERE_YET,
		offers: new Map(),
		roots: [],
		attempts: new Map(),
		redirects: [],
		slow: false,
		queue: [],
		tries: 0,
		triesLeft: fullBucket(timing.TRIES),
		nextRoundMs: 0,
		avoid: new Map(),
		brokenOff: new Map(),
		bad: new Map(),
		out: new Set(),
		backupSearch: newBackupSearch(me),
		starvedUntilMs: 0,
		alone: false,
		soundMs: 0,
		better: null,
		walk: newWalk(),
		nextClimbMs: 0,
		climbPauseMs: timing.CLIMB_PAUSE_MS,
		nextLeapMs: 0,
		leapPauseMs: timing.LEAP_EVERY_MS,
		nextSwapMs: 0,
		swapPauseMs: timing.SWAP_PAUSE_MS,
		nextLetGoMs: 0,
		raised: null,
		nextRaiseMs: 0,
		nowMs: 0,
		nextFindMs: 0,
		lastFindMs: 0,
		findPauseMs: timing.FIND_MIN_MS,
		mesh: new Map(),
		strandedSinceMs: null,
		turn: 0,
		told: { path: [], delayMs: 0, roots: [], atMs: 0 },
		ownPath: { above: [], path: [] },
		leaving: false,
		leavesAtMs: 0,
		saidBye: false
	};
}

export function newLink(peer: PeerId, nowMs: number): Link {
	return {
		peer,
		open: false,
		parent: false,
		child: false,
		backup: false,
		backupChild: false,
		sinceMs: nowMs,
		grafted: false,
		endsAtMs: null,
		places: null,
		spot: null,
		placesTold: null,
		nextPlacesMs: 0,
		spotTold: NOWHERE_YET,
		nextSpotMs: 0,
		offersTold: new Map(),
		nextOffersMs: nowMs + timing.OFFERS_EVERY_MS,
		nextClimbMs: nowMs + timing.CLIMB_AFTER_MS,
		nextRaiseMs: 0,
		raisePauseMs: timing.RAISE_PAUSE_MS,
		idleSinceMs: null,
		lastHeardMs: nowMs,
		unansweredMs: null,
		lastSoundMs: 0,
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

export const childrenOf = (state: TreeState): Link[] => linksWhere(state, (link) => link.child);

/** In the order in which they came about. */
export function linksWhere(state: TreeState, is: (link: Link) => boolean): Link[] {
	const found: Link[] = [];
	for (const link of state.links.values()) if (is(link)) found.push(link);
	return found;
}

/** Both on stage: the link belongs to the speaker mesh. */
export function isMesh(state: TreeState, peer: PeerId): boolean {
	return peer !== state.me && isSpeaker(state) && state.stage.includes(peer);
}

/** From a speaker down to us, both included; empty while we have no source. */
export function pathOf(state: TreeState): readonly PeerId[] {
	if (isSpeaker(state)) return [state.me];
	const above = parentOf(state)?.path ?? [];
	if (above.length === 0) return [];
	if (state.ownPath.above !== above) state.ownPath = { above, path: [...above, state.me] };
	return state.ownPath.path;
}

/** Estimated time for sound from the root of our path to us. */
export function delayOf(state: TreeState): number {
	if (isSpeaker(state)) return 0;
	const parent = parentOf(state);
	return parent === null ? 0 : parent.delayMs + (parent.rttMs ?? 0) / 2;
}

export function addrsOf(state: TreeState, peer: PeerId): readonly string[] {
	return peer === state.me ? state.addrs : (state.contacts.get(peer)?.addrs ?? []);
}

export const contactOf = (state: TreeState, peer: PeerId): Contact => ({
	peer,
	addrs: addrsOf(state, peer)
});

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

/** A number below `count` that looks random (xorshift, Marsaglia 2003). */
export function shuffled(state: TreeState, count: number): number {
	let x = state.backupSearch.shuffle || 1;
	x ^= x << 13;
	x ^= x >>> 17;
	x ^= x << 5;
	state.backupSearch.shuffle = x >>> 0;
	return (x >>> 0) % count;
}
