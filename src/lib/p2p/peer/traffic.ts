/**
 * What goes over each link: packets of frames counted on both sides, which shows how many the line loses, and
 * what a neighbour may still pull.
 */
import { forgetOldest } from '../wire/bounded.ts';
import type { PeerId } from '../wire/ids.ts';
import {
	LEASE_BACKLOG_TICKS,
	NEIGHBOURS_REMEMBERED_MAX,
	PULLS_RATE,
	SERVED_BYTES_RATE
} from '../wire/limits.ts';
import type { Heartbeat } from '../wire/packet.ts';
import { fullBucket, type Bucket } from '../wire/rate.ts';
import type { Pull } from '../wire/repair.ts';
import {
	COPIES_OFF_LOSS,
	COPIES_OFF_MS,
	COPIES_ON_LOSS,
	LOSSES_BELOW_MAX,
	LOSS_PACKETS,
	REPEATS_ASKED_MAX,
	REPEATS_ASKED_MS,
	RTT_UNKNOWN_MS
} from './repair-timing.ts';
import type { PeerState } from './state.ts';

export interface LinkTraffic {
	/** Packets of frames, since the link opened. */
	sent: number;
	received: number;
	/** Both sides' counts when the loss was last measured; null before the first heartbeat. */
	measured: { readonly sent: number; readonly received: number } | null;
	/** Share of what we send that does not arrive, smoothed; null before the first measurement. */
	lossShare: number | null;
	/** The other way: what was sent to us and what came when that was last measured, and the share that did not. */
	measuredIn: { readonly sent: number; readonly received: number } | null;
	lossIn: number;
	measurementsIn: number;
	/** What the neighbour last told of the losses on its way to its speaker, and of those by way of it down from us. */
	lossesAbove: number;
	lossesBelow: number;
	measurements: number;
	/** Whether what we send carries copies of earlier frames. */
	copies: boolean;
	/** Since when it loses so little that it could do without. */
	calmSinceMs: number | null;
	/** When a packet with copies last came. */
	copiedAtMs: number;
	readonly pulls: Bucket;
	readonly served: Bucket;
	/** Frames it was asked for, and may bring a second time: since `askedSinceMs`, and in the span before that. */
	asked: number;
	askedBefore: number;
	askedSinceMs: number;
}

/** Times of the last packets sent to many at once, by which is known how many are still on their way. */
export interface SendTimes {
	/** Empty until something is sent: most peers of a crowd carry nobody, and hardly any is on stage. */
	atMs: Float64Array;
	count: number;
}

/** A full stage, bundled by nobody, over a round trip of half a second. */
const SEND_TIMES_KEPT = 256;
/** Measurements smooth over about four windows. */
const LOSS_GAIN = 1 / 4;
/** The own way is judged for long: over about fifteen windows. */
const LOSS_IN_GAIN = 1 / 8;
/** As many windows as the smoothed share amounts to. */
const WINDOWS_SMOOTHED = (2 - LOSS_GAIN) / LOSS_GAIN;
/** Standard deviations by which a loss must be beyond doubt: a line is not to get copies by mere bad luck. */
const DOUBT = 1.5;
const U16 = 2 ** 16;
const NONE_SENT = new Float64Array(0);

export const newSendTimes = (): SendTimes => ({
	atMs: NONE_SENT,
	count: 0
});

export function noteSending(times: SendTimes, nowMs: number): void {
	if (times.count === 0) times.atMs = new Float64Array(SEND_TIMES_KEPT);
	times.atMs[times.count % SEND_TIMES_KEPT] = nowMs;
	times.count++;
}

function sentSince(times: SendTimes, sinceMs: number): number {
	const known = Math.min(times.count, SEND_TIMES_KEPT);
	let sent = 0;
	while (sent < known) {
		const at = times.atMs[(times.count - 1 - sent) % SEND_TIMES_KEPT] ?? 0;
		if (at <= sinceMs) break;
		sent++;
	}
	return sent;
}

function newTraffic(): LinkTraffic {
	return {
		sent: 0,
		received: 0,
		measured: null,
		lossShare: null,
		measuredIn: null,
		lossIn: 0,
		measurementsIn: 0,
		lossesAbove: 0,
		lossesBelow: 0,
		measurements: 0,
		copies: false,
		calmSinceMs: null,
		copiedAtMs: Number.NEGATIVE_INFINITY,
		pulls: fullBucket(PULLS_RATE),
		served: fullBucket(SERVED_BYTES_RATE),
		asked: 0,
		askedBefore: 0,
		askedSinceMs: Number.NEGATIVE_INFINITY
	};
}

export function trafficOf(links: Map<PeerId, LinkTraffic>, neighbour: PeerId): LinkTraffic {
	const known = links.get(neighbour);
	if (known !== undefined) return known;
	const traffic = newTraffic();
	links.set(neighbour, traffic);
	forgetOldest(links, NEIGHBOURS_REMEMBERED_MAX);
	return traffic;
}

/** Both sides count from the opening of the link. What may be pulled is no more than before. */
export function beginTraffic(links: Map<PeerId, LinkTraffic>, neighbour: PeerId): void {
	const traffic = trafficOf(links, neighbour);
	links.delete(neighbour);
	links.set(neighbour, traffic);
	const { pulls, served } = traffic;
	Object.assign(traffic, { ...newTraffic(), pulls, served });
}

/**
 * The other side has received so many (modulo 2^16). What we sent within the last round trip cannot be among
 * them. A count that makes no sense is a new beginning.
 */
