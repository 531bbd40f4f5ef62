/** Who is here: sums and names of listeners, up, across and down the tree, at most once a second and only when changed. */
import type { Verified } from '../wire/envelope.ts';
import type { RoomEvent } from '../wire/event.ts';
import { PRESENCE_KNOWN_MAX, PRESENCE_SAMPLE_MAX } from '../wire/limits.ts';
import { openEnvelope, type EnvelopeReading } from '../wire/envelope.ts';
import type { PeerId } from '../wire/ids.ts';
import type { PresenceReport } from '../tree/presence.ts';
import type { PeerOutput } from './io.ts';
import { mySeat, positionOf, send, type PeerState } from './state.ts';
import { onOpened } from './sync.ts';

const PRESENCE_INTERVAL_MS = 1_000;
/** Names of a full sample, some 8 kB, go to one neighbour at most this often. */
const NAMES_INTERVAL_MS = 20_000;
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
	message: {
		readonly type: 'presence-up' | 'presence-down';
		readonly count: number;
		readonly here: readonly Uint8Array[];
	}
): PeerOutput[] {
	const opened = message.here.map((envelope) => openEnvelope(envelope));
	const report: PresenceReport = { count: message.count, here: authorsOf(opened) };
	const out = opened.flatMap((one) => onOpened(peer, one, from));
	if (message.type === 'presence-up') peer.presence.heardUp(from, report);
	else if (peer.tree.parent === from) peer.presence.heardDown(from, report);
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
	const subtree = peer.presence.subtree(position);
	const room = peer.presence.room(position);
	const parent = position.parent === null ? [] : [position.parent];
	const onStage = mySeat(peer) !== undefined;
	const out: PeerOutput[] = [];
	const up = newsOf(peer, subtree, nowMs);
	for (const to of onStage ? position.mesh : parent) tell(peer, to, 'presence-up', up, out);
	// A new speaker that still has a parent is counted by the other speakers, not below it as well.
	const counted = onStage ? parent.filter((to) => !position.mesh.includes(to)) : [];
	const nobody = newsOf(peer, { count: 0, here: [] }, nowMs);
	for (const to of counted) tell(peer, to, 'presence-up', nobody, out);
	const down = position.children.length === 0 ? nobody : newsOf(peer, room, nowMs);
	for (const to of position.children) tell(peer, to, 'presence-down', down, out);
	peer.nextPresenceMs = nowMs + (out.length > 0 ? PRESENCE_INTERVAL_MS : PRESENCE_LOOK_MS);
	return out;
}

/** A report as it is told to one or to many. */
interface News {
	readonly count: number;
	/** Signed names of those of the report whose names we know. */
	readonly named: readonly Verified<RoomEvent>[];
	/** Their ids. */
	readonly names: string;
	readonly nowMs: number;
}

function newsOf(peer: PeerState, { count, here }: PresenceReport, nowMs: number): News {
	const named: Verified<RoomEvent>[] = [];
	for (const listener of here) {
		const name = peer.names.get(listener);
		if (name !== undefined) named.push(name);
	}
	return { count, named, names: named.map((event) => event.id).join(), nowMs };
}

/** Adds to `out` what is news to that neighbour. */
function tell(
	peer: PeerState,
	to: PeerId,
	type: 'presence-up' | 'presence-down',
	{ count: counted, named, names, nowMs }: News,
	out: PeerOutput[]
): void {
	const [count, namesAtMs, namesTold] = peer.presenceTold.get(type + to)?.split(' ') ?? [];
	// Names are long, the count is short: a big crowd's sample may be a little old.
	const waits =
		named.length >= PRESENCE_SAMPLE_MAX && nowMs - Number(namesAtMs) < NAMES_INTERVAL_MS;
	const keepsNames = namesTold !== undefined && (namesTold === names || waits);
	if (keepsNames && count === String(counted)) return;
	const told = keepsNames ? [namesAtMs, namesTold] : [nowMs, names];
	peer.presenceTold.set(type + to, [counted, ...told].join(' '));
	const here = keepsNames ? [] : named.slice(0, PRESENCE_SAMPLE_MAX).map((event) => event.bytes);
	out.push(send(peer, to, { type, count: counted, here }));
}

export function forgetNeighbour(peer: PeerState, gone: PeerId): void {
	peer.presence.forget(gone);
	peer.syncedAtMs.delete(gone);
	peer.summaries.delete(gone);
	peer.presenceTold.delete(`presence-up${gone}`);
	peer.presenceTold.delete(`presence-down${gone}`);
}
