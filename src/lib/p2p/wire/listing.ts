/**
 * A listing: what a lobby tells of a room, signed by the room's host. It names the room by the host's key and
 * the nonce, which hash to the room's id: nobody can list a room of somebody else's.
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer, type ByteReader } from './bytes.ts';
import { SIGNATURE_BYTES } from './envelope.ts';
import { NONCE_BYTES } from './event.ts';
import { concat, peerIdOf, PUBLIC_KEY_BYTES, roomIdOf, type PeerId, type RoomId } from './ids.ts';
import {
	LANGUAGE_BYTES_MAX,
	LISTING_BYTES_MAX,
	NAME_BYTES_MAX,
	TITLE_BYTES_MAX,
	TOPIC_BYTES_MAX,
	TOPICS_MAX
} from './limits.ts';
import { cleanText } from './text.ts';

export type ListingState =
	/** The room is open. */
	| 'live'
	/** It will be, at `startsAtMs`. */
	| 'announced'
	/** Forget it. */
	| 'withdrawn';

const STATES: readonly ListingState[] = ['live', 'announced', 'withdrawn'];

/** A listing as its host drafts it. */
export interface Listing {
	/** Raw Ed25519 public key, 32 bytes. */
	readonly hostKey: Uint8Array;
	/** NONCE_BYTES, those of the room's opening. */
	readonly nonce: Uint8Array;
	/** By the host's clock. Of two listings of one room the later one counts. */
	readonly issuedAtMs: number;
	readonly state: ListingState;
	/** When it was opened, or will be. */
	readonly startsAtMs: number;
	/** How many are in it, speakers included, as the host sees it. */
	readonly people: number;
	readonly title: string;
	readonly hostName: string;
	/** A BCP 47 tag, or empty. */
	readonly language: string;
	readonly topics: readonly string[];
}

/** A listing as it was read. */
export interface ReadListing extends Listing {
	readonly room: RoomId;
	readonly host: PeerId;
	/** The whole of it, to be passed on byte for byte. */
	readonly bytes: Uint8Array;
}

export interface ListingReading {
	readonly listing: ReadListing;
	/** What was signed: `Keys.verify(listing.hostKey, signed, signature)`. */
	readonly signed: Uint8Array;
	readonly signature: Uint8Array;
}

const VERSION = 1;
const SIGNING_DOMAIN = fromString('grapevine/listing/1');

/** The canonical bytes of a listing of ours; text in it is cut and cleaned. */
export function encodeListing(listing: Listing): Uint8Array<ArrayBuffer> {
	const out = writer().u8(VERSION).bytes(listing.hostKey).bytes(listing.nonce);
	out.u48(listing.issuedAtMs).u8(STATES.indexOf(listing.state) + 1);
	out.u48(listing.startsAtMs).u32(listing.people);
	out.text(cleanText(listing.title, TITLE_BYTES_MAX));
	out.text(cleanText(listing.hostName, NAME_BYTES_MAX));
	out.text(cleanText(listing.language, LANGUAGE_BYTES_MAX));
	const topics = listing.topics.map((topic) => cleanText(topic, TOPIC_BYTES_MAX));
	const few = topics.filter((topic) => topic !== '').slice(0, TOPICS_MAX);
	out.u8(few.length);
	for (const topic of few) out.text(topic);
	return out.finish();
}

/** The message to sign. */
export function listingSigningBytes(unsigned: Uint8Array): Uint8Array {
	return concat(SIGNING_DOMAIN, unsigned);
}

/** Reads a listing without checking its signature; null for anything else. Keeps a copy. Never throws. */
export function readListing(input: Uint8Array): ListingReading | null {
	if (input.length > LISTING_BYTES_MAX || input.length < SIGNATURE_BYTES) return null;
	const bytes = input.slice();
	const unsigned = bytes.subarray(0, -SIGNATURE_BYTES);
	const drafted = readUnsigned(reader(unsigned));
	if (drafted === null || !sameBytes(encodeListing(drafted), unsigned)) return null;
	const { hostKey, nonce } = drafted;
	return {
		listing: { ...drafted, room: roomIdOf(hostKey, nonce), host: peerIdOf(hostKey), bytes },
		signed: listingSigningBytes(unsigned),
		signature: bytes.subarray(-SIGNATURE_BYTES)
	};
}

function readUnsigned(input: ByteReader): Listing | null {
	if (input.u8() !== VERSION) return null;
	const hostKey = input.bytes(PUBLIC_KEY_BYTES);
	const nonce = input.bytes(NONCE_BYTES);
	const issuedAtMs = input.u48();
	const state = STATES[input.u8() - 1];
	if (state === undefined) return null;
	const startsAtMs = input.u48();
	const people = input.u32();
	const title = input.text(TITLE_BYTES_MAX);
	const hostName = input.text(NAME_BYTES_MAX);
	const language = input.text(LANGUAGE_BYTES_MAX);
	const count = input.u8();
	if (count > TOPICS_MAX) return null;
	const topics = Array.from({ length: count }, () => input.text(TOPIC_BYTES_MAX));
	const isWhole = input.done() && (title !== '' || state === 'withdrawn');
	const times = { issuedAtMs, startsAtMs };
	return isWhole
		? { hostKey, nonce, ...times, state, people, title, hostName, language, topics }
		: null;
}
