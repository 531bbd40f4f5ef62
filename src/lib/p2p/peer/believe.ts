/**
 * Numbers that a speaker has vouched for: what we take to be its newest, or our parent's, is led back to them where others
 * led it astray.
 */
import type { Frame } from '../wire/packet.ts';
import { seqDistance } from '../wire/seq.ts';
import { noteProven } from './credit.ts';
import { hear } from './hearing.ts';
import type { PeerState } from './state.ts';

/** A frame is proven within half a second of the newest; who is further ahead was never said by its speaker. */
const ASTRAY_TICKS = 50;

/** `atMs`: when it came. */
export function believe(peer: PeerState, frame: Frame, atMs: number, nowMs: number): void {
	const { stream, seq } = frame;
	peer.seen.trust(stream, seq);
	const hearing = peer.streams.get(stream)?.hearing;
	if (hearing === undefined) return;
	// It was held back for its number, and is new only now.
	if (!peer.seen.has(stream, seq) && peer.seen.isNew(stream, seq)) {
		hear(hearing, frame, nowMs, nowMs);
	}
	noteProven(peer, hearing, seq, atMs);
	if (hearing.parentSeq !== null && seqDistance(hearing.parentSeq, seq) > ASTRAY_TICKS) {
		hearing.parentSeq = seq;
	}
	if (hearing.newest === null || seqDistance(hearing.newest, seq) <= ASTRAY_TICKS) return;
	hearing.newest = seq;
	hearing.gaps = [];
}
