/**
 * Our slots on the seeds' relays, by which others can call us. libp2p's own ways do not serve: a relay it was
 * told to listen on is never asked again after a restart, and its search for relays walks the DHT without a
 * pause for as long as one wanted relay is missing. So we ask each seed ourselves, whenever it is reached.
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { PeerId as Libp2pPeerId, PeerStore, Transport } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';

type Factory = ReturnType<typeof circuitRelayTransport>;
type Components = Parameters<Factory>[0];

/** What we use of the transport beyond its interface; checked when it is made. */
interface RelayTransport extends Transport {
	readonly reservationStore: {
		addRelay(relay: Libp2pPeerId, type: 'configured'): Promise<Reserved>;
		/** The slot itself, not a copy. */
		getReservation(relay: Libp2pPeerId): { expire: bigint } | undefined;
		addEventListener(
			type: 'relay:created-reservation' | 'relay:removed',
			on: (event: Event) => void
		): void;
		/** Relays it will never ask again; one lost connection at the wrong moment is enough to be in. */
		readonly relayFilter?: { remove?(peer: Uint8Array): boolean };
	};
}

interface Reserved {
	readonly relay: Libp2pPeerId;
	readonly details: { readonly reservation: { readonly addrs: readonly Uint8Array[] } };
}

export interface RelaySlots {
	/** Give this to libp2p as its circuit relay transport. */
	readonly transport: Factory;
	/** Takes or renews the slot on a seed we are connected to. Rejects where the seed has none to give. */
	reserve(seed: Libp2pPeerId): Promise<void>;
	/**
	 * Calls back when a slot is gone, with the connection to its seed or without: the seed did not renew it. The
	 * result takes the listener away.
	 */
	onLost(listener: (seed: string) => void): () => void;
}

/** The addresses of a slot come and go with it. */
export function createRelaySlots(): RelaySlots {
	let transport: RelayTransport | null = null;
	const listeners = new Set<(seed: string) => void>();
	return {
		transport: (components) => {
			const relays = circuitRelayTransport({ reservationConcurrency: 8 });
			const made: Transport = relays(withLastingTags(components));
			if (!isRelayTransport(made))
				throw new Error('@libp2p/circuit-relay-v2 has changed: no reservations.');
			announceSlots(made, components);
			made.reservationStore.addEventListener('relay:removed', (event) => {
				const seed = reservedIn(event).relay.toString();
				for (const listener of [...listeners]) listener(seed);
			});
			transport = made;
			return made;
		},
		async reserve(seed) {
			if (transport === null) throw new Error('The relay transport is not in use.');
			const store = transport.reservationStore;
			store.relayFilter?.remove?.(seed.toMultihash().bytes);
			// Whether a slot is due the library tells by our clock, which may be hours behind the seed's.
			const held = store.getReservation(seed);
			if (held) held.expire = 0n;
			await store.addRelay(seed, 'configured');
		},
		onLost(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		}
	};
}

/**
 * The library marks the seed of a slot for as long as the slot holds, by our clock. To one that is an hour ahead
 * that is over already, the mark is refused, and the slot is given up. Without an end it goes with the slot.
 */
function withLastingTags(components: Components): Components {
	const { peerStore } = components;
	const merge: PeerStore['merge'] = (peer, { tags = {}, ...data }, options) => {
		const named = tags instanceof Map ? [...tags] : Object.entries(tags);
		const lasting = named.map(([name, tag]) => [name, tag && { value: tag.value ?? 0 }] as const);
		return peerStore.merge(peer, { ...data, tags: new Map(lasting) }, options);
	};
	const store = Object.create(peerStore, { merge: { value: merge } }) as PeerStore;
	return Object.create(components, { peerStore: { value: store } }) as Components;
}

function isRelayTransport(transport: Transport): transport is RelayTransport {
	const store: unknown = 'reservationStore' in transport ? transport.reservationStore : null;
	return typeof store === 'object' && store !== null && 'addRelay' in store;
}

function reservedIn(event: Event): Reserved {
	return (event as CustomEvent<Reserved>).detail;
}

function announceSlots(transport: RelayTransport, { addressManager }: Components): void {
	const addresses = (event: Event) =>
		reservedIn(event).details.reservation.addrs.map((addr) =>
			multiaddr(addr).encapsulate('/p2p-circuit')
		);
	transport.reservationStore.addEventListener('relay:created-reservation', (event) => {
		for (const addr of addresses(event))
			addressManager.confirmObservedAddr(addr, { type: 'observed' });
	});
	transport.reservationStore.addEventListener('relay:removed', (event) => {
		for (const addr of addresses(event)) addressManager.removeObservedAddr(addr);
	});
}
