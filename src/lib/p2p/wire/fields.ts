/** Parts that several messages are made of: lists with a bound, peers, contacts, blobs, flags. */
import { fromString } from 'uint8arrays/from-string';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { readOffer, writeOffer, type Contact } from './contact.ts';
import { PUBLIC_KEY_BYTES, publicKeyOf, type PeerId } from './ids.ts';
import { ADDR_BYTES_MAX, CONTACT_ADDRS_MAX, ENVELOPE_BYTES_MAX } from './limits.ts';
import { readKey } from './parts.ts';

/** Stands for text that is no peer id, which only a bug of ours could bring here. */
const NOBODY = new Uint8Array(PUBLIC_KEY_BYTES);

/** `count` items; a count over `max` is malformed, and nothing is allocated for it. */
export function readList<T>(
	input: ByteReader,
	count: number,
	max: number,
	read: (input: ByteReader) => T
): T[] {
	if (count > max) input.fail();
	const items: T[] = [];
	for (let i = 0; i < count && input.ok; i++) items.push(read(input));
	// A list that grows has room for sixteen more; addresses and candidates are kept, by the thousand in a crowd.
	return items.slice();
}

export function writePeer(out: ByteWriter, peer: PeerId): ByteWriter {
	return out.bytes(publicKeyOf(peer) ?? NOBODY);
}

/** Leaves out what no peer would read: one address too long would cost the whole message. */
export function writeAddrs(out: ByteWriter, addrs: readonly string[], flags = 0): ByteWriter {
	const readable = addrs
		.map((addr) => fromString(addr))
		.filter((addr) => addr.length <= ADDR_BYTES_MAX);
	const few = readable.slice(0, CONTACT_ADDRS_MAX);
	out.u8(few.length | flags);
	for (const addr of few) out.blob(addr);
	return out;
}

export const readAddrs = (input: ByteReader): string[] => readAddrList(input, input.u8());

const readAddrList = (input: ByteReader, count: number): string[] =>
	readList(input, count, CONTACT_ADDRS_MAX, (from) => from.text(ADDR_BYTES_MAX));

export function writeContacts(
	out: ByteWriter,
	contacts: readonly Contact[],
	max: number
): ByteWriter {
	const few = contacts.slice(0, max);
	out.u8(few.length);
	for (const contact of few) writeContact(out, contact);
	return out;
}

/** Set in the number of addresses where an offer follows them. */
const OFFER_FLAG = 0x80;

export function writeContact(out: ByteWriter, { peer, addrs, offer }: Contact): ByteWriter {
	writeAddrs(writePeer(out, peer), addrs, offer === undefined ? 0 : OFFER_FLAG);
	return offer === undefined ? out : writeOffer(out, offer);
}

export function readContacts(input: ByteReader, max: number): Contact[] {
	return readList(input, input.u8(), max, readContact);
}

export function readContact(input: ByteReader): Contact {
	const peer = readKey(input);
	const head = input.u8();
	const addrs = readAddrList(input, head & ~OFFER_FLAG);
	return (head & OFFER_FLAG) === 0 ? { peer, addrs } : { peer, addrs, offer: readOffer(input) };
}

export function writeBlobs(out: ByteWriter, blobs: readonly Uint8Array[]): ByteWriter {
	out.u16(blobs.length);
	for (const blob of blobs) out.blob(blob);
	return out;
}

export function readBlobs(input: ByteReader, max: number): Uint8Array[] {
	return readList(input, input.u16(), max, (from) => from.blob(ENVELOPE_BYTES_MAX));
}

/** How many, then eight to a byte, the first one lowest. */
export function writeFlags(out: ByteWriter, flags: readonly boolean[]): ByteWriter {
	const bytes = new Uint8Array(Math.ceil(flags.length / 8));
	flags.forEach((flag, i) => {
		if (flag) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
	});
	return out.u8(flags.length).bytes(bytes);
}

export function readFlags(input: ByteReader, max: number): boolean[] {
	const count = input.u8();
	const bytes = input.bytes(Math.ceil(count / 8));
	const spare = (bytes.at(-1) ?? 0) >> (count & 7 || 8);
	if (count > max || spare !== 0) input.fail();
	return Array.from({ length: input.ok ? count : 0 }, (_, i) => {
		return ((bytes[i >> 3] ?? 0) & (1 << (i & 7))) !== 0;
	});
}
