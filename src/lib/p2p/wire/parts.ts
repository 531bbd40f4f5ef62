/** The parts that bodies of events are made of: keys of people, ids of other events. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import {
	EVENT_ID_BYTES,
	fromHex,
	peerIdOf,
	PUBLIC_KEY_BYTES,
	publicKeyOf,
	toHex,
	type EventId,
	type PeerId
} from './ids.ts';

/** No event has this id: it would take 2^128 tries. */
const NONE = '0'.repeat(2 * EVENT_ID_BYTES);

export function writeId(out: ByteWriter, id: EventId): ByteWriter {
	return out.bytes(fromHex(id));
}

export function readId(input: ByteReader): EventId {
	return toHex(input.bytes(EVENT_ID_BYTES)) as EventId;
}

export function writeIdOrNone(out: ByteWriter, id: EventId | null): ByteWriter {
	return out.bytes(fromHex(id ?? NONE));
}

export function readIdOrNone(input: ByteReader): EventId | null {
	const id = readId(input);
	return id === NONE ? null : id;
}

export function writeKey(out: ByteWriter, peer: PeerId): ByteWriter {
	const key = publicKeyOf(peer);
	if (key === null) throw new TypeError(`No peer id: ${peer}`);
	return out.bytes(key);
}

export function readKey(input: ByteReader): PeerId {
	return peerIdOf(input.bytes(PUBLIC_KEY_BYTES));
}

/** Anything but 1 reads as no: the envelope, which compares what is written again, then finds it malformed. */
export const readFlag = (input: ByteReader): boolean => input.u8() === 1;
export const flag = (on: boolean): number => (on ? 1 : 0);
