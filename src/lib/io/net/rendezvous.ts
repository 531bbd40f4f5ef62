/** Keeps us in touch with the seeds: dials each, takes a relay slot, and tries again for as long as we run. */
import type { Connection, Libp2p } from '@libp2p/interface';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { parsePeerId } from '#lib/p2p/wire/ids.ts';
import {
	SEED_DIAL_MS,
	SEED_RETRY_MAX_MS,
	SEED_RETRY_MIN_MS,
	SEEDS_MAX
} from '#lib/p2p/wire/limits.ts';
import type { Clock } from '#lib/io/ports.ts';
import type { RelaySlots } from './relay-slots.ts';

/**
 * A slot is renewed in half the time that a seed gives it (an hour), as addresses are by DHCP (RFC 2131, T1): by
 * time passed alone, for a clock may be wrong.
 */
export const SLOT_RENEW_MS = 30 * 60_000;

/** The seeds, as the app sees them. */
export interface Rendezvous {
	/** How many seeds we were told of. */
	readonly count: number;
	/** How many of them know us now: connected, with a slot by which others can call. */
	reached(): number;
	/** Calls back after every change of `reached`. The result takes the listener away. */
	onChange(listener: (reached: number) => void): () => void;
	/** Tries at once, and soon again where that fails: the network is back, and may take a moment to carry anything. */
	retryNow(): void;
}

export interface SeedAddress {
	readonly id: string;
	readonly addr: Multiaddr;
}

/** Reads `/…/p2p/<id>` addresses; at most `SEEDS_MAX`. One that is no such address takes nobody else's place. */
export function readSeeds(seeds: readonly string[]): SeedAddress[] {
	return seeds.flatMap(readSeed).slice(0, SEEDS_MAX);
}

function readSeed(text: string): SeedAddress[] {
	try {
		const addr = multiaddr(text);
		const id = addr.getComponents().findLast((part) => part.name === 'p2p')?.value ?? '';
		return parsePeerId(id) === null ? [] : [{ id, addr }];
	} catch {
		return [];
	}
}

interface Options {
	readonly node: Libp2p;
	readonly slots: RelaySlots;
	readonly seeds: readonly SeedAddress[];
	readonly clock: Clock;
}

/** Starts at once; `stop` ends it for good. */
export function keepRendezvous(options: Options): Rendezvous & { stop(): void } {
	const listeners = new Set<(reached: number) => void>();
	const reached = (): number => keepers.filter((keeper) => keeper.reached()).length;
	const changed = (): void => {
		for (const listener of [...listeners]) listener(reached());
	};
	const keepers = options.seeds.map((seed) => keepSeed(seed, options, changed));
	return {
		count: keepers.length,
		reached,
		onChange(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		retryNow() {
			for (const keeper of keepers) keeper.retryNow();
		},
		stop() {
			for (const keeper of keepers) keeper.stop();
			listeners.clear();
		}
	};
}

interface SeedKeeper {
	reached(): boolean;
	retryNow(): void;
	stop(): void;
}

/**
 * One seed. Always exactly one of: a try under way, an alarm for the next, or a slot that we hold.
 */
function keepSeed(seed: SeedAddress, options: Options, changed: () => void): SeedKeeper {
	const { node, slots, clock } = options;
	let letGo: (() => void) | null = null;
	let trying = false;
	let stopped = false;
	let pauseMs = SEED_RETRY_MIN_MS;
	let cancelAlarm: () => void = () => undefined;

	const tryLater = (): void => {
		cancelAlarm();
		if (stopped) return;
		cancelAlarm = clock.wake(clock.nowMs() + pauseMs, tryNow);
		pauseMs = Math.min(2 * pauseMs, SEED_RETRY_MAX_MS);
	};
	const lost = (): void => {
		letGo?.();
		letGo = null;
		changed();
		tryLater();
	};
	const tryNow = (): void => {
		cancelAlarm();
		if (stopped || trying || letGo) return;
		trying = true;
		void meet(node, slots, seed).then(
			(met) => {
				trying = false;
				if (stopped) return;
				if (met.status !== 'open') {
					tryLater();
					return;
				}
				letGo = holdSlot(met, options, lost);
				pauseMs = SEED_RETRY_MIN_MS;
				changed();
			},
			() => {
				trying = false;
				tryLater();
			}
		);
	};
	tryNow();
	return {
		reached: () => letGo !== null,
		retryNow() {
			pauseMs = SEED_RETRY_MIN_MS;
			tryNow();
		},
		stop() {
			stopped = true;
			cancelAlarm();
			letGo?.();
		}
	};
}

/**
 * Renews the slot until it is let go of, which is what the result does. `lost` is called when the connection ends, or
 * the slot alone: nobody can call us by the seed then, even where the connection stands.
 */
function holdSlot(connection: Connection, { slots, clock }: Options, lost: () => void): () => void {
	const seed = connection.remotePeer;
	let held = true;
	let cancelAlarm: () => void = () => undefined;
	const renewLater = (): void => {
		if (held) cancelAlarm = clock.wake(clock.nowMs() + SLOT_RENEW_MS, renew);
	};
	const renew = (): void => {
		slots.reserve(seed).then(renewLater, () => {
			if (held) lost();
		});
	};
	const stopHearing = slots.onLost((id) => {
		if (id === seed.toString()) lost();
	});
	connection.addEventListener('close', lost, { once: true });
	renewLater();
	return () => {
		held = false;
		cancelAlarm();
		stopHearing();
		connection.removeEventListener('close', lost);
	};
}

async function meet(node: Libp2p, slots: RelaySlots, seed: SeedAddress): Promise<Connection> {
	const connection = await node.dial(seed.addr, { signal: AbortSignal.timeout(SEED_DIAL_MS) });
	await slots.reserve(connection.remotePeer);
	return connection;
}
