/**
 * What a host lacks in its recording after a hiccup, asked of neighbours who hold the last half minute. Kept at all times:
 * 1. nothing is filled in that no checked proof of its speaker covers;
 * 2. only the host asks, only while it records, and only who was asked is listened to;
 * 3. each frame is asked for FILL_ASKS_MAX times and no more.
 */
import { CONTROL_BYTES_MAX } from '../wire/limits.ts';
import { FILL_FRAMES_MAX, type FillMessage } from '../wire/filling.ts';
import { publicKeyOf, type PeerId, type StreamId } from '../wire/ids.ts';
import { decodePacket, encodeFrames, type Frame } from '../wire/packet.ts';
import { coveredBy, PROOF_REACH_TICKS, proofMessage } from '../wire/proof.ts';
import { seqDistance } from '../wire/seq.ts';
import type { PeerInput, PeerOutput } from './io.ts';
import { isHost, send, type PeerState } from './state.ts';
import { FIRST_TICKET, missing } from './tape-gaps.ts';
import { answeredAt, consentOf, taped } from './taping.ts';

/** Looked for once a second: repair, which is quicker, has given up by then. */
const FILL_EVERY_MS = 1_000;
/** An answer is waited for this long. */
const FILL_ANSWER_MS = 5_000;
/** Proofs of answers on their way through the verifier; more are asked for again. */
const CHECKING_MAX = 256;
/** Of an answer: what a control message holds, with its head. */
const GIVE_BYTES_MAX = CONTROL_BYTES_MAX - 64;

/** To be called with every tick: asks a neighbour for what is missing. */
export function fillHoles(peer: PeerState, nowMs: number): PeerOutput[] {
	const { filling } = peer;
	if (filling.streams.size === 0) return [];
	forgetWhatIsNotMissing(peer);
	if (nowMs < filling.nextMs) return [];
	filling.nextMs = nowMs + FILL_EVERY_MS;
	const out: PeerOutput[] = [];
	for (const [stream, known] of filling.streams) {
		const ranges = missing(known);
		const to = ranges.length === 0 ? null : nextHolder(peer, stream);
		if (to === null) continue;
		filling.owing.set(to, nowMs + FILL_ANSWER_MS);
		out.push(send(peer, to, { type: 'fill-ask', stream, ranges }));
	}
	return out;
}

/** What was said in a pause, by who has left the stage, or before its speaker's last answer. */
function forgetWhatIsNotMissing(peer: PeerState): void {
	const { filling, room } = peer;
	if (room.recording.state !== 'on' || !isHost(peer)) return filling.streams.clear();
	for (const [stream, { since }] of filling.streams) {
		const seat = room.seats.find((one) => one.stream === stream);
		const agrees = seat !== undefined && consentOf(peer, seat.peer) === 'sound';
		if (!agrees || answeredAt(peer, seat.peer) !== since) filling.streams.delete(stream);
	}
}

/** One after the other; the speaker itself does not hold its own. */
function nextHolder({ filling, tree, room }: PeerState, stream: StreamId): PeerId | null {
	const speaker = room.seats.find((seat) => seat.stream === stream)?.peer;
	const holders = [...tree.mesh, ...tree.heardChildren].filter((peer) => peer !== speaker);
	return holders[filling.turn++ % holders.length] ?? null;
}

export function onFill(
	peer: PeerState,
	from: PeerId,
	message: FillMessage,
	nowMs: number
): PeerOutput[] {
	if (message.type === 'fill-give') return takeFill(peer, from, message, nowMs);
	const { opened, recording } = peer.room;
	if (from !== opened?.host || recording.state !== 'on' || peer.held === null) {
		peer.drops.uninvited++;
		return [];
	}
	const frames = heldIn(peer, message, nowMs);
	return frames.length === 0
		? []
		: [send(peer, from, { type: 'fill-give', stream: message.stream, frames })];
}

/** With what comes right behind, which may prove it. */
function heldIn(
	peer: PeerState,
	{ stream, ranges }: Extract<FillMessage, { type: 'fill-ask' }>,
	nowMs: number
): Uint8Array[] {
	const frames: Uint8Array[] = [];
	let bytes = 0;
	for (const held of peer.held?.frames(nowMs) ?? []) {
		if (held.stream !== stream) continue;
		const isIn = ranges.some(({ from, ticks }) => {
			const at = seqDistance(held.seq, from);
			return at >= 0 && at < ticks + PROOF_REACH_TICKS;
		});
		bytes += isIn ? held.bytes.length + 2 : 0;
		if (bytes > GIVE_BYTES_MAX || frames.length === FILL_FRAMES_MAX) break;
		if (isIn) frames.push(held.bytes);
	}
	return frames;
}

function takeFill(
	peer: PeerState,
	from: PeerId,
	{ stream, frames: given }: Extract<FillMessage, { type: 'fill-give' }>,
	nowMs: number
): PeerOutput[] {
	const { filling } = peer;
	const speaker = peer.room.seats.find((seat) => seat.stream === stream)?.peer;
	const publicKey = speaker === undefined ? null : publicKeyOf(speaker);
	if ((filling.owing.get(from) ?? 0) < nowMs || publicKey === null) {
		peer.drops.uninvited++;
		return [];
	}
	const read = given.flatMap((bytes) => readOne(bytes, stream));
	if (read.length < given.length) peer.drops.malformed++;
	const frames = new Map(read.map((frame) => [frame.seq, frame]));
	return read.flatMap(({ seq, proof }): PeerOutput[] => {
		if (proof === null || filling.checking.size >= CHECKING_MAX) return [];
		const ticket = filling.ticket--;
		filling.checking.set(ticket, { stream, seq, proof, frames });
		const message = proofMessage(stream, seq, proof);
		return [{ type: 'check', ticket, publicKey, message, signature: proof.signature }];
	});
}

function readOne(bytes: Uint8Array, stream: StreamId): Frame[] {
	const packet = decodePacket(encodeFrames([bytes]));
	const frames = packet?.type === 'frames' ? packet.frames : [];
	return frames.length === 1 ? frames.filter((frame) => frame.stream === stream) : [];
}

/** Whether the answer of the verifier is to a question of ours. */
export const isFillTicket = (ticket: number): boolean => ticket <= FIRST_TICKET;

export function onFillChecked(
	peer: PeerState,
	{ ticket, good }: Extract<PeerInput, { type: 'checked' }>,
	nowMs: number
): PeerOutput[] {
	const { filling } = peer;
	const job = filling.checking.get(ticket);
	filling.checking.delete(ticket);
	if (job === undefined) return [];
	if (!good) {
		peer.drops.forged++;
		return [];
	}
	return coveredBy(job.seq, job.proof).flatMap(({ seq, hash }) => {
		const frame = job.frames.get(seq);
		const known = filling.streams.get(job.stream);
		// Only what lies between what was recorded before and after: nothing of another answer's time.
		const isMissing = known !== undefined && seqDistance(seq, known.first) > 0;
		if (frame === undefined || !isMissing || known.have.has(seq)) return [];
		if (!peer.reading.hash(frame.content).every((byte, i) => byte === hash[i])) {
			peer.drops.forged++;
			return [];
		}
		const out = taped(peer, frame, nowMs);
		filling.filled += out.length;
		return out.map((output) =>
			output.type === 'record' ? { ...output, filled: true as const } : output
		);
	});
}
