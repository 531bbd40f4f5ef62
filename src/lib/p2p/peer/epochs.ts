/**
 * A locked room's epochs at one peer: who may start one does so when somebody who is out has the key of now; and a key
 * that comes is taken where the signed event of its epoch vouches for it.
 */
import { derive } from '../lock/secrets.ts';
import { checkOf, EPOCH_KEY_BYTES } from '../lock/vault.ts';
import { hasPower } from '../wire/act.ts';
import { isSpent } from '../room/powers.ts';
import { ACCESS_BYTES } from '../wire/room-access.ts';
import { concat, type PeerId } from '../wire/ids.ts';
import { EPOCHS_KEPT_MAX } from '../wire/limits.ts';
import { digestOfOut } from '../room/lock.ts';
import type { Epoch } from '../room/state.ts';
import type { EventBody } from '../wire/event.ts';
import { draft, signHere } from './draft.ts';
import type { PeerOutput } from './io.ts';
import { epochNow, holdSecret, type EarlyKey } from './key-ring.ts';
import { offerKeys } from './keys.ts';
import { openWaiting } from './sealed-sound.ts';
import {
	isHost,
	isJoined,
	knowsOwnEvents,
	neighbours,
	numbersOf,
	type PeerState
} from './state.ts';

/** An epoch we have drafted is back from signing by then, or was lost. */
const DRAFT_MS = 3_000;
/** A co-host does what the host's app, or who removed somebody, would have done by now; the next co-host as much later. */
const STAND_IN_MS = 1_500;
/** A host that asks in vain for so long is the only one left who may hear: it makes the key anew. */
const HOST_ALONE_MS = 8_000;
/** Whoever was in an open room when it was locked has asked by then. */
const PRESENT_MS = 15_000;

/** Locks an open room: its secret, and its first epoch. */
export function lockRoom(peer: PeerState, nowMs: number): PeerOutput[] {
	const { ring } = peer;
	const secret = ring.secret ?? derive(chanceOf(peer), 'secret', ACCESS_BYTES);
	notePresent(peer, nowMs);
	return [...takeSecret(peer, secret, nowMs), ...startEpoch(peer, nowMs)];
}

/** The first thing a peer does. `after` is to be done once its room is opened, where it opens one. */
export function beginLock(
	peer: PeerState,
	kept: Uint8Array | undefined,
	nowMs: number
): { readonly before: PeerOutput[]; readonly after: () => PeerOutput[] } {
	const { ring, options } = peer;
	const remembered = kept === undefined ? null : readKept(kept);
	if (remembered !== null) {
		if (ring.secret === null && ring.gate === null) {
			holdSecret(ring, options.room, remembered.secret);
		}
		hold(peer, remembered);
	}
	const before: PeerOutput[] = [{ type: 'meet', at: ring.gate?.meeting ?? options.room }];
	if (options.opening?.locked !== true || ring.secret === null) return { before, after: () => [] };
	const body = makeEpoch(peer, ring.secret, options.opening.blocked ?? [], nowMs);
	return { before, after: () => [draft(peer, body)] };
}

/** From now on the room is met elsewhere; whom we are linked with was in it before. */
function takeSecret(peer: PeerState, secret: Uint8Array, nowMs: number): PeerOutput[] {
	const { ring, options } = peer;
	const isNew = ring.gate === null;
	holdSecret(ring, options.room, secret);
	if (!isNew || ring.gate === null) return [];
	for (const one of neighbours(peer, nowMs)) ring.proven.add(one);
	return [{ type: 'meet', at: ring.gate.meeting }, { type: 'view' }];
}

function startEpoch(peer: PeerState, nowMs: number): PeerOutput[] {
	const { secret } = peer.ring;
	if (secret === null) return [];
	const removed = peer.room.removed.map((one) => one.peer);
	return [draft(peer, makeEpoch(peer, secret, removed, nowMs))];
}

