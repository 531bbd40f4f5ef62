/**
 * Direct connections to a few members of our rooms, so that events flow without a seed. Gossip takes to them
 * by itself: it never uses relayed connections, and looks at every other one.
 */
import type { Identify } from '@libp2p/identify';
import type {
	Connection,
	Libp2p,
	MultiaddrConnection,
	PeerId as Libp2pPeerId
} from '@libp2p/interface';
import type { Clock, Directory } from '#lib/io/ports.ts';
import { forgetOldest } from '#lib/p2p/wire/bounded.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { parsePeerId, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import {
	CONTACTS_MAX,
	GOSSIP_NEIGHBOURS,
	GOSSIP_NEIGHBOURS_MAX,
	NEIGHBOUR_DIAL_MS,
	NEIGHBOUR_RETRY_MS,
	NEIGHBOUR_SEARCH_MAX_MS,
	NEIGHBOUR_SEARCH_MIN_MS,
	NEIGHBOUR_SETTLE_MS,
	NEIGHBOUR_TRIES_MAX
} from '#lib/p2p/wire/limits.ts';
import { isDirect, reachRelayed } from './calling.ts';
import type { DirectLines } from './direct-lines.ts';
import type { GossipSub } from './gossipsub.ts';
import { choose, nextChoiceMs, type Acquaintance } from './neighbour-choice.ts';
import { roomTopic } from './protocols.ts';
import type { Rendezvous, SeedAddress } from './rendezvous.ts';

/** A connection that stood so long was a good one: what ended it does not count with earlier failures. */
const LASTING_MS = 60_000;
/** A search asks each seed once; what takes longer is lost. */
const SEARCH_MS = 6_000;
/** Gossip tells its rooms in the first round trips. Who has named none of ours by then takes up a place. */
const PROOF_MS = 5_000;

/** Our direct connections to members. */
export interface Neighbours {
	/** Peers that gossip reaches directly now, in our rooms, whoever called whom. */
	list(): readonly PeerId[];
	/** Calls back after every change of `list`. The result takes the listener away. */
	onChange(listener: (peers: readonly PeerId[]) => void): () => void;
}

/** What gossip says to its neighbours' keeper. */
export interface NeighbourKeeper extends Neighbours {
	enter(room: RoomId): void;
	/** These are in a room of ours. */
	meet(contacts: readonly Contact[]): void;
	/** Closes the connections to those with whom we share no other room. */
	leave(room: RoomId): void;
	/** For libp2p's gater: whether an incoming connection has to go. */
	deny(peer: string, connection: MultiaddrConnection): boolean;
	stop(): void;
}

interface Options {
	readonly node: Libp2p<{ identify: Identify; gossip: GossipSub }>;
	readonly lines: DirectLines;
	readonly seeds: readonly SeedAddress[];
	readonly rendezvous: Rendezvous;
	readonly directory: Pick<Directory, 'find'>;
	readonly clock: Clock;
	/** Whether a direct connection to that peer serves something else: it is left alone, room or not. */
	readonly isShared: (peer: PeerId) => boolean;
}

interface Neighbour {
	readonly connection: Connection;
	readonly openedMs: number;
}

interface Keeping extends Options {
	readonly me: PeerId;
	readonly rooms: Set<RoomId>;
	readonly known: Map<PeerId, Acquaintance>;
	readonly neighbours: Map<PeerId, Neighbour>;
	readonly listeners: Set<(peers: readonly PeerId[]) => void>;
	/** Gives up what is under way; a new one for each stay in a room. */
	stay: AbortController;
	searchMs: number;
	searchPauseMs: number;
	cancelAlarm: () => void;
}

/**
 * 1. Without a room there is no connection of ours, no call and no alarm.
 * 2. `neighbours` has exactly one direct connection for each peer that has any.
 */
export function keepNeighbours(options: Options): NeighbourKeeper {
	const me = parsePeerId(options.node.peerId.toString());
	if (me === null) throw new Error('An Ed25519 key makes an Ed25519 peer id.');
	const keeping: Keeping = {
		...options,
		me,
		rooms: new Set(),
		known: new Map(),
		neighbours: new Map(),
		listeners: new Set(),
		stay: new AbortController(),
		searchMs: Infinity,
		searchPauseMs: NEIGHBOUR_SEARCH_MIN_MS,
		cancelAlarm: () => undefined
	};
	const stopWatching = watch(keeping);
	return {
		list: () => reached(keeping),
		onChange(listener) {
			keeping.listeners.add(listener);
			return () => void keeping.listeners.delete(listener);
		},
		enter(room) {
			const first = keeping.rooms.size === 0;
			keeping.rooms.add(room);
			if (first) begin(keeping);
		},
		meet(contacts) {
			for (const contact of contacts) meet(keeping, contact);
			review(keeping);
		},
		leave(room) {
			keeping.rooms.delete(room);
			if (keeping.rooms.size === 0) end(keeping);
			else hangUpStrangers(keeping, Infinity);
		},
		deny: (peer, connection) => deny(keeping, peer, connection),
		stop() {
			stopWatching();
			keeping.listeners.clear();
			keeping.rooms.clear();
			end(keeping);
		}
	};
}

