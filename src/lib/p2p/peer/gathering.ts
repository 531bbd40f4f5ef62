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
	const out = [
		...(onStage ? position.mesh : parent).flatMap((to) =>
			tell(peer, to, 'presence-up', { report: subtree, nowMs })
		),
		// A new speaker that still has a parent is counted by the other speakers, not below it as well.
		...(onStage ? parent : [])
			.filter((to) => !position.mesh.includes(to))
			.flatMap((to) => tell(peer, to, 'presence-up', { report: { count: 0, here: [] }, nowMs })),
		...position.children.flatMap((to) => tell(peer, to, 'presence-down', { report: room, nowMs }))
	];
	peer.nextPresenceMs = nowMs + (out.length > 0 ? PRESENCE_INTERVAL_MS : PRESENCE_LOOK_MS);
	return out;
}

function tell(
	peer: PeerState,
	to: PeerId,
	type: 'presence-up' | 'presence-down',
	{ report, nowMs }: { readonly report: PresenceReport; readonly nowMs: number }
): PeerOutput[] {
	const named = report.here.flatMap((listener) => peer.names.get(listener) ?? []);
	const names = named.map((event) => event.id).join();
	const [count, namesAtMs, namesTold] = peer.presenceTold.get(type + to)?.split(' ') ?? [];
	// Names are long, the count is short: a big crowd's sample may be a little old.
	const waits =
		named.length >= PRESENCE_SAMPLE_MAX && nowMs - Number(namesAtMs) < NAMES_INTERVAL_MS;
	const keepsNames = namesTold !== undefined && (namesTold === names || waits);
	if (keepsNames && count === String(report.count)) return [];
	const told = keepsNames ? [namesAtMs, namesTold] : [nowMs, names];
	peer.presenceTold.set(type + to, [report.count, ...told].join(' '));
	const here = keepsNames ? [] : named.slice(0, PRESENCE_SAMPLE_MAX).map((event) => event.bytes);
	return [send(peer, to, { type, count: report.count, here })];
}

export function forgetNeighbour(peer: PeerState, gone: PeerId): void {
	peer.presence.forget(gone);
	peer.syncedAtMs.delete(gone);
	peer.summaries.delete(gone);
	peer.presenceTold.delete(`presence-up${gone}`);
	peer.presenceTold.delete(`presence-down${gone}`);
}
