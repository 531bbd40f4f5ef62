/**
 * Our parent under watch: where somebody talks and it pushes nothing, a backup stands in at once, and takes its
 * place soon after. What follows from it:
 *
 * 1. a backup is asked only while somebody talked within the last second;
 * 2. nobody is replaced unless another has brought frames meanwhile: a speaker may be silent too;
 * 3. at most one lease at a time, ended as soon as the parent is back;
 * 4. where it is we who were held up, what waits to be read has its say first;
 * 5. who was left and spoke again makes us slower to leave the next (`flaps`).
 */
import type { PeerId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import { tagOf } from '../wire/repair.ts';
import { seqDistance, TICK_MS } from '../wire/seq.ts';
import { beginCredit, creditParent } from './credit.ts';
import { damping, noteLeft, noteSpoke } from './flaps.ts';
import type { PeerOutput } from './io.ts';
import { isTalking, noteFromParent, type Hearing } from './hearing.ts';
import {
	GRAFT_AFTER_MS,
	GRAFT_AGAIN_MS,
	GRAFT_SECOND_MS,
	HELD_UP_MS,
	JITTER_MAX_MS,
	JITTER_PAUSE_MAX_MS,
	JITTER_WEIGHT,
	LAGGING_MS,
	LAGGING_TICKS,
	LATE_KEPT_SHARE,
	LATE_REMEMBERED_MS,
	LATE_TIMES,
	LEASE_ANSWER_MS,
	LEASE_END_MS,
	LEASE_MS,
	LEASE_RENEW_MS,
	LOSABLE_MAX,
	LOSABLE_MEASUREMENTS,
	LOSABLE_SHARE,
	LOSABLE_UNKNOWN,
	OUTAGE_MS,
	REPAIR_DEADLINE_MS,
	REPEATS_MAX,
	REPEATS_SPAN_MS,
	RTT_UNKNOWN_MS,
	SILENT_MS,
	WITHHELD_MS
} from './repair-timing.ts';
import { isRationed } from './ration.ts';
import { forgetRepeats, isRepeat } from './repeats.ts';
import { isSecondAlive } from './second.ts';
import { sendPull } from './sending.ts';
import { NEVER_LATE, type Watch } from './sound-state.ts';
import { fromTree, type PeerState } from './state.ts';
import { forgetCounts, wasAsked, type LinkTraffic } from './traffic.ts';
import { blame, leave } from './trust.ts';

/** Smoothing of the jitter, as RFC 3550's (section 6.4.1). */
const JITTER_GAIN = 1 / 16;
/** Ticks a voice must be ahead of what our parent brought of it. */
const WITHHELD_TICKS = WITHHELD_MS / TICK_MS;
/** However often something changes, nobody is looked at more often. */
const LOOK_AGAIN_MS = 10;

/** How long the parent may be silent. A line with losses or jitter is given more, so that it does not flap. */
function patienceMs(watch: Watch, nowMs: number): number {
	const { ms, times } = watch.late;
	const isOften = times >= LATE_TIMES && !isForgotten(watch, nowMs);
	return isOften ? Math.max(lineMs(watch), SILENT_MS + ms) : lineMs(watch);
}

const lineMs = ({ jitterMs, losable }: Watch): number =>
	SILENT_MS + TICK_MS * losable + Math.min(JITTER_MAX_MS, JITTER_WEIGHT * jitterMs);

const isForgotten = ({ late }: Watch, nowMs: number): boolean =>
	nowMs - late.atMs >= LATE_REMEMBERED_MS;

/** How many packets in a row its line loses so often that their absence says nothing. */
export function noteLosses(peer: PeerState): void {
	const { watch, links } = peer.sound;
	const link = watch.parent === null ? undefined : links.get(watch.parent);
	watch.losable = link === undefined ? LOSABLE_UNKNOWN : losableOf(link);
	if (link !== undefined && link.measurementsIn > 0) watch.lineLoss = link.lossIn;
}

function losableOf({ lossIn, measurementsIn }: LinkTraffic): number {
	if (measurementsIn < LOSABLE_MEASUREMENTS) return LOSABLE_UNKNOWN;
	if (lossIn <= LOSABLE_SHARE) return 0;
	return Math.min(LOSABLE_MAX, Math.ceil(Math.log(LOSABLE_SHARE) / Math.log(lossIn)) - 1);
}

/** Our parent brought this: its line's jitter is RFC 3550's, but of what came too late alone. */
export function noteParentFrame(
	peer: PeerState,
	hearing: Hearing,
	{ stream, seq }: Pick<Frame, 'stream' | 'seq'>,
	nowMs: number
): void {
	const { watch } = peer.sound;
	if (isRepeat(hearing.repeats, seq)) countRepeat(peer, nowMs);
	else if (peer.trust.heard.has(stream, seq)) creditParent(peer, hearing, seq, nowMs);
	if (hearing.parentSeq !== null) {
		const ticks = seqDistance(seq, hearing.parentSeq);
		if (ticks <= 0) return;
		const lateMs = Math.max(0, nowMs - hearing.parentAtMs - ticks * TICK_MS);
		if (ticks === 1) noteLate(watch, lateMs, nowMs);
		// Of a silence only some ticks are told: nothing of it is missing.
		else if (hearing.voice) watch.late = NEVER_LATE;
		watch.jitterMs += JITTER_GAIN * (Math.min(JITTER_PAUSE_MAX_MS, lateMs) - watch.jitterMs);
	}
	noteFromParent(hearing, seq, nowMs);
}

/** It brought one again: where we asked for it, it was only late, or comes by two of our questions. */
function countRepeat({ sound: { watch, links } }: PeerState, nowMs: number): void {
	const traffic = watch.parent === null ? undefined : links.get(watch.parent);
	if (traffic !== undefined && wasAsked(traffic, nowMs)) return;
	if (nowMs - watch.repeatsSinceMs > REPEATS_SPAN_MS) {
		watch.repeats = 0;
		watch.repeatsSinceMs = nowMs;
	}
	watch.repeats++;
}

/** To be called when a packet of its was taken. */
export function leaveRepeater(peer: PeerState, nowMs: number): PeerOutput[] {
	const { watch } = peer.sound;
	if (watch.parent === null || watch.repeats < REPEATS_MAX) return [];
	watch.repeats = 0;
	const out = leave(peer, watch.parent, 'replayed', nowMs);
	followParent(peer, nowMs);
	return out;
}

/** Nothing was lost: we were too hasty. The memory outlives the parent, for it may be our own machine that is busy. */
function noteLate(watch: Watch, lateMs: number, nowMs: number): void {
	if (TICK_MS + lateMs < lineMs(watch)) return;
	const { ms, times } = isForgotten(watch, nowMs) ? { ms: 0, times: 0 } : watch.late;
	const longestMs = Math.max(Math.min(JITTER_MAX_MS, lateMs), LATE_KEPT_SHARE * ms);
	watch.late = { ms: longestMs, atMs: nowMs, times: times + 1 };
}

export function isParentSilent(peer: PeerState, nowMs: number): boolean {
	const { watch } = peer.sound;
	return (
		watch.parent !== null &&
		nowMs - watch.lastMs >= patienceMs(watch, nowMs) &&
		watch.dueMs < Infinity
	);
}

/** Who our parent is may have changed. */
export function followParent(peer: PeerState, nowMs: number): void {
	const { watch } = peer.sound;
	const parent = peer.tree.mesh.length > 0 ? null : peer.tree.parent;
	if (parent === watch.parent) return;
	Object.assign(watch, { parent, lastMs: nowMs, jitterMs: 0, evidenceMs: null, repeats: 0 });
	noteLosses(peer);
	if (watch.lease?.from === parent || parent === null) watch.lease = null;
	for (const { hearing } of peer.streams.values()) {
		hearing.parentSeq = null;
		beginCredit(hearing, nowMs);
		forgetRepeats(hearing.repeats);
		hearing.parentAtMs = nowMs;
		hearing.leads.clear();
	}
	watch.dueMs = parent === null ? Infinity : nowMs + patienceMs(watch, nowMs);
}

/** A packet of frames came from a source of ours. */
export function noteArrival(peer: PeerState, from: PeerId, nowMs: number): PeerOutput[] {
	const { watch } = peer.sound;
	watch.flaps = noteSpoke(watch.flaps, from, nowMs);
	if (from !== watch.parent) {
		if (watch.lease?.from === from) watch.lease.answered = true;
		return [];
	}
	watch.lastMs = nowMs;
	watch.evidenceMs = null;
	watch.excused = false;
	return watch.lease === null ? [] : whenResumed(peer, nowMs);
}

function whenResumed(peer: PeerState, nowMs: number): PeerOutput[] {
	const { watch } = peer.sound;
	if (watch.lease === null || isLagging(peer, nowMs)) return [];
	const { from } = watch.lease;
	watch.lease = null;
	const pull = { leaseMs: LEASE_END_MS, entries: [] };
	return sendPull(peer, from, pull, { nowMs, owingMs: REPAIR_DEADLINE_MS });
}

/** A new frame was taken: from our parent, or, while that is silent, from somebody who thereby shows that it should not be. */
export function noteFresh(peer: PeerState, from: PeerId, nowMs: number): void {
	const { watch } = peer.sound;
	if (watch.parent === null) return;
	if (watch.dueMs === Infinity) {
		// Nobody talked: there was nothing that it could have brought.
		watch.lastMs = nowMs;
		watch.dueMs = nowMs + patienceMs(watch, nowMs);
	}
	if (from === watch.parent || nowMs - watch.lastMs < patienceMs(watch, nowMs)) return;
	watch.evidenceMs ??= nowMs;
	watch.dueMs = Math.min(watch.dueMs, graftAtMs(peer, nowMs));
}

/** While a second way brings the sound there is no hurry: on a line that loses much at a time the parent mostly comes back. */
function graftAtMs({ sound }: PeerState, nowMs: number): number {
	const { watch, second } = sound;
	const isHeard = second.from !== null && second.lastMs > watch.lastMs;
	const graftAfterMs = damping(watch.flaps, nowMs) * GRAFT_AFTER_MS;
	const waitMs = isHeard ? Math.max(GRAFT_SECOND_MS, graftAfterMs) : graftAfterMs;
	const silentMs = patienceMs(watch, nowMs) + waitMs;
	return Math.max(watch.lastMs + silentMs, watch.starvedMs + GRAFT_AGAIN_MS);
}

/** To be called when `dueMs` is over. Says in it when to look again. */
export function lookAtParent(peer: PeerState, nowMs: number): PeerOutput[] {
	const { watch } = peer.sound;
	if (!watch.excused && nowMs - watch.dueMs >= HELD_UP_MS) {
		watch.excused = true;
		if (nowMs - watch.dueMs >= OUTAGE_MS) forgetCounts(peer.sound.links);
		watch.dueMs = nowMs + HELD_UP_MS;
		return [];
	}
	followParent(peer, nowMs);
	if (watch.parent === null || !somebodyTalks(peer, nowMs)) {
		watch.dueMs = Infinity;
		watch.lease = null;
		return [];
	}
	const isSilent = nowMs - watch.lastMs >= patienceMs(watch, nowMs);
	const out = isSilent || isLagging(peer, nowMs) ? keepLease(peer, nowMs) : [];
	if (isSilent) out.push(...graftWhenDue(peer, nowMs));
	else out.push(...leaveWithholder(peer, nowMs));
	watch.dueMs = Math.max(nowMs + LOOK_AGAIN_MS, nextLookMs(peer, isSilent, nowMs));
	return out;
}

function nextLookMs(peer: PeerState, isSilent: boolean, nowMs: number): number {
	const { watch } = peer.sound;
	if (!isSilent) return watch.lastMs + patienceMs(watch, nowMs);
	const leaseMs = watch.lease === null ? watch.lastMs + LEASE_MS : leaseDueMs(peer, watch.lease);
	return watch.evidenceMs === null ? leaseMs : Math.min(leaseMs, graftAtMs(peer, nowMs));
}

/** When a lease is to be renewed, or given up for another. */
function leaseDueMs(peer: PeerState, lease: NonNullable<Watch['lease']>): number {
	const rttMs = peer.tree.rttOf(lease.from) ?? RTT_UNKNOWN_MS;
	return lease.answered
		? lease.untilMs - LEASE_RENEW_MS - Math.min(rttMs, LEASE_MS / 2)
		: lease.askedMs + 1.5 * rttMs + LEASE_ANSWER_MS;
}

/** Asks the best backup, renews what it answers, and passes over who does not. */
function keepLease(peer: PeerState, nowMs: number): PeerOutput[] {
	const { lease } = peer.sound.watch;
	if (isSecondAlive(peer, nowMs)) return [];
	if (lease === null) return askLease(peer, peer.tree.backups[0], nowMs);
	if (nowMs < leaseDueMs(peer, lease)) return [];
	if (lease.answered && peer.tree.standingBy.includes(lease.from))
		return renewLease(peer, lease, nowMs);
	const { backups } = peer.tree;
	const next = backups[(backups.indexOf(lease.from) + 1) % backups.length];
	const asked = askLease(peer, next, nowMs);
	return lease.answered ? asked : [...asked, ...tellUnanswered(peer, lease, nowMs)];
}

function tellUnanswered(
	peer: PeerState,
	{ from, askedMs }: NonNullable<Watch['lease']>,
	nowMs: number
): PeerOutput[] {
	const out = peer.tree.handle({ type: 'unanswered', peer: from, askedMs }, nowMs);
	return fromTree(peer, out);
}

/** What it has that is newer goes ahead; a renewal needs none of that. */
function askLease(peer: PeerState, from: PeerId | undefined, nowMs: number): PeerOutput[] {
	if (from === undefined) return [];
	const entries = peer.room.seats.flatMap(({ stream, peer: author }) => {
		const newest = peer.streams.get(stream)?.hearing.newest;
		if (newest == null || author === peer.options.me) return [];
		return [{ tag: tagOf(stream), seq: newest, bits: 0 }];
	});
	peer.sound.counts.leasesAsked++;
	return pullLease(peer, from, { leaseMs: LEASE_MS, entries }, nowMs);
}

function renewLease(
	peer: PeerState,
	lease: NonNullable<Watch['lease']>,
	nowMs: number
): PeerOutput[] {
	return pullLease(peer, lease.from, { leaseMs: LEASE_MS, entries: [] }, nowMs);
}

function pullLease(
	peer: PeerState,
	from: PeerId,
	pull: Parameters<typeof sendPull>[2],
	nowMs: number
): PeerOutput[] {
	const { watch } = peer.sound;
	watch.lease = { from, askedMs: nowMs, untilMs: nowMs + LEASE_MS, answered: false };
	return sendPull(peer, from, pull, { nowMs, owingMs: LEASE_MS + REPAIR_DEADLINE_MS });
}

/** A backup has a voice that we have not: it is to push it, whatever our parent does. */
export function onBehind(peer: PeerState, backup: PeerId, nowMs: number): PeerOutput[] {
	const { watch } = peer.sound;
	if (watch.parent === null || (watch.lease !== null && watch.lease.untilMs > nowMs)) return [];
	watch.dueMs = Math.min(watch.dueMs, nowMs + LOOK_AGAIN_MS);
	return askLease(peer, backup, nowMs);
}

function graftWhenDue(peer: PeerState, nowMs: number): PeerOutput[] {
	const { watch, counts } = peer.sound;
	if (watch.parent === null || watch.evidenceMs === null || nowMs < graftAtMs(peer, nowMs))
		return [];
	watch.starvedMs = nowMs;
	watch.flaps = noteLeft(watch.flaps, watch.parent, nowMs);
	counts.starved++;
	blame(peer, watch.parent, 'silent', nowMs);
	const out = peer.tree.handle({ type: 'starved', parent: watch.parent }, nowMs);
	return fromTree(peer, out);
}

/**
 * It brings other things, or brought this until lately, but of a voice that others bring it has brought nothing for half
 * a second, or clearly less than all of it for two seconds.
 */
function leaveWithholder(peer: PeerState, nowMs: number): PeerOutput[] {
	const { parent } = peer.sound.watch;
	const isShort = (hearing: Hearing): boolean => isWithheld(hearing, nowMs) || isRationed(hearing);
	if (parent === null || !someStream(peer, isShort)) return [];
	const out = leave(peer, parent, 'withheld', nowMs);
	followParent(peer, nowMs);
	return out;
}

/** Of others as of it that counts alone which is proven: an invented number hides nothing. */
function isWithheld(hearing: Hearing, nowMs: number): boolean {
	const { newest, byParent, byParentAtMs } = hearing.proven;
	if (!isTalking(hearing, nowMs) || newest === null || byParent === null) return false;
	if (nowMs - Math.max(byParentAtMs, hearing.begunMs) < WITHHELD_MS) return false;
	return seqDistance(newest, byParent) >= WITHHELD_TICKS;
}

const isLagging = (peer: PeerState, nowMs: number): boolean =>
	someStream(
		peer,
		(hearing) =>
			isTalking(hearing, nowMs) &&
			owedMs(hearing, nowMs) > LAGGING_MS &&
			aheadOfParent(hearing) > LAGGING_TICKS
	);

/** How long our parent has brought nothing of a voice that talks: before that began there was nothing to bring. */
const owedMs = ({ parentAtMs, begunMs }: Hearing, nowMs: number): number =>
	nowMs - Math.max(parentAtMs, begunMs);

function aheadOfParent({ newest, parentSeq }: Hearing): number {
	if (newest === null) return 0;
	return parentSeq === null ? Infinity : seqDistance(newest, parentSeq);
}

const somebodyTalks = (peer: PeerState, nowMs: number): boolean =>
	someStream(peer, (hearing) => isTalking(hearing, nowMs));

/** Of somebody on stage: streams of seats that were left are history. */
function someStream(peer: PeerState, is: (hearing: Hearing) => boolean): boolean {
	for (const { stream, peer: author } of peer.room.seats) {
		if (author === peer.options.me) continue;
		const hearing = peer.streams.get(stream)?.hearing;
		if (hearing !== undefined && is(hearing)) return true;
	}
	return false;
}
