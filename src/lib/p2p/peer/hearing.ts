/** One stream as it reaches this peer: its newest frame, what was kept of it, and the gaps that are to be closed. */
import { GAPS_MAX, SEEN_WINDOW_TICKS } from '../wire/limits.ts';
import type { PeerId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';
import { forgetFrame, newKept, type Kept } from './kept.ts';
import { newRation, type Ration } from './ration.ts';
import { newRepeats, type Repeats } from './repeats.ts';
import { ASKS_MAX, TALKING_FRESH_MS, UNSURE_TICKS } from './repair-timing.ts';

/** A frame that ought to be here. */
export interface Gap {
	readonly seq: number;
	readonly noticedMs: number;
	/** Questions left: one where it may never have been said. */
	asksLeft: number;
	asks: number;
	nextAskMs: number;
	/** Who below us asked for it in vain, and until when an answer is worth its bytes. At most one for each link. */
	readonly wants: Map<PeerId, number>;
}

/** How many frames a backup has beyond our parent's newest. */
export interface Lead {
	/** As a rule, never less than none. */
	frames: number;
	/** How often in a row it was clearly more. */
	run: number;
}

/** Of one stream, by what its speaker has proven. Numbers are null before the first. */
export interface Proven {
	newest: number | null;
	/** The newest of what our parent brought, or where it became our parent: what it owes comes after it. */
	byParent: number | null;
	/** When that came. */
	byParentAtMs: number;
}

export interface Hearing {
	readonly kept: Kept;
	/** Number of the newest frame, whether that was voice, and when it came. */
	newest: number | null;
	voice: boolean;
	atMs: number;
	/** When it began to talk, last. */
	begunMs: number;
	/** In the order of their numbers; at most GAPS_MAX. */
	gaps: Gap[];
	/** The newest frame our parent brought, known or not, and when. */
	parentSeq: number | null;
	parentAtMs: number;
	readonly proven: Proven;
	/** How much of this voice our parent brings. */
	readonly ration: Ration;
	/** What of it our parent brings again. */
	readonly repeats: Repeats;
	/** Of each backup, how far it is ahead of our parent; at most LEADS_MAX. */
	readonly leads: Map<PeerId, Lead>;
	/** The newest frame our last digest told of. */
	digestedSeq: number | null;
	/** The floor playout was last told; null before the first. */
	floorMs: number | null;
}

const newGap = (
	seq: number,
	when: { readonly nowMs: number; readonly asksLeft: number; readonly nextAskMs: number }
): Gap => ({
	seq,
	noticedMs: when.nowMs,
	asksLeft: when.asksLeft,
	asks: 0,
	nextAskMs: when.nextAskMs,
	wants: new Map()
});

export function newHearing(): Hearing {
	return {
		kept: newKept(),
		newest: null,
		voice: false,
		atMs: 0,
		begunMs: 0,
		gaps: [],
		parentSeq: null,
		parentAtMs: 0,
		proven: { newest: null, byParent: null, byParentAtMs: 0 },
		ration: newRation(),
		repeats: newRepeats(),
		leads: new Map(),
		digestedSeq: null,
		floorMs: null
	};
}

export interface Heard {
	/** Gaps this frame shows. */
	readonly opened: number;
	/** The gap that was asked for and is closed by it. */
	readonly repaired: Gap | null;
}

const NOTHING: Heard = { opened: 0, repaired: null };

/** Takes a new frame in. `firstAskMs`: when gaps it shows are to be asked for. */
export function hear(hearing: Hearing, frame: Frame, nowMs: number, firstAskMs: number): Heard {
	const before = hearing.newest;
	const ahead = before === null ? 1 : seqDistance(frame.seq, before);
	const repaired = hearing.gaps.length === 0 ? null : closeGaps(hearing, frame);
	if (ahead <= 0 && ahead > -SEEN_WINDOW_TICKS)
		return repaired === null ? NOTHING : { opened: 0, repaired };
	// Far behind: the speaker has begun to count anew.
	if (ahead <= 0) hearing.gaps = [];
	const opened = before !== null && ahead > 1 ? openGaps(hearing, frame, { nowMs, firstAskMs }) : 0;
	hearing.newest = frame.seq;
	if (!isTalking(hearing, nowMs)) hearing.begunMs = nowMs;
	hearing.voice = frame.kind === 'voice';
	hearing.atMs = nowMs;
	return opened === 0 && repaired === null ? NOTHING : { opened, repaired };
}

/** A silence explains every tick it covers. */
function closeGaps(hearing: Hearing, frame: Frame): Gap | null {
	const ticks = frame.kind === 'silence' ? frame.ticks : 1;
	const closed = hearing.gaps.filter((gap) => {
		const back = seqDistance(frame.seq, gap.seq);
		return back >= 0 && back < ticks;
	});
	if (closed.length === 0) return null;
	hearing.gaps = hearing.gaps.filter((gap) => !closed.includes(gap));
	return closed.find((gap) => gap.seq === frame.seq && gap.asks > 0) ?? null;
}

/**
 * What lies between the newest so far and this one. After a voice all of that was said; after a silence it may
 * have been more silence, for silence is told only now and then.
 */
function openGaps(
	hearing: Hearing,
	frame: Frame,
	{ nowMs, firstAskMs }: { readonly nowMs: number; readonly firstAskMs: number }
): number {
	const last = seqAdd(frame.seq, frame.kind === 'silence' ? -frame.ticks : -1);
	const missing = seqDistance(last, hearing.newest ?? last);
	const count = Math.min(missing, hearing.voice ? GAPS_MAX : UNSURE_TICKS);
	const asksLeft = hearing.voice ? ASKS_MAX : 1;
	for (let back = count - 1; back >= 0; back--) {
		const seq = seqAdd(last, -back);
		hearing.gaps.push(newGap(seq, { nowMs, asksLeft, nextAskMs: firstAskMs }));
	}
	if (hearing.gaps.length > GAPS_MAX) hearing.gaps = hearing.gaps.slice(-GAPS_MAX);
	return Math.max(0, count);
}

/** A neighbour has this frame, and we have not: it is asked for at once where it was not yet. */
export function openShownGap(hearing: Hearing, seq: number, nowMs: number): void {
	const known = hearing.gaps.find((gap) => gap.seq === seq);
	if (known !== undefined) {
		if (known.asksLeft <= 0 && known.asks < ASKS_MAX) {
			known.asksLeft = ASKS_MAX - known.asks;
			known.nextAskMs = nowMs;
		}
		return;
	}
	if (hearing.gaps.length >= GAPS_MAX) return;
	hearing.gaps.push(newGap(seq, { nowMs, asksLeft: ASKS_MAX, nextAskMs: nowMs }));
	hearing.gaps.sort((a, b) => seqDistance(a.seq, b.seq));
}

/** What came under this number was not its speaker's: the true frame is missing, and others are to be asked for it. */
export function missForged(hearing: Hearing, seq: number, nowMs: number): void {
	forgetFrame(hearing.kept, seq);
	// A number out of the air is nobody's newest.
	if (hearing.newest === seq) hearing.newest = null;
	openShownGap(hearing, seq, nowMs);
	for (const gap of hearing.gaps) if (gap.seq === seq) gap.asks = Math.max(1, gap.asks);
}

/** Our parent brought this, new or known. */
export function noteFromParent(hearing: Hearing, seq: number, nowMs: number): void {
	if (hearing.parentSeq !== null && seqDistance(seq, hearing.parentSeq) <= 0) return;
	hearing.parentSeq = seq;
	hearing.parentAtMs = nowMs;
}

/** The next frame is due 20 ms after the last one. */
export const isTalking = (hearing: Hearing, nowMs: number): boolean =>
	hearing.voice && nowMs - hearing.atMs < TALKING_FRESH_MS;
