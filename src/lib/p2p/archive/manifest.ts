/**
 * A manifest: what a host signs of a recording that it hands out. It names the bytes by the root over their pieces, says
 * until when others may hold them, and whether they may pass them on.
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer, type ByteReader } from '../wire/bytes.ts';
import {
	concat,
	fromHex,
	PUBLIC_KEY_BYTES,
	RECORDING_ID_BYTES,
	ROOM_ID_BYTES,
	toHex,
	type RecordingId,
	type RoomId
} from '../wire/ids.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from '../wire/limits.ts';
import { cleanText } from '../wire/text.ts';
import { CLIP_FILE_BYTES_MAX } from './clip-head.ts';
import { MANIFEST_BYTES_MAX, PIECE_BYTES, PIECES_MAX } from './limits.ts';
import { HASH_BYTES } from './merkle.ts';

export interface Manifest {
	readonly id: RecordingId;
	readonly room: RoomId;
	/** Raw Ed25519 public key of who signs: the room's host, which the opening in the recording bears out. */
	readonly hostKey: Uint8Array;
	/** Of two manifests of a recording the one issued later counts. By the host's clock, epoch ms. */
	readonly issuedAtMs: number;
	/** 'withdrawn': whoever holds it deletes it, and passes nothing on. */
	readonly state: 'shared' | 'withdrawn';
	/** Whoever has it may pass it on while the host is away. */
	readonly passedOn: boolean;
	/** Its sound opens to members of the room alone. */
	readonly sealed: boolean;
	/** The bytes are a clip's file, which its maker hands out: `id` is made by chance, and `hostKey` is the maker's. */
	readonly clip: boolean;
	/** Epoch ms: whoever holds it deletes it then; null where the host keeps it for good. */
	readonly expiresAtMs: number | null;
	readonly startedAtMs: number;
	/** How long there is to listen, u32. */
	readonly durationMs: number;
	/** At most TITLE_BYTES_MAX; in a locked room a sealed text. */
	readonly title: string;
	/** Length of the content, from 1 to PIECE_BYTES times PIECES_MAX; of a clip to CLIP_FILE_BYTES_MAX. */
	readonly bytes: number;
	/** Over the hashes of its pieces, HASH_BYTES. */
	readonly root: Uint8Array;
	/** What the host calls itself, at most NAME_BYTES_MAX; empty in what is saved as a file. */
	readonly hostName: string;
	/** SHA-256 of the sealed keys that open it to whoever has the link; null where it is not opened. */
	readonly keysHash: Uint8Array | null;
}

const VERSION = 1;
const SIGNATURE_BYTES = 64;
const SIGNING_DOMAIN = fromString('grapevine/recording/1');
const WITHDRAWN = 1;
const PASSED_ON = 2;
const SEALED = 4;
const NAMED = 8;
const OPENED = 16;
const CLIP = 32;

export const pieceCount = (bytes: number): number => Math.ceil(bytes / PIECE_BYTES);

/** Where piece `index` of `bytes` stands. */
export function pieceRange(
	bytes: number,
	index: number
): { readonly offset: number; readonly length: number } {
	const offset = index * PIECE_BYTES;
	return { offset, length: Math.max(0, Math.min(PIECE_BYTES, bytes - offset)) };
}

/** Everything but the signature; the title is cleaned and cut. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
	const { keysHash } = manifest;
	const hostName = cleanText(manifest.hostName, NAME_BYTES_MAX);
	const out = writer().u8(VERSION).bytes(fromHex(manifest.id)).bytes(fromHex(manifest.room));
	out.bytes(manifest.hostKey).u48(manifest.issuedAtMs).u8(flagsOf(manifest, hostName));
	out
		.u48(manifest.expiresAtMs ?? 0)
		.u48(manifest.startedAtMs)
		.u32(manifest.durationMs);
	out.text(cleanText(manifest.title, TITLE_BYTES_MAX)).u48(manifest.bytes).bytes(manifest.root);
	if (hostName !== '') out.text(hostName);
	if (keysHash !== null) out.bytes(keysHash);
	return out.finish();
}

function flagsOf(manifest: Manifest, hostName: string): number {
	const { state, passedOn, sealed, clip, keysHash } = manifest;
	return (
		(state === 'withdrawn' ? WITHDRAWN : 0) |
		(passedOn ? PASSED_ON : 0) |
		(sealed ? SEALED : 0) |
		(hostName === '' ? 0 : NAMED) |
		(keysHash === null ? 0 : OPENED) |
		(clip ? CLIP : 0)
	);
}

/** The message to sign. */
export const manifestMessage = (unsigned: Uint8Array): Uint8Array =>
	concat(SIGNING_DOMAIN, unsigned);

export const sealManifest = (unsigned: Uint8Array, signature: Uint8Array): Uint8Array =>
	concat(unsigned, signature);

export interface OpenedManifest {
	readonly manifest: Manifest;
	readonly unsigned: Uint8Array;
	readonly signature: Uint8Array;
}

/** Reads one without checking its signature. Null for anything that is not exactly one. Never throws. */
export function openManifest(signed: Uint8Array): OpenedManifest | null {
	if (signed.length > MANIFEST_BYTES_MAX || signed.length < SIGNATURE_BYTES) return null;
	const bytes = signed.slice();
	const unsigned = bytes.subarray(0, -SIGNATURE_BYTES);
	const input = reader(unsigned);
	if (input.u8() !== VERSION) return null;
	const manifest = readManifest(input);
	const bytesMax = manifest.clip ? CLIP_FILE_BYTES_MAX : PIECES_MAX * PIECE_BYTES;
	const fits = manifest.bytes > 0 && manifest.bytes <= bytesMax;
	if (!input.done() || !fits || !sameBytes(encodeManifest(manifest), unsigned)) return null;
	return { manifest, unsigned, signature: bytes.subarray(-SIGNATURE_BYTES) };
}

function readManifest(input: ByteReader): Manifest {
	const id = toHex(input.bytes(RECORDING_ID_BYTES)) as RecordingId;
	const room = toHex(input.bytes(ROOM_ID_BYTES)) as RoomId;
	const hostKey = input.bytes(PUBLIC_KEY_BYTES);
	const issuedAtMs = input.u48();
	const flags = input.u8();
	return {
		id,
		room,
		hostKey,
		issuedAtMs,
		state: (flags & WITHDRAWN) === 0 ? 'shared' : 'withdrawn',
		passedOn: (flags & PASSED_ON) !== 0,
		sealed: (flags & SEALED) !== 0,
		clip: (flags & CLIP) !== 0,
		expiresAtMs: input.u48() || null,
		startedAtMs: input.u48(),
		durationMs: input.u32(),
		title: input.sealable(TITLE_BYTES_MAX),
		bytes: input.u48(),
		root: input.bytes(HASH_BYTES),
		hostName: (flags & NAMED) === 0 ? '' : input.text(NAME_BYTES_MAX),
		keysHash: (flags & OPENED) === 0 ? null : input.bytes(HASH_BYTES)
	};
}
