/**
 * How keys reach those who may have them. Who wants them asks those it hears by; whoever has them gives them, sealed
 * for that one person; who has none, or may not give, passes the wish on towards the host. A new key goes at once to all
 * who asked before and are not out. So nobody has to know everybody, and a relay in between reads nothing.
 */
import { heldProof, HELD_NOTHING } from '../lock/vault.ts';
import { derive, keyOf, proofBy } from '../lock/secrets.ts';
import { sameInEqualTime } from '../lock/sframe.ts';
import { SIV_KEY_BYTES, sivOpen, sivSeal } from '../lock/siv.ts';
import { fromString } from 'uint8arrays/from-string';
import { toString } from 'uint8arrays/to-string';
import { forgetOldest, putNewest } from '../wire/bounded.ts';
import type { PeerId } from '../wire/ids.ts';
import type { KeyAsk } from '../wire/key-message.ts';
import {
	ASKERS_MAX,
	DOOR_SHOWN_MAX,
	NAME_BYTES_MAX,
	PROOF_OF_ACCESS_BYTES
} from '../wire/limits.ts';
import { cleanText } from '../wire/text.ts';
import { digestOfOut } from '../room/lock.ts';
import type { PeerInput, PeerOutput } from './io.ts';
import { isKeeper, keptBytes, readKept, takeKey } from './epochs.ts';
import { canHear, epochNow, type Asker } from './key-ring.ts';
import { neighbours, send, type PeerState } from './state.ts';

/** Who lacks the key of now asks again after this, another of those it hears by each time. */
const ASK_AGAIN_MS = 700;
/** Who waits at the door knocks again after this: the way to the host may have changed. */
const ASK_AT_DOOR_MS = 3_000;
/** Who has not knocked for so long has gone, or was let in by another. */
const AT_DOOR_MS = 10 * ASK_AT_DOOR_MS;
/** The wish of one person is passed on at most this often. */
const FORWARD_MS = 500;

/** To be called with every tick. */
export const keepDoorAndKeys = (peer: PeerState, nowMs: number): PeerOutput[] => [
	...clearDoor(peer, nowMs),
	...askForKeys(peer, nowMs)
];

function clearDoor({ ring }: PeerState, nowMs: number): PeerOutput[] {
	const before = ring.door.size;
	if (before === 0) return [];
	for (const who of ring.door.keys()) {
		const askedMs = ring.askers.get(who)?.askedMs ?? -Infinity;
		if (nowMs - askedMs >= AT_DOOR_MS) ring.door.delete(who);
	}
	return ring.door.size === before ? [] : [{ type: 'view' }];
}

/** Everybody we hear by knows that we want keys. */
function askForKeys(peer: PeerState, nowMs: number): PeerOutput[] {
	const { ring } = peer;
	const epoch = epochNow(peer);
	if (epoch === null) return [];
	const sources = sourcesOf(peer, nowMs);
	const fresh = sources.filter((one) => !ring.asked.has(one));
	for (const one of fresh) ring.asked.add(one);
	const lacks = ring.keyFor !== epoch.event;
	// Who cannot give them keys passes on the wishes of all behind it, wherever it goes.
	const behind = lacks && fresh.length > 0 ? passAllOn(peer, nowMs) : [];
	if (!mayAsk(peer, nowMs)) return behind;
	const again: PeerId[] = [];
	if (lacks && nowMs >= ring.nextAskMs && sources.length > 0) {
		const atDoor = peer.room.lock?.doorClosed === true;
		ring.nextAskMs = nowMs + (atDoor ? ASK_AT_DOOR_MS : ASK_AGAIN_MS);
		const next = sources[ring.turn++ % sources.length];
		if (next !== undefined && !fresh.includes(next)) again.push(next);
	}
	if (fresh.length + again.length === 0) return behind;
	const ask = ownAsk(peer);
	return [...behind, ...[...fresh, ...again].map((to) => send(peer, to, ask))];
}

function passAllOn(peer: PeerState, nowMs: number): PeerOutput[] {
	return [...peer.ring.askers.values()].flatMap((asker) => serve(peer, asker, nowMs));
}

/** The same as soon as there is somebody to ask, for those who hear nothing before they have the key. */
export function askAtOnce(peer: PeerState, nowMs: number): PeerOutput[] {
	const { ring } = peer;
	if (peer.room.lock === null || nowMs < ring.nextAskMs || !mayAsk(peer, nowMs)) return [];
	return epochNow(peer)?.event === ring.keyFor ? [] : askForKeys(peer, nowMs);
}

/** With the room's secret; or, while an open room is being locked, as one who was in it. */
const mayAsk = ({ ring }: PeerState, nowMs: number): boolean =>
	ring.memberKey !== null || (ring.gate === null && nowMs < ring.presentUntilMs);

function sourcesOf(peer: PeerState, nowMs: number): PeerId[] {
	const { parent, mesh, backups } = peer.tree;
	const open = new Set(neighbours(peer, nowMs));
	const sources = [...(parent === null ? [] : [parent]), ...mesh, ...backups];
	return [...new Set(sources)].filter((one) => open.has(one));
}

