/**
 * Frames, in and out. What comes in from a source of ours, for a stream on a seat, and new, is played and
 * passed on to every child, unchanged; what our microphone says goes to the mesh and to the children.
 */
import { forgetOldest } from '../wire/bounded.ts';
import { streamOf, type PeerId, type StreamId } from '../wire/ids.ts';
import { FRAMES_RATE, STREAM_SOURCES_MAX, STREAMS_MAX } from '../wire/limits.ts';
import { fullBucket, take } from '../wire/rate.ts';
import {
	encodeFrames,
	encodeSilence,
	LEVEL_SILENT,
	type Frame,
	type Heartbeat
} from '../wire/packet.ts';
import { isFillTicket, onFillChecked } from './filling.ts';
import { tellFloor } from './floor.ts';
import { isStranger } from './gate.ts';
import { hear, newHearing, type Gap, type Hearing } from './hearing.ts';
import type { PeerInput, PeerOutput } from './io.ts';
import { keep } from './kept.ts';
import { noteSpoken } from './clerk.ts';
import { firstAskMs, onDigest } from './repair.ts';
import { forgetRepeat } from './repeats.ts';
import { passDown, sendOut, sendTo } from './sending.ts';
import { noteSecond } from './second.ts';
import { onPull } from './serving.ts';
import { encodeOwnVoice, isBare } from './sealed-sound.ts';
import { hearingOf } from './streams.ts';
import { requestLog } from './sync.ts';
import { onReceivedCount, onSentCount, trafficOf } from './traffic.ts';
import { leaveRepeater, noteArrival, noteFresh, noteLosses, noteParentFrame } from './watch.ts';
import { taped } from './taping.ts';
import { admit, hold, onChecked, type Admission } from './trust.ts';
import { mySeat, type PeerState, type StreamCounters } from './state.ts';

export function onDatagram(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'datagram' }>,
	nowMs: number
): PeerOutput[] {
	peer.bytesDown += input.bytes.length;
	peer.packetsDown++;
	if (isStranger(peer, input.from)) {
		peer.drops.stranger++;
		return [];
	}
	const packet = peer.reading.packet(input.bytes);
	if (packet === null) {
		peer.drops.malformed++;
		return [];
	}
	const { from } = input;
	const heartbeat = packet.type === 'heartbeat' ? packet.heartbeat : null;
	// It answers with nothing: the next tick will.
	peer.tree.handle({ type: 'heard', from, heartbeat, frames: packet.type === 'frames' }, nowMs);
	switch (packet.type) {
		case 'heartbeat':
			measureLoss(peer, from, packet.heartbeat, nowMs);
			return [];
		case 'digest':
			return onDigest(peer, from, packet.digest, nowMs);
		case 'pull':
			return onPull(peer, from, packet.pull, nowMs);
		case 'frames':
			return onFrames(peer, input, packet.frames, nowMs);
	}
}

function measureLoss(peer: PeerState, from: PeerId, beat: Heartbeat, nowMs: number): void {
	const { links, downTimes, meshTimes } = peer.sound;
	const times = peer.tree.mesh.includes(from) ? meshTimes : downTimes;
	const rttMs = peer.tree.rttOf(from);
	const traffic = trafficOf(links, from);
	onReceivedCount(traffic, beat.received, times, { nowMs, rttMs });
	onSentCount(traffic, beat.sent);
	if (from === peer.sound.watch.parent) noteLosses(peer);
	traffic.lossesAbove = beat.lossesAbove;
	traffic.lossesBelow = beat.lossesBelow;
}

function onFrames(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'datagram' }>,
	frames: readonly Frame[],
	nowMs: number
): PeerOutput[] {
	const { from } = input;
	const traffic = trafficOf(peer.sound.links, from);
	traffic.received++;
	const source = sourceOf(peer, from, nowMs);
	if (source === 'none') {
		peer.drops.uninvited += frames.length;
		return [];
	}
	const out = noteArrival(peer, from, nowMs);
	noteSecond(peer, from, nowMs);
	// Only speakers send copies; others may have been asked for several frames of one stream.
	if (peer.tree.mesh.includes(from) && hasCopies(frames)) traffic.copiedAtMs = nowMs;
	const origin: Origin = { from, source, nowMs, far: [], wanted: null };
	const fresh = frames.filter((frame) => isWelcome(peer, frame, origin));
	const { far, wanted } = origin;
	out.push(...leaveRepeater(peer, nowMs));
	if (far.length > 0) out.push(...holdBack(peer, far, from, nowMs));
	if (fresh.length === 0) {
		out.push(...askAboutUnknown(peer, frames, from, nowMs));
		return out;
	}
	noteFresh(peer, from, nowMs);
	peer.milestones.firstFrameMs ??= nowMs;
	const admitted = admit(peer, fresh, from, nowMs);
	const passed = admitted.pass.map((arrived) => arrived.frame);
	const news = wanted === null ? passed : passed.filter((frame) => !wanted.has(frame));
	const whole = news.length === frames.length;
	const packet = whole ? input.bytes : encodeFrames(news.map((frame) => frame.bytes));
	const floors = tellFirstFloors(peer, fresh);
	out.push(...passOn(peer, news, packet, { from, nowMs }));
	if (wanted !== null) out.push(...passLate(peer, passed, wanted, nowMs));
	out.push(...floors, ...admitted.out);
	return out;
}

