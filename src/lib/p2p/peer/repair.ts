/** What is missing here is asked for: at once from where it should have come from, then from others that have it. */
import type { Seat } from '../room/state.ts';
import { putNewest } from '../wire/bounded.ts';
import type { PeerId } from '../wire/ids.ts';
import { SEATS_MAX } from '../wire/limits.ts';
import { REPAIR_SPAN_TICKS, tagOf, type Digest, type RepairEntry } from '../wire/repair.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';
import type { PeerOutput } from './io.ts';
import { openShownGap, type Gap, type Hearing } from './hearing.ts';
import { onBehind, isParentSilent } from './watch.ts';
import {
	ASK_AGAIN_MIN_MS,
	ASK_AGAIN_SPARE_MS,
	BEHIND_FRAMES,
	FAR_MS,
	LEADS_MAX,
	REORDER_COPIES_MS,
	REORDER_MS,
	REORDER_SECOND_MS,
	REPAIR_DEADLINE_MS,
	RTT_UNKNOWN_MS
} from './repair-timing.ts';
import { isSecondAlive } from './second.ts';
import { sendPull } from './sending.ts';
import type { Shown } from './sound-state.ts';
import type { PeerState } from './state.ts';
import { hearingOf, seatOfTag, widened } from './streams.ts';
import { trafficOf } from './traffic.ts';

/** A line with copies brings what is missing by itself a tick later. */
const COPIES_SEEN_MS = 1_000;

/** When a gap that a packet of `from` shows is to be asked for. */
export function firstAskMs(peer: PeerState, from: PeerId, nowMs: number): number {
	const { links, watch } = peer.sound;
	if (isSecondAlive(peer, nowMs)) return nowMs + REORDER_SECOND_MS;
	if (nowMs - trafficOf(links, from).copiedAtMs < COPIES_SEEN_MS) return nowMs + REORDER_COPIES_MS;
	// On a jittery line a packet overtakes another by more.
	return nowMs + Math.min(REORDER_COPIES_MS, REORDER_MS + 2 * watch.jitterMs);
}

/** How long an answer is waited for before somebody else is asked. */
export const answerMs = (rttMs: number, jitterMs: number): number =>
	Math.max(ASK_AGAIN_MIN_MS, rttMs + ASK_AGAIN_SPARE_MS + jitterMs);

type Wishes = Map<PeerId, { tag: number; seq: number; bits: number }[]>;

/** Sends the questions that are due, one pull to each who is asked, and says in `gapsDueMs` when to look again. */
export function askForGaps(peer: PeerState, nowMs: number): PeerOutput[] {
	const wishes: Wishes = new Map();
	let dueMs = Infinity;
	for (const [stream, { hearing }] of peer.streams) {
		if (hearing.gaps.length === 0) continue;
		const seat = peer.room.seats.find((candidate) => candidate.stream === stream);
		forgetOldGaps(peer, hearing, seat === undefined ? Infinity : nowMs);
		if (seat === undefined) continue;
		// The newest first: an entry counts back from its number.
		for (const gap of hearing.gaps.toReversed()) {
			if (gap.nextAskMs <= nowMs) ask(peer, seat, gap, { wishes, nowMs });
			dueMs = Math.min(dueMs, gap.nextAskMs);
		}
	}
	peer.sound.gapsDueMs = dueMs;
	return [...wishes].flatMap(([to, entries]) => pullFrom(peer, to, entries, nowMs));
}

function forgetOldGaps(peer: PeerState, hearing: Hearing, nowMs: number): void {
	const alive = hearing.gaps.filter((gap) => nowMs - gap.noticedMs < REPAIR_DEADLINE_MS);
	if (alive.length === hearing.gaps.length) return;
	// One question may have been about something that was never said: that is no loss.
	const lost = hearing.gaps.filter((gap) => gap.asks > 1 && !alive.includes(gap));
	peer.sound.counts.lost += lost.length;
	hearing.gaps = alive;
}

function ask(
	peer: PeerState,
	seat: Seat,
	gap: Gap,
	{ wishes, nowMs }: { readonly wishes: Wishes; readonly nowMs: number }
): void {
	const to = gap.asksLeft > 0 ? whomToAsk(peer, seat, gap, nowMs) : undefined;
	if (to === undefined) {
		gap.nextAskMs =
			gap.asksLeft > 0 ? nowMs + ASK_AGAIN_MIN_MS : gap.noticedMs + REPAIR_DEADLINE_MS;
		return;
	}
	addWish(wishes, to, tagOf(seat.stream), gap.seq);
	if (gap.asks === 0) {
		peer.sound.counts.gaps++;
		const other = otherToAsk(peer, to);
		if (other !== undefined) addWish(wishes, other, tagOf(seat.stream), gap.seq);
	}
	gap.asks++;
	gap.asksLeft--;
	const rttMs = peer.tree.rttOf(to) ?? RTT_UNKNOWN_MS;
	const againMs = nowMs + answerMs(rttMs, peer.sound.watch.jitterMs);
	gap.nextAskMs = Math.min(againMs, gap.noticedMs + REPAIR_DEADLINE_MS);
}

/**
 * Mostly it was lost further up, and a parent has to get it first; a backup, which hears by another way, has it. Far from
 * the speaker there is no time to ask one after the other.
 */
function otherToAsk({ tree }: PeerState, asked: PeerId): PeerId | undefined {
	if (tree.delayMs <= FAR_MS) return undefined;
	return tree.backups.find((backup) => backup !== asked);
}

