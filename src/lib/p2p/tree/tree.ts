/**
 * One peer's place in the forest: speaker mesh above, relay tree below. A pure state machine: inputs with
 * the time they came at, outputs to be carried out in order.
 *
 * Kept at all times:
 * 1. at most one parent, at most `fanout` children;
 * 2. nobody above us is taken as a child, and a path with us in it is left at once: no loops;
 * 3. a parent is left only for another, or because it is lost, or because we are on stage;
 * 4. every wait has an end: attempts, silent links, useless links.
 */
import type { Contact } from '../wire/contact.ts';
import type { PeerId } from '../wire/ids.ts';
import { FANOUT_MAX, PATH_MAX } from '../wire/limits.ts';
import { onAttach, onKnock, shedChildren, wayOut } from './admit.ts';
import { onMeshMiss, pursueMesh } from './mesh.ts';
import { avoid, enqueue, onAttached, onParentLost, onRefusal, pursueParent } from './search.ts';
import {
	contactOf,
	delayOf,
	isMesh,
	isSpeaker,
	learnContact,
	linkOf,
	newState,
	parentOf,
	pathOf,
	type TreeInput,
	type TreeMessage,
	type TreeOutput,
	type TreeState
} from './state.ts';
import * as timing from './timing.ts';
import { beat, forgetLink, onHeartbeat, sweep, tellPath } from './upkeep.ts';

export type { TreeInput, TreeMessage, TreeOutput } from './state.ts';

export interface LinkInfo {
	readonly peer: PeerId;
	readonly open: boolean;
	readonly parent: boolean;
	readonly child: boolean;
	readonly mesh: boolean;
	readonly rttMs: number | null;
	readonly silentMs: number;
}

export interface Tree {
	/** Feeds one input; the outputs are to be carried out in order before the next. */
	handle(input: TreeInput, nowMs: number): TreeOutput[];
	readonly parent: PeerId | null;
	readonly children: readonly PeerId[];
	/** Connected parents that stand by, the best first. */
	readonly backups: readonly PeerId[];
	/** For whom we stand by: they get digests, and what they pull. */
	readonly backupChildren: readonly PeerId[];
	/** Open links that belong to the speaker mesh. */
	readonly mesh: readonly PeerId[];
	/** From a speaker down to us; empty without a source. */
	readonly path: readonly PeerId[];
	/** Estimated milliseconds from that speaker to us. */
	readonly delayMs: number;
	readonly fanout: number;
	/** We hold a link with it, or are making one: a message may overtake the news that the link is open. */
	isNear(peer: PeerId): boolean;
	/**
	 * What sound is taken from it: everybody's of our parent and of whoever is just taking us as a child,
	 * of other speakers their own.
	 */
	sourceOf(peer: PeerId): 'all' | 'own' | 'none';
	/** Smoothed round trip of the link with it; null without a link, and before the first echo. */
	rttOf(peer: PeerId): number | null;
	/** True where it is trying to find a (better) parent. */
	readonly searching: boolean;
	links(nowMs: number): readonly LinkInfo[];
}

export function createTree(me: PeerId, fanout: number): Tree {
	const state = newState(me, clampFanout(fanout));
	let children: readonly PeerId[] | null = null;
	let mesh: readonly PeerId[] | null = null;
	return {
		handle(input, nowMs) {
			// Comes with every datagram and moves nobody: what follows from it can wait for the next tick.
			if (input.type === 'heard') {
				onHeard(state, input, nowMs);
				return [];
			}
			children = mesh = null;
			return [...dispatch(state, input, nowMs), ...settle(state, nowMs)];
		},
		get parent() {
			return parentOf(state)?.peer ?? null;
		},
		get children() {
			return (children ??= openPeers(state, (peer) => state.links.get(peer)?.child === true));
		},
		backups: [],
		backupChildren: [],
		get mesh() {
			return (mesh ??= openPeers(state, (peer) => isMesh(state, peer)));
		},
		get path() {
			return pathOf(state);
		},
		get delayMs() {
			return delayOf(state);
		},
		get fanout() {
			return state.fanout;
		},
		isNear: (peer) => state.links.has(peer) || state.attempts.has(peer) || state.mesh.has(peer),
		sourceOf(peer) {
			if (state.links.get(peer)?.parent === true || state.attempts.has(peer)) return 'all';
			return isMesh(state, peer) ? 'own' : 'none';
		},
		rttOf: (peer) => state.links.get(peer)?.rttMs ?? null,
		get searching() {
			return state.attempts.size > 0 || state.redirects.length + state.queue.length > 0;
		},
		links: (nowMs) => describeLinks(state, nowMs)
	};
}

