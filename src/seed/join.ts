/** Stays connected to the seeds this one was told to join, and knows where they are. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SeedNode } from '#lib/io/net/seed-node.ts';
import { fetchSeedInfo, isSeedAddr, peerOf } from '#lib/io/net/seed-info.ts';
import { multiaddr } from '@multiformats/multiaddr';
import type { Log } from './log.ts';

/** The first pause after a failure, doubled each time up to the second: a restart costs the other nothing. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** Up to a quarter more, so that many seeds do not come back to one in the same moment. */
const RETRY_SPREAD = 0.25;
const DIAL_TIMEOUT_MS = 10_000;

export interface JoinOptions {
	readonly node: SeedNode;
	/** URLs and multiaddrs, as given by `--join`. */
	readonly seeds: readonly string[];
	/** Peer ids of seeds, which the node may dial: filled in here. */
	readonly joined: Set<string>;
	readonly log: Log;
	/** Ends it. */
	readonly signal: AbortSignal;
}

export interface Joins {
	/** Multiaddrs of the seeds as far as they are known by now. */
	addrs(): string[];
}

export function joinSeeds(options: JoinOptions): Joins {
	const known = new Map<string, string>();
	for (const seed of options.seeds) {
		if (isSeedAddr(seed)) known.set(seed, seed);
		void stayJoined(seed, known, options);
	}
	return { addrs: () => [...new Set(known.values())] };
}

/** Where one try ended. */
type Reached =
	| { readonly type: 'joined'; readonly peer: string }
	| { readonly type: 'self' }
	| { readonly type: 'failed'; readonly reason: string };

async function stayJoined(
	seed: string,
	known: Map<string, string>,
	options: JoinOptions
): Promise<void> {
	const { log, signal } = options;
	const ended = (): boolean => signal.aborted;
	let pauseMs = RETRY_MIN_MS;
	let told = '';
	while (!ended()) {
		const reached = await reach(seed, known, options);
		if (ended()) return;
		if (reached.type === 'self') {
			log.warn(`${seed} is this seed itself: not joined.`);
			return;
		}
		if (reached.type === 'joined') {
			log.say(`Joined the seed ${seed}.`);
			pauseMs = RETRY_MIN_MS;
			told = '';
			await untilGone(reached.peer, options);
			if (!ended()) log.warn(`Lost the seed ${seed}; trying again.`);
		} else if (reached.reason !== told) {
			// Said once, not at each of its repetitions.
			log.warn(`Cannot join the seed ${seed}: ${reached.reason}; trying again.`);
			told = reached.reason;
		}
		await pause(pauseMs * (1 + RETRY_SPREAD * Math.random()), null, { signal, ref: false }).catch(
			() => null
		);
		pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS);
	}
}

async function reach(
	seed: string,
	known: Map<string, string>,
	{ node, joined, signal }: JoinOptions
): Promise<Reached> {
	const addr = await addrOf(seed, signal);
	if (typeof addr !== 'string') return { type: 'failed', reason: addr.reason };
	const peer = peerOf(addr);
	if (peer === node.peerId.toString()) return { type: 'self' };
	known.set(seed, addr);
	joined.add(peer);
	try {
		const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS);
		await node.dial(multiaddr(addr), { signal: AbortSignal.any([signal, timeout]) });
		return { type: 'joined', peer };
	} catch {
		return { type: 'failed', reason: 'it does not answer' };
	}
}

/** A URL is asked each time: the seed behind it may have a new identity. */
async function addrOf(
	seed: string,
	signal: AbortSignal
): Promise<string | { readonly reason: string }> {
	if (isSeedAddr(seed)) return seed;
	const answer = await fetchSeedInfo(seed, signal);
	if (answer.ok) return answer.info.seeds[0] ?? { reason: 'it has no address' };
	switch (answer.reason) {
		case 'unreachable':
			return { reason: 'it does not answer' };
		case 'not-a-seed':
			return { reason: 'what answers there is no seed' };
	}
}

/** Resolves when no connection to `peer` is left, or the signal says stop. */
function untilGone(peer: string, { node, signal }: JoinOptions): Promise<void> {
	const isThere = (): boolean =>
		node.getConnections().some((connection) => connection.remotePeer.toString() === peer);
	return new Promise((resolve) => {
		const done = (): void => {
			node.removeEventListener('peer:disconnect', check);
			signal.removeEventListener('abort', done);
			resolve();
		};
		const check = (): void => {
			if (!isThere()) done();
		};
		node.addEventListener('peer:disconnect', check);
		signal.addEventListener('abort', done);
		check();
	});
}
