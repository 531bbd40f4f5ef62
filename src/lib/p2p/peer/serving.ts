/** For those we stand by: digests of what we have, and answers to what they pull. */
import type { PeerId, StreamId } from '../wire/ids.ts';
import {
	LEASE_BACKLOG_TICKS,
	LEASE_MAX_MS,
	PULLS_RATE,
	SERVED_BYTES_RATE
} from '../wire/limits.ts';
import { encodeDigest, tagOf, type Pull, type RepairEntry } from '../wire/repair.ts';
import { take } from '../wire/rate.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';
import type { PeerOutput } from './io.ts';
import { keptBits, keptFrame } from './kept.ts';
import { answerMs } from './repair.ts';
import { DIGEST_EVERY_MS, LEASE_END_MS, RTT_UNKNOWN_MS, WANT_GRACE_MS } from './repair-timing.ts';
import { packed, sendRepair, sendTo, type Item } from './sending.ts';
import { fromTree, type PeerState } from './state.ts';
import { hearingOf, seatOfTag, widened } from './streams.ts';
import { trafficOf } from './traffic.ts';

/** One digest for all, of every stream that has brought something since the last. */
export function tellDigest(peer: PeerState, nowMs: number): PeerOutput[] {
	const to = peer.tree.backupChildren;
	if (to.length === 0 || nowMs < peer.sound.nextDigestMs) return [];
	const digest: RepairEntry[] = [];
	for (const { stream } of peer.room.seats) {
		const hearing = hearingOf(peer, stream);
		if (hearing?.newest == null || hearing.newest === hearing.digestedSeq) continue;
		hearing.digestedSeq = hearing.newest;
		const bits = keptBits(hearing.kept, hearing.newest);
		digest.push({ tag: tagOf(stream), seq: hearing.newest, bits });
	}
	if (digest.length === 0) return [];
	peer.sound.nextDigestMs = nowMs + DIGEST_EVERY_MS;
	peer.sound.counts.digestsSent += to.length;
	return sendRepair(peer, to, encodeDigest(digest));
}

export function onPull(peer: PeerState, from: PeerId, pull: Pull, nowMs: number): PeerOutput[] {
	const { tree, sound } = peer;
	const isSpeaker = tree.mesh.includes(from);
	if (!isSpeaker && !tree.backupChildren.includes(from) && !tree.children.includes(from)) {
		peer.drops.uninvited++;
		return [];
	}
	const traffic = trafficOf(sound.links, from);
	if (!take(traffic.pulls, PULLS_RATE, 1, nowMs)) {
		peer.drops.flood++;
		return [];
	}
	sound.counts.pullsServed++;
	if (pull.leaseMs > 0) lend(peer, from, pull, { nowMs, isSpeaker });
	noteWants(peer, from, pull, nowMs);
	const out = answer(peer, from, wantedBy(peer, pull), nowMs);
	const isHeard = out.length > 0 || pull.leaseMs <= LEASE_END_MS;
	return isHeard ? out : fromTree(peer, tree.handle({ type: 'show', to: from }, nowMs));
}

/** What we miss ourselves is sent on when it comes, unless the other has asked elsewhere by then. */
function noteWants(peer: PeerState, from: PeerId, pull: Pull, nowMs: number): void {
	const rttMs = peer.tree.rttOf(from) ?? RTT_UNKNOWN_MS;
	const untilMs = nowMs + answerMs(rttMs, 0) - rttMs + WANT_GRACE_MS;
	for (const entry of pull.entries) {
		const stream = seatOfTag(peer, entry.tag)?.stream;
		const hearing = stream && hearingOf(peer, stream);
		if (hearing?.newest == null || hearing.gaps.length === 0) continue;
		const asked = bitsFrom(widened(entry.seq, hearing.newest), entry.bits);
		for (const gap of hearing.gaps) if (asked.includes(gap.seq)) gap.wants.set(from, untilMs);
	}
}

/** A listener gets everything, a fellow speaker what it names: the rest it hears itself. */
function lend(
	peer: PeerState,
	from: PeerId,
	pull: Pull,
	{ nowMs, isSpeaker }: { readonly nowMs: number; readonly isSpeaker: boolean }
): void {
	const named = pull.entries.flatMap(({ tag }) => seatOfTag(peer, tag)?.stream ?? []);
	const streams = isSpeaker ? new Set(named) : null;
	const untilMs = nowMs + Math.min(LEASE_MAX_MS, pull.leaseMs);
	peer.sound.leases.set(from, { untilMs, streams });
}

/** Oldest first, so that what is newest is played on arrival even where an older one comes too late. */
function wantedBy(peer: PeerState, pull: Pull): Item[] {
	return pull.entries.flatMap((entry) => {
		const stream = seatOfTag(peer, entry.tag)?.stream;
		const newest = stream && hearingOf(peer, stream)?.newest;
		if (stream === undefined || newest == null) return [];
		const seq = widened(entry.seq, newest);
		const asked = bitsFrom(seq, entry.bits);
		const wanted = pull.leaseMs > 0 ? [...asked, ...newerThan(seq, newest)] : asked;
		return wanted.flatMap((each) => itemAt(peer, stream, each));
	});
}

function itemAt(peer: PeerState, stream: StreamId, seq: number): Item[] {
	const kept = hearingOf(peer, stream)?.kept;
	const bytes = kept && keptFrame(kept, seq);
	return bytes === undefined ? [] : [{ stream, seq, bytes }];
}

function bitsFrom(seq: number, bits: number): number[] {
	const seqs: number[] = [];
	for (let back = 15; back >= 0; back--) {
		if ((bits & (1 << back)) !== 0) seqs.push(seqAdd(seq, -back));
	}
	return seqs;
}

function newerThan(seq: number, newest: number): number[] {
	const count = Math.min(seqDistance(newest, seq), LEASE_BACKLOG_TICKS);
	return Array.from({ length: Math.max(0, count) }, (_, i) => seqAdd(newest, i + 1 - count));
}

function answer(peer: PeerState, to: PeerId, items: readonly Item[], nowMs: number): PeerOutput[] {
	const { served } = trafficOf(peer.sound.links, to);
	return packed(items).flatMap((few) => {
		const bytes = few.reduce((sum, item) => sum + item.bytes.length, 1);
		if (!take(served, SERVED_BYTES_RATE, bytes, nowMs)) {
			peer.drops.flood++;
			return [];
		}
		peer.sound.counts.framesServed += few.length;
		return sendTo(peer, to, few);
	});
}
