/** Who is here: sums and names of listeners, up, across and down the tree, at most once a second and only when changed. */
import type { Verified } from '../wire/envelope.ts';
import type { RoomEvent } from '../wire/event.ts';
import { PRESENCE_KNOWN_MAX, PRESENCE_SAMPLE_MAX } from '../wire/limits.ts';
import { openEnvelope, type EnvelopeReading } from '../wire/envelope.ts';
import type { ControlMessage } from '../wire/control.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import type { PresenceReport } from '../tree/presence.ts';
import type { PeerOutput } from './io.ts';
import { mySeat, positionOf, send, type PeerState, type PresenceTold } from './state.ts';
import { onOpened } from './sync.ts';

const PRESENCE_INTERVAL_MS = 1_000;
/** In a crowd, names are brought up to date at one neighbour at most this often, and by so many names. */
const NAMES_INTERVAL_MS = 30_000;
const NAMES_FRESH_MAX = 4;
/** Who has only just come is told no names of a crowd yet: mostly it moves on to a better place. */
const NAMES_SETTLE_MS = 5_000;
/** Then it is told so many: 1 kB. */
const NAMES_FIRST_MAX = 6;
/** From this many on, the count is told less often: people see that it is big, not that it is 1,204. */
const CROWD = 100;
const CROWD_INTERVAL_MS = 4_000;
/** What has changed since is looked for this often, so that a move passes from floor to floor without waiting a second on each. */
const PRESENCE_LOOK_MS = 250;

export function takeName(peer: PeerState, event: Verified<RoomEvent>): void {
	const known = peer.names.get(event.author);
	if (known !== undefined && known.lamport > event.lamport) return;
	peer.names.delete(event.author);
	peer.names.set(event.author, event);
	for (const oldest of peer.names.keys()) {
		if (peer.names.size <= PRESENCE_KNOWN_MAX) return;
		if (oldest !== peer.options.me) peer.names.delete(oldest);
	}
}

export function onPresence(
	peer: PeerState,
	from: PeerId,
	message: Extract<ControlMessage, { type: 'presence-up' | 'presence-down' }>
): PeerOutput[] {
	const opened = message.here.map((envelope) => openEnvelope(envelope));
	const out = opened.flatMap((one) => onOpened(peer, one, from));
	const before = peer.presence.namedBy(message.type === 'presence-up' ? 'up' : 'down', from);
	// A list of another length is not the one we have.
	const kept =
		before.length === message.kept.length ? before.filter((_, i) => message.kept[i]) : [];
	const report: PresenceReport = { count: message.count, here: [...kept, ...authorsOf(opened)] };
	if (message.type === 'presence-up') peer.presence.heardUp(from, report);
	// It is told once: who takes us as a child tells it before we have moved there.
	else if (peer.tree.sourceOf(from) === 'all') {
		peer.presence.heardDown(from, report);
		if (message.hostAway) peer.host.saidAway.add(from);
		else peer.host.saidAway.delete(from);
	}
	return [...out, { type: 'view' }];
}

function authorsOf(opened: readonly EnvelopeReading[]): PeerId[] {
	return opened.flatMap((one) =>
		one.ok && one.event.body.kind === 'here' ? [one.event.author] : []
	);
}

export function tellPresence(peer: PeerState, nowMs: number): PeerOutput[] {
	if (nowMs < peer.nextPresenceMs) return [];
	const position = positionOf(peer);
	const { children, mesh } = position;
	const parent = position.parent === null ? [] : [position.parent];
	const onStage = mySeat(peer) !== undefined;
	const out: PeerOutput[] = [];
	const up = newsOf(peer, peer.presence.subtree(position), nowMs);
	for (const to of onStage ? mesh : parent) out.push(...tell(peer, to, 'presence-up', up));
	// A new speaker that still has a parent is counted by the other speakers, not below it as well.
	for (const to of onStage ? parent : []) {
		if (mesh.includes(to)) continue;
		out.push(...tell(peer, to, 'presence-up', newsOf(peer, { count: 0, here: [] }, nowMs)));
	}
	if (children.length > 0) {
		const down = newsOf(peer, { ...peer.presence.room(position), isRoom: true }, nowMs);
		for (const to of children) out.push(...tell(peer, to, 'presence-down', down));
	}
	peer.nextPresenceMs = nowMs + (out.length > 0 ? PRESENCE_INTERVAL_MS : PRESENCE_LOOK_MS);
	return out;
}

