/** Links over time: heartbeats and round trips, silence, idleness, and what children are told of our path. */
import type { Contact } from '../wire/contact.ts';
import type { PeerId } from '../wire/ids.ts';
import { CONTACTS_MAX, SEATS_MAX } from '../wire/limits.ts';
import { UNCOUNTED, type Heartbeat } from '../wire/packet.ts';
import {
	addrsOf,
	contactOf,
	delayOf,
	isMesh,
	linksWhere,
	pathOf,
	rootContacts,
	trim,
	type Link,
	type TreeState
} from './state.ts';
import type { TreeMessage, TreeOutput } from './io.ts';
import { moved } from './spot.ts';
import { onBackupFailure } from './backup.ts';
import { onMeshMiss } from './mesh.ts';
import { knockInstead, onFailure, onParentLost } from './search.ts';
import * as timing from './timing.ts';
import { flows } from './trial.ts';

const U32 = 2 ** 32;
/** Smoothing of the round trip, as TCP's (RFC 6298, alpha = 1/8). */
const RTT_GAIN = 1 / 8;
/** A delay estimate that moved by less is not worth a message. */
const DELAY_STEP_MS = 3;

export function beat(state: TreeState, nowMs: number): TreeOutput[] {
	const out: TreeOutput[] = [];
	for (const link of state.links.values()) {
		if (!link.open || nowMs - link.lastBeatMs < beatEveryMs(state, link, nowMs)) continue;
		out.push(...beatTo(state, link.peer, nowMs));
	}
	return out;
}

/** One beat, now. */
export function beatTo(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	const link = state.links.get(peer);
	if (link?.open !== true) return [];
	link.lastBeatMs = nowMs;
	return [{ type: 'beat', to: peer, heartbeat: heartbeatFor(link, nowMs) }];
}

/**
 * Often until the round trip is known, and downwards while nothing else is heard of us; where sound and digests
 * flow down, a beat only measures. Upwards nothing flows, but a child's death is no hurry.
 */
function beatEveryMs(state: TreeState, link: Link, nowMs: number): number {
	if (link.rttMs === null || isMesh(state, link.peer)) return timing.BEAT_INTERVAL_MS;
	if (link.parent) return timing.BEAT_UP_MS;
	const isBelow = link.child || link.backupChild;
	if (isBelow && !flows(state, nowMs)) return timing.BEAT_INTERVAL_MS;
	return link.child ? timing.BEAT_SELDOM_MS : timing.BEAT_ASIDE_MS;
}

function heartbeatFor(link: Link, nowMs: number): Heartbeat {
	return {
		stampMs: stampOf(nowMs),
		echoMs: link.stamp?.value ?? 0,
		heldMs: link.stamp === null ? 0 : nowMs - link.stamp.atMs,
		...UNCOUNTED
	};
}

const stampOf = (nowMs: number): number => Math.floor(nowMs) % U32;

/** Round trip = now - my stamp that came back - the time it was held over there (RFC 3550, section 6.4.1). */
export function onHeartbeat(
	state: TreeState,
	link: Link,
	heartbeat: Heartbeat,
	nowMs: number
): void {
	link.stamp = { value: heartbeat.stampMs, atMs: nowMs };
	if (heartbeat.echoMs === 0) return;
	const rttMs = ((stampOf(nowMs) - heartbeat.echoMs + U32) % U32) - heartbeat.heldMs;
	// Beyond a minute it is no measurement: a mangled stamp, or a clock that was set.
	if (rttMs < 0 || rttMs > 60_000) return;
	link.rttMs = link.rttMs === null ? rttMs : link.rttMs + RTT_GAIN * (rttMs - link.rttMs);
	if (link.spot !== null) state.spot = moved(state.me, state.spot, link.spot, link.rttMs / 2);
}

/** Closes what has been silent or useless for too long. */
export function sweep(state: TreeState, nowMs: number): TreeOutput[] {
	const out: TreeOutput[] = [];
	for (const link of state.links.values()) {
		const useful = isUseful(state, link);
		link.idleSinceMs = useful ? null : (link.idleSinceMs ?? nowMs);
		const idle = link.idleSinceMs !== null && nowMs - link.idleSinceMs > timing.IDLE_LINK_MS;
		const dead = nowMs - link.lastHeardMs > timing.LINK_DEAD_MS;
		if (!idle && !dead) continue;
		forgetLink(state, link.peer, nowMs);
		out.push({ type: 'close', peer: link.peer });
	}
	return out;
}

function isUseful(state: TreeState, link: Link): boolean {
	if (link.parent || link.child || link.backup || link.backupChild) return true;
	if (isMesh(state, link.peer) || state.attempts.has(link.peer)) return true;
	return state.backupSearch.attempt?.peer === link.peer;
}

