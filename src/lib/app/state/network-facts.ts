/** What the network panel says, worked out from the engine's reports. Pure: no screen, no words. */
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import { longestDelay, wayOf, type Delay } from './network-delay.ts';
import { problemsOf, type NetworkProblem } from './network-problems.ts';
import type { NetworkReport, RepairReport } from './network-report.ts';

export interface Person {
	readonly peer: PeerId;
	/** Empty where nobody told us. */
	readonly name: string;
	readonly me: boolean;
}

/** What a neighbour is for us; one may be several things. */
export const RELATIONS = ['parent', 'mesh', 'backup', 'child', 'backup-child'] as const;
export type Relation = (typeof RELATIONS)[number];

export interface NeighbourFacts extends Person {
	/** In the order of RELATIONS; none while a link is being made or let go. */
	readonly relations: readonly Relation[];
	readonly rttMs: number | null;
	/** Of what we send there, 0..1; null where not measured. */
	readonly lossShare: number | null;
}

export interface SpeakerFacts extends Person {
	readonly muted: boolean;
	/** Links that the voice travels until it is here; null where it does not come, or not by a way that we know. */
	readonly hops: number | null;
	/** Who passes the voice on to us in place of its speaker, on stage where the two of us have no link. */
	readonly through: Person | null;
	readonly delay: Delay | null;
	/** Of the sound due in the last ten seconds, what had to be made up, 0..1; null where none was due. */
	readonly lostShare: number | null;
}

/** What we see of the tree. */
export interface NetworkWeb {
	readonly onStage: boolean;
	/** Everybody else on stage, and those of them that we are linked with. */
	readonly stage: readonly Person[];
	readonly mesh: readonly PeerId[];
	/** From a speaker down to us, both included; empty without a source. */
	readonly path: readonly Person[];
	readonly backups: readonly Person[];
	readonly children: readonly Person[];
	readonly backupChildren: readonly Person[];
}

export interface Flow {
	readonly kbitPerSecond: number;
	readonly totalBytes: number;
}

export interface NetworkFacts {
	readonly me: Person;
	readonly web: NetworkWeb;
	readonly neighbours: readonly NeighbourFacts[];
	readonly speakers: readonly SpeakerFacts[];
	readonly received: Flow;
	readonly sent: Flow;
	/** The longest of all speakers; null before sound. */
	readonly delay: Delay | null;
	readonly lostShare: number | null;
	readonly problems: readonly NetworkProblem[];
	readonly repair: RepairReport;
	readonly proofs: NetworkReport['proofs'];
}

/** A report and when it was taken; the earlier one may be the same. */
export interface Sample {
	readonly report: NetworkReport;
	readonly atMs: number;
}

export interface FactsInput {
	readonly view: RoomView;
	readonly now: Sample;
	/** About ten seconds before, or as early as there was one. */
	readonly earlier: Sample;
	/** About three seconds before: rates over less jump, over more they lag. */
	readonly recent: Sample;
}

export function networkFacts(input: FactsInput): NetworkFacts {
	const { view, now, earlier, recent } = input;
	const { report } = now;
	const person = personIn(view, report);
	const speakers = report.speakers.map((speaker) => {
		const { hops, through, delay } = wayOf(report, earlier.report, speaker);
		return {
			...person(speaker.peer),
			muted: speaker.muted,
			hops,
			through: through === null ? null : person(through),
			delay,
			lostShare: lostShare(earlier.report, report, speaker.stream)
		};
	});
	const perMs = Math.max(1, now.atMs - recent.atMs);
	const flow = (bytesOf: (report: NetworkReport) => number): Flow => ({
		kbitPerSecond: (8 * Math.max(0, bytesOf(report) - bytesOf(recent.report))) / perMs,
		totalBytes: bytesOf(report)
	});
	return {
		me: person(report.me),
		web: webOf(view, report, person),
		neighbours: neighboursOf(report, person),
		speakers,
		received: flow(({ bytes }) => bytes.down),
		// Not `bytes.up`, in which what had to be dropped counts as well.
		sent: flow(({ engine }) => engine.sentBytes),
		delay: longestDelay(speakers.map((speaker) => speaker.delay)),
		lostShare: largest(speakers.map((speaker) => speaker.lostShare)),
		problems: problemsOf({ view, report, earlier: earlier.report, speakers, person }),
		repair: report.repair,
		proofs: report.proofs
	};
}

function personIn(view: RoomView, report: NetworkReport): (peer: PeerId) => Person {
	const names = new Map<PeerId, string>();
	for (const { peer, name } of [...view.listeners, ...report.speakers, ...view.stage]) {
		names.set(peer, name);
	}
	return (peer) => ({ peer, name: names.get(peer) ?? '', me: peer === report.me });
}

function webOf(
	view: RoomView,
	report: NetworkReport,
	person: (peer: PeerId) => Person
): NetworkWeb {
	const stage = view.stage.filter((seat) => !seat.me).map((seat) => person(seat.peer));
	// A root that has just left the stage stands there until the path is told anew.
	const root = report.path[0];
	const isStray = root !== undefined && root !== report.me && !stage.some((p) => p.peer === root);
	const backups = linked(report, 'backup');
	const backupChildren = linked(report, 'backup-child');
	return {
		onStage: report.role !== 'listener',
		stage: isStray ? [...stage, person(root)] : stage,
		mesh: report.mesh,
		path: report.path.map(person),
		backups: backups.filter((peer) => peer !== report.parent).map(person),
		children: report.children.map(person),
		backupChildren: backupChildren.filter((peer) => !report.children.includes(peer)).map(person)
	};
}

function linked(report: NetworkReport, relation: Relation): PeerId[] {
	return report.links.filter((link) => link.relation.includes(relation)).map((link) => link.peer);
}

function neighboursOf(
	report: NetworkReport,
	person: (peer: PeerId) => Person
): readonly NeighbourFacts[] {
	const rank = ({ relations: [first] }: NeighbourFacts): number =>
		first === undefined ? RELATIONS.length : RELATIONS.indexOf(first);
	return report.links
		.map((link) => ({
			...person(link.peer),
			relations: RELATIONS.filter((relation) => link.relation.includes(relation)),
			rttMs: link.open ? link.rttMs : null,
			lossShare: link.lossShare
		}))
		.sort((a, b) => rank(a) - rank(b));
}

function lostShare(before: NetworkReport, now: NetworkReport, stream: StreamId): number | null {
	const was = before.speakers.find((speaker) => speaker.stream === stream);
	const is = now.speakers.find((speaker) => speaker.stream === stream);
	if (is === undefined) return null;
	const concealed = Math.max(0, is.concealed - (was?.concealed ?? 0));
	const due = Math.max(0, is.played - (was?.played ?? 0)) + concealed;
	return due === 0 ? null : concealed / due;
}

function largest(figures: readonly (number | null)[]): number | null {
	const known = figures.filter((figure) => figure !== null);
	return known.length === 0 ? null : Math.max(...known);
}
