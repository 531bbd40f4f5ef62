/** Makes of reactions as they come what there is to see and to say: what floats, who shows what, how many there were. */
import type { ReactionNews } from '#lib/p2p/peer/io.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { REACTIONS } from '#lib/p2p/wire/reaction.ts';

/** How long one floats, and how long it stays at a face. */
export const FLOAT_MS = 2_600;
/** The counts are of so long. */
export const TALLY_MS = 5_000;
/** More at once would hide the room, and cost the frames that sound needs. */
export const FLOATERS_MAX = 24;
/** Of a count this many float for all. */
export const FLOATERS_PER_COUNT_MAX = 4;
/** Who does not see it is told at most this often, in one breath. */
export const SPOKEN_EVERY_MS = 8_000;

export interface Floater {
	readonly id: number;
	readonly code: number;
	/** 0..1 from left to right. */
	readonly x: number;
	readonly atMs: number;
}

/** The last reaction of somebody. */
export interface Shown {
	readonly id: number;
	readonly code: number;
	readonly atMs: number;
}

export interface Tally {
	readonly code: number;
	readonly count: number;
}

/** What happened since it was last said aloud. */
export interface SpokenReactions {
	readonly number: number;
	readonly tallies: readonly Tally[];
	/** Who reacted, where that was one person alone; empty for one without a name. */
	readonly name: string | null;
}

export interface BoardView {
	/** At most FLOATERS_MAX, the oldest first. */
	readonly floaters: readonly Floater[];
	readonly faces: ReadonlyMap<PeerId, Shown>;
	/** How often each was shown in the last TALLY_MS, in the order of their codes. */
	readonly tallies: readonly Tally[];
	readonly spoken: SpokenReactions;
	/** Nothing is left that time would change. */
	readonly atRest: boolean;
}

export interface ReactionBoard {
	/** Takes those whose code a screen knows. */
	take(news: readonly ReactionNews[], nowMs: number): void;
	/** What is to be seen now; what is over goes. */
	look(nowMs: number): BoardView;
}

export const EMPTY_BOARD: BoardView = {
	floaters: [],
	faces: new Map(),
	tallies: [],
	spoken: { number: 0, tallies: [], name: null },
	atRest: true
};

interface Board {
	lastId: number;
	floaters: readonly Floater[];
	/** By who shows it; those of FLOAT_MS. */
	readonly faces: Map<PeerId, Shown>;
	/** Those of TALLY_MS, one for each code and telling. */
	counted: readonly (Tally & { readonly atMs: number })[];
	/** By code, since it was last said. */
	readonly unspoken: Map<number, number>;
	/** Who reacted since then: one, or two, which stand for many. Null for who is not known. */
	readonly reactors: Map<PeerId | null, string>;
	spoken: SpokenReactions;
	spokenAtMs: number;
}

export function createReactionBoard(): ReactionBoard {
	const board: Board = {
		lastId: 0,
		floaters: [],
		faces: new Map(),
		counted: [],
		unspoken: new Map(),
		reactors: new Map(),
		spoken: EMPTY_BOARD.spoken,
		spokenAtMs: -Infinity
	};
	return {
		take(news, nowMs) {
			for (const one of news) if (one.code < REACTIONS.length) add(board, one, nowMs);
			board.floaters = board.floaters.slice(-FLOATERS_MAX);
		},
		look: (nowMs) => look(board, nowMs)
	};
}

function add(board: Board, { by, code, count }: ReactionNews, atMs: number): void {
	if (by !== null) board.faces.set(by.peer, { id: ++board.lastId, code, atMs });
	const floaters = Array.from({ length: Math.min(count, FLOATERS_PER_COUNT_MAX) }, () => {
		const id = ++board.lastId;
		return { id, code, x: placeOf(id), atMs };
	});
	board.floaters = [...board.floaters, ...floaters];
	board.counted = [...board.counted, { code, count, atMs }];
	board.unspoken.set(code, (board.unspoken.get(code) ?? 0) + count);
	if (board.reactors.size < 2) board.reactors.set(by?.peer ?? null, by?.name ?? '');
}

/** The golden ratio spreads what comes one after the other. */
const placeOf = (id: number): number => (id * 0.618_034) % 1;

function look(board: Board, nowMs: number): BoardView {
	const lasts = ({ atMs }: { readonly atMs: number }): boolean => nowMs - atMs < FLOAT_MS;
	board.floaters = board.floaters.filter(lasts);
	for (const [peer, shown] of board.faces) if (!lasts(shown)) board.faces.delete(peer);
	board.counted = board.counted.filter(({ atMs }) => nowMs - atMs < TALLY_MS);
	if (board.unspoken.size > 0 && nowMs - board.spokenAtMs >= SPOKEN_EVERY_MS) say(board, nowMs);
	return {
		floaters: board.floaters,
		faces: new Map(board.faces),
		tallies: summed(board.counted),
		spoken: board.spoken,
		atRest: board.counted.length === 0 && board.unspoken.size === 0
	};
}

function say(board: Board, nowMs: number): void {
	const [first, ...others] = board.reactors;
	const isOne = first !== undefined && first[0] !== null && others.length === 0;
	const told = [...board.unspoken].map(([code, count]) => ({ code, count }));
	const name = isOne ? first[1] : null;
	board.spoken = { number: board.spoken.number + 1, tallies: summed(told), name };
	board.spokenAtMs = nowMs;
	board.unspoken.clear();
	board.reactors.clear();
}

function summed(tallies: readonly Tally[]): Tally[] {
	const counts = new Map<number, number>();
	for (const { code, count } of tallies) counts.set(code, (counts.get(code) ?? 0) + count);
	return [...counts].sort(([a], [b]) => a - b).map(([code, count]) => ({ code, count }));
}