/** A voice after a long silence, or a number out of the air: its proof will tell. */
function holdBack(
	peer: PeerState,
	far: readonly Frame[],
	from: PeerId,
	nowMs: number
): PeerOutput[] {
	const { pass, out } = hold(peer, far, from, nowMs);
	return [...passLater(peer, pass, nowMs), ...out];
}

function passLater(peer: PeerState, pass: Admission['pass'], nowMs: number): PeerOutput[] {
	return pass.flatMap(({ frame, from }) =>
		passOn(peer, [frame], encodeFrames([frame.bytes]), { from, nowMs })
	);
}

/** Whoever was asked for frames may answer with any stream, parent or not. */
function sourceOf(peer: PeerState, from: PeerId, nowMs: number): 'all' | 'own' | 'none' {
	const source = peer.tree.sourceOf(from);
	if (source === 'all') return source;
	return (peer.sound.owing.get(from) ?? 0) > nowMs ? 'all' : source;
}

/** One stream twice in one packet. */
function hasCopies(frames: readonly Frame[]): boolean {
	if (frames.length < 2) return false;
	return frames.some((frame, i) => frames.findIndex((one) => one.stream === frame.stream) < i);
}

/** Playout has to know how long to wait before it gets the first frame. */
function tellFirstFloors(peer: PeerState, fresh: readonly Frame[]): PeerOutput[] {
	const out: PeerOutput[] = [];
	for (const { stream } of fresh) {
		const hearing = hearingOf(peer, stream);
		if (hearing === undefined || hearing.floorMs !== null) continue;
		const seat = peer.room.seats.find((candidate) => candidate.stream === stream);
		if (seat !== undefined) out.push(...tellFloor(peer, seat, hearing));
		hearing.floorMs ??= 0;
	}
	return out;
}

/** A signature of a speaker was checked: what waited for it is heard, and passed on where that waited as well. */
export function onProofChecked(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'checked' }>,
	nowMs: number
): PeerOutput[] {
	if (isFillTicket(input.ticket)) return onFillChecked(peer, input, nowMs);
	const { pass, out } = onChecked(peer, input, nowMs);
	return pass.length === 0 ? out : [...passLater(peer, pass, nowMs), ...out];
}

interface Origin {
	readonly from: PeerId;
	readonly source: 'all' | 'own';
	readonly nowMs: number;
	/** Gets those that are not believed before their proof: too far ahead, or under a number that something else has taken. */
	readonly far: Frame[];
	/** Gets those that were asked for; null where none was, as mostly. */
	wanted: Wanted | null;
}

/** Repaired frames, and who below us asked for them. */
type Wanted = Map<Frame, Gap['wants']>;

/** Of somebody on stage, not our own, and not seen before. Counts what it turns away. */
function isWelcome(peer: PeerState, frame: Frame, origin: Origin): boolean {
	const { from, source, nowMs } = origin;
	const seat = peer.room.seats.find((candidate) => candidate.stream === frame.stream);
	if (seat === undefined) {
		peer.drops.unknownStream++;
		return false;
	}
	if (seat.peer === peer.options.me) {
		peer.drops.echo++;
		return false;
	}
	if (seat.peer !== from && source !== 'all') {
		peer.drops.uninvited++;
		return false;
	}
	if (frame.kind === 'voice' && isBare(peer, frame, nowMs)) {
		peer.drops.bare++;
		return false;
	}
	if (seat.silenced && frame.kind === 'voice') {
		peer.drops.silenced++;
		return false;
	}
	const counters = countersOf(peer, frame.stream);
	// What comes straight from its author is what it says it is.
	if (seat.peer === from) peer.seen.vouch(frame.stream, frame.seq);
	const isFar = peer.seen.isFar(frame.stream, frame.seq);
	const contests = !isFar && isContested(peer, frame);
	// An honest parent passed on what was made up before it knew.
	if (contests) forgetRepeat(counters.hearing.repeats, frame.seq);
	// A number out of the air says nothing of how much of this voice our parent brings.
	if (!isFar && from === peer.sound.watch.parent) {
		noteParentFrame(peer, counters.hearing, frame, nowMs);
	}
	const isNew = !isFar && peer.seen.isNew(frame.stream, frame.seq);
	if (!isFar && !isNew && !contests) {
		counters.duplicate++;
		return false;
	}
	if (peer.seen.isStale(frame.stream, frame.seq)) {
		peer.drops.stale++;
		return false;
	}
	if (!take(counters.rate, FRAMES_RATE, 1, nowMs)) {
		peer.drops.flood++;
		return false;
	}
	if (!isNew) {
		origin.far.push(frame);
		return false;
	}
	countArrival(counters, from);
	takeIn(peer, counters.hearing, frame, origin);
	// How loud a sealed one is stands inside, and is known when it is opened.
	if (frame.kind === 'silence' || frame.sealed !== true) {
		counters.level = frame.kind === 'voice' ? frame.level : LEVEL_SILENT;
		counters.levelAtMs = nowMs;
	}
	if (frame.kind === 'voice') noteSpoken(peer, seat.peer);
	return true;
}

