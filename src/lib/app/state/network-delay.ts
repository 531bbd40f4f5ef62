/**
 * By which way a voice comes to us, and how long that takes, as far as we can know: what lies between two others on
 * stage nobody tells us, and a figure without it says so. Pure.
 */
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { NetworkReport, SpeakerReport } from './network-report.ts';

export interface Delay {
	readonly ms: number;
	/** It takes longer than that: a part of the way is not measured. */
	readonly isPart: boolean;
}

export interface Way {
	readonly hops: number | null;
	readonly through: PeerId | null;
	readonly delay: Delay | null;
}

const UNKNOWN: Way = { hops: null, through: null, delay: null };

/** `earlier` tells whom a voice came from lately. */
export function wayOf(report: NetworkReport, earlier: NetworkReport, speaker: SpeakerReport): Way {
	return report.role === 'listener'
		? wayDown(report, speaker)
		: wayAcross(report, earlier, speaker);
}

/** The engine's figure is from the root of our path on, and its last link counts as nothing before it is measured. */
function wayDown(report: NetworkReport, { peer, mouthToEarMs }: SpeakerReport): Way {
	const { path } = report;
	const [root] = path;
	if (root === undefined || root === report.me) return UNKNOWN;
	const isRoot = root === peer;
	const parent = path.at(-2);
	const isMeasured = parent !== undefined && rttMs(report, parent) !== null;
	return {
		// Speakers hear each other directly: whoever is not our root is one link behind it.
		hops: isRoot ? path.length - 1 : path.length,
		through: null,
		delay: delayOf(mouthToEarMs, !(isRoot && isMeasured))
	};
}

/** Speakers hear each other directly, or through whoever passes them on; we know the link to that one alone. */
function wayAcross(report: NetworkReport, earlier: NetworkReport, speaker: SpeakerReport): Way {
	const { peer, mouthToEarMs } = speaker;
	const by = heardBy(speaker, earlier) ?? (report.mesh.includes(peer) ? peer : null);
	if (by === null) return UNKNOWN;
	const direct = rttMs(report, peer);
	if (by === peer) return { hops: 1, through: null, delay: delayOf(mouthToEarMs, direct === null) };
	// The engine counts the link between the two of us where there is one, though the voice does not come by it.
	const instead = ((rttMs(report, by) ?? 0) - (direct ?? 0)) / 2;
	const ms = mouthToEarMs === null ? null : mouthToEarMs + instead;
	return { hops: null, through: by, delay: delayOf(ms, true) };
}

/** The neighbour that brought most of a voice since the earlier report; null where nothing came. */
function heardBy({ stream, from }: SpeakerReport, earlier: NetworkReport): PeerId | null {
	const was = earlier.speakers.find((one) => one.stream === stream)?.from ?? {};
	let most: { readonly peer: PeerId; readonly frames: number } | null = null;
	for (const [neighbour, count] of Object.entries(from)) {
		const peer = neighbour as PeerId;
		const frames = count - (was[peer] ?? 0);
		if (frames > (most?.frames ?? 0)) most = { peer, frames };
	}
	return most?.peer ?? null;
}

const rttMs = ({ links }: NetworkReport, peer: PeerId): number | null =>
	links.find((link) => link.peer === peer)?.rttMs ?? null;

const delayOf = (ms: number | null, isPart: boolean): Delay | null =>
	ms === null ? null : { ms, isPart };

/** Of all that is known; more than that where any of them is known in part. */
export function longestDelay(delays: readonly (Delay | null)[]): Delay | null {
	const known = delays.filter((delay) => delay !== null);
	if (known.length === 0) return null;
	return {
		ms: Math.max(...known.map(({ ms }) => ms)),
		isPart: known.some(({ isPart }) => isPart)
	};
}
