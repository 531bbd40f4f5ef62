/** Ways to a peer: through a seed's relay, or the direct connection that gossip keeps with a few members. */
import type { Connection, Libp2p } from '@libp2p/interface';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { CONTACT_ADDRS_MAX } from '#lib/p2p/wire/limits.ts';
import type { SeedAddress } from './rendezvous.ts';

/** One address of several: a relay that is up says yes or no in one round trip. */
const DIAL_MS = 4_000;
/**
 * How long a seed that is up has to put us through before a direct connection is used instead. It goes first
 * because it knows who is there: a direct connection to a peer that vanished looks alive for 12 seconds.
 */
const RELAY_HEAD_START_MS = 500;
/** A relayed connection with less left than this is not worth a new stream: seeds give 2 minutes, 128 KiB. */
const LEFT_SECONDS_MIN = 30;
const LEFT_BYTES_MIN = 48n * 1024n;

export interface CallOptions {
	readonly node: Libp2p;
	readonly seeds: readonly SeedAddress[];
	readonly signal: AbortSignal;
}

/** A connection between members that no seed relays. */
export function isDirect(connection: Connection): boolean {
	return (
		connection.limits === undefined &&
		connection.status === 'open' &&
		connection.remoteAddr.toString().startsWith('/webrtc')
	);
}

/** The quickest connection of those that stand or can be made. Rejects where nobody answers. */
export async function reach(to: Contact, options: CallOptions): Promise<Connection> {
	const { node, seeds, signal } = options;
	const direct = standing(node, to).find(isDirect);
	if (direct === undefined) return reachRelayed(to, options);
	if (connectedSeeds(node, seeds).length === 0) return direct;
	const relayed = reachRelayed(to, options).catch(() => direct);
	const met = await Promise.race([relayed, headStart(direct, signal)]);
	return met.status === 'open' ? met : direct;
}

/** A relayed connection that stands and has something left, or the first address that answers. */
export async function reachRelayed(
	to: Contact,
	{ node, seeds, signal }: CallOptions
): Promise<Connection> {
	if (to.peer === node.peerId.toString()) throw new Error('We do not call ourselves.');
	const known = standing(node, to);
	const usable = known.find((one) => one.status === 'open' && !isDirect(one) && hasLeft(one));
	if (usable) return usable;
	for (const addr of addressesOf(node, seeds, to)) {
		signal.throwIfAborted();
		try {
			const timed = AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]);
			return await node.dial(addr, { signal: timed, force: known.length > 0 });
		} catch {
			// This way is closed; the next may be open.
		}
	}
	throw new Error(`Nobody answers for ${to.peer}.`);
}

function standing(node: Libp2p, to: Contact): Connection[] {
	return node.getConnections().filter((one) => one.remotePeer.toString() === to.peer);
}

/** Resolves with `direct` after the head start, or at once when the call is given up. */
function headStart(direct: Connection, signal: AbortSignal): Promise<Connection> {
	return new Promise((resolve) => {
		const over = AbortSignal.any([signal, AbortSignal.timeout(RELAY_HEAD_START_MS)]);
		if (over.aborted) resolve(direct);
		else
			over.addEventListener(
				'abort',
				() => {
					resolve(direct);
				},
				{ once: true }
			);
	});
}

function hasLeft({ limits }: Connection): boolean {
	const seconds = limits?.seconds ?? Infinity;
	const bytes = limits?.bytes;
	return seconds >= LEFT_SECONDS_MIN && (bytes === undefined || bytes >= LEFT_BYTES_MIN);
}

function connectedSeeds(node: Libp2p, seeds: readonly SeedAddress[]): SeedAddress[] {
	return seeds.filter(({ id }) =>
		node
			.getConnections()
			.some((one) => one.remotePeer.toString() === id && one.limits === undefined)
	);
}

/**
 * Where to try, best first: given addresses behind a seed we are connected to, that seed without having been
 * told, then the rest of what was given (which may name relays and seeds we have never heard of).
 */
function addressesOf(node: Libp2p, seeds: readonly SeedAddress[], to: Contact): Multiaddr[] {
	const connected = connectedSeeds(node, seeds);
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