function watch(keeping: Keeping): () => void {
	const opened = ({ detail }: CustomEvent<Connection>): void => {
		if (isDirect(detail)) onOpened(keeping, detail);
	};
	const closed = ({ detail }: CustomEvent<Connection>): void => {
		onClosed(keeping, detail);
	};
	const subscribed = ({ detail }: CustomEvent<{ readonly peerId: Libp2pPeerId }>): void => {
		const peer = parsePeerId(detail.peerId.toString());
		if (peer !== null && keeping.neighbours.has(peer)) changed(keeping);
		review(keeping);
	};
	const { node, rendezvous } = keeping;
	const { gossip } = node.services;
	node.addEventListener('connection:open', opened);
	gossip.addEventListener('subscription-change', subscribed);
	node.addEventListener('connection:close', closed);
	const stopSeeds = rendezvous.onChange(() => {
		review(keeping);
	});
	return () => {
		node.removeEventListener('connection:open', opened);
		node.removeEventListener('connection:close', closed);
		gossip.removeEventListener('subscription-change', subscribed);
		stopSeeds();
	};
}

/** The transport is loaded in the pause before the first call. */
function begin(keeping: Keeping): void {
	const { clock, lines } = keeping;
	const stay = new AbortController();
	keeping.stay = stay;
	keeping.searchPauseMs = NEIGHBOUR_SEARCH_MIN_MS;
	keeping.searchMs = clock.nowMs() + NEIGHBOUR_SEARCH_MIN_MS;
	const cancel = clock.wake(clock.nowMs() + NEIGHBOUR_SETTLE_MS / 2, () => {
		// Without it gossip has the seeds only, as before; each call tries to load it again.
		lines.open('gossip').catch(() => undefined);
	});
	stay.signal.addEventListener('abort', cancel, { once: true });
	review(keeping);
}

function end(keeping: Keeping): void {
	keeping.stay.abort();
	keeping.cancelAlarm();
	keeping.lines.close('gossip');
	keeping.known.clear();
	for (const [peer, { connection }] of keeping.neighbours) {
		if (!keeping.isShared(peer)) hangUp(connection);
	}
}

function meet({ known, me, clock }: Keeping, contact: Contact): void {
	const { peer } = contact;
	if (peer === me) return;
	const before = known.get(peer);
	if (before !== undefined) {
		if (contact.addrs.length > 0) before.contact = contact;
		return;
	}
	const nowMs = clock.nowMs();
	known.set(peer, { contact, knownMs: nowMs, failures: 0, nextCallMs: nowMs, calling: false });
	forgetOldest(known, CONTACTS_MAX);
}

/** Those who were connected before `openedMs` and are in no room of ours. */
function hangUpStrangers(keeping: Keeping, openedMs: number): void {
	for (const [peer, neighbour] of keeping.neighbours) {
		const isOfUse = sharesRoom(keeping, peer) || keeping.isShared(peer);
		if (neighbour.openedMs <= openedMs && !isOfUse) hangUp(neighbour.connection);
	}
}

/** Whether gossip has heard from the peer that it is in a room of ours. */
function sharesRoom({ rooms, node }: Keeping, peer: PeerId): boolean {
	return [...rooms].some((room) =>
		node.services.gossip.getSubscribers(roomTopic(room)).some((one) => one.toString() === peer)
	);
}

function reached(keeping: Keeping): PeerId[] {
	return [...keeping.neighbours.keys()].filter((peer) => sharesRoom(keeping, peer));
}

/** Does what is due, and sets the alarm for what will be. */
function review(keeping: Keeping): void {
	const { clock, rooms, neighbours, rendezvous } = keeping;
	keeping.cancelAlarm();
	if (rooms.size === 0) return;
	const nowMs = clock.nowMs();
	hangUpStrangers(keeping, nowMs - PROOF_MS);
	const proofsMs = [...neighbours.values()].map(({ openedMs }) => openedMs + PROOF_MS);
	const nextMs =
		rendezvous.reached() > 0
			? Math.min(makeCalls(keeping, nowMs), searchIfDue(keeping, nowMs))
			: Infinity;
	const atMs = Math.min(nextMs, ...proofsMs.filter((proofMs) => proofMs > nowMs));
	if (atMs === Infinity) return;
	keeping.cancelAlarm = clock.wake(atMs, () => {
		review(keeping);
	});
}