/** An epoch that `removed` are not to hear; its key is ours from now on. */
function makeEpoch(
	peer: PeerState,
	secret: Uint8Array,
	removed: readonly PeerId[],
	nowMs: number
): EventBody {
	const { ring, options } = peer;
	const { vault } = ring;
	const before = epochNow(peer);
	const epoch = (before?.number ?? 0) + 1;
	// The time keeps two runs apart that start the same epoch, which no chance of ours does.
	const key = derive(chanceOf(peer), 'epoch', EPOCH_KEY_BYTES, numbers(epoch, nowMs));
	const out = digestOfOut(removed);
	const known = before !== null && vault.canReadTexts(before.number) ? before.number : 0;
	const body = {
		kind: 'lock',
		epoch,
		check: checkOf(options.room, epoch, concat(key, secret)),
		out,
		before: known,
		texts: known === 0 ? new Uint8Array(0) : vault.wrapBefore(epoch, key)
	} as const;
	ring.drafted = { out, untilMs: nowMs + DRAFT_MS };
	hold(peer, { epoch, key, secret });
	return body;
}

/** To be called with every tick and all news: a removal is followed by a new key. */
export function keepEpoch(peer: PeerState, nowMs: number): PeerOutput[] {
	const { ring, room } = peer;
	const epoch = epochNow(peer);
	if (epoch === null || !isJoined(peer) || !knowsOwnEvents(peer)) return [];
	const out = digestOfOut(room.removed.map((one) => one.peer));
	const isStale = out !== epoch.out;
	ring.staleSinceMs = isStale ? (ring.staleSinceMs ?? nowMs) : null;
	ring.lackingSinceMs = epoch.event === ring.keyFor ? null : (ring.lackingSinceMs ?? nowMs);
	if (!isKeeper(peer, peer.options.me) || room.ended !== null) return [];
	if (ring.drafted !== null && nowMs < ring.drafted.untilMs && ring.drafted.out === out) return [];
	const alone = isHost(peer) && nowMs - (ring.lackingSinceMs ?? nowMs) >= HOST_ALONE_MS;
	const due = isStale && nowMs - (ring.staleSinceMs ?? nowMs) >= patienceMs(peer);
	return alone || due ? startEpoch(peer, nowMs) : [];
}

/** At once for the host, and for who has put the last one out. */
function patienceMs({ room, options }: PeerState): number {
	const { me } = options;
	if (room.opened?.host === me || room.removed.at(-1)?.by === me) return 0;
	return STAND_IN_MS * (1 + room.cohosts.findIndex((cohost) => cohost.peer === me));
}

/** Who may start epochs, and let people in at the door. */
export function isKeeper(peer: PeerState, who: PeerId): boolean {
	const { opened, cohosts } = peer.room;
	if (who === opened?.host) return true;
	const cohost = cohosts.find((one) => one.peer === who);
	if (cohost === undefined || isSpent(cohost, numbersOf(peer))) return false;
	return hasPower(cohost.scope, 'people');
}

/** The room has changed: another epoch may be that of now, and vouch for a key that is here already. */
export function followLock(peer: PeerState, nowMs: number): PeerOutput[] {
	const { ring, room } = peer;
	const epoch = epochNow(peer);
	if (epoch === null) return [];
	if (!ring.toldMs.has(epoch.number)) {
		// Only where we were in while it was open: a newcomer's neighbours may be relays, which get no key.
		const wasOpen = ring.toldMs.size === 0 && ring.gate === null && peer.wasJoined;
		if (wasOpen && epoch.number === 1) notePresent(peer, nowMs);
		ring.toldMs.set(epoch.number, nowMs);
		for (const old of ring.toldMs.keys()) {
			if (ring.toldMs.size > EPOCHS_KEPT_MAX) ring.toldMs.delete(old);
		}
		ring.nextAskMs = Math.min(ring.nextAskMs, nowMs);
	}
	const fit = ring.early.find((one) => fits(peer, epoch, one));
	const out =
		fit === undefined || ring.keyFor === epoch.event ? [] : adopt(peer, epoch, fit, nowMs);
	for (const each of [...(room.lock?.epochs ?? [])].reverse()) {
		if (each.before > 0) ring.vault.unwrapBefore(each.number, each.before, each.texts);
	}
	return [...out, ...keepEpoch(peer, nowMs)];
}

