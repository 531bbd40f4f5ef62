/**
 * Names of things that travel: peers, rooms, events, streams. All are branded strings, so that one is
 * never taken for another; the bytes behind each are given beside its type.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { base58btc } from 'multiformats/bases/base58';
import { fromString } from 'uint8arrays/from-string';
import { forgetOldest } from './bounded.ts';

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** A libp2p peer id of an Ed25519 key, base58btc text beginning with `12D3KooW`. */
export type PeerId = Branded<string, 'PeerId'>;
/** 20 bytes as 40 hex digits: the hash of the host's public key and a nonce. */
export type RoomId = Branded<string, 'RoomId'>;
/** 16 bytes as 32 hex digits: the truncated SHA-256 of an event's signed bytes. */
export type EventId = Branded<string, 'EventId'>;
/** 8 bytes as 16 hex digits: the head of the id of the event that gave a speaker the seat. */
export type StreamId = Branded<string, 'StreamId'>;
/** 8 bytes as 16 hex digits: the head of an event's id, which names it where ids would be too long. */
export type IdHead = Branded<string, 'IdHead'>;
/** 20 bytes as 40 hex digits: where the owner of a card is announced in the directory. */
export type ReachKey = Branded<string, 'ReachKey'>;
/** 16 random bytes as 32 hex digits: one letter. */
export type LetterId = Branded<string, 'LetterId'>;
/** 16 random bytes as 32 hex digits: one introduction over the room's own links. */
export type IntroductionId = Branded<string, 'IntroductionId'>;
/** 20 bytes as 40 hex digits: where those who have what a link names are announced in the directory. */
export type ShareKey = Branded<string, 'ShareKey'>;
/** 16 random bytes as 32 hex digits: one recording. */
export type RecordingId = Branded<string, 'RecordingId'>;

export const PUBLIC_KEY_BYTES = 32;
export const ROOM_ID_BYTES = 20;
export const EVENT_ID_BYTES = 16;
export const STREAM_ID_BYTES = 8;
export const RECORDING_ID_BYTES = 16;

/** Identity multihash of a protobuf that holds an Ed25519 key (libp2p specs, peer-ids). */
const PEER_ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);
/** 38 bytes that begin with one zero byte always come to this many base58 letters. */
const PEER_ID_LETTERS = 52;

/** Peer ids remembered, some 150 bytes each: a big room's, which come up again with every path and every name. */
const PEER_IDS_REMEMBERED_MAX = 8_192;
/** By the bytes of the key, a letter each: base58 costs 20 times as much. */
const remembered = new Map<string, PeerId>();
/** The other way round. */
const rememberedKeys = new Map<string, Uint8Array>();

const ROOM_ID_DOMAIN = fromString('grapevine/room-id/1');

/** The peer id that belongs to a raw 32-byte Ed25519 public key. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
	const letters = String.fromCharCode(...publicKey);
	const known = remembered.get(letters);
	if (known !== undefined) return known;
	const peer = base58btc.baseEncode(concat(PEER_ID_PREFIX, publicKey)) as PeerId;
	remember(remembered, letters, peer);
	return peer;
}

function remember<T>(known: Map<string, T>, key: string, value: T): void {
	known.set(key, value);
	forgetOldest(known, PEER_IDS_REMEMBERED_MAX);
}

/** The raw public key inside a peer id, or null where the text is no Ed25519 peer id. Not to be changed. */
export function publicKeyOf(peer: string): Uint8Array | null {
	// Also keeps long text away from base58, whose cost grows with the square of the length.
	if (peer.length !== PEER_ID_LETTERS) return null;
	const known = rememberedKeys.get(peer);
	if (known !== undefined) return known;
	const key = readPublicKey(peer);
	// Text from outside that is none is not worth a place.
	if (key !== null) remember(rememberedKeys, peer, key);
	return key;
}

function readPublicKey(peer: string): Uint8Array | null {
	let bytes: Uint8Array;
	try {
		bytes = base58btc.baseDecode(peer);
	} catch {
		return null;
	}
	const expected = PEER_ID_PREFIX.length + PUBLIC_KEY_BYTES;
	if (bytes.length !== expected) return null;
	if (!PEER_ID_PREFIX.every((byte, i) => bytes[i] === byte)) return null;
	// The decoder takes letters beyond U+00FF for a zero, so that two texts would be one peer.
	if (base58btc.baseEncode(bytes) !== peer) return null;
	return bytes.slice(PEER_ID_PREFIX.length);
}

/** Checks text from outside; null where it is no Ed25519 peer id. */
export function parsePeerId(text: string): PeerId | null {
	return publicKeyOf(text) === null ? null : (text as PeerId);
}

/** Room id = first 20 bytes of SHA-256(domain, host public key, nonce): binds a room to its host. */
export function roomIdOf(hostPublicKey: Uint8Array, nonce: Uint8Array): RoomId {
	return toHex(
		sha256(concat(ROOM_ID_DOMAIN, hostPublicKey, nonce)).subarray(0, ROOM_ID_BYTES)
	) as RoomId;
}

/** The stream a seat speaks on: the head of the id of the event that took the seat. */
export function streamOf(seatEvent: EventId): StreamId {
	return seatEvent.slice(0, 2 * STREAM_ID_BYTES) as StreamId;
}

export function headOf(id: EventId): IdHead {
	return id.slice(0, 2 * STREAM_ID_BYTES) as IdHead;
}

/** Two digits for each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += HEX[byte] ?? '';
	return text;
}

/** Inverse of `toHex`. `hex` must be ours: an even number of hex digits. */
export function fromHex(hex: string): Uint8Array {
	const bytes = new Uint8Array(hex.length / 2);
	for (let i = 0; i < bytes.length; i++) {
		bytes[i] = (digitAt(hex, 2 * i) << 4) | digitAt(hex, 2 * i + 1);
	}
	return bytes;
}

/** '0' is 48 and 'a' is 97, 'A' 65: letters have the bit of 64, and begin at 10. */
function digitAt(hex: string, at: number): number {
	const code = hex.charCodeAt(at);
	return (code & 15) + (code & 64 ? 9 : 0);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
