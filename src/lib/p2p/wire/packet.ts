/**
 * The datagrams of a link's audio channel. A packet of frames carries what one or more people said; its
 * frames travel unchanged from their author to the last listener. A heartbeat measures the link. Digests and
 * pulls, which repair what was lost, are in repair.ts.
 */
import { FRAMES_PER_PACKET_MAX, OPUS_BYTES_MAX, SEALED_FRAME_EXTRA_BYTES } from './limits.ts';
import { fromHex, STREAM_ID_BYTES, toHex, type StreamId } from './ids.ts';
import { proofBytes, proofLength, readProof, type Proof } from './proof.ts';
import { decodeDigest, decodePull, type Digest, type Pull } from './repair.ts';

/** High nibble: version 3. Low nibble: kind. */
const FRAMES = 0x31;
const HEARTBEAT = 0x32;

const FRAME_HEAD_BYTES = STREAM_ID_BYTES + 4 + 1 + 2;
const HEARTBEAT_BYTES = 1 + 4 + 4 + 2 + 2 + 2 + 1 + 1;
/** Losses of a way are told in hundredths. */
const LOSSES_PARTS = 100;
const VOICE_FLAG = 0x80;
const LEVEL_MASK = 0x7f;
/** In place of a level: silence because the microphone was closed. */
const MUTED = 0x01;
/** Set in a frame's length field where a proof follows its body. */
export const PROOF_FLAG = 0x8000;
/** Set there where the body is sealed for those who have the room's key. */
export const SEALED_FLAG = 0x4000;
const BODY_LENGTH_MASK = 0x07ff;

/** Loudness of pure silence, in -dBov (RFC 6464: 127 is silent, 0 overloads). */
export const LEVEL_SILENT = 127;

export interface VoiceFrame {
	readonly kind: 'voice';
	readonly stream: StreamId;
	/** Counts 20 ms ticks of its speaker, u32, wraps. */
	readonly seq: number;
	/** 0 (loudest) .. 127 (silent), -dBov as in RFC 6464; 127 where it is sealed with the sound. */
	readonly level: number;
	/** An Opus frame; or, where `sealed`, an SFrame (RFC 9605) of the loudness, u8, and an Opus frame. */
	readonly opus: Uint8Array;
	readonly sealed?: true;
	/** Its author's word for this frame and the last few before; null where a later one will carry it. */
	readonly proof: Proof | null;
	/** What proofs vouch for: the frame without its proof. */
	readonly content: Uint8Array;
	/** The whole frame as it came, to be passed on. */
	readonly bytes: Uint8Array;
}

/** "Nothing was said in the `ticks` ticks that end with `seq`": silence, told apart from loss. */
export interface SilenceFrame {
	readonly kind: 'silence';
	readonly stream: StreamId;
	readonly seq: number;
	/** 1..65535 */
	readonly ticks: number;
	/** The microphone was closed: nothing said before is worth waiting for. */
	readonly muted: boolean;
	readonly proof: Proof | null;
	readonly content: Uint8Array;
	readonly bytes: Uint8Array;
}

export type Frame = VoiceFrame | SilenceFrame;

export interface Heartbeat {
	/** The sender's clock, milliseconds modulo 2^32. */
	readonly stampMs: number;
	/** The last stamp heard from the other side, 0 before the first. */
	readonly echoMs: number;
	/** How long the sender had held that stamp, 0..65535 (as RFC 3550's delay since last report). */
	readonly heldMs: number;
	/** Packets of frames that came over this link so far, modulo 2^16: the other side compares with what it sent. */
	readonly received: number;
	/** Packets of frames that were sent over this link so far, modulo 2^16: the receiver compares with what came. */
	readonly sent: number;
	/** How often a frame gets lost on its way from its speaker to the sender, on average; 0..2.55. */
	readonly lossesAbove: number;
	/** The same from the receiver by way of the sender down to whoever loses most. */
	readonly lossesBelow: number;
}

/** What a heartbeat says of a link and of ways that nobody has counted on. */
export const UNCOUNTED = { received: 0, sent: 0, lossesAbove: 0, lossesBelow: 0 } as const;