export function onReceivedCount(
	traffic: LinkTraffic,
	received: number,
	times: SendTimes,
	{ nowMs, rttMs }: { readonly nowMs: number; readonly rttMs: number | null }
): void {
	const onTheWay = sentSince(times, nowMs - (rttMs ?? RTT_UNKNOWN_MS));
	const sent = Math.max(0, traffic.sent - onTheWay);
	const before = traffic.measured;
	if (before === null || sent < before.sent) {
		traffic.measured = { sent, received };
		return;
	}
	const went = sent - before.sent;
	if (went < LOSS_PACKETS) return;
	const came = (received - before.received + U16) % U16;
	traffic.measured = { sent, received };
	if (came > 2 * went) return;
	traffic.measurements++;
	const share = Math.max(0, 1 - came / went);
	const gain = Math.max(LOSS_GAIN, 1 / traffic.measurements);
	traffic.lossShare = (traffic.lossShare ?? 0) + gain * (share - (traffic.lossShare ?? 0));
	judgeCopies(traffic, nowMs);
}

/** How often a frame gets lost on its way to us, by what each link of it loses. Speakers are at the source. */
export function lossesAbove({ tree, sound }: PeerState): number {
	const link =
		tree.mesh.length > 0 || tree.parent === null ? undefined : sound.links.get(tree.parent);
	return link === undefined ? 0 : link.lossesAbove + sound.watch.lineLoss;
}

/** The same from us down to whoever below us loses most, as they say: more than LOSSES_BELOW_MAX is not believed. */
export function lossesBelow({ tree, sound }: PeerState): number {
	let most = 0;
	for (const child of tree.children)
		most = Math.max(most, sound.links.get(child)?.lossesBelow ?? 0);
	return Math.min(LOSSES_BELOW_MAX, most);
}

/** What a neighbour is told of the ways that lead through us. */
export function lossesFor(
	peer: PeerState,
	to: PeerId
): Pick<Heartbeat, 'lossesAbove' | 'lossesBelow'> {
	const below = to === peer.tree.parent ? peer.sound.watch.lineLoss + lossesBelow(peer) : 0;
	return { lossesAbove: lossesAbove(peer), lossesBelow: below };
}

/** What was lost while we were away says nothing of the lines. */
export function forgetCounts(links: ReadonlyMap<PeerId, LinkTraffic>): void {
	for (const link of links.values()) link.measuredIn = null;
}

/** The other side has sent so many (modulo 2^16). */
export function onSentCount(traffic: LinkTraffic, sent: number): void {
	const { received, measuredIn: before } = traffic;
	if (before === null) {
		traffic.measuredIn = { sent, received };
		return;
	}
	const went = (sent - before.sent + U16) % U16;
	if (went < LOSS_PACKETS) return;
	const came = received - before.received;
	traffic.measuredIn = { sent, received };
	if (came > 2 * went || went > U16 / 2) return;
	traffic.measurementsIn++;
	const share = Math.max(0, 1 - came / went);
	traffic.lossIn += Math.max(LOSS_IN_GAIN, 1 / traffic.measurementsIn) * (share - traffic.lossIn);
}

function judgeCopies(traffic: LinkTraffic, nowMs: number): void {
	const loss = traffic.lossShare ?? 0;
	if (!traffic.copies) {
		const packets = LOSS_PACKETS * Math.min(traffic.measurements, WINDOWS_SMOOTHED);
		traffic.copies = loss - DOUBT * Math.sqrt(loss / packets) > COPIES_ON_LOSS;
		traffic.calmSinceMs = null;
		return;
	}
	traffic.calmSinceMs = loss < COPIES_OFF_LOSS ? (traffic.calmSinceMs ?? nowMs) : null;
	if (traffic.calmSinceMs !== null && nowMs - traffic.calmSinceMs >= COPIES_OFF_MS) {
		traffic.copies = false;
	}
}

/** It is asked for these: whether it has brought them already is not known, and they may be on their way. */
export function noteAsked(traffic: LinkTraffic, { leaseMs, entries }: Pull, nowMs: number): void {
	forgetAsked(traffic, nowMs);
	// What is newer than what we have goes ahead of a lease.
	const ahead = leaseMs > 0 ? LEASE_BACKLOG_TICKS : 0;
	for (const { bits } of entries) traffic.asked += ahead + countOf(bits);
	traffic.asked = Math.min(traffic.asked, REPEATS_ASKED_MAX);
}

/** It brought something again: true where that may be for our asking, once for each frame that it was asked for. */
export function wasAsked(traffic: LinkTraffic, nowMs: number): boolean {
	forgetAsked(traffic, nowMs);
	if (traffic.askedBefore > 0) traffic.askedBefore--;
	else if (traffic.asked > 0) traffic.asked--;
	else return false;
	return true;
}

/** Most of what is asked for comes once: who is asked for a little all the time is not owed more and more. */
function forgetAsked(traffic: LinkTraffic, nowMs: number): void {
	const passedMs = nowMs - traffic.askedSinceMs;
	if (passedMs <= REPEATS_ASKED_MS) return;
	traffic.askedBefore = passedMs <= 2 * REPEATS_ASKED_MS ? traffic.asked : 0;
	traffic.asked = 0;
	traffic.askedSinceMs = nowMs;
}

function countOf(bits: number): number {
	let count = 0;
	for (let left = bits; left !== 0; left &= left - 1) count++;
	return count;
}
