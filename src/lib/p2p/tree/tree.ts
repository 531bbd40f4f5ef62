/**
 * One peer's place in the forest: speaker mesh above, relay tree below. A pure state machine: inputs with
 * the time they came at, outputs to be carried out in order.
 *
 * Kept at all times:
 * 1. at most one parent and three backups; at most `fanout` children, or a few more for a while after grafts;
 * 2. nobody above us is taken as a child, and a path with us in it is left at once: no loops;
 * 3. a parent is left only for another, or because it is lost, or because we are on stage;
 * 4. every wait has an end: attempts, silent links, useless links, handovers.
 */
import type { Spot } from '../wire/contact.ts';
import type { PeerId } from '../wire/ids.ts';
import { FANOUT_MAX } from '../wire/limits.ts';
import { noteUnanswered } from './alone.ts';
import { letGoSurplus, onKnock, shedChildren, wayOut, welcome } from './admit.ts';
import { onBackupRefusal, pursueBackups } from './backup.ts';
import { onStarved } from './graft.ts';
import { callUp } from './climb.ts';
import { onMeshMiss, pursueMesh } from './mesh.ts';
import { endParent, onBad, onMessage, onOut } from './messages.ts';
import { tellNews } from './news.ts';
import { forgetOffer, learnOffers } from './offers.ts';
import { tellPlaces } from './places.ts';
import { enqueue, onParentLost, onRefusal, pursueParent } from './search.ts';
import { backupsOf } from './sources.ts';
import {
	childrenOf,
	contactOf,
	delayOf,
	isMesh,
	isSpeaker,
	learnContact,
	linkOf,
	newState,
	parentOf,
	pathOf,
	type Link,
	type TreeState
} from './state.ts';
import type { TreeInput, TreeOutput } from './io.ts';
import * as timing from './timing.ts';
import { noteTrial } from './trial.ts';
import {
	beat,
	beatTo,
	forgiveOwnSleep,
	onClosed,
	onFailed,
	onHeartbeat,
	sweep,
	tellPath
} from './upkeep.ts';

export type { TreeInput, TreeMessage, TreeOutput } from './io.ts';

export interface LinkInfo {
	readonly peer: PeerId;
	readonly open: boolean;
	readonly parent: boolean;
	readonly child: boolean;
	/** It stands by for us. */
	readonly backup: boolean;
	/** We stand by for it. */
	readonly backupChild: boolean;
	readonly mesh: boolean;
	readonly rttMs: number | null;
	readonly silentMs: number;
}

export interface Tree {
	/** Feeds one input; the outputs are to be carried out in order before the next. */
	handle(input: TreeInput, nowMs: number): TreeOutput[];
	readonly parent: PeerId | null;
	readonly children: readonly PeerId[];
	/** Those children that are heard: the others may have found another parent meanwhile. */
	readonly heardChildren: readonly PeerId[];
	/** Connected parents that stand by, the best first as of now: who that is changes with every datagram. */
	readonly backups: readonly PeerId[];
	/** The same in no order, for who only looks for somebody among them. */
	readonly standingBy: readonly PeerId[];
	/** For whom we stand by: they get digests, and what they pull. */
	readonly backupChildren: readonly PeerId[];
	/** Open links that belong to the speaker mesh. */
	readonly mesh: readonly PeerId[];
	/** From a speaker down to us; empty without a source. */
	readonly path: readonly PeerId[];
	/** Estimated milliseconds from that speaker to us. */
	readonly delayMs: number;
	readonly fanout: number;
	/** Where we are among the others; null while we do not know. */
	readonly spot: Spot | null;
	/** We hold a link with it, or are making one. */
	isNear(peer: PeerId): boolean;
	/**
	 * What sound is taken from it: everybody's of our parent, of our backups and of whoever is just taking us as
	 * a child, of other speakers their own.
	 */
	sourceOf(peer: PeerId): 'all' | 'own' | 'none';
	/** Smoothed round trip of the link with it; null without a link, and before the first echo. */
	rttOf(peer: PeerId): number | null;
	/** True where it is trying to find a (better) parent. */
	readonly searching: boolean;
	/** We have said goodbye, and nobody needs us any more. */
	readonly left: boolean;
	links(nowMs: number): readonly LinkInfo[];
}

const NOBODY: readonly PeerId[] = [];

export const createTree = (me: PeerId, fanout: number): Tree =>
	new PlaceInTree(newState(me, clampFanout(fanout)));