/** What is no number is no fan-out: better to carry nobody than everybody. */
const clampFanout = (children: number): number =>
	children >= 1 ? Math.min(FANOUT_MAX, Math.floor(children)) : 0;

function openPeers(state: TreeState, accept: (peer: PeerId) => boolean): PeerId[] {
	return [...state.links.values()]
		.filter((link) => link.open && accept(link.peer))
		.map((link) => link.peer);
}

/** What follows from the new situation, whatever brought it about. */
function settle(state: TreeState, nowMs: number): TreeOutput[] {
	return [...pursueMesh(state, nowMs), ...pursueParent(state, nowMs), ...tellPath(state, nowMs)];
}

function dispatch(
	state: TreeState,
	input: Exclude<TreeInput, { type: 'heard' }>,
	nowMs: number
): TreeOutput[] {
	switch (input.type) {
		case 'contacts':
			for (const contact of input.contacts) learnContact(state, contact);
			enqueue(state, input.contacts, 'last');
			return [];
		case 'contact':
			learnContact(state, input.contact, 'itself');
			return [];
		case 'stage':
			return onStage(state, input.peers, nowMs);
		case 'fanout':
			state.fanout = clampFanout(input.children);
			return shedChildren(state, nowMs);
		case 'address':
			state.addrs = input.addrs;
			return [];
		case 'knock':
			return onKnock(state, input, nowMs);
		case 'refused':
			onRefusal(state, input.peer, input.refusal, nowMs);
			onMeshMiss(state, input.peer, nowMs);
			return [];
		case 'failed':
			forgetLink(state, input.peer, nowMs);
			return [];
		case 'closed':
			onClosed(state, input.peer, nowMs);
			return [];
		case 'opened':
			return onOpened(state, input.peer, nowMs);
		case 'message':
			return onMessage(state, input.from, input.message, nowMs);
		case 'starved':
		case 'bad':
			return [];
		case 'tick':
			return [...beat(state, nowMs), ...sweep(state, nowMs)];
		case 'leave':
			return onLeave(state);
	}
}

function onStage(state: TreeState, peers: readonly PeerId[], nowMs: number): TreeOutput[] {
	const wasSpeaker = isSpeaker(state);
	state.stage = peers;
	if (wasSpeaker && !isSpeaker(state)) {
		// Stepped down: whoever we were meshed with is the nearest parent.
		const near = openPeers(state, (peer) => peers.includes(peer));
		const candidates = near.map((peer) => contactOf(state, peer));
		onParentLost(state, { formerPath: [], candidates }, nowMs);
	}
	return [];
}

function onOpened(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	const link = linkOf(state, peer, nowMs);
	link.open = true;
	link.lastHeardMs = nowMs;
	if (link.child) {
		return [
			{ type: 'send', to: peer, message: { type: 'attached' } },
			...tellPath(state, nowMs, peer)
		];
	}
	// Should our own knock have lost against theirs at the same moment, nobody else asks for us.
	if (!state.attempts.has(peer)) return [];
	return [{ type: 'send', to: peer, message: { type: 'attach' } }];
}

/** Channels that close before they were open are no outcome yet: a refusal, a failure or the other side's link follows. */
function onClosed(state: TreeState, peer: PeerId, nowMs: number): void {
	if (state.links.get(peer)?.open === true) forgetLink(state, peer, nowMs);
	else state.links.delete(peer);
}