export type Packet =
	| { readonly type: 'frames'; readonly frames: readonly Frame[] }
	| { readonly type: 'heartbeat'; readonly heartbeat: Heartbeat }
	| { readonly type: 'digest'; readonly digest: Digest }
	| { readonly type: 'pull'; readonly pull: Pull };

export function encodeVoice(
	stream: StreamId,
	seq: number,
	level: number,
	opus: Uint8Array
): Uint8Array {
	return encodeFrame(stream, seq, VOICE_FLAG | Math.min(LEVEL_MASK, level), opus);
}

/** A tick of voice of a locked room. */
export function encodeSealed(stream: StreamId, seq: number, sframe: Uint8Array): Uint8Array {
	const bytes = encodeFrame(stream, seq, VOICE_FLAG | LEVEL_SILENT, sframe);
	new DataView(bytes.buffer).setUint16(STREAM_ID_BYTES + 5, sframe.length | SEALED_FLAG);
	return bytes;
}

export function encodeSilence(
	stream: StreamId,
	seq: number,
	ticks: number,
	muted = false
): Uint8Array {
	const capped = Math.max(1, Math.min(0xffff, ticks));
	return encodeFrame(stream, seq, muted ? MUTED : 0, Uint8Array.of(capped >> 8, capped & 0xff));
}

function encodeFrame(stream: StreamId, seq: number, head: number, body: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(FRAME_HEAD_BYTES + body.length);
	const view = new DataView(bytes.buffer);
	bytes.set(fromHex(stream));
	view.setUint32(STREAM_ID_BYTES, seq);
	view.setUint8(STREAM_ID_BYTES + 4, head);
	view.setUint16(STREAM_ID_BYTES + 5, body.length);
	bytes.set(body, FRAME_HEAD_BYTES);
	return bytes;
}

/** Says in the frame that a proof will follow it: to be done before it is hashed, for the hash covers the mark. */
export function markProven(frame: Uint8Array): Uint8Array {
	const marked = frame.slice();
	const view = new DataView(marked.buffer);
	view.setUint16(STREAM_ID_BYTES + 5, view.getUint16(STREAM_ID_BYTES + 5) | PROOF_FLAG);
	return marked;
}

/** A marked frame with its proof behind it. */
export function withProof(marked: Uint8Array, proof: Proof): Uint8Array {
	const trailer = proofBytes(proof);
	const bytes = new Uint8Array(marked.length + trailer.length);
	bytes.set(marked);
	bytes.set(trailer, marked.length);
	return bytes;
}

/** One packet of ready-made frames, at most `FRAMES_PER_PACKET_MAX`. */
export function encodeFrames(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const packet = new Uint8Array(1 + frames.reduce((sum, frame) => sum + frame.length, 0));
	packet[0] = FRAMES;
	let at = 1;
	for (const frame of frames) {
		packet.set(frame, at);
		at += frame.length;
	}
	return packet;
}

export function encodeHeartbeat(beat: Heartbeat): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(HEARTBEAT_BYTES);
	const view = new DataView(bytes.buffer);
	view.setUint8(0, HEARTBEAT);
	view.setUint32(1, beat.stampMs >>> 0);
	view.setUint32(5, beat.echoMs >>> 0);
	view.setUint16(9, Math.min(0xffff, Math.max(0, Math.round(beat.heldMs))));
	view.setUint16(11, beat.received & 0xffff);
	view.setUint16(13, beat.sent & 0xffff);
	view.setUint8(15, inHundredths(beat.lossesAbove));
	view.setUint8(16, inHundredths(beat.lossesBelow));
	return bytes;
}

const inHundredths = (losses: number): number =>
	Math.max(0, Math.min(0xff, Math.round(losses * LOSSES_PARTS)));

/** Null for anything that is not exactly one well-formed packet. */
export function decodePacket(bytes: Uint8Array): Packet | null {
	if (bytes[0] === FRAMES) return decodeFrames(bytes);
	if (bytes[0] === HEARTBEAT) return decodeHeartbeat(bytes);
	const digest = decodeDigest(bytes);
	if (digest !== null) return { type: 'digest', digest };
	const pull = decodePull(bytes);
	return pull === null ? null : { type: 'pull', pull };
}

