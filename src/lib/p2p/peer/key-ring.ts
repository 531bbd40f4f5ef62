/** What one peer holds of a locked room: what its link gave it, the keys of sound, and who wants them. */
import { gateOf, memberKeyOf, passOf, type Gate } from '../lock/secrets.ts';
import { createVault, type Vault } from '../lock/vault.ts';
import { currentEpoch } from '../room/lock.ts';
import type { Epoch } from '../room/state.ts';
import type { KeyAsk } from '../wire/key-message.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import type { VoiceFrame } from '../wire/packet.ts';
import type { PeerOptions } from './io.ts';
import type { PeerState } from './state.ts';

/** Chance of nobody: who locks a room, or speaks in one, has its own. */
const NO_CHANCE = new Uint8Array(32);

/** Somebody who wants keys, by whichever neighbour. */
export interface Asker {
	/** Who to tell: itself, or the neighbour it is behind. */
	from: PeerId;
	ask: KeyAsk;
	/** The highest epoch whose key it is known to have. */
	have: number;
	/** It held the key of an epoch while that was the newest, and so gets the next one. */
	held: boolean;
	/** When it asked last: who lacks the key of now asks again and again. */
	askedMs: number;
	forwardedMs: number;
}

/** A key that came before the event that vouches for it. */
export interface EarlyKey {
	readonly epoch: number;
	readonly key: Uint8Array;
	readonly secret: Uint8Array;
}

export interface KeyRing {
	readonly vault: Vault;
	secret: Uint8Array | null;
	memberKey: Uint8Array | null;
	/** Null in an open room, and where we know no pass. */
	gate: Gate | null;
	/** The epoch whose key we have, by its event; null before the first. */
	keyFor: EventId | null;
	/** At most EPOCHS_KEPT_MAX, the latest. */
	early: readonly EarlyKey[];
	/** When the key of an epoch came, and when we first heard of it. */
	readonly keyedMs: Map<number, number>;
	readonly toldMs: Map<number, number>;
	/** Neighbours that have shown that they may be here; links that are open. */
	readonly proven: Set<PeerId>;
	/** Links whose other side has not, and since when. */
	readonly unproven: Map<PeerId, number>;
	/** Whom we were linked with when an open room was locked, and until when they get its secret. */
	present: ReadonlySet<PeerId>;
	presentUntilMs: number;
	/** At most ASKERS_MAX, least recently heard first. */
	readonly askers: Map<PeerId, Asker>;
	/** Sources that know of us. */
	readonly asked: Set<PeerId>;
	nextAskMs: number;
	turn: number;
	/** Keys being sealed, by ticket: for whom. */
	readonly sealing: Map<number, PeerId>;
	tickets: number;
	/** At the door, as they came; at most DOOR_SHOWN_MAX. Only where we may let them in. */
	readonly door: Map<PeerId, string>;
	/** Whom we let in by our own hand; at most ASKERS_MAX. */
	readonly letIn: Set<PeerId>;
	/** Whom we turned away; at most ASKERS_MAX. */
	readonly turnedAway: Set<PeerId>;
	/** We were turned away. */
	isTurnedAway: boolean;
	/** Frames that came before their key; at most UNOPENED_FRAMES_MAX. */
	unopened: readonly { readonly frame: VoiceFrame; readonly atMs: number }[];
	/** Frames that no key of ours opened. */
	unread: number;
	/** The epoch we have drafted last: not to be drafted again before it is back. */
	drafted: { readonly out: string; readonly untilMs: number } | null;
	/** Since when who is out has been known to have the newest key; null while nobody has. */
	staleSinceMs: number | null;
	/** Since when we lack the newest key. */
	lackingSinceMs: number | null;
}

export function newKeyRing({ room, access, chance }: PeerOptions): KeyRing {
	const ring: KeyRing = {
		vault: createVault(room, chance ?? NO_CHANCE),
		secret: null,
		memberKey: null,
		gate: null,
		keyFor: null,
		early: [],
		keyedMs: new Map(),
		toldMs: new Map(),
		proven: new Set(),
		unproven: new Map(),
		present: new Set(),
		presentUntilMs: 0,
		askers: new Map(),
		asked: new Set(),
		nextAskMs: 0,
		turn: 0,
		sealing: new Map(),
		tickets: 0,
		door: new Map(),
		letIn: new Set(),
		turnedAway: new Set(),
		isTurnedAway: false,
		unopened: [],
		unread: 0,
		drafted: null,
		staleSinceMs: null,
		lackingSinceMs: null
	};
	if (access?.kind === 'secret') holdSecret(ring, room, access.bytes);
	if (access?.kind === 'pass') ring.gate = gateOf(room, access.bytes);
	return ring;
}

export function holdSecret(ring: KeyRing, room: PeerOptions['room'], secret: Uint8Array): void {
	ring.secret = secret;
	ring.memberKey = memberKeyOf(room, secret);
	ring.gate = gateOf(room, passOf(room, secret));
}

/** The epoch of now; null in an open room. */
export const epochNow = (peer: PeerState): Epoch | null => currentEpoch(peer.room.lock);

/** We have the key of now, or need none. */
export function canHear(peer: PeerState): boolean {
	const epoch = epochNow(peer);
	return epoch === null || epoch.event === peer.ring.keyFor;
}
