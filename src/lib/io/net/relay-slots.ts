/**
 * Our slots on the seeds' relays, by which others can call us. libp2p's own ways do not serve: a relay it was
 * told to listen on is never asked again after a restart, and its search for relays walks the DHT without a
 * pause for as long as one wanted relay is missing. So we ask each seed ourselves, whenever it is reached.
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { PeerId as Libp2pPeerId, Transport } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';

type Factory = ReturnType<typeof circuitRelayTransport>;
type Components = Parameters<Factory>[0];

/** What we use of the transport beyond its interface; checked when it is made. */
interface RelayTransport extends Transport {
	readonly reservationStore: {
		addRelay(relay: Libp2pPeerId, type: 'configured'): Promise<Reserved>;
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
}

/** Once reserved a slot renews itself until the connection to the seed ends; its addresses come and go with it. */
export function createRelaySlots(): RelaySlots {
	let transport: RelayTransport | null = null;
	return {
		transport: (components) => {
			const made: Transport = circuitRelayTransport({ reservationConcurrency: 8 })(components);
			if (!isRelayTransport(made))
				throw new Error('@libp2p/circuit-relay-v2 has changed: no reservations.');
			announceSlots(made, components);
			transport = made;
			return made;
		},
		async reserve(seed) {
			if (transport === null) throw new Error('The relay transport is not in use.');
			const store = transport.reservationStore;
			store.relayFilter?.remove?.(seed.toMultihash().bytes);
			await store.addRelay(seed, 'configured');
		}
	};
}

function isRelayTransport(transport: Transport): transport is RelayTransport {
	const store: unknown = 'reservationStore' in transport ? transport.reservationStore : null;
	return typeof store === 'object' && store !== null && 'addRelay' in store;
}

function announceSlots(transport: RelayTransport, { addressManager }: Components): void {
	const addresses = (event: Event) =>
		(event as CustomEvent<Reserved>).detail.details.reservation.addrs.map((addr) =>
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
