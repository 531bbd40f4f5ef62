/**
 * Who listens, summed up the tree: each parent adds its children's counts to its own, speakers exchange
 * their sums, and the total goes down again with some of the names. Nothing is gossiped one by one.
 */
import { PRESENCE_COUNT_MAX, PRESENCE_SAMPLE_MAX } from '../wire/limits.ts';
import type { PeerId } from '../wire/ids.ts';

export interface PresenceReport {
	readonly count: number;
	/** Some of those counted, at most PRESENCE_SAMPLE_MAX. */
	readonly here: readonly PeerId[];
}

/** Where we stand when we sum up. */
export interface PresencePosition {
	/** Ourselves where we listen, null on stage. */
	readonly self: PeerId | null;
	readonly parent: PeerId | null;
	readonly children: readonly PeerId[];
	/** Other speakers, where we are one. */
	readonly mesh: readonly PeerId[];
}

export interface Presence {
	/** A child's or another speaker's sum. */
	heardUp(from: PeerId, report: PresenceReport): void;
	/** The whole room as our parent tells it. */
	heardDown(from: PeerId, report: PresenceReport): void;
	/** Whom it named in its last report. */
	namedBy(direction: 'up' | 'down', peer: PeerId): readonly PeerId[];
	/** How many it counted in its last report; 0 before the first. */
	countOf(direction: 'up' | 'down', peer: PeerId): number;
	forget(peer: PeerId): void;
	/** Our subtree. */
	subtree(position: PresencePosition): PresenceReport;
	/** The whole room, as far as we can know it. */
	room(position: PresencePosition): PresenceReport;
}

const NOBODY: PresenceReport = { count: 0, here: [] };

export function createPresence(): Presence {
	const up = new Map<PeerId, PresenceReport>();
	const down = new Map<PeerId, PresenceReport>();
	let sample: readonly PeerId[] = [];
	/** Who was named is named on, so that who comes and goes elsewhere changes nothing. */
	const steady = (report: PresenceReport): PresenceReport => {
		const all = new Set(report.here);
		const kept = sample.filter((peer) => all.has(peer));
		// Mostly nobody has come or gone.
		if (kept.length < all.size || kept.length < sample.length) {
			sample = [...new Set([...kept, ...all])].slice(0, PRESENCE_SAMPLE_MAX);
		}
		return { count: report.count, here: sample };
	};
	const subtree = (position: PresencePosition): PresenceReport => {
		const mesh = new Set(position.mesh);
		const below = position.children.filter((child) => !mesh.has(child));
		const self = position.self === null ? NOBODY : { count: 1, here: [position.self] };
		return steady(sum([self, ...below.map((child) => up.get(child) ?? NOBODY)]));
	};
	return {
		heardUp: (from, report) => void up.set(from, checked(report)),
		heardDown: (from, report) => void down.set(from, checked(report)),
		namedBy: (direction, peer) => (direction === 'up' ? up : down).get(peer)?.here ?? [],
		countOf: (direction, peer) => (direction === 'up' ? up : down).get(peer)?.count ?? 0,
		forget(peer) {
			up.delete(peer);
			down.delete(peer);
		},
		subtree,
		room(position) {
			const own = subtree(position);
			if (position.parent !== null && position.self !== null) {
				const told = down.get(position.parent);
				return told === undefined || told.count < own.count ? own : told;
			}
			const { count, here } = sum([own, ...position.mesh.map((peer) => up.get(peer) ?? NOBODY)]);
			return { count, here: here.slice(0, PRESENCE_SAMPLE_MAX) };
		}
	};
}

/** Nobody counts fewer than it names. */
function checked({ count, here }: PresenceReport): PresenceReport {
	const named = here.slice(0, PRESENCE_SAMPLE_MAX);
	return { count: Math.min(PRESENCE_COUNT_MAX, Math.max(count, named.length)), here: named };
}

/** With all names that were told. */
function sum(reports: readonly PresenceReport[]): PresenceReport {
	// Most carry nobody.
	const [first] = reports;
	if (first !== undefined && reports.length === 1) return first;
	const here = [...new Set(reports.flatMap((report) => report.here))];
	const count = reports.reduce((total, report) => total + report.count, 0);
	return { count: Math.min(PRESENCE_COUNT_MAX, count), here };
}
