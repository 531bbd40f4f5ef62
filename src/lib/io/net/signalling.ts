/** Introductions between peers: streams over a seed's relay, or over a direct connection where there is one. */
import type { Connection, Libp2p } from '@libp2p/interface';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import type { Clock, Signalling, SignalStream } from '#lib/io/ports.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { parsePeerId } from '#lib/p2p/wire/ids.ts';
import { CONTACT_ADDRS_MAX, RELAY_IDLE_MS, SIGNAL_STREAMS_MAX } from '#lib/p2p/wire/limits.ts';
import { SIGNAL_PROTOCOL } from './protocols.ts';
import type { SeedAddress } from './rendezvous.ts';
import { createSignalStream } from './signal-stream.ts';

/** One address of several: a relay that is up says yes or no in one round trip. */
const DIAL_MS = 4_000;
/** Streams one connection may have open: a knock, one that crossed it, and what is closing. */
const STREAMS_PER_CONNECTION_MAX = 8;
/** A relayed connection with less left than this is not worth a new stream: seeds give 2 minutes, 128 KiB. */
const LEFT_SECONDS_MIN = 30;
const LEFT_BYTES_MIN = 48n * 1024n;

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
			const connection = await reach(node, seeds, to, signal);
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

/** A connection that stands and has something left, or the first address that answers. */
async function reach(
	node: Libp2p,
	seeds: readonly SeedAddress[],
	to: Contact,
	signal: AbortSignal
): Promise<Connection> {
	if (to.peer === node.peerId.toString()) throw new Error('We do not call ourselves.');
	const standing = node.getConnections().filter((one) => one.remotePeer.toString() === to.peer);
	const usable = standing.find((one) => one.limits === undefined) ?? standing.find(hasLeft);
	if (usable?.status === 'open') return usable;
	for (const addr of addressesOf(node, seeds, to)) {
		signal.throwIfAborted();
		try {
			const timed = AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]);
			return await node.dial(addr, { signal: timed, force: standing.length > 0 });
		} catch {
			// This way is closed; the next may be open.
		}
	}
	throw new Error(`Nobody answers for ${to.peer}.`);
}

function hasLeft({ limits }: Connection): boolean {
	const seconds = limits?.seconds ?? Infinity;
	const bytes = limits?.bytes;
	return seconds >= LEFT_SECONDS_MIN && (bytes === undefined || bytes >= LEFT_BYTES_MIN);
}

/**
 * Where to try, best first: given addresses behind a seed we are connected to, that seed without having been
 * told, then the rest of what was given (which may name relays and seeds we have never heard of).
 */
function addressesOf(node: Libp2p, seeds: readonly SeedAddress[], to: Contact): Multiaddr[] {
	const connected = seeds.filter(({ id }) =>
		node
			.getConnections()
			.some((one) => one.remotePeer.toString() === id && one.limits === undefined)
	);
	const given = to.addrs.slice(0, CONTACT_ADDRS_MAX).flatMap((text) => addressTo(to, text));
	const near = given.filter((addr) =>
		connected.some(({ id }) => addr.toString().includes(`/p2p/${id}/`))
	);
	const throughSeeds = connected.flatMap(({ addr }) =>
		addressTo(to, `${addr.toString()}/p2p-circuit`)
	);
	const unique = new Map(
		[...near, ...throughSeeds, ...given].map((addr) => [addr.toString(), addr])
	);
	return [...unique.values()];
}

/** Addresses come with and without the peer id at their end; without it a relay would answer for itself. */
function addressTo(to: Contact, text: string): Multiaddr[] {
	const end = `/p2p/${to.peer}`;
	try {
		return [multiaddr(text.endsWith(end) ? text : text + end)];
	} catch {
		return [];
	}
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
			if (connection.streams.some((stream) => stream.protocol === SIGNAL_PROTOCOL))
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
