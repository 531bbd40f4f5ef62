/** Introductions between peers: streams over a seed's relay, or over a direct connection where there is one. */
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Clock, Signalling, SignalStream } from '#lib/io/ports.ts';
import { parsePeerId } from '#lib/p2p/wire/ids.ts';
import { RELAY_IDLE_MS, SIGNAL_STREAMS_MAX } from '#lib/p2p/wire/limits.ts';
import { reach } from './calling.ts';
import { LETTER_PROTOCOL, SHARE_PROTOCOL, SIGNAL_PROTOCOL, WEBRTC_PROTOCOL } from './protocols.ts';
import type { SeedAddress } from './rendezvous.ts';
import { createSignalStream } from './signal-stream.ts';

/** Streams one connection may have open: a knock, one that crossed it, and what is closing. */
const STREAMS_PER_CONNECTION_MAX = 8;
/** What a relayed connection is for: links, direct connections of gossip and sharing, letters, short questions. */
const INTRODUCTIONS: readonly (string | undefined)[] = [
	SIGNAL_PROTOCOL,
	WEBRTC_PROTOCOL,
	LETTER_PROTOCOL,
	SHARE_PROTOCOL
];

interface Options {
	readonly node: Libp2p;
	readonly seeds: readonly SeedAddress[];
	readonly clock: Clock;
}

/** Resolves once the node takes streams. */
export async function createSignalling({
	node,
	seeds,
	clock
}: Options): Promise<Signalling & { stop(): void }> {
	const open = new Set<SignalStream>();
	let taker: ((stream: SignalStream) => void) | null = null;
	const stopWatching = closeIdleRelays(node, clock);

	const admit = (
		connection: Connection,
		stream: Parameters<typeof createSignalStream>[1]
	): SignalStream | null => {
		const peer = parsePeerId(connection.remotePeer.toString());
		if (peer === null || open.size >= SIGNAL_STREAMS_MAX) {
			stream.abort(new Error('no room for another signalling stream'));
			return null;
		}
		const made = createSignalStream(peer, stream, () => open.delete(made));
		open.add(made);
		return made;
	};
	await node.handle(
		SIGNAL_PROTOCOL,
		(stream, connection) => {
			const made = admit(connection, stream);
			if (made === null) return;
			if (taker) taker(made);
			else made.close();
		},
		{ runOnLimitedConnection: true, maxInboundStreams: STREAMS_PER_CONNECTION_MAX }
	);
	return {
		async open(to, signal) {
			const connection = await reach(to, { node, seeds, signal });
			signal.throwIfAborted();
			const stream = await connection.newStream(SIGNAL_PROTOCOL, {
				runOnLimitedConnection: true,
				// The first message travels with the name of the protocol: one round trip less.
				negotiateFully: false,
				maxOutboundStreams: STREAMS_PER_CONNECTION_MAX,
				signal
			});
			const made = admit(connection, stream);
			if (made === null) throw new Error('Too many signalling streams are open.');
			return made;
		},
		onStream(take) {
			taker = take;
			return () => {
				if (taker === take) taker = null;
			};
		},
		stop() {
			taker = null;
			stopWatching();
			for (const stream of [...open]) stream.close();
		}
	};
}

/**
 * Closes each relayed connection that carries no signalling, looking every `RELAY_IDLE_MS`: what a seed lends
 * is for introductions, and the other side may have opened it for nothing.
 */
function closeIdleRelays(node: Libp2p, clock: Clock): () => void {
	const alarms = new Map<string, () => void>();
	const watch = (connection: Connection): void => {
		const cancel = clock.wake(clock.nowMs() + RELAY_IDLE_MS, () => {
			alarms.delete(connection.id);
			if (connection.status !== 'open') return;
			if (connection.streams.some(({ protocol }) => INTRODUCTIONS.includes(protocol)))
				watch(connection);
			else
				connection.close().catch((error: unknown) => {
					connection.abort(error instanceof Error ? error : new Error('idle'));
				});
		});
		alarms.set(connection.id, cancel);
	};
	const opened = ({ detail }: CustomEvent<Connection>): void => {
		if (detail.limits !== undefined) watch(detail);
	};
	const closed = ({ detail }: CustomEvent<Connection>): void => {
		alarms.get(detail.id)?.();
		alarms.delete(detail.id);
	};
	node.addEventListener('connection:open', opened);
	node.addEventListener('connection:close', closed);
	return () => {
		node.removeEventListener('connection:open', opened);
		node.removeEventListener('connection:close', closed);
		for (const cancel of alarms.values()) cancel();
		alarms.clear();
	};
}
