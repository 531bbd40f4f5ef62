/** What goes wrong in the network around us, worst first. Pure: no words. */
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Person, SpeakerFacts } from './network-facts.ts';
import type { BlameReason, NetworkReport } from './network-report.ts';

export type NetworkProblem =
	| { readonly type: 'no-way' }
	| { readonly type: 'unreachable'; readonly person: Person }
	| {
			readonly type: 'blamed';
			readonly person: Person;
			readonly reason: BlameReason;
			readonly count: number;
	  }
	| { readonly type: 'concealed'; readonly person: Person; readonly share: number }
	/** In the last ten seconds. */
	| { readonly type: 'unsent'; readonly count: number }
	/** Since the room was entered; `ignored` is what is usual when places in the tree change. */
	| { readonly type: 'dropped'; readonly reason: DropReason; readonly count: number }
	| { readonly type: 'bad-proofs'; readonly count: number }
	| { readonly type: 'error'; readonly what: string };

const DROPS_TOLD = ['forged', 'malformed', 'flood', 'overload'] as const;
export type DropReason = (typeof DROPS_TOLD)[number] | 'ignored';

/** Less than this is smoothed over so well that few hear it. */
const CONCEALED_SHARE_MIN = 0.01;
/** The last parents blamed, and the last error, say enough. */
const BLAMED_TOLD_MAX = 5;

export interface ProblemsInput {
	readonly view: RoomView;
	readonly report: NetworkReport;
	readonly earlier: NetworkReport;
	readonly speakers: readonly SpeakerFacts[];
	readonly person: (peer: PeerId) => Person;
}

export function problemsOf(input: ProblemsInput): readonly NetworkProblem[] {
	return [
		...wayProblems(input),
		...blame(input),
		...soundProblems(input),
		...errors(input.report),
		...dropped(input.report)
	];
}

function wayProblems({ view, report, person }: ProblemsInput): NetworkProblem[] {
	const isLost = report.role === 'listener' && report.path.length === 0;
	const away = view.stage.filter((seat) => !seat.reachable);
	return [
		...(isLost ? [{ type: 'no-way' } as const] : []),
		...away.map(({ peer }) => ({ type: 'unreachable', person: person(peer) }) as const)
	];
}

function blame({ report, person }: ProblemsInput): NetworkProblem[] {
	return [...report.blamed]
		.sort((a, b) => b.atMs - a.atMs)
		.slice(0, BLAMED_TOLD_MAX)
		.map(({ peer, reason, count }) => ({ type: 'blamed', person: person(peer), reason, count }));
}

function soundProblems({ report, earlier, speakers }: ProblemsInput): NetworkProblem[] {
	const unsent = report.engine.unsent - earlier.engine.unsent;
	const bad = report.proofs.bad;
	return [
		...speakers.flatMap(({ peer, name, me, lostShare: share }): NetworkProblem[] =>
			share !== null && share >= CONCEALED_SHARE_MIN
				? [{ type: 'concealed', person: { peer, name, me }, share }]
				: []
		),
		...(unsent > 0 ? [{ type: 'unsent', count: unsent } as const] : []),
		...(bad > 0 ? [{ type: 'bad-proofs', count: bad } as const] : [])
	];
}

function dropped({ drops }: NetworkReport): NetworkProblem[] {
	const told = DROPS_TOLD.map((reason) => ({ reason, count: drops[reason] ?? 0 }));
	const rest = Object.entries(drops).filter(([reason]) => !isTold(reason));
	const ignored = rest.reduce((sum, [, count]) => sum + count, 0);
	return [...told, { reason: 'ignored' as const, count: ignored }]
		.filter(({ count }) => count > 0)
		.map(({ reason, count }) => ({ type: 'dropped', reason, count }));
}

function isTold(reason: string): boolean {
	return DROPS_TOLD.some((told) => told === reason);
}

function errors({ engine }: NetworkReport): NetworkProblem[] {
	const [what] = engine.errors;
	return what === undefined ? [] : [{ type: 'error', what }];
}