function decodeHeartbeat(bytes: Uint8Array): Packet | null {
	if (bytes.length !== HEARTBEAT_BYTES) return null;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const heartbeat = {
		stampMs: view.getUint32(1),
		echoMs: view.getUint32(5),
		heldMs: view.getUint16(9),
		received: view.getUint16(11),
		sent: view.getUint16(13),
		lossesAbove: view.getUint8(15) / LOSSES_PARTS,
		lossesBelow: view.getUint8(16) / LOSSES_PARTS
	};
	return { type: 'heartbeat', heartbeat };
}

function decodeFrames(bytes: Uint8Array): Packet | null {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const frames: Frame[] = [];
	let at = 1;
	while (at < bytes.length) {
		if (frames.length === FRAMES_PER_PACKET_MAX) return null;
		const frame = decodeFrame(bytes, view, at);
		if (frame === null) return null;
		frames.push(frame);
		at += frame.bytes.length;
	}
	return frames.length === 0 ? null : { type: 'frames', frames };
}

/** A frame that was parted from its proof, if it had one; null for anything that is not exactly one. Never throws. */
export function readContent(content: Uint8Array): Frame | null {
	const view = new DataView(content.buffer, content.byteOffset, content.length);
	const frame = decodeFrame(content, view, 0, 'parted');
	return frame?.bytes.length === content.length ? frame : null;
}

/** The frame that begins at `at`; null where none does. */
function decodeFrame(
	packet: Uint8Array,
	view: DataView,
	at: number,
	proofs: 'follow' | 'parted' = 'follow'
): Frame | null {
	const bodyAt = at + FRAME_HEAD_BYTES;
	if (bodyAt > packet.length) return null;
	const length = view.getUint16(at + STREAM_ID_BYTES + 5);
	const bodyEnd = bodyAt + (length & BODY_LENGTH_MASK);
	const hasProof = proofs === 'follow' && (length & PROOF_FLAG) !== 0;
	const sealed = (length & SEALED_FLAG) !== 0;
	if ((length & ~(BODY_LENGTH_MASK | PROOF_FLAG | SEALED_FLAG)) !== 0 || bodyEnd > packet.length)
		return null;
	const proof = hasProof ? readProof(packet, bodyEnd) : null;
	if (hasProof && proof === null) return null;
	const end = bodyEnd + (proof === null ? 0 : proofLength(proof));
	const head = packet[at + STREAM_ID_BYTES + 4] ?? 0;
	const base = {
		stream: toHex(packet.subarray(at, at + STREAM_ID_BYTES)) as StreamId,
		seq: view.getUint32(at + STREAM_ID_BYTES),
		proof,
		content: packet.subarray(at, bodyEnd),
		bytes: packet.subarray(at, end)
	};
	const body = packet.subarray(bodyAt, bodyEnd);
	return sealed ? readSealedBody(base, head, body) : readFrameBody(base, head, body);
}

type FrameBase = Pick<Frame, 'stream' | 'seq' | 'proof' | 'content' | 'bytes'>;

/** How loud it is stands inside. */
function readSealedBody(base: FrameBase, head: number, body: Uint8Array): Frame | null {
	if (head !== (VOICE_FLAG | LEVEL_SILENT)) return null;
	if (body.length === 0 || body.length > OPUS_BYTES_MAX + SEALED_FRAME_EXTRA_BYTES) return null;
	return { kind: 'voice', level: LEVEL_SILENT, opus: body, sealed: true, ...base };
}

function readFrameBody(base: FrameBase, head: number, body: Uint8Array): Frame | null {
	if ((head & VOICE_FLAG) !== 0) {
		if (body.length === 0 || body.length > OPUS_BYTES_MAX) return null;
		return { kind: 'voice', level: head & LEVEL_MASK, opus: body, ...base };
	}
	const ticks = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
	if ((head !== 0 && head !== MUTED) || body.length !== 2 || ticks === 0) return null;
	return { kind: 'silence', ticks, muted: head === MUTED, ...base };
}
