/**
 * Whom we believe. A neighbour that brings a forged frame may be the forger, or honest and below one: an honest
 * peer passes on nothing unproven of a source that deceived it once. So the first offence puts a neighbour under
 * watch, and one that comes later than an honest neighbour would still bring any shows it to be bad. Frames without a
 * proof tell only of the one voice: a speaker may be slow, and whoever is right below it knows that of no other.
 */
import { forgetOldest } from '../wire/bounded.ts';
import { NEIGHBOURS_REMEMBERED_MAX, SEATS_MAX } from '../wire/limits.ts';
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
	/** A frame of `author` of which no proof came in time; the same answer. */
	unproven(from: PeerId, author: PeerId, arrivedAtMs: number, nowMs: number): boolean;
	proven(from: PeerId, author: PeerId, nowMs: number): void;
	/** What it brings is passed on only once proven. */
	isWatched(peer: PeerId, nowMs: number): boolean;
}

/** Of one kind, while none of them is WATCH_MS after the one before. */
interface Offences {
	sinceMs: number;
	lastMs: number;
}

interface Voice {
	readonly offences: Offences;
	proven: number;
	unproven: number;
	halvedMs: number;
}

interface Repute {
	/** Forged frames, whoever's. */
	readonly offences: Offences;
	/** At most SEATS_MAX, the latest last. */
	readonly voices: Map<PeerId, Voice>;
	/** Of any kind. */
	lastOffenceMs: number;
}

export const createGuard = (): Guard => new NeighbourGuard();

/** A class, for it is asked with each frame: functions that each peer has of its own lie all over memory. */
class NeighbourGuard implements Guard {
	readonly #reputes = new Map<PeerId, Repute>();
	#latest: PeerId | null = null;
	#lastOffenceMs = Number.NEGATIVE_INFINITY;

	forged(from: PeerId, arrivedAtMs: number, nowMs: number): boolean {
		const repute = this.#reputeOf(from);
		return this.#offend(repute, repute.offences, arrivedAtMs, nowMs);
	}

	unproven(from: PeerId, author: PeerId, arrivedAtMs: number, nowMs: number): boolean {
		const repute = this.#reputeOf(from);
		const voice = voiceOf(repute, author, nowMs);
		voice.unproven++;
		const odd = voice.unproven >= UNPROVEN_MIN_FRAMES && voice.unproven > voice.proven;
		return odd && this.#offend(repute, voice.offences, arrivedAtMs, nowMs);
	}

	proven(from: PeerId, author: PeerId, nowMs: number): void {
		voiceOf(this.#reputeOf(from), author, nowMs).proven++;
	}

	isWatched(peer: PeerId, nowMs: number): boolean {
		// Asked with every frame, and mostly nobody is.
		if (nowMs - this.#lastOffenceMs > WATCH_MS) return false;
		const repute = this.#reputes.get(peer);
		return repute !== undefined && nowMs - repute.lastOffenceMs <= WATCH_MS;
	}

	#offend(repute: Repute, offences: Offences, arrivedAtMs: number, nowMs: number): boolean {
		this.#lastOffenceMs = repute.lastOffenceMs = nowMs;
		return isBeyondDoubt(offences, arrivedAtMs, nowMs);
	}

	#reputeOf(peer: PeerId): Repute {
		const known = this.#reputes.get(peer) ?? newRepute();
		// Mostly the same one many times in a row, which is the last in the map already.
		if (peer !== this.#latest) {
			this.#reputes.delete(peer);
			this.#reputes.set(peer, known);
			this.#latest = peer;
			forgetOldest(this.#reputes, NEIGHBOURS_REMEMBERED_MAX);
		}
		return known;
	}
}

const noOffences = (): Offences => ({
	sinceMs: Number.NEGATIVE_INFINITY,
	lastMs: Number.NEGATIVE_INFINITY
});

const newRepute = (): Repute => ({
	offences: noOffences(),
	voices: new Map(),
	lastOffenceMs: Number.NEGATIVE_INFINITY
});

function voiceOf({ voices }: Repute, author: PeerId, nowMs: number): Voice {
	const known = voices.get(author);
	if (known !== undefined) {
		halve(known, nowMs);
		return known;
	}
	const voice = { offences: noOffences(), proven: 0, unproven: 0, halvedMs: nowMs };
	voices.set(author, voice);
	forgetOldest(voices, SEATS_MAX);
	return voice;
}

/** Counts one more, and finds whether its bringer should not have deceived us any more. */
function isBeyondDoubt(offences: Offences, arrivedAtMs: number, nowMs: number): boolean {
	if (nowMs - offences.lastMs > WATCH_MS) offences.sinceMs = nowMs;
	offences.lastMs = nowMs;
	return arrivedAtMs - offences.sinceMs > WATCH_GRACE_MS;
}

function halve(voice: Voice, nowMs: number): void {
	if (nowMs - voice.halvedMs < COUNTS_HALVE_MS) return;
	voice.halvedMs = nowMs;
	voice.proven /= 2;
	voice.unproven /= 2;
}
