/**
 * Frames, in and out. What comes in from a source of ours, for a stream on a seat, and new, is played and
 * passed on to every child, unchanged; what our microphone says goes to the mesh and to the children.
 */
import { streamOf, type PeerId, type StreamId } from '../wire/ids.ts';
import { FRAMES_RATE, STREAM_SOURCES_MAX, STREAMS_MAX } from '../wire/limits.ts';
import { fullBucket, take } from '../wire/rate.ts';
import {
	decodePacket,
	encodeFrames,
	encodeSilence,
	encodeVoice,
	LEVEL_SILENT,
	type Frame
} from '../wire/packet.ts';
import type { PeerInput, PeerOutput } from './io.ts';
import { requestLog } from './sync.ts';
import { admit, authorOf, onChecked } from './trust.ts';
import { fromTree, mySeat, sendFrames, type PeerState, type StreamCounters } from './state.ts';

export function onDatagram(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'datagram' }>,
	nowMs: number
): PeerOutput[] {
	peer.bytesDown += input.bytes.length;
	peer.packetsDown++;
	const packet = decodePacket(input.bytes);
	if (packet === null) {
		peer.drops.malformed++;
		return [];
	}
	const heartbeat = packet.type === 'heartbeat' ? packet.heartbeat : null;
	const out = fromTree(
		peer,
		peer.tree.handle({ type: 'heard', from: input.from, heartbeat }, nowMs)
	);
	if (packet.type === 'digest' || packet.type === 'pull') return out;
	if (packet.type === 'frames') out.push(...onFrames(peer, input, packet.frames, nowMs));
	return out;
}

function onFrames(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'datagram' }>,
	frames: readonly Frame[],
	nowMs: number
): PeerOutput[] {
	if (peer.tree.sourceOf(input.from) === 'none') {
		peer.drops.uninvited += frames.length;
		return [];
	}
	const fresh = frames.filter((frame) => isWelcome(peer, frame, input.from, nowMs));
	if (fresh.length === 0) return askAboutUnknown(peer, frames, input.from, nowMs);
	peer.milestones.firstFrameMs ??= nowMs;
	const { pass, out } = admit(peer, fresh, input.from, nowMs);
	const passed = pass.map((arrived) => arrived.frame);
	const whole = passed.length === frames.length;
	const packet = whole ? input.bytes : encodeFrames(passed.map((frame) => frame.bytes));
	return [...forward(peer, passed, packet, input.from), ...out];
}

/** A signature of a speaker was checked: what waited for it is heard, and passed on where that waited as well. */
export function onProofChecked(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'checked' }>,
	nowMs: number
): PeerOutput[] {
	const { pass, out } = onChecked(peer, input, nowMs);
	const late = pass.flatMap(({ frame, from }) =>
		forward(peer, [frame], encodeFrames([frame.bytes]), from)
	);
	return [...late, ...out];
}

/** Of somebody on stage, not our own, and not seen before. Counts what it turns away. */
function isWelcome(peer: PeerState, frame: Frame, from: PeerId, nowMs: number): boolean {
	const seat = peer.room.seats.find((candidate) => candidate.stream === frame.stream);
	if (seat === undefined) {
		peer.drops.unknownStream++;
		return false;
	}
	if (seat.peer === peer.options.me) {
		peer.drops.echo++;
		return false;
	}
	if (seat.peer !== from && peer.tree.sourceOf(from) !== 'all') {
		peer.drops.uninvited++;
		return false;
	}
	const counters = countersOf(peer, frame.stream);
	if (!peer.seen.isNew(frame.stream, frame.seq)) {
		counters.duplicate++;
		return false;
	}
	if (!take(counters.rate, FRAMES_RATE, 1, nowMs)) {
		peer.drops.flood++;
		return false;
	}
	countArrival(counters, from);
	counters.level = frame.kind === 'voice' ? frame.level : LEVEL_SILENT;
	counters.levelAtMs = nowMs;
	return true;
}

function countArrival(counters: StreamCounters, from: PeerId): void {
	counters.received++;
	const before = counters.from.get(from) ?? 0;
	counters.from.set(from, before + 1);
	if (before > 0 || counters.from.size <= STREAM_SOURCES_MAX) return;
	for (const oldest of counters.from.keys()) {
		counters.from.delete(oldest);
		return;
	}
}

/** A stream nobody told us of: the event that gave it a seat is missing here. */
function askAboutUnknown(
	peer: PeerState,
	frames: readonly Frame[],
	from: PeerId,
	nowMs: number
): PeerOutput[] {
	const unknown = frames.some(
		(frame) => !peer.room.seats.some((seat) => seat.stream === frame.stream)
	);
	return unknown ? requestLog(peer, from, nowMs) : [];
}

function forward(
	peer: PeerState,
	frames: readonly Frame[],
	packet: Uint8Array<ArrayBuffer>,
	from: PeerId
): PeerOutput[] {
	// A child that has just stepped on stage and is our child still has no use for its own voice.
	const [first] = frames;
	if (first === undefined) return [];
	const author = frames.length === 1 ? authorOf(peer, first) : null;
	const children = peer.tree.children.filter((child) => child !== from && child !== author);
	for (const frame of frames) countersOf(peer, frame.stream).forwarded += children.length;
	return sendFrames(peer, children, packet);
}

/** Our own microphone: nothing leaves while we are muted, whatever the encoder still had in hand. */
export function onMicrophone(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'voice' | 'silence' }>,
	nowMs: number
): PeerOutput[] {
	const seat = mySeat(peer);
	// The last word of a muted microphone is the marker that it is silent now.
	if (seat === undefined || (input.type === 'voice' && !peer.microphoneOpen)) return [];
	const stream = streamOf(seat.sit);
	const counters = countersOf(peer, stream);
	counters.levelAtMs = nowMs;
	counters.level = input.type === 'voice' ? input.level : LEVEL_SILENT;
	const { seq } = input;
	const last = input.type === 'silence';
	const bytes =
		input.type === 'voice'
			? encodeVoice(stream, seq, input.level, input.opus)
			: encodeSilence(stream, seq, input.ticks);
	const offered = peer.trust.prover.offer({ stream, seq, bytes, last, atMs: nowMs });
	return offered.type === 'ready' ? sendOwn(peer, offered.bytes) : [offered];
}

/** Our frame has its proof and can leave. */
export function onProved(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'proved' }>
): PeerOutput[] {
	const bytes = peer.trust.prover.proved(input.ticket, input.signature);
	// Muted in the meantime: its voice is not to be heard any more.
	return bytes === null || mySeat(peer) === undefined ? [] : sendOwn(peer, bytes);
}

function sendOwn(peer: PeerState, frame: Uint8Array): PeerOutput[] {
	const listeners = new Set([...peer.tree.mesh, ...peer.tree.children]);
	return sendFrames(peer, [...listeners], encodeFrames([frame]));
}

export function countersOf(peer: PeerState, stream: StreamId): StreamCounters {
	const known = peer.streams.get(stream);
	if (known !== undefined) return known;
	const counters: StreamCounters = {
		received: 0,
		duplicate: 0,
		forwarded: 0,
		from: new Map(),
		rate: fullBucket(FRAMES_RATE),
		level: LEVEL_SILENT,
		levelAtMs: 0
	};
	peer.streams.set(stream, counters);
	for (const oldest of peer.streams.keys()) {
		if (peer.streams.size <= STREAMS_MAX) break;
		peer.streams.delete(oldest);
	}
	return counters;
}
