/**
 * Whom we believe. A neighbour that brings a forged frame may be the forger, or honest and below one: an honest
 * peer passes on nothing unproven of a source that deceived it once. So the first offence puts a neighbour under
 * watch, and one that comes later than an honest neighbour would still bring any shows it to be bad.
 */
import { forgetOldest } from '../wire/bounded.ts';
import { NEIGHBOURS_REMEMBERED_MAX } from '../wire/limits.ts';
import type { PeerId } from '../wire/ids.ts';

/** Honest neighbours notice when we do, give or take a hop and the time of a signature. */
export const WATCH_GRACE_MS = 150;
/** So long without an offence, and it is believed again. */
export const WATCH_MS = 10_000;
/** Fewer frames without a proof say nothing: a short loss takes as many. */
const UNPROVEN_MIN_FRAMES = 8;
/** Counts of proven and unproven frames are halved this often. */
const COUNTS_HALVE_MS = 1_000;

export interface Guard {
	/** A forged frame that came at `arrivedAtMs`: whether its bringer is bad beyond doubt. */
	forged(from: PeerId, arrivedAtMs: number, nowMs: number): boolean;
	/** Frames of which no proof came in time; the same answer. */
	unproven(from: PeerId, arrivedAtMs: number, nowMs: number): boolean;
	proven(from: PeerId, nowMs: number): void;
	/** What it brings is passed on only once proven. */
	isWatched(peer: PeerId, nowMs: number): boolean;
}

interface Repute {
	watchedSinceMs: number | null;
	lastOffenceMs: number;
	proven: number;
	unproven: number;
	halvedMs: number;
}

export const createGuard = (): Guard => new NeighbourGuard();

/** A class, for it is asked with each frame: functions that each peer has of its own lie all over memory. */
class NeighbourGuard implements Guard {
	readonly #reputes = new Map<PeerId, Repute>();
	#latest: PeerId | null = null;
	#lastOffenceMs = Number.NEGATIVE_INFINITY;

	forged(from: PeerId, arrivedAtMs: number, nowMs: number): boolean {
		return this.#offend(this.#reputeOf(from, nowMs), arrivedAtMs, nowMs);
	}

	unproven(from: PeerId, arrivedAtMs: number, nowMs: number): boolean {
		const repute = this.#reputeOf(from, nowMs);
		repute.unproven++;
		const odd = repute.unproven >= UNPROVEN_MIN_FRAMES && repute.unproven > repute.proven;
		return odd && this.#offend(repute, arrivedAtMs, nowMs);
	}

	proven(from: PeerId, nowMs: number): void {
		this.#reputeOf(from, nowMs).proven++;
	}

	isWatched(peer: PeerId, nowMs: number): boolean {
		// Asked with every frame, and mostly nobody is.
		if (nowMs - this.#lastOffenceMs > WATCH_MS) return false;
		const repute = this.#reputes.get(peer);
		return repute !== undefined && isWatched(repute, nowMs);
	}

	#offend(repute: Repute, arrivedAtMs: number, nowMs: number): boolean {
		this.#lastOffenceMs = nowMs;
		return isBeyondDoubt(repute, arrivedAtMs, nowMs);
	}

	#reputeOf(peer: PeerId, nowMs: number): Repute {
		const known = this.#reputes.get(peer) ?? newRepute(nowMs);
		// Mostly the same one many times in a row, which is the last in the map already.
		if (peer !== this.#latest) {
			this.#reputes.delete(peer);
			this.#reputes.set(peer, known);
			this.#latest = peer;
		}
		forgetOldest(this.#reputes, NEIGHBOURS_REMEMBERED_MAX);
		halve(known, nowMs);
		return known;
	}
}

function newRepute(nowMs: number): Repute {
	return { watchedSinceMs: null, lastOffenceMs: 0, proven: 0, unproven: 0, halvedMs: nowMs };
}

/** Puts it under watch, or finds that it should not have deceived us any more. */
function isBeyondDoubt(repute: Repute, arrivedAtMs: number, nowMs: number): boolean {
	if (!isWatched(repute, nowMs)) repute.watchedSinceMs = nowMs;
	repute.lastOffenceMs = nowMs;
	return arrivedAtMs - (repute.watchedSinceMs ?? nowMs) > WATCH_GRACE_MS;
}

const isWatched = (repute: Repute, nowMs: number): boolean =>
	repute.watchedSinceMs !== null && nowMs - repute.lastOffenceMs <= WATCH_MS;

function halve(repute: Repute, nowMs: number): void {
	if (nowMs - repute.halvedMs < COUNTS_HALVE_MS) return;
	repute.halvedMs = nowMs;
	repute.proven /= 2;
	repute.unproven /= 2;
}