function onHeard(
	state: TreeState,
	input: Extract<TreeInput, { type: 'heard' }>,
	nowMs: number
): void {
	const link = state.links.get(input.from);
	if (link === undefined) return;
	link.lastHeardMs = nowMs;
	if (input.heartbeat !== null) onHeartbeat(link, input.heartbeat, nowMs);
}

function onMessage(
	state: TreeState,
	from: PeerId,
	message: TreeMessage,
	nowMs: number
): TreeOutput[] {
	const link = state.links.get(from);
	if (link === undefined) return [];
	switch (message.type) {
		case 'attach': {
			const answer = onAttach(state, from, nowMs);
			return link.child ? [...answer, ...tellPath(state, nowMs, from)] : answer;
		}
		case 'attached':
			return onAttached(state, from, nowMs);
		case 'detach':
			onDetach(state, from, message, nowMs);
			return [];
		case 'path':
			return onPath(state, from, message, nowMs);
		case 'bye':
			onBye(state, from, message.candidates, nowMs);
			return [{ type: 'close', peer: from }];
	}
}

function onBye(
	state: TreeState,
	from: PeerId,
	candidates: readonly Contact[],
	nowMs: number
): void {
	// Should we just have asked it to be our parent, then this is its answer.
	onRefusal(state, from, { reason: 'other-room', candidates }, nowMs);
	loseParent(state, from, candidates, nowMs);
	forgetLink(state, from, nowMs);
	state.contacts.delete(from);
	avoid(state, from, nowMs + timing.RETRY_FAILED_MS);
}

function onDetach(
	state: TreeState,
	from: PeerId,
	message: Extract<TreeMessage, { type: 'detach' }>,
	nowMs: number
): void {
	const link = linkOf(state, from, nowMs);
	if (message.reason === 'moved') {
		link.child = false;
		return;
	}
	onRefusal(state, from, { reason: message.reason, candidates: message.candidates }, nowMs);
	if (!link.parent) return;
	avoid(state, from, nowMs + timing.RETRY_REFUSED_MS);
	loseParent(state, from, message.candidates, nowMs);
}

function loseParent(
	state: TreeState,
	peer: PeerId,
	candidates: readonly Contact[],
	nowMs: number
): void {
	const link = state.links.get(peer);
	if (link?.parent !== true) return;
	const formerPath = link.path;
	link.parent = false;
	link.path = [];
	onParentLost(state, { formerPath, candidates }, nowMs);
}

function onPath(
	state: TreeState,
	from: PeerId,
	message: Extract<TreeMessage, { type: 'path' }>,
	nowMs: number
): TreeOutput[] {
	const link = linkOf(state, from, nowMs);
	if (!link.parent) return [];
	// Once we know the room's law, nobody else's word makes a speaker.
	const isRoot = ({ peer }: Contact): boolean =>
		state.stage.length === 0 || state.stage.includes(peer);
	for (const contact of message.roots.filter(isRoot)) learnContact(state, contact);
	state.roots = message.roots;
	link.delayMs = message.delayMs;
	if (message.path.includes(state.me) || message.path.length >= PATH_MAX) {
		avoid(state, from, nowMs + timing.RETRY_FAILED_MS);
		loseParent(state, from, message.roots, nowMs);
		return [
			{ type: 'send', to: from, message: { type: 'detach', reason: 'moved', candidates: [] } }
		];
	}
	const orphan = message.path.length === 0;
	link.orphanSinceMs = orphan ? (link.orphanSinceMs ?? nowMs) : null;
	link.path = message.path;
	return [];
}

function onLeave(state: TreeState): TreeOutput[] {
	const candidates = wayOut(state);
	state.leaving = true;
	return openPeers(state, () => true).map((to) => ({
		type: 'send',
		to,
		message: { type: 'bye', candidates }
	}));
}

function describeLinks(state: TreeState, nowMs: number): LinkInfo[] {
	return [...state.links.values()].map((link) => ({
		peer: link.peer,
		open: link.open,
		parent: link.parent,
		child: link.child,
		mesh: isMesh(state, link.peer),
		rttMs: link.rttMs,
		silentMs: nowMs - link.lastHeardMs
	}));
}