/** A class, for some of this is asked ten times for each packet, and an object's own getters are looked up by name. */
class PlaceInTree implements Tree {
	readonly #state: TreeState;
	/** What follows from the state, once asked for; null, or undefined, where it is to be looked for. */
	#children: readonly PeerId[] | null = null;
	#mesh: readonly PeerId[] | null = null;
	#standingBy: readonly PeerId[] | null = null;
	#backupChildren: readonly PeerId[] | null = null;
	#path: readonly PeerId[] | null = null;
	#parent: Link | null | undefined;

	constructor(state: TreeState) {
		this.#state = state;
	}

	handle(input: TreeInput, nowMs: number): TreeOutput[] {
		const state = this.#state;
		// Comes with every datagram and moves nobody: what follows from it can wait for the next tick.
		if (input.type === 'heard') {
			onHeard(state, input, nowMs);
			return [];
		}
		if (input.type === 'spoke') {
			state.soundMs = nowMs;
			return [];
		}
		this.#children = this.#mesh = this.#standingBy = this.#backupChildren = this.#path = null;
		this.#parent = undefined;
		forgiveOwnSleep(state, nowMs);
		state.nowMs = nowMs;
		const out = dispatch(state, input, nowMs);
		settle(state, out, nowMs);
		return out;
	}