/** A report as it is told to one or to many. */
interface News {
	readonly count: number;
	/** Told to those below alone. */
	readonly hostAway: boolean;
	/** More than are ever named: their names are told a few at a time. */
	readonly crowd: boolean;
	/** Signed names of those of the report whose names we know, by their ids. */
	readonly named: ReadonlyMap<EventId, Verified<RoomEvent>>;
	readonly nowMs: number;
}

function newsOf(
	peer: PeerState,
	{ count, here, isRoom = false }: PresenceReport & { readonly isRoom?: boolean },
	nowMs: number
): News {
	const named = new Map<EventId, Verified<RoomEvent>>();
	for (const listener of here) {
		const name = peer.names.get(listener);
		if (name !== undefined && named.size < PRESENCE_SAMPLE_MAX) named.set(name.id, name);
	}
	const crowd = (isRoom ? count : named.size) >= PRESENCE_SAMPLE_MAX;
	return { count, crowd, hostAway: peer.host.away, named, nowMs };
}

/** What of it is news to that neighbour: the count, who is named no more, and the signed names of others. */
function tell(
	peer: PeerState,
	to: PeerId,
	type: 'presence-up' | 'presence-down',
	news: News
): PeerOutput[] {
	const before = peer.presenceTold[type].get(to);
	const told = before?.names ?? [];
	const waits = news.nowMs < namesDueMs(before, news);
	const isKept = told.map((id) => waits || news.named.has(id));
	const kept = told.filter((_, i) => isKept[i]);
	const others = waits ? [] : [...news.named.values()].filter(({ id }) => !told.includes(id));
	const fresh = others.slice(0, freshMax(before, news));
	const isSame = kept.length === told.length && fresh.length === 0;
	const { count, hostAway } = news;
	const isHostNews = type === 'presence-down' && before?.hostAway !== hostAway;
	if (isSame && before !== undefined && !isHostNews && !isCountDue(before, news)) return [];
	const namesAtMs = isSame ? (before?.namesAtMs ?? news.nowMs) : news.nowMs;
	const names = [...kept, ...fresh.map(({ id }) => id)];
	peer.presenceTold[type].set(to, { count, hostAway, atMs: news.nowMs, names, namesAtMs });
	const here = fresh.map(({ bytes }) => bytes);
	const presence = { count, kept: isKept, here };
	const down = type === 'presence-down' ? ({ type, hostAway } as const) : ({ type } as const);
	return [send(peer, to, { ...down, ...presence })];
}

function isCountDue({ count, atMs }: PresenceTold, news: News): boolean {
	if (count === news.count) return false;
	return Math.min(count, news.count) < CROWD || news.nowMs - atMs >= CROWD_INTERVAL_MS;
}

/** Of a small room everybody is told; of a crowd some, and a few more from time to time. */
function freshMax(before: PresenceTold | undefined, { crowd }: News): number {
	if (!crowd) return PRESENCE_SAMPLE_MAX;
	return (before?.names.length ?? 0) === 0 ? NAMES_FIRST_MAX : NAMES_FRESH_MAX;
}

/** Names are long, the count is short: a crowd's names may come a little late, and nobody reads them to the end. */
function namesDueMs(before: PresenceTold | undefined, { crowd }: News): number {
	if (!crowd) return 0;
	if (before === undefined) return Infinity;
	return before.namesAtMs + (before.names.length === 0 ? NAMES_SETTLE_MS : NAMES_INTERVAL_MS);
}

export function forgetNeighbour(peer: PeerState, gone: PeerId): void {
	peer.presence.forget(gone);
	peer.host.saidAway.delete(gone);
	peer.syncedAtMs.delete(gone);
	peer.summaries.delete(gone);
	peer.summariesTold.delete(gone);
	peer.presenceTold['presence-up'].delete(gone);
	peer.presenceTold['presence-down'].delete(gone);
}