/** Whoever is here while the room is locked stays in it. */
function notePresent(peer: PeerState, nowMs: number): void {
	peer.ring.present = new Set(neighbours(peer, nowMs));
	peer.ring.presentUntilMs = nowMs + PRESENT_MS;
}

/** A key that somebody gave us, or that this device remembers: it counts once its epoch's event says the same. */
export function takeKey(peer: PeerState, given: EarlyKey, nowMs: number): PeerOutput[] {
	const epoch = epochNow(peer);
	const { ring } = peer;
	if (epoch !== null && given.epoch === epoch.number && !fits(peer, epoch, given)) {
		peer.drops.forged++;
		return [];
	}
	ring.early = [...ring.early, given].slice(-EPOCHS_KEPT_MAX);
	return followLock(peer, nowMs);
}

/** A key of our own making is good before its event is back. */
function hold(peer: PeerState, made: EarlyKey): void {
	peer.ring.early = [...peer.ring.early, made].slice(-EPOCHS_KEPT_MAX);
	peer.ring.vault.learn(made.epoch, made.key);
}

const fits = (
	{ options }: PeerState,
	epoch: Epoch,
	{ epoch: number, key, secret }: EarlyKey
): boolean =>
	number === epoch.number && checkOf(options.room, number, concat(key, secret)) === epoch.check;

function adopt(peer: PeerState, epoch: Epoch, fit: EarlyKey, nowMs: number): PeerOutput[] {
	const { ring } = peer;
	const isFirst = ring.keyFor === null;
	ring.vault.learn(epoch.number, fit.key);
	if (ring.keyedMs.has(epoch.number)) outdateAskers(peer, epoch.number);
	ring.keyFor = epoch.event;
	ring.isTurnedAway = false;
	// Those we hear by are told that we have it: it is what we are given the next one for.
	ring.asked.clear();
	ring.keyedMs.set(epoch.number, nowMs);
	for (const old of ring.keyedMs.keys()) {
		if (ring.keyedMs.size > EPOCHS_KEPT_MAX) ring.keyedMs.delete(old);
	}
	return [
		...takeSecret(peer, fit.secret, nowMs),
		{ type: 'keep', bytes: keptBytes(fit) },
		// The name was left out as long as nobody could be told it in private.
		...(isFirst ? [signHere(peer, nowMs)] : []),
		...openWaiting(peer, nowMs),
		...offerKeys(peer, nowMs),
		{ type: 'view' }
	];
}

/** Two have started this epoch, and another of them counts now: whomever we gave the key of the first lacks that. */
function outdateAskers({ ring }: PeerState, epoch: number): void {
	for (const asker of ring.askers.values()) asker.have = Math.min(asker.have, epoch - 1);
}

/** What this device remembers, and what is given to others: secret, number, key. */
export function keptBytes({ secret, epoch, key }: EarlyKey): Uint8Array {
	const number = new Uint8Array(4);
	new DataView(number.buffer).setUint32(0, epoch);
	return concat(secret, number, key);
}

export function readKept(bytes: Uint8Array): EarlyKey | null {
	if (bytes.length !== ACCESS_BYTES + 4 + EPOCH_KEY_BYTES) return null;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	return {
		secret: bytes.slice(0, ACCESS_BYTES),
		epoch: view.getUint32(ACCESS_BYTES),
		key: bytes.slice(ACCESS_BYTES + 4)
	};
}

/** Who was given no chance of its own would make keys that others can make. */
function chanceOf({ options }: PeerState): Uint8Array {
	if (options.chance === undefined) throw new Error('A room was to be locked without chance.');
	return options.chance;
}

function numbers(epoch: number, nowMs: number): Uint8Array {
	const bytes = new Uint8Array(12);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, epoch);
	view.setFloat64(4, nowMs);
	return bytes;
}