	get parent(): PeerId | null {
		return (this.#parent ??= parentOf(this.#state))?.peer ?? null;
	}

	get children(): readonly PeerId[] {
		return (this.#children ??= openPeers(this.#state, (link) => link.child));
	}

	get heardChildren(): readonly PeerId[] {
		return openPeers(this.#state, (link) => isHeardChild(this.#state, link));
	}

	get backups(): readonly PeerId[] {
		return backupsOf(this.#state)
			.filter((link) => link.open)
			.map((link) => link.peer);
	}

	get standingBy(): readonly PeerId[] {
		return (this.#standingBy ??= openPeers(this.#state, (link) => link.backup));
	}

	get backupChildren(): readonly PeerId[] {
		return (this.#backupChildren ??= openPeers(this.#state, (link) => link.backupChild));
	}

	get mesh(): readonly PeerId[] {
		return (this.#mesh ??= isSpeaker(this.#state)
			? openPeers(this.#state, ({ peer }) => isMesh(this.#state, peer))
			: NOBODY);
	}

	get path(): readonly PeerId[] {
		return (this.#path ??= pathOf(this.#state));
	}

	get delayMs(): number {
		return delayOf(this.#state);
	}

	get fanout(): number {
		return this.#state.fanout;
	}

	get spot(): Spot | null {
		return this.#state.spot.error < 1 ? this.#state.spot : null;
	}

	isNear(peer: PeerId): boolean {
		return isNear(this.#state, peer);
	}

	sourceOf(peer: PeerId): 'all' | 'own' | 'none' {
		return sourceOf(this.#state, peer);
	}

	rttOf(peer: PeerId): number | null {
		return this.#state.links.get(peer)?.rttMs ?? null;
	}

	get searching(): boolean {
		const { attempts, redirects, queue } = this.#state;
		return attempts.size > 0 || redirects.length + queue.length > 0;
	}

	get left(): boolean {
		return hasLeft(this.#state);
	}

	links(nowMs: number): readonly LinkInfo[] {
		return describeLinks(this.#state, nowMs);
	}
}

function isNear(state: TreeState, peer: PeerId): boolean {
	if (state.links.has(peer) || state.attempts.has(peer) || state.mesh.has(peer)) return true;
	return state.backupSearch.attempt?.peer === peer;
}

function sourceOf(state: TreeState, peer: PeerId): 'all' | 'own' | 'none' {
	const link = state.links.get(peer);
	if (link?.parent === true || link?.backup === true || state.attempts.has(peer)) return 'all';
	return isMesh(state, peer) ? 'own' : 'none';
}

const isHeardChild = (state: TreeState, link: Link): boolean =>
	link.child && state.nowMs - link.lastHeardMs <= timing.CHILD_GONE_MS;

/** What is no number is no fan-out: better to carry nobody than everybody. */
const clampFanout = (children: number): number =>
	children >= 1 ? Math.min(FANOUT_MAX, Math.floor(children)) : 0;

function openPeers(state: TreeState, accept: (link: Link) => boolean): PeerId[] {
	const peers: PeerId[] = [];
	for (const link of state.links.values()) if (link.open && accept(link)) peers.push(link.peer);
	return peers;
}

/** Adds to `out` what follows from the new situation, whatever brought it about. */
function settle(state: TreeState, out: TreeOutput[], nowMs: number): void {
	out.push(...pursueMesh(state, nowMs));
	out.push(...pursueParent(state, nowMs));
	out.push(...pursueBackups(state, nowMs));
	out.push(...tellPath(state, nowMs));
	out.push(...tellPlaces(state, nowMs));
	out.push(...sayLastBye(state));
}

function dispatch(
	state: TreeState,
	input: Exclude<TreeInput, { type: 'heard' | 'spoke' }>,
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
			learnOffers(state, input.refusal?.candidates ?? [], nowMs);
			forgetOffer(state, input.peer, nowMs);
			onRefusal(state, input.peer, input.refusal, nowMs);
			onBackupRefusal(state, input.peer, input.refusal, nowMs);
			onMeshMiss(state, input.peer, nowMs);
			return [];
		case 'failed':
			onFailed(state, input, nowMs);
			return [];
		case 'closed':
			onClosed(state, input.peer, nowMs);
			return [];
		case 'opened':
			return onOpened(state, input.peer, nowMs);
		case 'message':
			return onMessage(state, input.from, input.message, nowMs);
		case 'starved':
			onStarved(state, input.parent, nowMs);
			return [];
		case 'unanswered':
			noteUnanswered(state, input.peer, input.askedMs);
			return [];
		case 'show':
			return beatTo(state, input.to, nowMs);
		case 'bad':
			return onBad(state, input.peer, nowMs);
		case 'out':
			return onOut(state, input.peers, nowMs);
		case 'tick':
			endParent(state, nowMs);
			return [
				...beat(state, nowMs),
				...sweep(state, nowMs),
				...letGoSurplus(state, nowMs),
				...callUp(state, nowMs),
				...tellNews(state, nowMs)
			];
		case 'leave':
			return onLeave(state, nowMs);
	}
}

function onStage(state: TreeState, peers: readonly PeerId[], nowMs: number): TreeOutput[] {
	const wasSpeaker = isSpeaker(state);
	state.stage = peers;
	if (wasSpeaker && !isSpeaker(state)) {
		// Stepped down: whoever we were meshed with is the nearest parent.
		const near = openPeers(state, ({ peer }) => peers.includes(peer));
		const candidates = near.map((peer) => contactOf(state, peer));
		onParentLost(state, { formerPath: [], candidates }, nowMs);
	}
	return [];
}

function onOpened(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	const link = linkOf(state, peer, nowMs);
	link.open = true;
	link.lastHeardMs = nowMs;
	if (link.child || link.backupChild) {
		const answer = link.child ? 'attached' : 'standing-by';
		const yes: TreeOutput = { type: 'send', to: peer, message: { type: answer } };
		return [yes, ...welcome(state, link, nowMs)];
	}
	// Should our own knock have lost against theirs at the same moment, nobody else asks for us.
	if (state.attempts.has(peer)) return [{ type: 'send', to: peer, message: { type: 'attach' } }];
	const standsBy = state.backupSearch.attempt?.peer === peer;
	return standsBy ? [{ type: 'send', to: peer, message: { type: 'stand-by' } }] : [];
}

function onHeard(
	state: TreeState,
	{ from, heartbeat, frames }: Extract<TreeInput, { type: 'heard' }>,
	nowMs: number
): void {
	const link = state.links.get(from);
	if (link === undefined) return;
	link.lastHeardMs = nowMs;
	if (heartbeat !== null) return onHeartbeat(state, link, heartbeat, nowMs);
	link.lastSoundMs = nowMs;
	if (frames === true) noteTrial(state, from);
	if (link.parent || (frames === true && isMesh(state, from))) state.soundMs = nowMs;
}

/** Whoever hears by us goes on hearing by us, for a moment; so the parent is told last. */
function onLeave(state: TreeState, nowMs: number): TreeOutput[] {
	state.leaving = true;
	state.leavesAtMs = nowMs + timing.LEAVE_GRACE_MS;
	return sayBye(state, (link) => !link.parent);
}

function hasLeft(state: TreeState): boolean {
	if (!state.leaving) return false;
	return state.nowMs >= state.leavesAtMs || !childrenOf(state).some((link) => link.open);
}

function sayLastBye(state: TreeState): TreeOutput[] {
	if (state.saidBye || !hasLeft(state)) return [];
	state.saidBye = true;
	return sayBye(state, (link) => link.parent);
}

function sayBye(state: TreeState, to: (link: Link) => boolean): TreeOutput[] {
	const candidates = wayOut(state);
	const told = [...state.links.values()].filter((link) => link.open && to(link));
	return told.map(({ peer }) => ({ type: 'send', to: peer, message: { type: 'bye', candidates } }));
}

function describeLinks(state: TreeState, nowMs: number): LinkInfo[] {
	return [...state.links.values()].map((link) => ({
		peer: link.peer,
		open: link.open,
		parent: link.parent,
		child: link.child,
		backup: link.backup,
		backupChild: link.backupChild,
		mesh: isMesh(state, link.peer),
		rttMs: link.rttMs,
		silentMs: nowMs - link.lastHeardMs
	}));
}