/** Something that nobody has proven came under this number before: the proof that this one brings will tell. */
const isContested = ({ trust }: PeerState, { stream, seq, proof }: Frame): boolean =>
	proof !== null && !trust.heard.has(stream, seq) && !trust.verifier.hasProof(stream, seq);

function countArrival(counters: StreamCounters, from: PeerId): void {
	counters.received++;
	counters.from.set(from, (counters.from.get(from) ?? 0) + 1);
	forgetOldest(counters.from, STREAM_SOURCES_MAX);
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

/** Kept for those who may ask for it, and sent to everybody below. */
function passOn(
	peer: PeerState,
	frames: readonly Frame[],
	packet: Uint8Array<ArrayBuffer>,
	origin: { readonly from: PeerId; readonly nowMs: number }
): PeerOutput[] {
	if (frames.length === 0) return [];
	for (const { stream, seq, bytes } of frames)
		keep(countersOf(peer, stream).hearing.kept, seq, bytes);
	return passDown(peer, frames, packet, origin);
}

/** Repaired: those below us who miss it as well have asked for it. */
function passLate(
	peer: PeerState,
	frames: readonly Frame[],
	wanted: Wanted,
	nowMs: number
): PeerOutput[] {
	const byChild = new Map<PeerId, Frame[]>();
	for (const frame of frames) {
		const wants = wanted.get(frame);
		if (wants === undefined) continue;
		keep(countersOf(peer, frame.stream).hearing.kept, frame.seq, frame.bytes);
		for (const [who, untilMs] of wants) {
			if (untilMs >= nowMs) byChild.set(who, [...(byChild.get(who) ?? []), frame]);
		}
	}
	return [...byChild].flatMap(([to, few]) => sendTo(peer, to, few));
}

function takeIn(peer: PeerState, hearing: Hearing, frame: Frame, origin: Origin): void {
	const { sound } = peer;
	const { from, nowMs } = origin;
	const askMs = firstAskMs(peer, from, nowMs);
	const { opened, repaired } = hear(hearing, frame, nowMs, askMs);
	if (opened > 0) sound.gapsDueMs = Math.min(sound.gapsDueMs, askMs);
	if (repaired === null) return;
	sound.counts.repaired++;
	origin.wanted ??= new Map();
	origin.wanted.set(frame, repaired.wants);
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
			? encodeOwnVoice(peer, { stream, seq, level: input.level, opus: input.opus }, nowMs)
			: encodeSilence(stream, seq, input.ticks, input.muted);
	if (bytes === null) return [];
	const offered = peer.trust.prover.offer({ stream, seq, bytes, last, atMs: nowMs });
	return offered.type === 'ready' ? sendOwn(peer, offered.bytes, nowMs) : [offered];
}

/** Our frame has its proof and can leave. */
export function onProved(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'proved' }>,
	nowMs: number
): PeerOutput[] {
	const bytes = peer.trust.prover.proved(input.ticket, input.signature);
	// Muted in the meantime: its voice is not to be heard any more.
	return bytes === null || mySeat(peer) === undefined ? [] : sendOwn(peer, bytes, nowMs);
}

/** To the other speakers at once; to those below us with what the others say in the same tick. */
function sendOwn(peer: PeerState, bytes: Uint8Array, nowMs: number): PeerOutput[] {
	const packet = encodeFrames([bytes]);
	const decoded = peer.reading.packet(packet);
	const [own] = decoded?.type === 'frames' ? decoded.frames : [];
	if (own === undefined) return [];
	peer.tree.handle({ type: 'spoke' }, nowMs);
	const { hearing } = countersOf(peer, own.stream);
	hear(hearing, own, nowMs, Infinity);
	hearing.gaps = [];
	keep(hearing.kept, own.seq, own.bytes);
	return [...sendOut(peer, own, packet, nowMs), ...taped(peer, own, nowMs)];
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
		hearing: newHearing(),
		level: LEVEL_SILENT,
		levelAtMs: 0
	};
	peer.streams.set(stream, counters);
	forgetOldest(peer.streams, STREAMS_MAX);
	return counters;
}