/** Ours, where none of us takes part: a page that slept hears nobody, and nobody else has been silent. */
export function forgiveOwnSleep(state: TreeState, nowMs: number): void {
	const sleptMs = state.nowMs === 0 ? 0 : nowMs - state.nowMs;
	if (sleptMs < timing.OWN_SLEEP_MS) return;
	for (const link of state.links.values()) {
		link.lastHeardMs = Math.min(nowMs, link.lastHeardMs + sleptMs);
	}
}

/** The link, or the attempt at it, is gone: whatever hung on it looks elsewhere. */
export function forgetLink(state: TreeState, peer: PeerId, nowMs: number): void {
	const link = state.links.get(peer);
	state.links.delete(peer);
	onFailure(state, peer, nowMs);
	onBackupFailure(state, peer, nowMs);
	onMeshMiss(state, peer, nowMs);
	if (link?.parent !== true) return;
	onParentLost(state, { formerPath: link.path, candidates: [] }, nowMs);
}

/** An attempt at a link came to nothing: ours mostly. */
export function onFailed(
	state: TreeState,
	{ peer, answered = false }: { readonly peer: PeerId; readonly answered?: boolean },
	nowMs: number
): void {
	const attempt = state.attempts.get(peer);
	const wasSoon = attempt !== undefined && nowMs - attempt.startedMs < timing.BROKEN_OFF_MS;
	const isFirst = (state.brokenOff.get(peer) ?? 0) <= nowMs;
	const contact = { peer, addrs: attempt?.addrs ?? [] };
	forgetLink(state, peer, nowMs);
	if (!answered || attempt?.how !== 'knock' || !wasSoon || !isFirst) return;
	// It is there and had let us in: two that cannot reach each other find that out later, and this was an accident.
	state.brokenOff.delete(peer);
	state.brokenOff.set(peer, nowMs + timing.RETRY_FAILED_MS);
	trim(state.brokenOff, CONTACTS_MAX);
	knockInstead(state, contact);
}

/** Channels that close before they were open are no outcome yet: a refusal, a failure or the other side's link follows. */
export function onClosed(state: TreeState, peer: PeerId, nowMs: number): void {
	const link = state.links.get(peer);
	if (link?.open !== true) {
		state.links.delete(peer);
		return;
	}
	const isThere = nowMs - link.lastHeardMs <= timing.CHILD_SUSPECT_MS;
	const wasAsked = isThere && state.attempts.get(peer)?.how === 'attach';
	const contact = contactOf(state, peer);
	forgetLink(state, peer, nowMs);
	if (wasAsked) knockInstead(state, contact);
}

/**
 * Tells those below how the sound comes to us, where that has changed, and newcomers in any case: only the time where
 * nothing else did, and the speakers only where they are others than before.
 */
export function tellPath(state: TreeState, nowMs: number, newcomer?: PeerId): TreeOutput[] {
	const { told } = state;
	const [path, delayMs] = [pathOf(state), delayOf(state)];
	const isRooted = areRoots(state, told.roots);
	const isMoved = !isSameList(path, told.path);
	const isDrifted =
		Math.abs(delayMs - told.delayMs) > DELAY_STEP_MS && nowMs - told.atMs > timing.PATH_REFRESH_MS;
	const isOld = isRooted && !isMoved && !isDrifted;
	// That is how it is ten times a second.
	if (isOld && newcomer === undefined) return [];
	const roots = rootContacts(state);
	const whole = { type: 'path', path, delayMs, roots } as const;
	const welcome: TreeOutput[] =
		newcomer === undefined ? [] : [{ type: 'send', to: newcomer, message: whole }];
	if (isOld) return welcome;
	state.told = { path, delayMs, roots, atMs: nowMs };
	const message = isRooted ? changeOf({ path, delayMs }, isMoved) : whole;
	const below = linksWhere(state, (link) => link.open && (link.child || link.backupChild));
	const others = below.filter(({ peer }) => peer !== newcomer);
	return [
		...others.map(({ peer }): TreeOutput => ({ type: 'send', to: peer, message })),
		...welcome
	];
}

const changeOf = (
	{ path, delayMs }: { readonly path: readonly PeerId[]; readonly delayMs: number },
	isMoved: boolean
): TreeMessage => (isMoved ? { type: 'path', path, delayMs } : { type: 'delay', delayMs });

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
	if (one === other) return true;
	return one.length === other.length && one.every((item, i) => item === other[i]);
}

/** `rootContacts` would be these: asked ten times a second, which is too often to make them. */
function areRoots(state: TreeState, told: readonly Contact[]): boolean {
	const { roots, stage } = state;
	if (stage.length === 0) {
		if (roots === told) return true;
		const isSame = ({ peer, addrs }: Contact, i: number): boolean =>
			roots[i]?.peer === peer && isSameList(addrs, roots[i].addrs);
		return told.length === roots.length && told.every(isSame);
	}
	const isSame = ({ peer, addrs }: Contact, i: number): boolean =>
		stage[i] === peer && isSameList(addrs, addrsOf(state, peer));
	return told.length === Math.min(SEATS_MAX, stage.length) && told.every(isSame);
}