/** First who should have sent it, then who is known to have it, then whoever might. */
function whomToAsk(peer: PeerState, seat: Seat, gap: Gap, nowMs: number): PeerId | undefined {
	const sources = sourcesOf(peer, seat.peer, nowMs);
	if (gap.asks === 0) return sources[0];
	const showing = sources.slice(1).filter((source) => shows(peer, source, seat, gap.seq));
	if (showing.length > 0) return showing[(gap.asks - 1) % showing.length];
	return sources[gap.asks % sources.length];
}

/** Speakers ask the author, then each other; listeners their parent, then their backups. */
function sourcesOf(peer: PeerState, author: PeerId, nowMs: number): PeerId[] {
	const { mesh, parent, backups } = peer.tree;
	const speakers = mesh.includes(author)
		? [author, ...mesh.filter((other) => other !== author)]
		: mesh;
	const parents = parent === null ? [] : [parent];
	const others = backups.filter((backup) => backup !== parent);
	return isParentSilent(peer, nowMs)
		? [...speakers, ...others, ...parents]
		: [...speakers, ...parents, ...others];
}

function shows(peer: PeerState, source: PeerId, seat: Seat, seq: number): boolean {
	const told = peer.sound.shown
		.get(source)
		?.streams.findLast(({ stream }) => stream === seat.stream);
	if (told === undefined) return false;
	const back = seqDistance(told.seq, seq);
	return back >= 0 && back < REPAIR_SPAN_TICKS && (told.bits & (1 << back)) !== 0;
}

function addWish(wishes: Wishes, to: PeerId, tag: number, seq: number): void {
	const entries = wishes.get(to) ?? [];
	wishes.set(to, entries);
	const last = entries.at(-1);
	const back = last?.tag === tag ? seqDistance(last.seq, seq) : -1;
	if (last === undefined || back < 0 || back >= REPAIR_SPAN_TICKS) {
		entries.push({ tag, seq, bits: 1 });
		return;
	}
	last.bits |= 1 << back;
}

function pullFrom(
	peer: PeerState,
	to: PeerId,
	entries: readonly RepairEntry[],
	nowMs: number
): PeerOutput[] {
	const out: PeerOutput[] = [];
	for (let at = 0; at < entries.length; at += SEATS_MAX) {
		const pull = { leaseMs: 0, entries: entries.slice(at, at + SEATS_MAX) };
		out.push(...sendPull(peer, to, pull, { nowMs, owingMs: REPAIR_DEADLINE_MS }));
	}
	return out;
}

/** What a backup has: holes of ours it can fill, and voices it hears that we should have heard too. */
export function onDigest(
	peer: PeerState,
	from: PeerId,
	digest: Digest,
	nowMs: number
): PeerOutput[] {
	if (!peer.tree.standingBy.includes(from)) {
		peer.drops.uninvited++;
		return [];
	}
	const streams: Shown['streams'][number][] = [];
	let isBehind = false;
	for (const entry of digest) {
		const seat = seatOfTag(peer, entry.tag);
		if (seat === undefined || seat.peer === peer.options.me) continue;
		const hearing = hearingOf(peer, seat.stream);
		if (hearing?.newest == null) {
			isBehind ||= (entry.bits & (entry.bits - 1)) !== 0;
			continue;
		}
		const seq = widened(entry.seq, hearing.newest);
		streams.push({ stream: seat.stream, seq, bits: entry.bits });
		openShownGaps(peer, seat, hearing, { seq, bits: entry.bits, nowMs });
		const ahead = aheadOf(hearing.parentSeq ?? hearing.newest, seq, entry.bits);
		isBehind = isRunAway(hearing, from, ahead) || isBehind;
	}
	peer.sound.shown.set(from, { atMs: nowMs, streams } satisfies Shown);
	return isBehind ? onBehind(peer, from, nowMs) : [];
}

function openShownGaps(
	peer: PeerState,
	seat: Seat,
	hearing: Hearing,
	{ seq, bits, nowMs }: { readonly seq: number; readonly bits: number; readonly nowMs: number }
): void {
	const newest = hearing.newest ?? seq;
	// Mostly none is: what a backup has came here as well.
	const absent = peer.seen.absent(seat.stream, seq, bits);
	for (let back = 0; absent >>> back !== 0; back++) {
		const each = seqAdd(seq, -back);
		if ((absent & (1 << back)) === 0 || seqDistance(each, newest) >= 0) continue;
		openShownGap(hearing, each, nowMs);
		peer.sound.gapsDueMs = Math.min(peer.sound.gapsDueMs, nowMs);
	}
}

/**
 * Frames a backup has that are newer than `newest`, as far as a digest tells. Ticks are not counted: between a silence
 * and what comes after it there are many in which nothing was said.
 */
function aheadOf(newest: number, seq: number, bits: number): number {
	const ticks = Math.min(REPAIR_SPAN_TICKS, seqDistance(seq, newest));
	let frames = 0;
	for (let back = 0; back < ticks; back++) frames += (bits >>> back) & 1;
	return frames;
}

/**
 * A backup is further ahead of our parent than usual, twice in a row: what comes between is no mere difference of the
 * ways. What others brought meanwhile does not count: a stand-in would make each backup seem level with us, and be asked
 * again as soon as it ends.
 */
function isRunAway({ leads }: Hearing, backup: PeerId, ahead: number): boolean {
	const lead = leads.get(backup) ?? { frames: ahead, run: 0 };
	putNewest(leads, backup, lead, LEADS_MAX);
	if (ahead <= lead.frames + BEHIND_FRAMES) {
		lead.frames += (ahead - lead.frames) / 8;
		lead.run = 0;
		return false;
	}
	lead.run++;
	return lead.run >= 2;
}
