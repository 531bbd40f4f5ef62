/** Between the sound path and the proofs: what may be heard and passed on of what came, and who is left for it. */
import { createSeen, type Seen } from '../tree/seen.ts';
import { putNewest } from '../wire/bounded.ts';
import { publicKeyOf, type PeerId } from '../wire/ids.ts';
import { BLAMED_MAX } from '../wire/limits.ts';
import type { Frame } from '../wire/packet.ts';
import { believe } from './believe.ts';
import { createGuard, type Guard } from './guard.ts';
import { missForged } from './hearing.ts';
import { forgetFrame } from './kept.ts';
import type { PeerInput, PeerOutput, Reading } from './io.ts';
import { createProver, type Prover } from './prover.ts';
import { forgetRepeat } from './repeats.ts';
import { isMutedForMe } from './muted-for-me.ts';
import { openVoice } from './sealed-sound.ts';
import { fromTree, type PeerState } from './state.ts';
import { taped } from './taping.ts';
import {
	createVerifier,
	UNPROVEN_LATE_MS,
	type Arrived,
	type Verdict,
	type Verifier
} from './verifier.ts';

/** Looked for what waits in vain ten times a second; this much later than the last time, we were held up. */
const LOOK_LATE_MS = 150;

/** What was wrong with a source that was left. */
export type Fault =
	/** It brought frames that their speaker did not say. */
	| 'forged'
	/** It had sound and did not pass it on. */
	| 'withheld'
	/** It said again what it had said before. */
	| 'replayed'
	/** It fell silent without a word. */
	| 'silent';

export interface Blame {
	readonly peer: PeerId;
	readonly reason: Fault;
	/** When it was last left for that. */
	readonly atMs: number;
	readonly count: number;
}

export interface Trust {
	readonly prover: Prover;
	readonly verifier: Verifier;
	readonly guard: Guard;
	/**
	 * Speakers whose frames wait for late proofs more often than not. They wait here then, whoever brings them, so that
	 * nobody below us has to wonder.
	 */
	readonly tardy: Guard;
	/** When we last looked for what waits in vain. */
	lookedMs: number;
	/** What was heard: numbers that nobody has proven can make the sound path forget what was here before. */
	readonly heard: Seen;
	/** Least recently left first; at most BLAMED_MAX. */
	readonly blamed: Map<string, Blame>;
	/** Frames proven, forged, and never proven in time. */
	readonly proofs: { good: number; bad: number; unproven: number };
}

export function createTrust(hash: Reading['hash']): Trust {
	return {
		prover: createProver(),
		verifier: createVerifier(hash),
		guard: createGuard(),
		tardy: createGuard(),
		lookedMs: -Infinity,
		heard: createSeen(),
		blamed: new Map(),
		proofs: { good: 0, bad: 0, unproven: 0 }
	};
}

/** What became of frames: those to be passed on now, by who brought them, and what else is to be done. */
export interface Admission {
	readonly pass: Arrived[];
	readonly out: PeerOutput[];
}

/** Frames that are new here, in the order they came. */
export function admit(
	peer: PeerState,
	frames: readonly Frame[],
	from: PeerId,
	nowMs: number
): Admission {
	return takeIn(peer, frames, { from, unbelieved: false, nowMs });
}

/** Frames whose number nobody would believe without a proof: they are neither heard nor passed on before. */
export function hold(
	peer: PeerState,
	frames: readonly Frame[],
	from: PeerId,
	nowMs: number
): Admission {
	return takeIn(peer, frames, { from, unbelieved: true, nowMs });
}

function takeIn(
	peer: PeerState,
	frames: readonly Frame[],
	{
		from,
		unbelieved,
		nowMs
	}: { readonly from: PeerId; readonly unbelieved: boolean; readonly nowMs: number }
): Admission {
	const { verifier } = peer.trust;
	const pass: Arrived[] = [];
	const out: PeerOutput[] = [];
	for (const frame of frames) {
		const author = authorOf(peer, frame);
		const heard = author === from;
		const watched = unbelieved || isWatched(peer, from, author, nowMs);
		const arrived = { frame, from, heard, passedOn: !watched, atMs: nowMs };
		if (!watched) pass.push(arrived);
		if (heard) play(peer, frame, out, nowMs);
		const { verdict, check, evicted } = verifier.take(arrived);
		for (const one of evicted) letGo(peer, one.frame);
		const key = author === null || check === null ? null : publicKeyOf(author);
		if (check !== null && key !== null) out.push({ type: 'check', publicKey: key, ...check });
		carryOut(peer, verdict, { pass, out }, nowMs);
	}
	return { pass, out };
}

export function onChecked(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'checked' }>,
	nowMs: number
): Admission {
	const admission: Admission = { pass: [], out: [] };
	carryOut(peer, peer.trust.verifier.checked(input.ticket, input.good), admission, nowMs);
	return admission;
}

const isWatched = (
	{ trust }: PeerState,
	from: PeerId,
	author: PeerId | null,
	nowMs: number
): boolean =>
	trust.guard.isWatched(from, nowMs) || (author !== null && trust.tardy.isWatched(author, nowMs));

