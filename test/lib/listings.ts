/** Listings and who signs them, for tests. */
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { Keys } from '#lib/io/ports.ts';
import { markVerified, type Verified } from '#lib/p2p/wire/envelope.ts';
import { concat, peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import {
	encodeListing,
	listingSigningBytes,
	readListing,
	type Listing,
	type ReadListing
} from '#lib/p2p/wire/listing.ts';

export const NOW_MS = 1_790_000_000_000;

export interface Lister {
	readonly keySeed: Uint8Array;
	readonly keys: Keys;
	readonly peer: PeerId;
	/** Signed bytes of a room of this host; `room` tells its rooms apart. */
	list(room: number, more?: Partial<Listing>): Promise<Uint8Array>;
}

export async function lister(): Promise<Lister> {
	const keySeed = newKeySeed();
	const keys = await createKeys(keySeed);
	return {
		keySeed,
		keys,
		peer: peerIdOf(keys.publicKey),
		async list(room, more = {}) {
			const unsigned = encodeListing({ ...draft(keys.publicKey, room), ...more });
			return concat(unsigned, await keys.sign(listingSigningBytes(unsigned)));
		}
	};
}

/** A listing as if its signature had been checked. Key `host` times 32: no real key is needed for a board. */
export function listing(
	host: number,
	room: number,
	more: Partial<Listing> = {}
): Verified<ReadListing> {
	const key = new Uint8Array(32);
	new DataView(key.buffer).setUint32(0, host);
	const unsigned = encodeListing({ ...draft(key, room), ...more });
	const reading = readListing(concat(unsigned, new Uint8Array(64)));
	if (reading === null) throw new Error('The test drafted no listing.');
	return markVerified(reading.listing);
}

function draft(hostKey: Uint8Array, room: number): Listing {
	const nonce = new Uint8Array(8);
	new DataView(nonce.buffer).setUint32(4, room);
	return {
		hostKey,
		nonce,
		issuedAtMs: NOW_MS,
		state: 'live',
		startsAtMs: NOW_MS - 60_000,
		people: 3,
		title: `Room ${room}`,
		hostName: 'Hanna',
		language: 'en',
		topics: ['gardens']
	};
}
