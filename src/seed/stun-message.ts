/**
 * STUN messages (RFC 8489) as far as a Binding server needs them: read a request, write the answer that says
 * where it came from. Pure: bytes in, bytes out, null for whatever is no STUN.
 */
import { crc32 } from 'node:zlib';
import { reader, writer } from '#lib/p2p/wire/bytes.ts';

export const MAGIC_COOKIE = 0x2112a442;
export const BINDING_REQUEST = 0x0001;
export const BINDING_SUCCESS = 0x0101;
export const BINDING_ERROR = 0x0111;

export const UNKNOWN_ATTRIBUTES = 0x000a;
export const XOR_MAPPED_ADDRESS = 0x0020;
export const FINGERPRINT = 0x8028;
const ERROR_CODE = 0x0009;

const HEADER_BYTES = 20;
const TRANSACTION_BYTES = 12;
const FINGERPRINT_XOR = 0x5354554e;
const FINGERPRINT_BYTES = 8;
/** A request fits one unfragmented packet (section 6.1: 548 bytes where the path is unknown). */
const MESSAGE_BYTES_MAX = 548;
/** Attributes in one message; ICE sends seven. */
const ATTRIBUTES_MAX = 32;

/** Those of RFC 8489 that may stand in a request and change nothing for a server without authentication. */
const KNOWN_ATTRIBUTES = new Set([0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e]);

export interface StunAttribute {
	readonly type: number;
	readonly value: Uint8Array;
}

export interface StunMessage {
	readonly type: number;
	/** 12 bytes, the asker's. */
	readonly transaction: Uint8Array;
	readonly attributes: readonly StunAttribute[];
}

export interface StunAddress {
	/** 4 bytes for IPv4, 16 for IPv6. */
	readonly ip: Uint8Array;
	readonly port: number;
}

/** Null where the bytes are no well-formed STUN message, or its fingerprint is wrong. */
export function parseStun(bytes: Uint8Array): StunMessage | null {
	if (bytes.length < HEADER_BYTES || bytes.length > MESSAGE_BYTES_MAX) return null;
	const input = reader(bytes);
	const type = input.u16();
	const length = input.u16();
	const cookie = input.u32();
	const transaction = input.bytes(TRANSACTION_BYTES);
	// The two zero bits at the front tell STUN from its neighbours on a port (section 5).
	if (type >= 0x4000 || cookie !== MAGIC_COOKIE) return null;
	if (length % 4 !== 0 || length !== bytes.length - HEADER_BYTES) return null;
	const attributes = parseAttributes(input.rest());
	if (attributes === null || !fingerprintIsRight(bytes, attributes)) return null;
	return { type, transaction, attributes };
}

/** The answer to a message that `parseStun` has read; null where it deserves none. */
export function answerStun(message: StunMessage, from: StunAddress): Uint8Array | null {
	if (message.type !== BINDING_REQUEST) return null;
	// Below 0x8000 a server must understand an attribute or say that it does not (section 6.3.1).
	const unknown = message.attributes
		.map((attribute) => attribute.type)
		.filter((type) => type < 0x8000 && !KNOWN_ATTRIBUTES.has(type));
	if (unknown.length > 0) {
		return writeStun(BINDING_ERROR, message.transaction, [
			{ type: ERROR_CODE, value: Uint8Array.of(0, 0, 4, 20) },
			{ type: UNKNOWN_ATTRIBUTES, value: unknownTypes(unknown) }
		]);
	}
	const value = xorAddress(from, message.transaction);
	return writeStun(BINDING_SUCCESS, message.transaction, [{ type: XOR_MAPPED_ADDRESS, value }]);
}

/** A message with these attributes and its fingerprint. */
export function writeStun(
	type: number,
	transaction: Uint8Array,
	attributes: readonly StunAttribute[]
): Uint8Array {
	const body = writer();
	for (const { type: kind, value } of attributes) {
		body
			.u16(kind)
			.u16(value.length)
			.bytes(value)
			.bytes(new Uint8Array(paddingOf(value.length)));
	}
	const written = body.finish();
	const message = writer()
		.u16(type)
		.u16(written.length + FINGERPRINT_BYTES)
		.u32(MAGIC_COOKIE)
		.bytes(transaction)
		.bytes(written);
	const sum = fingerprintOf(message.finish());
	return message.u16(FINGERPRINT).u16(4).u32(sum).finish();
}

/** The value of XOR-MAPPED-ADDRESS (section 14.2): the address, hidden from meddling routers. */
export function xorAddress({ ip, port }: StunAddress, transaction: Uint8Array): Uint8Array {
	const mask = writer().u32(MAGIC_COOKIE).bytes(transaction).finish();
	return writer()
		.u8(0)
		.u8(ip.length === 4 ? 1 : 2)
		.u16(port ^ (MAGIC_COOKIE >>> 16))
		.bytes(ip.map((byte, i) => byte ^ (mask[i] ?? 0)))
		.finish();
}

/** Inverse of `xorAddress`; null where the value is malformed. */
export function readXorAddress(value: Uint8Array, transaction: Uint8Array): StunAddress | null {
	const input = reader(value);
	input.u8();
	const family = input.u8();
	const port = input.u16() ^ (MAGIC_COOKIE >>> 16);
	const hidden = input.bytes(family === 1 ? 4 : 16);
	if (!input.done() || (family !== 1 && family !== 2)) return null;
	const mask = writer().u32(MAGIC_COOKIE).bytes(transaction).finish();
	return { ip: hidden.map((byte, i) => byte ^ (mask[i] ?? 0)), port };
}

function parseAttributes(body: Uint8Array): StunAttribute[] | null {
	const input = reader(body);
	const attributes: StunAttribute[] = [];
	while (input.ok && !input.done()) {
		if (attributes.length === ATTRIBUTES_MAX) return null;
		const type = input.u16();
		const length = input.u16();
		attributes.push({ type, value: input.bytes(length) });
		input.bytes(paddingOf(length));
	}
	return input.ok ? attributes : null;
}

/** A fingerprint must be last and right; none is right too (section 14.7). */
function fingerprintIsRight(bytes: Uint8Array, attributes: readonly StunAttribute[]): boolean {
	const at = attributes.findIndex(({ type }) => type === FINGERPRINT);
	const found = attributes[at];
	if (found === undefined) return true;
	if (at !== attributes.length - 1 || found.value.length !== 4) return false;
	return reader(found.value).u32() === fingerprintOf(bytes.subarray(0, -FINGERPRINT_BYTES));
}

function fingerprintOf(bytes: Uint8Array): number {
	return (crc32(bytes) ^ FINGERPRINT_XOR) >>> 0;
}

function unknownTypes(types: readonly number[]): Uint8Array {
	const value = writer();
	for (const type of types) value.u16(type);
	return value.finish();
}

function paddingOf(length: number): number {
	return (4 - (length % 4)) % 4;
}