function ownAsk(peer: PeerState): KeyAsk {
	const { ring, options } = peer;
	const { me, name } = options;
	const have = newestThatCounts(peer);
	const key = ring.vault.keyOf(have);
	const sealed =
		ring.memberKey === null
			? new Uint8Array(0)
			: sivSeal(nameKeyOf(ring.memberKey), keyOf(me), fromString(name));
	const ask = { who: me, have, name: sealed };
	return {
		type: 'key-ask',
		...ask,
		proof: ring.memberKey === null ? HELD_NOTHING : askProof(ring.memberKey, ask),
		held: key === null ? HELD_NOTHING : heldProof(key, keyOf(me))
	};
}

/** Where two started the same epoch, a key of its number may be the one that lost: that is none. */
function newestThatCounts(peer: PeerState): number {
	const { newest } = peer.ring.vault;
	const epoch = epochNow(peer);
	return epoch === null || canHear(peer) ? newest : Math.min(newest, epoch.number - 1);
}

const nameKeyOf = (memberKey: Uint8Array): Uint8Array => derive(memberKey, 'names', SIV_KEY_BYTES);

function askProof(memberKey: Uint8Array, ask: Pick<KeyAsk, 'who' | 'have' | 'name'>): Uint8Array {
	const have = new Uint8Array(4);
	new DataView(have.buffer).setUint32(0, ask.have);
	return proofBy(memberKey, 'ask', keyOf(ask.who), have, ask.name);
}

/** A neighbour wants keys, or somebody behind it. */
export function onKeyAsk(peer: PeerState, from: PeerId, ask: KeyAsk, nowMs: number): PeerOutput[] {
	const { ring, options } = peer;
	const { who } = ask;
	if (who === options.me || peer.out.has(who)) return [];
	if (ring.memberKey !== null && !isMember(peer, from, ask, nowMs)) {
		peer.drops.forged++;
		return [];
	}
	const known = ring.askers.get(who);
	const asker: Asker = {
		from,
		ask,
		have: ask.have,
		held: known?.held === true || holdsKeyOfNow(peer, ask),
		askedMs: nowMs,
		forwardedMs: known?.forwardedMs ?? Number.NEGATIVE_INFINITY
	};
	putNewest(ring.askers, who, asker, ASKERS_MAX);
	return serve(peer, asker, nowMs);
}

/** It knows the secret; or it was here, or behind somebody who was, when the room was open. */
function isMember({ ring }: PeerState, from: PeerId, ask: KeyAsk, nowMs: number): boolean {
	if (ring.memberKey !== null && sameInEqualTime(askProof(ring.memberKey, ask), ask.proof))
		return true;
	return ring.present.has(from) && nowMs < ring.presentUntilMs && isNothing(ask.proof);
}

const isNothing = (proof: Uint8Array): boolean =>
	proof.length === PROOF_OF_ACCESS_BYTES && proof.every((byte) => byte === 0);

/** What counts is that it had the key while nobody who is out had it as well. */
function holdsKeyOfNow(peer: PeerState, ask: KeyAsk): boolean {
	const epoch = epochNow(peer);
	const key = epoch === null ? null : peer.ring.vault.keyOf(epoch.number);
	if (epoch === null || key === null || ask.have !== epoch.number) return false;
	if (peer.ring.keyFor !== epoch.event) return false;
	if (digestOfOut(peer.room.removed.map((one) => one.peer)) !== epoch.out) return false;
	return sameInEqualTime(heldProof(key, keyOf(ask.who)), ask.held);
}

/** To be called when we have a new key, or the door has opened. */
export const offerKeys = (peer: PeerState, nowMs: number): PeerOutput[] => passAllOn(peer, nowMs);

function serve(peer: PeerState, asker: Asker, nowMs: number): PeerOutput[] {
	const { ring } = peer;
	const epoch = epochNow(peer);
	const { who } = asker.ask;
	// A relay knows neither the epochs' keys nor who has them: it only passes on.
	if (epoch !== null && asker.have >= epoch.number && ring.memberKey !== null) return [];
	const key = epoch === null ? null : ring.vault.keyOf(epoch.number);
	if (epoch !== null && key !== null && ring.secret !== null && ring.keyFor === epoch.event) {
		if (!isMember(peer, asker.from, asker.ask, nowMs)) return [];
		if (isEntitled(peer, asker)) return give(peer, asker, { epoch: epoch.number, key });
		if (isKeeper(peer, peer.options.me)) return atDoor(peer, asker);
	}
	if (nowMs - asker.forwardedMs < FORWARD_MS) return [];
	const to = towardsHost(peer, asker.from, nowMs);
	if (to === null || to === who) return [];
	asker.forwardedMs = nowMs;
	return [send(peer, to, asker.ask)];
}