/** Gives the time of the next call. */
function makeCalls(keeping: Keeping, nowMs: number): number {
	const { me, known, neighbours } = keeping;
	const all = { me, known, connected: new Set(neighbours.keys()) };
	for (let next = choose(all, nowMs); next; next = choose(all, nowMs)) void call(keeping, next);
	return nextChoiceMs(all, nowMs);
}

/**
 * Whoever came first has only met those who came to it, so who has too few neighbours asks who else is there.
 * Gives the time of the next search.
 */
function searchIfDue(keeping: Keeping, nowMs: number): number {
	if (keeping.neighbours.size >= GOSSIP_NEIGHBOURS) return Infinity;
	if (nowMs >= keeping.searchMs) {
		keeping.searchMs = nowMs + keeping.searchPauseMs;
		keeping.searchPauseMs = Math.min(2 * keeping.searchPauseMs, NEIGHBOUR_SEARCH_MAX_MS);
		for (const room of keeping.rooms) void search(keeping, room);
	}
	return keeping.searchMs;
}

async function search(keeping: Keeping, room: RoomId): Promise<void> {
	const { directory, stay } = keeping;
	const signal = AbortSignal.any([stay.signal, AbortSignal.timeout(SEARCH_MS)]);
	try {
		for await (const contact of directory.find(room, signal)) {
			if (!stay.signal.aborted) meet(keeping, contact);
		}
	} catch {
		// No seed answered; the next search may fare better.
	}
	review(keeping);
}

async function call(keeping: Keeping, one: Acquaintance): Promise<void> {
	const { node, seeds, lines, stay } = keeping;
	const { peer } = one.contact;
	one.calling = true;
	try {
		const signal = AbortSignal.any([stay.signal, AbortSignal.timeout(NEIGHBOUR_DIAL_MS)]);
		await lines.open('gossip');
		await reachRelayed(one.contact, { node, seeds, signal });
		const made = await lines.call(peer, signal);
		if (stay.signal.aborted) hangUp(made);
	} catch {
		failed(keeping, one);
	}
	one.calling = false;
	review(keeping);
}

function failed({ known, clock }: Keeping, one: Acquaintance): void {
	one.failures += 1;
	one.nextCallMs = clock.nowMs() + NEIGHBOUR_RETRY_MS * 2 ** (one.failures - 1);
	const { peer } = one.contact;
	if (one.failures >= NEIGHBOUR_TRIES_MAX && known.get(peer) === one) known.delete(peer);
}

function onOpened(keeping: Keeping, connection: Connection): void {
	const peer = parsePeerId(connection.remotePeer.toString());
	const isShared = peer !== null && keeping.isShared(peer);
	if (peer === null || keeping.rooms.size === 0) {
		if (!isShared) hangUp(connection);
		return;
	}
	// Nobody of our rooms takes a place among gossip's few.
	if (isShared && !keeping.known.has(peer)) return;
	if (keeping.neighbours.has(peer)) return;
	keeping.neighbours.set(peer, { connection, openedMs: keeping.clock.nowMs() });
	review(keeping);
}

function onClosed(keeping: Keeping, connection: Connection): void {
	const peer = parsePeerId(connection.remotePeer.toString());
	const neighbour = peer === null ? undefined : keeping.neighbours.get(peer);
	if (peer === null || neighbour?.connection !== connection) return;
	keeping.neighbours.delete(peer);
	const { node, known, clock } = keeping;
	const other = node
		.getConnections()
		.find((one) => one.remotePeer.equals(connection.remotePeer) && isDirect(one));
	if (other) {
		keeping.neighbours.set(peer, { connection: other, openedMs: clock.nowMs() });
		// Gossip looks at a peer's first connection only, and at another when it is identified.
		node.services.identify.identify(other).catch(() => undefined);
		return;
	}
	const one = known.get(peer);
	if (one) {
		if (clock.nowMs() - neighbour.openedMs > LASTING_MS) one.failures = 0;
		failed(keeping, one);
	}
	changed(keeping);
	review(keeping);
}

/**
 * A member that calls although a connection stands has lost it, which we would notice ten seconds later. The
 * old one goes first, so that gossip is not held by it.
 */
function deny(keeping: Keeping, from: string, connection: MultiaddrConnection): boolean {
	if (!connection.remoteAddr.toString().startsWith('/webrtc')) return false;
	const peer = parsePeerId(from);
	if (peer === null || keeping.rooms.size === 0) return true;
	keeping.neighbours.get(peer)?.connection.abort(new Error('replaced by a new connection'));
	return keeping.neighbours.size >= GOSSIP_NEIGHBOURS_MAX;
}

function changed(keeping: Keeping): void {
	const peers = reached(keeping);
	for (const listener of [...keeping.listeners]) listener(peers);
}

function hangUp(connection: Connection): void {
	connection.close().catch((error: unknown) => {
		connection.abort(error instanceof Error ? error : new Error('hung up'));
	});
}
