/** Ends of introductions over routes, with two peers between each pair who may do with what they carry as they like. */
import { createRoutedSignalling, type RoutedSignalling } from '#lib/io/link/routed-signalling.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { Clock, Keys } from '#lib/io/ports.ts';
import { peerIdOf, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import type { Passage } from '#lib/p2p/wire/routed.ts';

export interface RoutedPeer {
	readonly peer: PeerId;
	readonly keys: Keys;
	readonly routed: RoutedSignalling;
	/** Calls over the routes given, or over the two between. */
	call(to: PeerId, signal?: AbortSignal): ReturnType<RoutedSignalling['open']>;
}

export interface RoutedVillage {
	readonly between: readonly [PeerId, PeerId];
	join(room?: RoomId): Promise<RoutedPeer>;
	/** Everything that was sent so far. */
	readonly carried: Passage[];
	/** What those between make of each thing they carry; to begin with they pass it on. */
	tamper: (passage: Passage) => readonly Passage[];
	/** Hands over, as if it had come along its route. */
	deliver(passage: Passage): void;
	/** Resolves when no signature is being made or checked, and whatever waited for one has had its turn. */
	idle(): Promise<void>;
}

/** Signatures that are being made or checked, by all of a village. */
interface Work {
	pending: number;
}

function counted(keys: Keys, work: Work): Keys {
	const count = <T>(doing: Promise<T>): Promise<T> => {
		work.pending++;
		return doing.finally(() => work.pending--);
	};
	return {
		...keys,
		sign: (message) => count(keys.sign(message)),
		verify: (...what) => count(keys.verify(...what))
	};
}

/** Everything that is due has run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const ROOM = '5a'.repeat(20) as RoomId;

export async function routedVillage(clock: Clock): Promise<RoutedVillage> {
	const peers = new Map<PeerId, RoutedSignalling>();
	const work: Work = { pending: 0 };
	const newPeer = async (): Promise<Keys> => counted(await createKeys(newKeySeed()), work);
	const between = [
		peerIdOf((await newPeer()).publicKey),
		peerIdOf((await newPeer()).publicKey)
	] as const;
	const village: RoutedVillage = {
		between,
		carried: [],
		tamper: (passage) => [passage],
		deliver(passage) {
			queueMicrotask(() => {
				const target = peers.get(passage.route.at(-1) ?? between[0]);
				if (target !== undefined) return target.take(passage);
				const back = passage.route.slice(0, -1).reverse();
				const source = peers.get(passage.route[0] ?? between[0]);
				source?.take({ ...passage, route: back, body: new Uint8Array(0) });
			});
		},
		async idle() {
			do await turn();
			while (work.pending > 0);
			// What the last of them brought about may have begun another.
			await turn();
			if (work.pending > 0) await village.idle();
		},
		async join(room = ROOM) {
			const keys = await newPeer();
			const peer = peerIdOf(keys.publicKey);
			const send = (passage: Passage): void => {
				village.carried.push(passage);
				for (const made of village.tamper(passage)) village.deliver(made);
			};
			const routed = createRoutedSignalling({ me: peer, room, keys, clock, send });
			peers.set(peer, routed);
			return {
				peer,
				keys,
				routed,
				call(to, signal = AbortSignal.timeout(5_000)) {
					if (!routed.hasRoute(to)) routed.know(to, [[peer, ...between, to]]);
					return routed.open({ peer: to, addrs: [] }, signal);
				}
			};
		}
	};
	return village;
}