/** Who is out gets nothing. At a closed door only who had the key before, and those whom the host lets in. */
function isEntitled({ ring, room, out }: PeerState, { ask, held }: Asker): boolean {
	if (out.has(ask.who)) return false;
	if (room.lock?.doorClosed !== true || held || ring.letIn.has(ask.who)) return true;
	const { opened, cohosts } = room;
	return ask.who === opened?.host || cohosts.some((cohost) => cohost.peer === ask.who);
}

/** Up the tree; among speakers to one who may let in, and never from speaker to speaker in a circle. */
function towardsHost(peer: PeerState, from: PeerId, nowMs: number): PeerId | null {
	const { parent, mesh } = peer.tree;
	const open = new Set(neighbours(peer, nowMs));
	if (parent !== null && open.has(parent)) return parent === from ? null : parent;
	const keepers = mesh.filter((one) => open.has(one) && one !== from && isKeeper(peer, one));
	const host = keepers.find((one) => one === peer.room.opened?.host);
	return host ?? keepers[0] ?? null;
}

function give(
	peer: PeerState,
	asker: Asker,
	{ epoch, key }: { readonly epoch: number; readonly key: Uint8Array }
): PeerOutput[] {
	const { ring } = peer;
	const { who } = asker.ask;
	if (ring.secret === null) return [];
	asker.have = epoch;
	asker.held = true;
	ring.door.delete(who);
	const ticket = ++ring.tickets;
	ring.sealing.set(ticket, who);
	forgetOldest(ring.sealing, ASKERS_MAX);
	const plain = keptBytes({ secret: ring.secret, epoch, key });
	return [{ type: 'seal', ticket, to: keyOf(who), plain }];
}

/** The answer to `seal`. */
export function onSealed(
	peer: PeerState,
	{ ticket, sealed }: Extract<PeerInput, { type: 'sealed' }>,
	nowMs: number
): PeerOutput[] {
	const { ring } = peer;
	const to = ring.sealing.get(ticket);
	ring.sealing.delete(ticket);
	if (to === undefined || peer.out.has(to)) return [];
	return passKey(peer, { type: 'key-give', to, sealed }, nowMs);
}

function passKey(
	peer: PeerState,
	message: { readonly type: 'key-give'; readonly to: PeerId; readonly sealed: Uint8Array },
	nowMs: number
): PeerOutput[] {
	const from = peer.ring.askers.get(message.to)?.from;
	if (from === undefined || !neighbours(peer, nowMs).includes(from)) return [];
	return [send(peer, from, message)];
}

export function onKeyGive(
	peer: PeerState,
	from: PeerId,
	{ to, sealed }: { readonly to: PeerId; readonly sealed: Uint8Array },
	nowMs: number
): PeerOutput[] {
	if (to !== peer.options.me) {
		const asker = peer.ring.askers.get(to);
		if (asker === undefined || asker.from === from) return [];
		return passKey(peer, { type: 'key-give', to, sealed }, nowMs);
	}
	if (sealed.length > 0) return [{ type: 'unseal', sealed }];
	// Another has let us in meanwhile.
	if (canHear(peer)) return [];
	peer.ring.isTurnedAway = true;
	return [{ type: 'view' }];
}

/** The answer to `unseal`. */
export function onUnsealed(
	peer: PeerState,
	{ plain }: Extract<PeerInput, { type: 'unsealed' }>,
	nowMs: number
): PeerOutput[] {
	const given = plain === null ? null : readKept(plain);
	if (given === null) {
		peer.drops.forged++;
		return [];
	}
	return takeKey(peer, given, nowMs);
}

function atDoor({ ring }: PeerState, { ask }: Asker): PeerOutput[] {
	const { who } = ask;
	if (ring.turnedAway.has(who) || ring.door.has(who)) return [];
	if (ring.door.size >= DOOR_SHOWN_MAX || ring.memberKey === null) return [];
	const name = sivOpen(nameKeyOf(ring.memberKey), keyOf(who), ask.name);
	ring.door.set(who, name === null ? '' : cleanText(toString(name), NAME_BYTES_MAX));
	return [{ type: 'view' }];
}

/** The answer of the host, or of somebody who may, to who waits at the door. */
export function answerDoor(
	peer: PeerState,
	who: PeerId,
	admit: boolean,
	nowMs: number
): PeerOutput[] {
	const { ring } = peer;
	ring.door.delete(who);
	const list = admit ? ring.letIn : ring.turnedAway;
	(admit ? ring.turnedAway : ring.letIn).delete(who);
	list.add(who);
	forgetOldest(list, ASKERS_MAX);
	const asker = ring.askers.get(who);
	if (admit) return [...(asker === undefined ? [] : serve(peer, asker, nowMs)), { type: 'view' }];
	const no = { type: 'key-give', to: who, sealed: new Uint8Array(0) } as const;
	return [...passKey(peer, no, nowMs), { type: 'view' }];
}

/** Who is out wants nothing any more. */
export function forgetAskers({ ring, out }: PeerState): void {
	for (const who of out) {
		ring.askers.delete(who);
		ring.door.delete(who);
		ring.letIn.delete(who);
	}
}