/**
 * To be called with every tick: what waited for a proof in vain. Where it is we who are slow, the proof may be among what
 * we have not read or not checked yet, and nobody is to blame; nor is a speaker who is late with its own, for it may be
 * slow as well, and has passed on nothing of anybody's.
 */
export function expireUnproven(peer: PeerState, nowMs: number): PeerOutput[] {
	const { guard, tardy, verifier, proofs, lookedMs } = peer.trust;
	const { late, odd, gone } = verifier.expire(nowMs);
	for (const { frame } of gone) letGo(peer, frame);
	const isSlow = nowMs - lookedMs > LOOK_LATE_MS || verifier.isBehind(nowMs);
	peer.trust.lookedMs = nowMs;
	proofs.unproven += odd.length;
	if (isSlow) return [];
	for (const { frame, atMs } of late) {
		const author = authorOf(peer, frame);
		if (author !== null) tardy.unproven(author, author, atMs, nowMs);
	}
	return odd.flatMap(({ frame, from, heard, atMs }) => {
		const author = authorOf(peer, frame);
		if (heard || author === null || !guard.unproven(from, author, atMs, nowMs)) return [];
		return leave(peer, from, 'forged', nowMs);
	});
}

/**
 * It waits no longer. Nobody who asks for it later is given it: there it would wait in vain as well, and it would be we who
 * brought it. And where nothing was heard under its number that is free for what its speaker said, if that still comes.
 */
function letGo({ seen, trust, streams }: PeerState, { stream, seq }: Frame): void {
	const hearing = streams.get(stream)?.hearing;
	if (hearing !== undefined) forgetFrame(hearing.kept, seq);
	if (trust.heard.has(stream, seq)) return;
	seen.release(stream, seq);
	if (hearing !== undefined) forgetRepeat(hearing.repeats, seq);
}

/** Adds to `admission` what follows from it. */
function carryOut(
	peer: PeerState,
	verdict: Verdict,
	{ pass, out }: Admission,
	nowMs: number
): void {
	const { guard, tardy, proofs } = peer.trust;
	for (const arrived of verdict.proven) {
		const { frame, from, heard, passedOn } = arrived;
		proofs.good++;
		const author = authorOf(peer, frame);
		if (author !== null) {
			guard.proven(from, author, nowMs);
			if (nowMs - arrived.atMs <= UNPROVEN_LATE_MS) tardy.proven(author, author, nowMs);
		}
		believe(peer, frame, arrived.atMs, nowMs);
		peer.held?.hold({ stream: frame.stream, seq: frame.seq, bytes: frame.bytes, atMs: nowMs });
		out.push(...taped(peer, frame, arrived.atMs));
		if (!heard) play(peer, frame, out, nowMs);
		if (!passedOn) pass.push(arrived);
	}
	for (const { frame, from, atMs } of verdict.forged) {
		proofs.bad++;
		// The true frame is as new as it ever was.
		peer.seen.forget(frame.stream, frame.seq);
		const hearing = peer.streams.get(frame.stream)?.hearing;
		if (hearing !== undefined) missForged(hearing, frame.seq, nowMs);
		peer.sound.gapsDueMs = Math.min(peer.sound.gapsDueMs, nowMs);
		if (guard.forged(from, atMs, nowMs)) out.push(...leave(peer, from, 'forged', nowMs));
	}
}

/** Leaves a source for its fault. A fellow speaker's link stays: who speaks is the room's law. */
export function leave(peer: PeerState, bad: PeerId, reason: Fault, nowMs: number): PeerOutput[] {
	blame(peer, bad, reason, nowMs);
	return [...fromTree(peer, peer.tree.handle({ type: 'bad', peer: bad }, nowMs)), { type: 'view' }];
}

export function blame(peer: PeerState, bad: PeerId, reason: Fault, nowMs: number): void {
	const { blamed } = peer.trust;
	const key = `${reason} ${bad}`;
	const count = (blamed.get(key)?.count ?? 0) + 1;
	putNewest(blamed, key, { peer: bad, reason, atMs: nowMs, count }, BLAMED_MAX);
}

export const authorOf = (peer: PeerState, frame: Frame): PeerId | null =>
	peer.room.seats.find((seat) => seat.stream === frame.stream)?.peer ?? null;

/** Once. */
function play(peer: PeerState, frame: Frame, out: PeerOutput[], nowMs: number): void {
	const { stream, seq } = frame;
	if (!peer.trust.heard.isNew(stream, seq) || isMutedForMe(peer, stream)) return;
	if (frame.kind === 'voice') {
		const opus = openVoice(peer, frame, nowMs);
		if (opus !== null) out.push({ type: 'play', input: { type: 'frame', stream, seq, opus } });
		return;
	}
	out.push({ type: 'play', input: { type: 'silence', stream, seq, ticks: frame.ticks } });
	// The signed event says the same, but signing, the disk and every hop's check make it slower than sound.
	if (frame.muted) out.push({ type: 'play', input: { type: 'pause', stream } });
}
