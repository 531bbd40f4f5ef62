/**
 * Which piece of a recording to ask of whom: several sources at once, the rarest pieces first, each piece checked
 * before it counts, and nothing asked anew that is here already. Kept at all times:
 * 1. a piece that counts has the hash that the host signed for;
 * 2. a source that brought another is asked for nothing any more.
 */
import { PIECE_PATIENCE_MS, PIECES_ASKED_MAX, SOURCES_MAX } from './limits.ts';
import { pieceRange } from './manifest.ts';
import { pieceHash } from './merkle.ts';

export interface PieceAsk<S> {
	readonly source: S;
	readonly piece: number;
}

export interface FetchPlan<S> {
	/** What a source has; all of it, each time that changes. False where it is not taken: banned, or one too many. */
	offer(source: S, has: (piece: number) => boolean): boolean;
	/** It is not there any more; what it was asked for is asked of others. */
	gone(source: S): void;
	/** What to ask for now. Each is taken for asked. */
	asks(nowMs: number): readonly PieceAsk<S>[];
	/** 'bad': not the piece that the host signed for, and the source is banned. 'late': it is here already. */
	arrived(source: S, piece: number, bytes: Uint8Array): 'good' | 'bad' | 'late';
	/** It does not have that one after all. */
	lacks(source: S, piece: number): void;
	readonly has: (piece: number) => boolean;
	readonly missing: number;
	/** Sources that brought something else than they should have. */
	readonly banned: ReadonlySet<S>;
}

interface Source {
	has: (piece: number) => boolean;
	readonly lacks: Set<number>;
	/** By piece: when it was asked for. At most PIECES_ASKED_MAX. */
	readonly asked: Map<number, number>;
}

/**
 * `hashes` are those of all pieces, checked against the root; `bytes` is the length of the content; `have` tells what is
 * here from an earlier run. `start` is a number by chance: fetchers that begin at different pieces soon have something
 * for each other.
 */
export function createFetchPlan<S>(of: {
	readonly hashes: readonly Uint8Array[];
	readonly bytes: number;
	readonly have: (piece: number) => boolean;
	readonly start: number;
}): FetchPlan<S> {
	const { hashes, bytes, start } = of;
	const missing = new Set<number>();
	for (let i = 0; i < hashes.length; i++) {
		const piece = (Math.abs(Math.floor(start)) + i) % hashes.length;
		if (!of.have(piece)) missing.add(piece);
	}
	const sources = new Map<S, Source>();
	const banned = new Set<S>();

	const isRight = (piece: number, content: Uint8Array): boolean => {
		const hash = hashes[piece];
		const isLong = content.length === pieceRange(bytes, piece).length;
		return hash !== undefined && isLong && pieceHash(content).every((byte, i) => byte === hash[i]);
	};
	return {
		offer(source, has) {
			const known = sources.get(source);
			if (known !== undefined) {
				known.has = has;
				known.lacks.clear();
				return true;
			}
			if (banned.has(source) || sources.size >= SOURCES_MAX) return false;
			sources.set(source, { has, lacks: new Set(), asked: new Map() });
			return true;
		},
		gone(source) {
			sources.delete(source);
		},
		asks(nowMs) {
			expire(sources, nowMs);
			const asks: PieceAsk<S>[] = [];
			// One of each in turn: a line that is slow gets no more than it can take.
			for (let round = 0; round < PIECES_ASKED_MAX; round++) {
				for (const [source, state] of sources) {
					if (state.asked.size > round) continue;
					const piece = rarest(sources, state, missing);
					if (piece === null) continue;
					state.asked.set(piece, nowMs);
					asks.push({ source, piece });
				}
			}
			return asks;
		},
		arrived(source, piece, content) {
			sources.get(source)?.asked.delete(piece);
			if (!isRight(piece, content)) {
				sources.delete(source);
				banned.add(source);
				return 'bad';
			}
			return missing.delete(piece) ? 'good' : 'late';
		},
		lacks(source, piece) {
			const state = sources.get(source);
			state?.asked.delete(piece);
			state?.lacks.add(piece);
		},
		has: (piece) => piece >= 0 && piece < hashes.length && !missing.has(piece),
		get missing() {
			return missing.size;
		},
		banned
	};
}

const holds = ({ has, lacks }: Source, piece: number): boolean => !lacks.has(piece) && has(piece);

function expire<S>(sources: ReadonlyMap<S, Source>, nowMs: number): void {
	for (const source of sources.values()) {
		for (const [piece, askedMs] of source.asked) {
			if (nowMs - askedMs < PIECE_PATIENCE_MS) continue;
			source.asked.delete(piece);
			// Others first; it may still come, and is taken then.
			source.lacks.add(piece);
		}
	}
}

/** Of what this source has and nobody was asked for; null where there is nothing. */
function rarest<S>(
	sources: ReadonlyMap<S, Source>,
	source: Source,
	missing: ReadonlySet<number>
): number | null {
	let [best, fewest]: [number | null, number] = [null, Infinity];
	const others = [...sources.values()];
	for (const piece of missing) {
		if (!holds(source, piece)) continue;
		if (others.some(({ asked }) => asked.has(piece))) continue;
		const count = others.filter((other) => holds(other, piece)).length;
		if (count < fewest) [best, fewest] = [piece, count];
		if (fewest === 1) break;
	}
	return best;
}
